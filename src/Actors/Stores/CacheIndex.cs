using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>Finds objects by values read from them.</summary>
/// <param name="Name">The index's name, unique in its cache.</param>
/// <param name="Values">The values that an object is found under; none is fine. It must always give the same for the same object, and be quick: it runs for each change.</param>
public sealed record CacheIndex(string Name, Func<KubeObject, IEnumerable<string>> Values)
{
    /// <summary>Objects by the uid of the controller that owns them.</summary>
    public static CacheIndex ByControllerUid { get; } = new("controllerUid", static o => o.OwnerReferences.Where(static r => r.Controller).Select(static r => r.Uid))
    {
        IsUnchanged = static (old, item) => item.HasSameOwnersAs(old)
    };

    /// <summary>Objects by a field, such as <c>spec.nodeName</c>: field selectors that require a value of it need not look at every object.</summary>
    /// <param name="field">The path through the object's JSON.</param>
    public static CacheIndex ByField(string field) => new("field:" + field, o => [ObjectFields.Read(o, field) ?? ""]) { Field = field };

    /// <summary>The field that <see cref="ByField"/> was given.</summary>
    internal string? Field { get; private init; }

    /// <summary>Whether two states of an object are found under the same values, where that is seen without reading them; false where it is not seen.</summary>
    internal Func<KubeObject, KubeObject, bool>? IsUnchanged { get; private init; }
}
