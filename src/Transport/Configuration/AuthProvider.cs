using System.Text;

namespace ActorKube.Transport;

/// <summary>A built-in provider of credentials, as kubeconfig's <c>auth-provider</c> names it. Printing it shows no setting, since some are secret.</summary>
/// <param name="Name">The provider: <c>oidc</c> is the one left in Kubernetes.</param>
/// <param name="Settings">Its settings, by kubeconfig's names (<c>idp-issuer-url</c>, <c>client-id</c>, <c>refresh-token</c> …).</param>
public sealed record AuthProvider(string Name, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>The provider of OpenID Connect tokens.</summary>
    public const string Oidc = "oidc";

    bool PrintMembers(StringBuilder text)
    {
        text.Append($"Name = {Name}, Settings = {Settings.Count}");
        return true;
    }
}
