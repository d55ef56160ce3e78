using ActorKube.Streams;

namespace ActorKube.Actors;

/// <summary>The numbers of the runtime in one actor system.</summary>
public sealed record KubernetesOptions
{
    /// <summary>How reflectors list and watch.</summary>
    public ListAndWatchSettings ListAndWatch { get; init; } = new();

    /// <summary>
    /// Changes how the reflector of one cache lists and watches: a transform for one kind, another page size for another. Called once for each cache, with
    /// <see cref="ListAndWatch"/> as it is for all; null leaves that to all.
    /// </summary>
    public Func<CacheSpec, ListAndWatchSettings, ListAndWatchSettings>? ConfigureCache { get; init; }

    /// <summary>How long reconciles may take to finish when the process stops, before they are told to leave.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Told of every trouble of a reflector, on one of its threads: return soon.</summary>
    public Action<CacheSpec, ReflectorTrouble>? OnTrouble { get; init; }

    /// <summary>
    /// After how long without any sign of life (no request sent, nothing received, no trouble told) a reflector counts as stuck, and the process as not live. Must be
    /// longer than a watch may stay open in silence, which is twice <see cref="ListAndWatchSettings.MinWatchTimeout"/>.
    /// </summary>
    public TimeSpan ReflectorSilence { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>Who hears what the runtime does.</summary>
    public IReadOnlyList<IRuntimeObserver> Observers { get; init; } = [];

    /// <summary>The clock of reconciles and of when they asked to be called again, of events and leases, for tests; null for the actor system's. Pauses after errors and time limits go by the actor system's.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>The same trouble of a reflector again is said aloud once in this time; between, for debugging only. (ActorKube's own.)</summary>
    public TimeSpan TroubleRepeat { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The shortest time between two reminders of all objects that a subscriber may ask for.</summary>
    public TimeSpan MinResync { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after a fault of its own a reflector starts again. (ActorKube's own.)</summary>
    public TimeSpan ReflectorRestartPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Debugging: how often each cache is compared with what the server lists at the same version. What differs is logged, counted
    /// (<c>actorkube_cache_inconsistencies_total</c>), told as trouble, and mended by reading the set afresh. Each comparison is a list that the server answers from
    /// etcd; null never compares.
    /// </summary>
    public TimeSpan? ConsistencyCheck { get; init; }

    /// <summary>How long after an informer's handler failed it is told the next change.</summary>
    public TimeSpan HandlerFaultPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Leader election; null where every process may act.</summary>
    public LeaderElectionOptions? LeaderElection { get; init; }

    /// <summary>What events say they come from.</summary>
    public string Component { get; init; } = "actorkube";

    /// <summary>How events are kept few.</summary>
    public EventOptions Events { get; init; } = new();

    /// <exception cref="ArgumentOutOfRangeException">A number makes no sense; the message says which and why.</exception>
    public void Validate()
    {
        Events.Validate();
        ListAndWatch.Validate();
        LeaderElection?.Validate();
        ValidateOwn();
    }

    /// <summary><see cref="Validate"/> without the parts, for who has asked them already.</summary>
    internal void ValidateOwn()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ShutdownTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(TroubleRepeat, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MinResync, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReflectorRestartPause, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(HandlerFaultPause, TimeSpan.Zero);
        if (ConsistencyCheck is { } check)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(check, TimeSpan.Zero, nameof(ConsistencyCheck));
        if (ReflectorSilence <= (ListAndWatch.MinWatchTimeout * 2) + ListAndWatch.WatchOverrun)
            throw new ArgumentOutOfRangeException(nameof(ReflectorSilence), ReflectorSilence, "It must be longer than twice ListAndWatch.MinWatchTimeout and ListAndWatch.WatchOverrun together: a quiet watch may last as long.");
    }

    /// <summary>How one cache's reflector lists and watches.</summary>
    internal ListAndWatchSettings SettingsOf(CacheSpec spec)
    {
        var settings = spec.MetadataOnly ? ListAndWatch with { ExpectedKind = "PartialObjectMetadata" } : ListAndWatch;
        return ConfigureCache?.Invoke(spec, settings) ?? settings;
    }
}
