using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ActorKube.ApiServer;

/// <summary>Finds out who asks: by client certificate, by bearer token, by a service account's token, or nobody in particular. Thread-safe.</summary>
internal sealed class Authenticator(ServiceAccountTokens accounts, UserInfo withoutCredentials, CertificateAuthority? authority, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, UserInfo> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _certified = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<X509Certificate2, UserInfo> _seen = [];

    public void Add(string token, UserInfo user) => _tokens[Digest(token)] = user;

    /// <summary>A certificate was issued to somebody of that name.</summary>
    public void AddCertified(string name) => _certified[name] = 0;

    /// <summary>Whose a bearer token is; null for nobody's.</summary>
    /// <param name="token">The token.</param>
    /// <param name="audiences">Whom a service account's token must be meant for; null for this server.</param>
    public UserInfo? ByToken(string token, IReadOnlyCollection<string>? audiences = null) => _tokens.GetValueOrDefault(Digest(token)) ?? accounts.Verify(token, audiences);

    /// <summary>Whether a token is one of those that the server was started with: they are for whoever asks.</summary>
    public bool IsStatic(string token) => _tokens.ContainsKey(Digest(token));

    /// <summary>Whether somebody of that name could log in.</summary>
    public bool Knows(string name) => _tokens.Values.Any(u => u.Name == name) || _certified.ContainsKey(name) || accounts.Knows(name);

    /// <summary>The user behind a request.</summary>
    /// <exception cref="ApiException">401: credentials that nobody has.</exception>
    public UserInfo Authenticate(HttpContext context)
    {
        var certificate = context.Connection.ClientCertificate;
        if (certificate is not null && ByCertificate(certificate) is { } certified)
        {
            return certified;
        }
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return certificate is null ? withoutCredentials : throw Errors.Unauthorized();
        }
        const string scheme = "Bearer ";
        if (!header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) || header[scheme.Length..].Trim() is not { Length: > 0 } token)
        {
            // What is no bearer token says nothing of who asks; it is not the administrator, though, who needs none.
            return certificate is null ? UserInfo.Anonymous : throw Errors.Unauthorized();
        }
        return ByToken(token) ?? throw Errors.Unauthorized();
    }

    private UserInfo? ByCertificate(X509Certificate2 certificate)
    {
        var now = time.GetUtcNow();
        if (now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime())
        {
            return null;
        }
        if (_seen.TryGetValue(certificate, out var known))
        {
            return known;
        }
        if (authority?.UserOf(certificate, now) is not { } user)
        {
            return null;
        }
        _seen.AddOrUpdate(certificate, user);
        return user;
    }

    // Looked up by digest: the time that a look-up takes says nothing about the token.
    private static string Digest(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
