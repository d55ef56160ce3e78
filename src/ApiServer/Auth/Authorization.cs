using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>What somebody wants to do.</summary>
internal sealed record AccessAttributes(UserInfo User, string Verb, string Group, string Resource, string Subresource, string Namespace, string Name, string? Path)
{
    private static readonly string[] OpenPaths = ["/healthz", "/livez", "/readyz", "/version"];

    /// <summary>A path that everybody may see.</summary>
    public bool IsOpenPath => Path is { } path && Array.Exists(OpenPaths, p => path == p || path.StartsWith(p + "/", StringComparison.Ordinal));

    /// <summary>The refusal, in the real server's words.</summary>
    public ApiException Denial(AccessDecision decision)
    {
        var why = decision.Reason.Length == 0 ? "" : $": {decision.Reason}";
        if (Path is not null)
        {
            return Errors.Of(403, "Forbidden", $"forbidden: User \"{User.Name}\" cannot {Verb} path \"{Path}\"{why}", []);
        }
        var resource = Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";
        var scope = Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{Namespace}\"";
        return Errors.Forbidden(new GroupResource(Group, Resource), Name, $"User \"{User.Name}\" cannot {Verb} resource \"{resource}\" in API group \"{Group}\" {scope}{why}");
    }
}

internal readonly record struct AccessDecision(bool Allowed, string Reason);

internal interface IAuthorizer
{
    AccessDecision Allows(AccessAttributes attributes);

    /// <summary>What a user may do in a namespace, as rules of roles.</summary>
    IEnumerable<PolicyRule> RulesOf(UserInfo user, string @namespace);
}

/// <summary>
/// Whoever can log in may do everything; who is only impersonated may ask who they are and what there is, as with a real server's default roles; others see health, version and
/// nothing else.
/// </summary>
internal sealed class AllowKnownUsers(Authenticator authenticator) : IAuthorizer
{
    public AccessDecision Allows(AccessAttributes attributes) =>
        new(IsKnown(attributes.User) || attributes.IsOpenPath || Array.Exists(RulesOf(attributes.User), r => r.Covers(attributes)), "");

    public IEnumerable<PolicyRule> RulesOf(UserInfo user, string @namespace) => RulesOf(user);

    private PolicyRule[] RulesOf(UserInfo user) =>
        IsKnown(user) ? PolicyRule.Everything : user.Groups.Contains(UserInfo.Authenticated) ? PolicyRule.Basics : PolicyRule.OpenPaths;

    private bool IsKnown(UserInfo user) => user.IsMaster || authenticator.Knows(user.Name);
}
