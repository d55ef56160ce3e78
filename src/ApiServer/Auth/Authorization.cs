namespace ActorKube.ApiServer;

/// <summary>What somebody wants to do.</summary>
internal sealed record AccessAttributes(UserInfo User, string Verb, string Group, string Resource, string Subresource, string Namespace, string Name, string? Path)
{
    private static readonly string[] OpenPaths = ["/healthz", "/livez", "/readyz", "/version"];

    /// <summary>A path that everybody may see.</summary>
    public bool IsOpenPath => Path is { } path && Array.Exists(OpenPaths, p => path == p || path.StartsWith(p + "/", StringComparison.Ordinal));
}

internal readonly record struct AccessDecision(bool Allowed, string Reason);

internal interface IAuthorizer
{
    AccessDecision Allows(AccessAttributes attributes);
}

/// <summary>Whoever can log in may do everything; others see health, version and nothing else.</summary>
internal sealed class AllowKnownUsers(Authenticator authenticator) : IAuthorizer
{
    public AccessDecision Allows(AccessAttributes attributes) =>
        new(attributes.User.IsMaster || attributes.IsOpenPath || authenticator.Knows(attributes.User.Name), "");
}
