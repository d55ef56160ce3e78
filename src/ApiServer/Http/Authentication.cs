using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ActorKube.ApiServer;

/// <summary>Finds out who asks: by bearer token, or nobody in particular.</summary>
internal sealed class Authenticator
{
    public const string Audience = "https://kubernetes.default.svc.cluster.local";

    private readonly ConcurrentDictionary<string, UserInfo> _tokens = new(StringComparer.Ordinal);

    public void Add(string token, UserInfo user) => _tokens[Digest(token)] = user;

    public UserInfo? ByToken(string token) => _tokens.GetValueOrDefault(Digest(token));

    /// <summary>The user behind a request.</summary>
    /// <exception cref="ApiException">401: credentials that nobody has.</exception>
    public UserInfo Authenticate(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return UserInfo.Anonymous;
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

/// <summary>What somebody wants to do.</summary>
internal sealed record AccessAttributes(UserInfo User, string Verb, string Group, string Resource, string Subresource, string Namespace, string Name, string? Path);

internal readonly record struct AccessDecision(bool Allowed, string Reason);

internal interface IAuthorizer
{
    AccessDecision Allows(AccessAttributes attributes);
}

/// <summary>Whoever is known may do everything; anonymous requests see health, version and nothing else.</summary>
internal sealed class AllowKnownUsers : IAuthorizer
{
    private static readonly string[] OpenPaths = ["/healthz", "/livez", "/readyz", "/version"];

    public AccessDecision Allows(AccessAttributes attributes)
    {
        if (attributes.User.Name != UserInfo.Anonymous.Name)
        {
            return new AccessDecision(true, "");
        }
        return new AccessDecision(attributes.Path is { } path && IsOpen(path), "");
    }

    public static bool IsOpen(string path) => Array.Exists(OpenPaths, p => path == p || path.StartsWith(p + "/", StringComparison.Ordinal));
}
