using ActorKube.Streams;

namespace ActorKube.Actors;

/// <summary>The numbers of the runtime in one actor system.</summary>
public sealed record KubernetesOptions
{
    /// <summary>How reflectors list and watch.</summary>
    public ListAndWatchSettings ListAndWatch { get; init; } = new();

    /// <summary>How long reconciles may take to finish when the process stops, before they are told to leave.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Told of every trouble of a reflector, on one of its threads: return soon, and do not throw.</summary>
    public Action<CacheSpec, ReflectorTrouble>? OnTrouble { get; init; }

    /// <summary>Who hears what the runtime does.</summary>
    public IReadOnlyList<IRuntimeObserver> Observers { get; init; } = [];

    /// <summary>Leader election; null where every process may act.</summary>
    public LeaderElectionOptions? LeaderElection { get; init; }

    /// <summary>What events say they come from.</summary>
    public string Component { get; init; } = "actorkube";

    /// <exception cref="ArgumentOutOfRangeException">A number makes no sense; the message says which and why.</exception>
    public void Validate()
    {
        ListAndWatch.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(ShutdownTimeout, TimeSpan.Zero);
        LeaderElection?.Validate();
    }
}
