using ActorKube.Transport;

namespace ActorKube.Tool;

/// <summary>Which of a server's resources are wanted.</summary>
/// <param name="Group">Of this group; null for all.</param>
/// <param name="Namespaced">With or without namespaces; null for both.</param>
/// <param name="Verbs">With all of these verbs.</param>
/// <param name="Categories">Of all of these categories.</param>
internal sealed record ResourceFilter(string? Group, bool? Namespaced, IReadOnlyList<string> Verbs, IReadOnlyList<string> Categories)
{
    public bool Takes(DiscoveredResource resource) =>
        resource.Verbs.Count > 0
        && (Group is null || resource.Definition.Kind.Group == Group)
        && (Namespaced is null || resource.Definition.Namespaced == Namespaced)
        && Verbs.All(resource.Verbs.Contains)
        && Categories.All(resource.Categories.Contains);
}
