using System.Diagnostics;
using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>What happened to one object in a cache. A relist tells only what differs.</summary>
/// <param name="Key">The object's key.</param>
public abstract record CacheChange(NamespacedName Key)
{
    /// <summary>The object as it was before; null for <see cref="Added"/>.</summary>
    public abstract KubeObject? Before { get; }

    /// <summary>The object as it is now; null for <see cref="Deleted"/>.</summary>
    public abstract KubeObject? Now { get; }

    /// <summary>The newest state that is known.</summary>
    public KubeObject Latest => Now ?? Before!;

    /// <summary>The trace of the watch event that brought this change; null where nobody traces, and for what a list brought.</summary>
    internal Activity? Trace { get; set; }

    /// <summary>The object is new to the subscriber.</summary>
    /// <param name="Object">The object.</param>
    /// <param name="Initial">It was there when the subscriber came, or in the first list.</param>
    public sealed record Added(KubeObject Object, bool Initial) : CacheChange(Object.Key)
    {
        /// <inheritdoc/>
        public override KubeObject? Before => null;

        /// <inheritdoc/>
        public override KubeObject Now => Object;
    }

    /// <summary>The object changed; or did not, and the subscriber asked to be reminded of all objects now and then.</summary>
    /// <param name="Old">The state that the subscriber was told before.</param>
    /// <param name="New">The state now; the same as <paramref name="Old"/> in a resync.</param>
    public sealed record Modified(KubeObject Old, KubeObject New) : CacheChange(New.Key)
    {
        /// <inheritdoc/>
        public override KubeObject Before => Old;

        /// <inheritdoc/>
        public override KubeObject Now => New;

        /// <summary>Nothing changed: this is a reminder.</summary>
        public bool IsResync => ReferenceEquals(Old, New);
    }

    /// <summary>The object is gone.</summary>
    /// <param name="Object">Its last state as far as it is known.</param>
    /// <param name="FinalStateUnknown">A tombstone: the deletion itself was not seen, and the object may have changed before it.</param>
    public sealed record Deleted(KubeObject Object, bool FinalStateUnknown) : CacheChange(Object.Key)
    {
        /// <inheritdoc/>
        public override KubeObject Before => Object;

        /// <inheritdoc/>
        public override KubeObject? Now => null;
    }
}
