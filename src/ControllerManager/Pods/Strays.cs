using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// The objects of a kind that have no controller, and the controllers that would take them in: those whose selector means them. One for each kind of controller. Thread-safe.
/// </summary>
internal sealed class Strays
{
    private readonly Selections _selections = new();
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> _strays = new(StringComparer.Ordinal);

    public void Note(NamespacedName controller, LabelSelector selector) => _selections.Note(controller, selector);

    public void Forget(NamespacedName controller) => _selections.Forget(controller);

    /// <summary>Takes note of a change; answers the controllers that may want the object now.</summary>
    public IEnumerable<NamespacedName> Of(CacheChange change)
    {
        if (change.Now is { IsDeleting: false } now && !HasController(now))
        {
            _strays.GetOrAdd(now.Namespace, static _ => new(StringComparer.Ordinal))[now.Name] = true;
            return _selections.Of(now);
        }
        if (_strays.TryGetValue(change.Key.Namespace, out var there))
        {
            there.TryRemove(change.Key.Name, out _);
        }
        return [];
    }

    /// <summary>The strays of a namespace.</summary>
    public IEnumerable<string> In(string @namespace) => _strays.TryGetValue(@namespace, out var there) ? there.Select(s => s.Key) : [];

    public static bool HasController(KubeObject value) => value.OwnerReferences.Any(static o => o.Controller);
}
