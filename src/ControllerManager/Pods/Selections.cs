using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// What each object of a kind selects, for finding those that mean an object of another kind. Whoever selects is noted before what it selects is read: whatever changes later finds it.
/// Thread-safe.
/// </summary>
internal sealed class Selections
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, LabelSelector>> _known = new(StringComparer.Ordinal);

    public void Note(NamespacedName who, LabelSelector what) => _known.GetOrAdd(who.Namespace, static _ => new(StringComparer.Ordinal))[who.Name] = what;

    public void Forget(NamespacedName who)
    {
        if (_known.TryGetValue(who.Namespace, out var there))
        {
            there.TryRemove(who.Name, out _);
        }
    }

    /// <summary>Who means an object.</summary>
    public IEnumerable<NamespacedName> Of(KubeObject value) => _known.TryGetValue(value.Namespace, out var there)
        ? there.Where(s => s.Value.Matches(value)).Select(s => new NamespacedName(value.Namespace, s.Key)) : [];

    /// <summary>Who means what has these labels.</summary>
    public IEnumerable<NamespacedName> Of(string @namespace, IDictionary<string, string>? labels) => _known.TryGetValue(@namespace, out var there)
        ? there.Where(s => s.Value.Matches(labels)).Select(s => new NamespacedName(@namespace, s.Key)) : [];

    /// <summary>Whether there is more than one who selects in a namespace.</summary>
    public bool Several(string @namespace) => _known.TryGetValue(@namespace, out var there) && there.Count > 1;

    /// <summary>Who means an object as it was or as it is.</summary>
    public IEnumerable<NamespacedName> Of(CacheChange change) => (change.Before is { } before ? Of(before) : []).Concat(change.Now is { } now ? Of(now) : []).Distinct();
}
