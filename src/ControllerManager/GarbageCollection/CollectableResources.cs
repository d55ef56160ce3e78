using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.ControllerManager;

/// <summary>What a server has, as the garbage collector sees it. Immutable.</summary>
internal sealed class CollectableResources
{
    private static readonly string[] Needed = ["delete", "list", "watch"];
    private readonly Dictionary<GroupVersionKind, ResourceDefinition> _kinds = [];

    public static CollectableResources None { get; } = new();

    /// <summary>The resources whose objects are watched, each once.</summary>
    public IReadOnlyDictionary<GroupResource, ResourceDefinition> Watched { get; private init; } = new Dictionary<GroupResource, ResourceDefinition>();

    /// <param name="api">What the server says now.</param>
    /// <param name="before">What it said before: what a group had that cannot be asked now is still there.</param>
    public static CollectableResources Of(DiscoveredApi api, CollectableResources before)
    {
        var watched = api.PreferredResources.Where(r => Needed.All(r.Verbs.Contains) && !IsEvents(r.Definition.Resource.GroupResource))
            .GroupBy(r => r.Definition.Resource.GroupResource).ToDictionary(g => g.Key, g => g.First().Definition);
        var kinds = api.Resources.Select(r => r.Definition).ToList();
        var failed = api.Failures.Keys.ToHashSet();
        foreach (var (name, resource) in before.Watched.Where(w => failed.Contains(w.Value.Kind.GroupVersion)))
        {
            watched.TryAdd(name, resource);
        }
        kinds.AddRange(before._kinds.Values.Where(k => failed.Contains(k.Kind.GroupVersion)));
        var resources = new CollectableResources { Watched = watched };
        foreach (var kind in kinds)
        {
            resources._kinds.TryAdd(kind.Kind, kind);
        }
        return resources;
    }

    /// <summary>The resource of a kind in a version; null where it is not served.</summary>
    public ResourceDefinition? Find(GroupVersionKind kind) => _kinds.GetValueOrDefault(kind);

    /// <summary>Events are many, and go by themselves.</summary>
    private static bool IsEvents(GroupResource resource) => resource is { Group: "" or "events.k8s.io", Resource: "events" };
}
