using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ActorKube.ApiServer;

/// <summary>Finds out who asks: by bearer token, by a service account's token, or nobody in particular.</summary>
internal sealed class Authenticator(ServiceAccountTokens accounts, UserInfo withoutCredentials)
{
    private readonly ConcurrentDictionary<string, UserInfo> _tokens = new(StringComparer.Ordinal);

    public void Add(string token, UserInfo user) => _tokens[Digest(token)] = user;

    public UserInfo? ByToken(string token) => _tokens.GetValueOrDefault(Digest(token)) ?? accounts.Verify(token);

    /// <summary>Whether somebody of that name could log in.</summary>
    public bool Knows(string name) => _tokens.Values.Any(u => u.Name == name) || accounts.Knows(name);

    /// <summary>The user behind a request.</summary>
    /// <exception cref="ApiException">401: credentials that nobody has.</exception>
    public UserInfo Authenticate(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return withoutCredentials;
        }
        const string scheme = "Bearer ";
        if (!header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw Errors.Unauthorized();
        }
        return ByToken(header[scheme.Length..].Trim()) ?? throw Errors.Unauthorized();
    }

    // Looked up by digest: the time that a look-up takes says nothing about the token.
    private static string Digest(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
