using Akka.Actor;
using Akka.Coordination;
using Akka.Event;
using k8s.Models;

namespace ActorKube.Cluster;

/// <summary>
/// One lease for one owner: gets it, renews it, gives it back, and says when it is lost. Each question is answered once, when its outcome is known.
/// <code>
///   Free ──Acquire──► Acquiring ──ours──► Held ──Release──► Releasing ──► Free
///    ▲                    │ another's, error  │ another's, or not renewed in time: lost
///    └────────────────────┴───────────────────┘
/// </code>
/// </summary>
/// <remarks>
/// A term ends two thirds of the heartbeat timeout after the last successful write was sent, by this process's own clock, whatever messages are under way: <see cref="LeaseHold"/> says so to
/// whoever asks, without asking this actor.
/// </remarks>
sealed class LeaseActor : UntypedActor, IWithTimers, IWithUnboundedStash
{
    const int Attempts = 3;

    readonly LeaseSettings _settings;
    readonly ILeaseApi _api;
    readonly LeaseHold _hold;
    readonly TimeProvider _time;
    readonly ILoggingAdapter _log = Context.GetLogger();
    readonly LeaseTerm _term;
    readonly CancellationTokenSource _stopped = new();
    IActorRef _asker = ActorRefs.Nobody;
    V1Lease? _lease;
    Action<Exception?> _onLost = static _ => { };
    int _renewals;

    public LeaseActor(LeaseSettings settings, ILeaseApi api, LeaseHold hold, TimeProvider time)
    {
        _settings = settings;
        _api = api;
        _hold = hold;
        _time = time;
        _term = new LeaseTerm(settings.OwnerName, settings.TimeoutSettings.HeartbeatTimeout);
    }

    /// <summary>Tries to get the lease. Answered with whether it is held, or <see cref="Status.Failure"/>.</summary>
    /// <param name="OnLost">Called once where it is lost later; on one of the actor's threads, so return soon.</param>
    public sealed record Acquire(Action<Exception?> OnLost);

    /// <summary>Gives the lease back. Answered with true, or <see cref="Status.Failure"/>.</summary>
    public sealed record Release
    {
        public static readonly Release Lease = new();
    }

    sealed record Heartbeat;

    sealed record TermOver;

    /// <summary>An attempt's outcome: the lease as it is now, and whether this owner is in it.</summary>
    sealed record Tried(DateTimeOffset SentAt, V1Lease? Lease, bool Ours, Exception? Error, int Renewal);

    sealed record Freed(Exception? Error);

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    public static Props Props(LeaseSettings settings, ILeaseApi api, LeaseHold hold, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new LeaseActor(settings, api, hold, time));

    TimeoutSettings Times => _settings.TimeoutSettings;

    protected override void PostStop()
    {
        _stopped.Cancel();
        _hold.End();
    }

    // Free.
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Acquire acquire:
                _asker = Sender;
                _onLost = acquire.OnLost;
                Try();
                Become(Acquiring);
                break;
            case Release:
                Sender.Tell(true);
                break;
            case Tried or Heartbeat or TermOver:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    void Acquiring(object message)
    {
        switch (message)
        {
            case Tried old when old.Renewal != _renewals:
                break;
            case Tried { Ours: true } tried when Hold(tried):
                Become(Held);
                _asker.Tell(true);
                Stash.UnstashAll();
                break;
            case Tried tried:
                Become(OnReceive);
                // An answer that came after its own term is no hold: the lease says ours, and others may take it already.
                var error = tried.Ours ? new LeaseTimeoutException($"The lease '{Name}' was written, but the answer took longer than its term.") : tried.Error;
                _asker.Tell(error is null ? false : new Status.Failure(error));
                Stash.UnstashAll();
                break;
            case Acquire or Release:
                Stash.Stash();
                break;
            case Heartbeat or TermOver:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    void Held(object message)
    {
        switch (message)
        {
            case Acquire again:
                _onLost = again.OnLost;
                Sender.Tell(true);
                break;
            case Heartbeat:
                Try();
                break;
            case Tried tried when tried.Renewal != _renewals:
                break;
            case Tried { Ours: true } renewed when Hold(renewed):
                break;
            case Tried { Error: { } error }:
                // Not lost yet: until the term is over, the next heartbeat may succeed.
                _log.Warning("The lease {0} could not be renewed: {1}", Name, error.Message);
                Timers.StartSingleTimer(nameof(Heartbeat), new Heartbeat(), Times.HeartbeatInterval / 4);
                break;
            case Tried { Ours: false } taken:
                Lose(new LeaseException($"The lease '{Name}' was taken by '{(taken.Lease is null ? "nobody" : LeaseTerm.HolderOf(taken.Lease))}'."));
                break;
            case Tried or TermOver:
                Lose(new LeaseTimeoutException($"The lease '{Name}' could not be renewed within {Term.TotalSeconds:0.#} s."));
                break;
            case Release:
                _asker = Sender;
                End();
                Become(Releasing);
                FreeAsync(_lease!, Now).PipeTo(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    void Releasing(object message)
    {
        switch (message)
        {
            case Freed freed:
                Become(OnReceive);
                _asker.Tell(freed.Error is null ? true : new Status.Failure(freed.Error));
                Stash.UnstashAll();
                break;
            case Acquire or Release:
                Stash.Stash();
                break;
            case Tried or Heartbeat or TermOver:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    string Name => _settings.LeaseName;

    DateTimeOffset Now => _time.GetUtcNow();

    // Others wait for the whole timeout: whoever holds the lease has stopped relying on it long before, whatever their clocks say.
    TimeSpan Term => Times.HeartbeatTimeout * 2 / 3;

    void Try() => TryAsync(Now, ++_renewals).PipeTo(Self);

    /// <returns>Whether the term has not ended already.</returns>
    bool Hold(Tried tried)
    {
        _lease = tried.Lease;
        var left = tried.SentAt + Term - Now;
        if (left <= TimeSpan.Zero)
            return false;
        _hold.Until(left);
        Timers.StartSingleTimer(nameof(TermOver), new TermOver(), left);
        Timers.StartSingleTimer(nameof(Heartbeat), new Heartbeat(), Times.HeartbeatInterval);
        return true;
    }

    void End()
    {
        _renewals++;
        _hold.End();
        Timers.Cancel(nameof(TermOver));
        Timers.Cancel(nameof(Heartbeat));
    }

    void Lose(Exception cause)
    {
        End();
        _log.Error("{0}", cause.Message);
        Become(OnReceive);
        try
        {
            _onLost(cause);
        }
        catch (Exception error)
        {
            _log.Error(error, "Who held the lease {0} failed when told that it is lost", Name);
        }
    }

    async Task<Tried> TryAsync(DateTimeOffset sentAt, int renewal)
    {
        using var timeout = Timeout();
        try
        {
            var known = renewal > 1 && _hold.IsHeld ? _lease : null;
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                // What was written last is written over without reading it again; only where that fails somebody else has been there.
                var lease = known ?? await _api.ReadAsync(timeout.Token).ConfigureAwait(false);
                known = null;
                var now = Now;
                if (lease is not null && !_term.MayTake(lease, now))
                    return new Tried(sentAt, lease, false, null, renewal);
                var written = lease is null
                    ? await _api.CreateAsync(_term.Created(now), timeout.Token).ConfigureAwait(false)
                    : await _api.UpdateAsync(_term.Taken(lease, now), timeout.Token).ConfigureAwait(false);
                if (written is not null)
                    return new Tried(now, written, true, null, renewal);
            }
            return new Tried(sentAt, null, false, new LeaseException($"The lease '{Name}' was written by others {Attempts} times while it was being acquired."), renewal);
        }
        catch (Exception error)
        {
            return new Tried(sentAt, null, false, Explain(error), renewal);
        }
    }

    async Task<Freed> FreeAsync(V1Lease lease, DateTimeOffset now)
    {
        using var timeout = Timeout();
        try
        {
            var held = lease;
            while (_term.IsOurs(held))
            {
                if (await _api.UpdateAsync(LeaseTerm.Freed(held, now), timeout.Token).ConfigureAwait(false) is not null)
                    break;
                if (await _api.ReadAsync(timeout.Token).ConfigureAwait(false) is not { } read)
                    break;
                held = read;
            }
            return new Freed(null);
        }
        catch (Exception error)
        {
            return new Freed(Explain(error));
        }
    }

    Overdue Timeout() => new(Times.OperationTimeout, _time, _stopped.Token);

    Exception Explain(Exception error) => error is OperationCanceledException && !_stopped.IsCancellationRequested
        ? new LeaseTimeoutException($"The API server did not answer about the lease '{Name}' within {Times.OperationTimeout.TotalSeconds:0.#} s.", error)
        : error;

    /// <summary>A token that is cancelled after a time, or when the actor stops.</summary>
    sealed class Overdue : IDisposable
    {
        readonly CancellationTokenSource _after;
        readonly CancellationTokenSource _either;

        public Overdue(TimeSpan time, TimeProvider clock, CancellationToken stopped)
        {
            _after = new CancellationTokenSource(time, clock);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_after.Token, stopped);
        }

        public CancellationToken Token => _either.Token;

        public void Dispose()
        {
            _either.Dispose();
            _after.Dispose();
        }
    }
}
