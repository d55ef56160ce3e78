using ActorKube.Models;

namespace ActorKube.ControllerManager;

/// <summary>What a namespace that goes still has, and what went wrong in emptying it.</summary>
internal sealed class NamespaceContent
{
    /// <summary>What could not be discovered, and why.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>What could not be deleted, in the server's words.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>How many objects of a resource are left.</summary>
    public Dictionary<GroupVersionResource, int> Remaining { get; } = [];

    /// <summary>How many objects each finalizer holds.</summary>
    public Dictionary<string, int> Finalizers { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the namespace may go.</summary>
    public bool IsEmpty => Failures.Count == 0 && Errors.Count == 0 && Remaining.Count == 0;

    /// <summary>Notes what is left of a resource after it was deleted.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="namespace">The namespace.</param>
    /// <param name="left">What is left.</param>
    /// <param name="grace">How long they may take to go; without that, and without finalizers, they should not be there.</param>
    public void Remains(GroupVersionResource resource, string @namespace, IReadOnlyList<KubeObject> left, TimeSpan grace)
    {
        if (left.Count == 0)
        {
            return;
        }
        Remaining[resource] = left.Count;
        foreach (var finalizer in left.SelectMany(o => o.Finalizers))
        {
            Finalizers[finalizer] = Finalizers.GetValueOrDefault(finalizer) + 1;
        }
        if (grace == TimeSpan.Zero && left.All(o => o.Finalizers.Count == 0))
        {
            Errors.Add($"unexpected items still remain in namespace: {@namespace} for gvr: {resource.Group}/{resource.Version}, Resource={resource.Resource}");
        }
    }
}
