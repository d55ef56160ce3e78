using ActorKube.Actors;
using ActorKube.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// The objects of a kind that have no controller, and the controllers that would take them in: those whose selector means them. One for each kind of controller. Thread-safe.
/// </summary>
internal sealed class Strays
{
    private readonly Selections _selections = new();

    /// <summary>Strays by their namespace.</summary>
    public static CacheIndex Index { get; } = new("strays", static o => HasController(o) ? [] : [o.Namespace]);

    public void Note(NamespacedName controller, LabelSelector selector) => _selections.Note(controller, selector);

    public void Forget(NamespacedName controller) => _selections.Forget(controller);

    /// <summary>The controllers that may want an object that has none.</summary>
    public IEnumerable<NamespacedName> Of(CacheChange change) => change.Now is { IsDeleting: false } now && !HasController(now) ? _selections.Of(now) : [];

    /// <summary>The strays of a controller's namespace. Read from the cache itself, not from what was told of it: whoever sees the cache sees them.</summary>
    public static IEnumerable<KubeObject> Near(ReconcileContext context, ResourceDefinition resource) => context.Caches(resource).SelectMany(c => c.ByIndex(Index.Name, context.Key.Namespace));

    private static bool HasController(KubeObject value) => value.OwnerReferences.Any(static o => o.Controller);
}
