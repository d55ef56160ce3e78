using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>A controller, ready to run; made by <see cref="ControllerBuilder{T}"/>.</summary>
public sealed class ControllerSpec
{
    internal ControllerSpec(string name, IReadOnlyList<WatchSpec> watches, ReconcileHandler handler, ControllerOptions options)
    {
        For = watches.FirstOrDefault(static w => w.IsFor)?.Cache;
        Name = name;
        Watches = watches;
        Handler = handler;
        Options = options;
    }

    /// <summary>Its name: in logs, metrics and the path of its actor.</summary>
    public string Name { get; }

    /// <summary>The cache of the kind that it reconciles, the first where it reconciles in several namespaces; null where it takes keys that no cache tells (see <see cref="KeyQueue"/>).</summary>
    public CacheSpec? For { get; }

    /// <summary>Its numbers.</summary>
    public ControllerOptions Options { get; }

    internal IReadOnlyList<WatchSpec> Watches { get; }

    internal ReconcileHandler Handler { get; }

    /// <summary>
    /// The name of the slice that a key belongs to, where the controller owns no key until it is given slices (see <see cref="ControllerActor.TakeSlice"/>); null where it owns all. It must always say
    /// the same of the same key, and be quick: it is asked for each change.
    /// </summary>
    internal Func<NamespacedName, string>? SliceOf { get; private init; }

    /// <summary>The same controller, owning only the keys of the slices that it is given.</summary>
    internal ControllerSpec Sliced(Func<NamespacedName, string> sliceOf) => new(Name, Watches, Handler, Options) { SliceOf = sliceOf };

    /// <summary>The same controller under another name, watching something else.</summary>
    internal ControllerSpec With(string name, IReadOnlyList<WatchSpec> watches) => new(name, watches, Handler, Options) { SliceOf = SliceOf };

    /// <summary>The object of a key, from the caches of the reconciled kind.</summary>
    internal KubeObject? Find(NamespacedName key, IReadOnlyList<ObjectCache> caches)
    {
        foreach (var watch in Watches)
        {
            if (!watch.IsFor || (watch.Cache.Namespace is { } own && own != key.Namespace))
                continue;
            foreach (var cache in caches)
            {
                if (cache.Spec == watch.Cache && cache.TryGet(key, out var found))
                    return found;
            }
        }
        return null;
    }
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

    /// <summary>By how much <see cref="Resync"/> is stretched or shortened at most, so that not everything is reconciled at one moment: 0.1 is ten per cent.</summary>
    public double ResyncJitter { get; init; } = 0.1;

    /// <summary>After how long a start whose caches have not synced has failed: <see cref="ControllerHealth.WaitForStartAsync"/> fails, and a host stops unless <see cref="KeepTryingToSync"/> says otherwise.</summary>
    public TimeSpan CacheSyncTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Whether a controller whose caches have not synced in time goes on trying and starts once they have; until then it is said aloud, again and again, and the process is not ready. By default
    /// the start has failed for good and the process should stop, as controller-runtime's does: whoever started it learns of it.
    /// </summary>
    public bool KeepTryingToSync { get; init; }

    /// <summary>Whom this controller's events name as their source; null for the process's component, see <see cref="KubernetesOptions.Component"/>.</summary>
    public string? EventComponent { get; init; }

    /// <summary>Runs only while this process leads, where leader election is on.</summary>
    public bool NeedsLeaderElection { get; init; } = true;

    /// <exception cref="ArgumentOutOfRangeException">A number makes no sense; the message says which and why.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrentReconciles, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AgedShare, 2);
        if (ResyncJitter is < 0 or >= 1)
            throw new ArgumentOutOfRangeException(nameof(ResyncJitter), ResyncJitter, "This is 0 or more and less than 1.");
        if (Resync is { } resync)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(resync, TimeSpan.Zero, nameof(Resync));
        if (ReconcileTimeout is { } timeout)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero, nameof(ReconcileTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(AbandonAfter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(WriteVisibilityTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(CacheSyncTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Ageing, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Retry.Initial, TimeSpan.Zero, "Retry.Initial");
        ArgumentOutOfRangeException.ThrowIfLessThan(Retry.Cap, Retry.Initial, "Retry.Cap");
        ArgumentOutOfRangeException.ThrowIfLessThan(Retry.Burst, 1, "Retry.Burst");
    }
}

/// <summary>One kind that a controller watches.</summary>
/// <param name="Cache">Its cache.</param>
/// <param name="Map">The keys to reconcile when an object changed.</param>
/// <param name="Predicates">Which changes matter: all must agree.</param>
/// <param name="Indexes">Indexes that the controller's reconciler reads.</param>
/// <param name="IsFor">It is the kind that is reconciled.</param>
sealed record WatchSpec(
    CacheSpec Cache,
    Func<CacheChange, IEnumerable<NamespacedName>> Map,
    IReadOnlyList<Func<CacheChange, bool>> Predicates,
    IReadOnlyList<CacheIndex> Indexes,
    bool IsFor = false)
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
