using System.Collections;
using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>What every log line of a reconcile carries, as structured properties: whose it is, of which version, and which call.</summary>
sealed class ReconcileScope(string controller, string kind, NamespacedName key, string resourceVersion, string reconcileId) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 6;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("controller", controller),
        1 => new("kind", kind),
        2 => new("namespace", key.Namespace),
        3 => new("name", key.Name),
        4 => new("resourceVersion", resourceVersion),
        5 => new("reconcileId", reconcileId),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // What providers show that know nothing of properties.
    public override string ToString() => $"{controller} {kind} {key} {reconcileId}";
}
