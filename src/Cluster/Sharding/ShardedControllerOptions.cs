using ActorKube.Actors;

namespace ActorKube.Cluster;

/// <summary>How a sharded controller is divided over a cluster. All nodes must say the same.</summary>
public sealed record ShardedControllerOptions
{
    /// <summary>How long reconciles may take to finish when their slice moves to another node, before they are told to leave and can write no more.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How soon a slice whose node is gone is started on another, once the cluster has agreed that it is gone; each node sends one small message a slice this often.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Only nodes of this role take slices; null for all.</summary>
    public string? Role { get; init; }

    /// <summary>
    /// Watches by label: a node's caches hold only the objects whose label of this name carries the number of one of the node's slices (see <see cref="KeySlices"/>; whoever makes the objects sets it).
    /// Null, the default, for watching everything on each node. Each slice is a controller of its own then, named <c>name-slice</c>, and <see cref="ControllerOptions.MaxConcurrentReconciles"/> counts for each.
    /// </summary>
    public string? WatchLabel { get; init; }

    /// <summary>With <see cref="WatchLabel"/>: the other kinds that the controller watches carry the label too.</summary>
    public bool WatchLabelOnAllKinds { get; init; }

    /// <summary>
    /// A lease for each slice, so that even a node that does not know yet that it has lost a slice cannot write: ownership is taken only with the lease, and each write is preceded by a look at the lease's clock.
    /// Null, the default, for none: then each write is preceded by a look at the node's own clock, which tells whether the node has run without a gap in which the cluster could have given its slices away.
    /// </summary>
    public KubernetesLeaseOption? Lease { get; init; }

    /// <summary>How long a slice that did not get its lease waits before it tries again.</summary>
    public TimeSpan LeaseRetryInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <exception cref="ArgumentException">An option makes no sense; the message says which and why.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(KeepAliveInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(LeaseRetryInterval, TimeSpan.Zero);
        if (WatchLabel is { } label && string.IsNullOrWhiteSpace(label))
            throw new ArgumentException("WatchLabel is empty: name a label, or leave it null to watch everything.", nameof(WatchLabel));
        if (WatchLabelOnAllKinds && WatchLabel is null)
            throw new ArgumentException("WatchLabelOnAllKinds needs a WatchLabel.", nameof(WatchLabelOnAllKinds));
    }
}
