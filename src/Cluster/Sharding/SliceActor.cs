using ActorKube.Actors;
using Akka.Actor;
using Akka.Coordination;
using Microsoft.Extensions.Logging;

namespace ActorKube.Cluster;

/// <summary>
/// One slice of a sharded controller, on the node that the cluster chose for it. It does none of the work: it holds the ownership, and tells the node's controller to take the slice and to leave it.
/// <code>
///   Claiming ──lease held (or none wanted)──► Working ──hand-off──► Leaving ──left──► gives the lease back, stops
///      ▲ ▲                                       │ lease lost           │
///      │ └─ retry                                └───► Leaving at once ─┘ claims again
/// </code>
/// </summary>
sealed class SliceActor : UntypedActor, IWithTimers
{
    // What a controller needs beyond the bound: it gives reconciles that were told to leave a second.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    readonly SliceSettings _settings;
    readonly SliceWork _work;
    readonly Lease? _lease;
    readonly ILogger _logger;
    int _claims;
    bool _owns;
    bool _handsOff;

    public SliceActor(SliceSettings settings, SliceWork work, Lease? lease, ILogger logger)
    {
        _settings = settings;
        _work = work;
        _lease = lease;
        _logger = logger;
    }

    /// <summary>Leave the slice within the bound and stop: it goes to another node.</summary>
    public sealed class HandOff
    {
        public static readonly HandOff Instance = new();
    }

    sealed record Claimed(int Claim, bool Holds, Exception? Error);

    sealed record Lost(int Claim, Exception? Error);

    sealed record Retry;

    sealed record Overdue;

    sealed record Released(Exception? Error);

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(SliceSettings settings, SliceWork work, Lease? lease, ILogger logger) =>
        Akka.Actor.Props.Create(() => new SliceActor(settings, work, lease, logger));

    protected override void PreStart() => Claim();

    protected override void PostStop()
    {
        if (!_owns)
            return;
        // Stopped without a hand-off: the slice must not outlive its owner. The lease, where there is one, runs out by itself once nothing is written under it.
        _work.Leave(TimeSpan.Zero, ActorRefs.NoSender);
        Context.System.EventStream.Publish(new SliceLeft(_settings.Controller, _settings.Slice));
    }

    protected override void OnReceive(object message) => Unhandled(message);

    // In every state: whether all nodes divide by the same number is not a matter of who owns what.
    protected override bool AroundReceive(Receive receive, object message)
    {
        if (message is not ShardsQuestion question)
            return base.AroundReceive(receive, message);
        Sender.Tell(new ShardsAnswer(_settings.Slice, _settings.Shards));
        if (question.Shards != _settings.Shards)
            _settings.Ownership?.Tell(new OwnershipActor.Stranger(question.Shards, OwnershipActor.NodeOf(Sender)));
        return true;
    }

    // ---- the lease ----

    void Claim()
    {
        if (_lease is null)
        {
            Work();
            return;
        }
        Become(Claiming);
        var self = Self;
        var claim = ++_claims;
        _lease.Acquire(error => self.Tell(new Lost(claim, error)))
            .PipeTo(self, success: holds => new Claimed(claim, holds, null), failure: error => new Claimed(claim, false, error));
    }

    void Claiming(object message)
    {
        switch (message)
        {
            case Claimed { Holds: true } when _handsOff:
                Release();
                break;
            case Claimed { Holds: true }:
                Work();
                break;
            case Claimed when _handsOff:
                Context.Stop(Self);
                break;
            case Claimed refused:
                _logger.Log(LevelOf(refused.Error), "Slice {Slice} of {Controller} waits for its lease {Lease}: {Why}", _settings.Slice, _settings.Controller, _lease!.Settings.LeaseName, refused.Error?.Message ?? "another node holds it");
                Timers.StartSingleTimer(nameof(Retry), new Retry(), _settings.LeaseRetryInterval);
                break;
            case Retry:
                Claim();
                break;
            case HandOff:
                _handsOff = true;
                // With no claim under way nothing is held; else its outcome decides what there is to give back.
                if (Timers.IsTimerActive(nameof(Retry)))
                    Context.Stop(Self);
                break;
            case Lost:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // The node says once what concerns all of its slices.
    static LogLevel LevelOf(Exception? refusal) => refusal switch
    {
        null => LogLevel.Information,
        OwnershipSuspendedException => LogLevel.Debug,
        _ => LogLevel.Warning,
    };

    void Release()
    {
        Become(Releasing);
        _lease!.Release().PipeTo(Self, success: static _ => new Released(null), failure: static error => new Released(error));
        Timers.StartSingleTimer(nameof(Overdue), new Overdue(), _lease.Settings.TimeoutSettings.OperationTimeout + Grace);
    }

    void Releasing(object message)
    {
        switch (message)
        {
            case Released { Error: { } error }:
                _logger.LogInformation("The lease of slice {Slice} of {Controller} could not be given back and runs out by itself: {Error}", _settings.Slice, _settings.Controller, error.Message);
                Context.Stop(Self);
                break;
            case Released or Overdue:
                Context.Stop(Self);
                break;
        }
    }

    // ---- the work ----

    void Work()
    {
        _owns = true;
        Become(Working);
        _work.Take(Self);
        _logger.LogDebug("Slice {Slice} of {Controller} is this node's", _settings.Slice, _settings.Controller);
        Context.System.EventStream.Publish(new SliceTaken(_settings.Controller, _settings.Slice));
    }

    void Working(object message)
    {
        switch (message)
        {
            case HandOff:
                _handsOff = true;
                Leave(_settings.DrainTimeout);
                break;
            case Lost lost when lost.Claim == _claims:
                _logger.Log(lost.Error is OwnershipSuspendedException ? LogLevel.Debug : LogLevel.Error, lost.Error, "The lease of slice {Slice} of {Controller} is lost: its reconciles are cut short, and nothing of them is written", _settings.Slice, _settings.Controller);
                Leave(TimeSpan.Zero);
                break;
            case Lost:
                break;
            case ControllersActor.Added { Refusal: { } refusal }:
                _logger.LogError("Slice {Slice} of {Controller} has no controller: {Refusal}", _settings.Slice, _settings.Controller, refusal);
                break;
            case ControllersActor.Added:
                _work.Added(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    void Leave(TimeSpan bound)
    {
        Become(Leaving);
        _work.Leave(bound, Self);
        Timers.StartSingleTimer(nameof(Overdue), new Overdue(), bound + Grace);
    }

    void Leaving(object message)
    {
        switch (message)
        {
            case HandOff:
                _handsOff = true;
                break;
            case Overdue:
                _logger.LogWarning("Slice {Slice} of {Controller} was not left in time; it goes on to the next node all the same", _settings.Slice, _settings.Controller);
                Left();
                break;
            case not null when _work.IsLeft(message):
                Left();
                break;
        }
    }

    void Left()
    {
        Timers.Cancel(nameof(Overdue));
        _owns = false;
        Context.System.EventStream.Publish(new SliceLeft(_settings.Controller, _settings.Slice));
        if (!_handsOff)
            Claim();
        else if (_lease is null)
            Context.Stop(Self);
        else
            Release();
    }
}

/// <summary>What a slice's actor must know.</summary>
/// <param name="Controller">The controller.</param>
/// <param name="Slice">The slice's number.</param>
/// <param name="DrainTimeout">How long what runs may take to finish at a hand-off.</param>
/// <param name="LeaseRetryInterval">How long it waits after a claim that was refused.</param>
/// <param name="Shards">How many slices this node thinks there are.</param>
/// <param name="Ownership">Who hears of nodes that think otherwise.</param>
sealed record SliceSettings(string Controller, int Slice, TimeSpan DrainTimeout, TimeSpan LeaseRetryInterval, int Shards = int.MaxValue, IActorRef? Ownership = null);
