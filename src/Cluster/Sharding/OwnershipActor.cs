using System.Globalization;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorKube.Cluster;

/// <summary>
/// Whether this node may own slices of one controller at all. It may once every slice, wherever it runs, has said that it is one of as many as this node thinks; and as long as the node has
/// run without a gap in which the others may have given its slices away.
/// <code>
///   Asking ──all slices agree──► Owning ◄──probation is over── Suspended
///      └──one does not──► Refused  └────a gap in time────────────►┘
/// </code>
/// </summary>
/// <remarks>The sign that the node runs is this actor's own tick, on the dispatcher that the cluster's own actors have: where that is starved, the others see a dead node.</remarks>
sealed class OwnershipActor : UntypedActor, IWithTimers
{
    // A question may be lost, and a slice may just be on its way between nodes; but what is asked before the node has joined waits in its region all the same.
    static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(2);
    static readonly TimeSpan LongestAskInterval = TimeSpan.FromSeconds(30);
    const int QuietAttempts = 4;

    readonly OwnershipSettings _settings;
    readonly LeaseHold? _hold;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly Action _refuse;
    readonly Dictionary<int, Action<Exception?>> _held = [];
    readonly List<(IActorRef Asker, Claim Claim)> _waiting = [];
    readonly HashSet<int> _agreed = [];
    readonly HashSet<string> _strangers = [];
    IActorRef? _slices;
    int _attempts;
    bool _isRefused;
    DateTimeOffset? _suspendedUntil;
    DateTimeOffset? _lastTick;

    public OwnershipActor(OwnershipSettings settings, LeaseHold? hold, TimeProvider time, ILogger logger, Action refuse)
    {
        _settings = settings;
        _hold = hold;
        _time = time;
        _logger = logger;
        _refuse = refuse;
    }

    /// <summary>The slices can be asked, in turn, through this reference.</summary>
    public sealed record Begin(IActorRef Slices);

    /// <summary>A slice wants to be owned here. Answered with <see cref="Decision"/> once all have agreed; told later, through <paramref name="Lost"/>, that it is not any more.</summary>
    public sealed record Claim(int Slice, Action<Exception?> Lost);

    /// <summary>Whether a slice may be owned here, and why not.</summary>
    public sealed record Decision(bool May, string Why);

    /// <summary>A slice is not owned here any more.</summary>
    public sealed record Forget(int Slice);

    /// <summary>Another node's question came to a slice on this one, and it has another number of shards.</summary>
    public sealed record Stranger(int Shards, string Node);

    sealed record AskAgain;

    sealed record Tick;

    public ITimerScheduler Timers { get; set; } = null!;

    bool HasAgreed => _agreed.Count == _settings.Shards;

    public static Props Props(OwnershipSettings settings, LeaseHold? hold, TimeProvider time, ILogger logger, Action refuse) =>
        Akka.Actor.Props.Create(() => new OwnershipActor(settings, hold, time, logger, refuse));

    protected override void PreStart()
    {
        if (_settings.Clock is not { } clock)
            return;
        _hold!.Until(clock.Patience);
        Timers.StartPeriodicTimer(nameof(Tick), new Tick(), clock.Interval);
    }

    protected override void PostStop() => _hold?.End();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick:
                OnTick(_settings.Clock!);
                break;
            case Begin begin:
                _slices = begin.Slices;
                Ask();
                break;
            case AskAgain:
                Ask();
                break;
            case ShardsAnswer answer when !HasAgreed && !_isRefused:
                OnAnswer(answer);
                break;
            case ShardsAnswer:
                break;
            case Claim claim when HasAgreed || _isRefused:
                Decide(Sender, claim);
                break;
            case Claim claim:
                _waiting.Add((Sender, claim));
                break;
            case Forget forget:
                _held.Remove(forget.Slice);
                break;
            case Stranger stranger:
                OnStranger(stranger);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // ---- how many slices there are ----

    void Ask()
    {
        if (_attempts++ >= QuietAttempts)
            _logger.LogWarning("{Controller} waits for {Slices} of its {Shards} slices to say that they are as many", _settings.Controller, _settings.Shards - _agreed.Count, _settings.Shards);
        // They are asked in turn: as many questions reach every one.
        for (var i = 0; i < _settings.Shards; i++)
            _slices!.Tell(new ShardsQuestion(_settings.Shards), Self);
        var next = AskInterval * Math.Pow(2, Math.Min(_attempts - 1, 10));
        Timers.StartSingleTimer(nameof(AskAgain), new AskAgain(), next < LongestAskInterval ? next : LongestAskInterval);
    }

    void OnAnswer(ShardsAnswer answer)
    {
        if (answer.Shards != _settings.Shards)
        {
            _isRefused = true;
            Timers.Cancel(nameof(AskAgain));
            _logger.LogCritical(
                "{Controller} has {Shards} shards on this node and {Others} on {Node}: a key would have two owners. This node takes no slices and leaves. Give all nodes the same number; to change it, stop all of them first",
                _settings.Controller, _settings.Shards, answer.Shards, NodeOf(Sender));
            DecideAll();
            _refuse();
            return;
        }
        _agreed.Add(answer.Slice);
        if (!HasAgreed)
            return;
        Timers.Cancel(nameof(AskAgain));
        DecideAll();
    }

    void OnStranger(Stranger stranger)
    {
        if (_strangers.Add(stranger.Node))
        {
            _logger.LogError(
                "{Node} has {Others} shards of {Controller}, and this node has {Shards}: it is to leave. Give all nodes the same number; to change it, stop all of them first",
                stranger.Node, stranger.Shards, _settings.Controller, _settings.Shards);
        }
    }

    void DecideAll()
    {
        foreach (var (asker, claim) in _waiting)
            Decide(asker, claim);
        _waiting.Clear();
    }

    void Decide(IActorRef asker, Claim claim)
    {
        var why = _isRefused ? "this node has another number of shards than others"
            : claim.Slice >= _settings.Shards ? $"this node has {_settings.Shards} slices and knows no such one"
            : _suspendedUntil is { } until ? string.Create(CultureInfo.InvariantCulture, $"this node has not run for a while and may have been removed; it owns nothing before {until:HH:mm:ss}")
            : "";
        if (why.Length == 0)
            _held[claim.Slice] = claim.Lost;
        asker.Tell(new Decision(why.Length == 0, why));
    }

    internal static string NodeOf(IActorRef actor) => actor.Path.Address.ToString();

    // ---- time ----

    void OnTick(OwnershipClock clock)
    {
        var now = _time.GetUtcNow();
        if (_suspendedUntil is null && _hold!.IsHeld)
        {
            _hold.Until(clock.Patience);
            return;
        }
        if (_suspendedUntil is not { } until)
        {
            Suspend(clock, now);
            return;
        }
        // It was stopped again meanwhile: what it waits for is to have run.
        if (_lastTick is { } last && now - last > clock.Patience)
            _suspendedUntil = until = now + clock.Probation;
        _lastTick = now;
        if (now < until)
            return;
        _suspendedUntil = null;
        _lastTick = null;
        _hold!.Until(clock.Patience);
        _logger.LogInformation("{Controller}: this node is still a member, and owns slices again", _settings.Controller);
    }

    void Suspend(OwnershipClock clock, DateTimeOffset now)
    {
        _hold!.End();
        _suspendedUntil = now + clock.Probation;
        _lastTick = now;
        _logger.LogError(
            "{Controller}: this node has not run for more than {Patience} s, so that others may own its slices. It leaves them, and takes none for {Probation} s; had it been removed, it would end by then",
            _settings.Controller, clock.Patience.TotalSeconds, clock.Probation.TotalSeconds);
        var lost = _held.Values.ToArray();
        _held.Clear();
        foreach (var tell in lost)
            tell(new OwnershipSuspendedException("The node has not run for a while."));
    }
}

/// <summary>What a node's ownership of one controller's slices goes by.</summary>
/// <param name="Controller">The controller.</param>
/// <param name="Shards">How many slices this node thinks there are.</param>
/// <param name="Clock">The times; null where time takes nothing away.</param>
sealed record OwnershipSettings(string Controller, int Shards, OwnershipClock? Clock);

/// <summary>From a node to each slice, wherever it runs: are you one of so many?</summary>
sealed record ShardsQuestion(int Shards);

/// <summary>From a slice to a node that asked: I am this one, of so many.</summary>
sealed record ShardsAnswer(int Slice, int Shards);

/// <summary>Slices are left because the node may have been removed without knowing. Told once by the node, not by each slice.</summary>
sealed class OwnershipSuspendedException(string message) : Exception(message);
