using Akka.Actor;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Actors.Tests;

/// <summary>A candidate for the lease of a <see cref="LeaseServer"/>, and what its controllers were told last.</summary>
/// <param name="system">Where its actors run.</param>
/// <param name="server">The server.</param>
/// <param name="name">Its identity.</param>
/// <param name="clock">Its clock.</param>
/// <param name="random">Its luck.</param>
/// <param name="faults">Awaited before and after each of its requests takes effect; may throw.</param>
sealed class Candidate(ActorSystem system, LeaseServer server, string name, SkewedTime clock, Func<double> random, Func<CancellationToken, Task>? faults = null)
{
    readonly List<bool> _told = [];
    bool _crashed;

    public string Name => name;

    public IReadOnlyList<bool> Told => _told;

    public bool Leads { get; private set; }

    public IActorRef Actor { get; private set; } = ActorRefs.Nobody;

    public SkewedTime Clock => clock;

    public bool ReleasesOnStop { get; init; } = true;

    /// <param name="dispatcher">Runs its actors; null for the system's own.</param>
    public Candidate Start(string? dispatcher = null)
    {
        var controllers = system.ActorOf(On(dispatcher, Props.Create(() => new Controllers(this))));
        var options = new LeaderElectionOptions { LeaseName = "l", LeaseNamespace = "n", Identity = name, ReleaseOnStop = ReleasesOnStop };
        Actor = system.ActorOf(On(dispatcher, LeaderActor.Props(server.Client(faults), options, controllers, NullLogger.Instance, clock, random)));
        return this;
    }

    static Props On(string? dispatcher, Props props) => dispatcher is null ? props : props.WithDispatcher(dispatcher);

    /// <summary>The process dies without a word.</summary>
    public void Crash()
    {
        _crashed = true;
        Actor.Tell(PoisonPill.Instance, ActorRefs.NoSender);
        Leads = false;
    }

    void Hear(object message)
    {
        Leads = message is ControllersActor.Lead && !_crashed;
        _told.Add(Leads);
    }

    sealed class Controllers(Candidate candidate) : UntypedActor
    {
        protected override void OnReceive(object message) => candidate.Hear(message);
    }
}

/// <summary>The test's time; its time of day may be wrong, and may be set while a candidate runs.</summary>
sealed class SkewedTime(TimeProvider inner) : TimeProvider
{
    public TimeSpan Skew { get; set; }

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Skew;

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
}
