using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>What a namespace's status says of its end, in the words of Kubernetes' namespace controller.</summary>
internal static class NamespaceConditions
{
    /// <summary>Writes what there is to say into a status; answers whether that is news.</summary>
    public static bool Tell(V1NamespaceStatus status, NamespaceContent content, DateTime now)
    {
        var news = false;
        foreach (var said in Of(content))
        {
            var before = status.Conditions?.FirstOrDefault(c => c.Type == said.Type);
            if (before is null)
            {
                said.LastTransitionTime = now;
                (status.Conditions ??= []).Add(said);
                news = true;
            }
            else if ((before.Status, before.Reason, before.Message) != (said.Status, said.Reason, said.Message))
            {
                before.LastTransitionTime = before.Status == said.Status ? before.LastTransitionTime : now;
                (before.Status, before.Reason, before.Message) = (said.Status, said.Reason, said.Message);
                news = true;
            }
        }
        return news;
    }

    private static IEnumerable<V1NamespaceCondition> Of(NamespaceContent content)
    {
        yield return content.Failures.Count > 0
            ? Holds("NamespaceDeletionDiscoveryFailure", "DiscoveryFailed",
                $"Discovery failed for some groups, {content.Failures.Count} failing: unable to retrieve the complete list of server APIs: {string.Join(", ", content.Failures)}")
            : Not("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered");
        yield return Not("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed");
        yield return content.Errors.Count > 0
            ? Holds("NamespaceDeletionContentFailure", "ContentDeletionFailed",
                $"Failed to delete all resource types, {content.Errors.Count} remaining: {string.Join(", ", content.Errors.Order(StringComparer.Ordinal))}")
            : Not("NamespaceDeletionContentFailure", "ContentDeleted", "All content successfully deleted, may be waiting on finalization");
        yield return content.Remaining.Count > 0
            ? Holds("NamespaceContentRemaining", "SomeResourcesRemain",
                $"Some resources are remaining: {Joined(content.Remaining.Select(r => $"{r.Key.Resource}.{r.Key.Group} has {r.Value} resource instances"))}")
            : Not("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed");
        yield return content.Finalizers.Count > 0
            ? Holds("NamespaceFinalizersRemaining", "SomeFinalizersRemain",
                $"Some content in the namespace has finalizers remaining: {Joined(content.Finalizers.Select(f => $"{f.Key} in {f.Value} resource instances"))}")
            : Not("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished");
    }

    private static string Joined(IEnumerable<string> parts) => string.Join(", ", parts.Order(StringComparer.Ordinal));

    private static V1NamespaceCondition Holds(string type, string reason, string message) => new() { Type = type, Status = "True", Reason = reason, Message = message };

    private static V1NamespaceCondition Not(string type, string reason, string message) => new() { Type = type, Status = "False", Reason = reason, Message = message };
}
