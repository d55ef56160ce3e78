using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>A controller, ready to run; made by <see cref="ControllerBuilder{T}"/>.</summary>
public sealed class ControllerSpec
{
    internal ControllerSpec(string name, IReadOnlyList<WatchSpec> watches, ReconcileHandler handler, ControllerOptions options)
    {
        Name = name;
        Watches = watches;
        Handler = handler;
        Options = options;
    }

    /// <summary>Its name: in logs, metrics and the path of its actor.</summary>
    public string Name { get; }

    /// <summary>The cache of the kind that it reconciles.</summary>
    public CacheSpec For => Watches[0].Cache;

    /// <summary>Its numbers.</summary>
    public ControllerOptions Options { get; }

    internal IReadOnlyList<WatchSpec> Watches { get; }

    internal ReconcileHandler Handler { get; }
}

/// <summary>The numbers of a controller.</summary>
public sealed record ControllerOptions
{
    /// <summary>How many keys may be reconciled at once.</summary>
    public int MaxConcurrentReconciles { get; init; } = 1;

    /// <summary>After how long a reconcile is asked to leave; null for never. (ActorKube's own: with no limit, one reconcile that hangs would hold its place for ever.)</summary>
    public TimeSpan? ReconcileTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long after being asked a reconcile may take to leave before others go on without it. Its own key waits for it all the same.</summary>
    public TimeSpan AbandonAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a failed key waits.</summary>
    public RetryPolicy Retry { get; init; } = new();

    /// <summary>How long a key waits at most until the caches show what it wrote; zero switches waiting off.</summary>
    public TimeSpan WriteVisibilityTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long keys wait before they count as aged, and get a share of the turns whatever their priority.</summary>
    public TimeSpan Ageing { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>One turn in so many goes to an aged key, if there is one.</summary>
    public int AgedShare { get; init; } = 4;

    /// <summary>How often every object is reconciled although nothing changed; null for never.</summary>
    public TimeSpan? Resync { get; init; } = TimeSpan.FromHours(10);

    /// <summary>After how long it is said aloud that caches have not synced yet.</summary>
    public TimeSpan CacheSyncTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Runs only while this process leads, where leader election is on.</summary>
    public bool NeedsLeaderElection { get; init; } = true;

    /// <exception cref="ArgumentOutOfRangeException">A number makes no sense; the message says which and why.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrentReconciles, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AgedShare, 2);
        if (ReconcileTimeout is { } timeout)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero, nameof(ReconcileTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(AbandonAfter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(WriteVisibilityTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(CacheSyncTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Retry.Initial, TimeSpan.Zero, "Retry.Initial");
    }
}

/// <summary>One kind that a controller watches.</summary>
/// <param name="Cache">Its cache.</param>
/// <param name="Map">The keys to reconcile when an object changed.</param>
/// <param name="Predicates">Which changes matter: all must agree.</param>
/// <param name="Indexes">Indexes that the controller's reconciler reads.</param>
sealed record WatchSpec(CacheSpec Cache, Func<CacheChange, IEnumerable<NamespacedName>> Map, IReadOnlyList<Func<CacheChange, bool>> Predicates, IReadOnlyList<CacheIndex> Indexes)
{
    public IEnumerable<NamespacedName> KeysOf(CacheChange change)
    {
        foreach (var predicate in Predicates)
        {
            if (!predicate(change))
                return [];
        }
        return Map(change);
    }
}

/// <summary>Calls the user's reconciler.</summary>
delegate Task<ReconcileResult> ReconcileHandler(ReconcileRun run, CancellationToken cancellation);
