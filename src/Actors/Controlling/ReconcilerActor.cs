using System.Diagnostics;
using ActorKube.Models;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>
/// One key's work: begun when its controller gives it a turn, run outside the actor so that nothing of the user's code can block or break it, and repeated when news or a timer says so.
/// <see cref="KeyState"/> decides; this is its hands.
/// </summary>
sealed partial class ReconcilerActor : UntypedActor, IWithTimers
{
    readonly NamespacedName _key;
    readonly ReconcilerShared _shared;
    readonly KeySlice? _slice;
    readonly ControllerOptions _options;
    KeyState _state = KeyState.New;
    Run? _run;
    DateTimeOffset? _retryAt;
    DateTimeOffset? _requeueAt;
    ITimer? _requeue;
    Activity? _news;
    long _heard;
    int _runs;
    int _unseen;

    public ReconcilerActor(NamespacedName key, ReconcilerShared shared, KeySlice? slice)
    {
        _key = key;
        _shared = shared;
        _slice = slice;
        _options = shared.Spec.Options;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    DateTimeOffset Now => Context.System.Scheduler.Now;

    // What a reconcile asks for goes by the clock that it was given.
    DateTimeOffset ReconcilesNow => _shared.Runs.Time.GetUtcNow();

    public static Props Props(NamespacedName key, ReconcilerShared shared, KeySlice? slice = null) => Akka.Actor.Props.CreateBy(new Producer(key, shared, slice));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Begin begin:
                _heard++;
                _news = begin.Trace;
                Take(_state.Granted());
                break;
            case Waits waits:
                _heard++;
                _news = waits.Trace;
                _state = _state.Mark(waits.Priority).State;
                break;
            case Mark mark:
                _heard++;
                _news = mark.Trace ?? _news;
                Take(_state.Mark(mark.Priority));
                break;
            case Hear hear:
                _heard++;
                _news = hear.Trace ?? _news;
                OnHeard(hear.News);
                break;
            case Forget:
                _heard++;
                Take(_state.Forget());
                break;
            case ControllerActor.CountRequeues:
                Sender.Tell(new ControllerActor.Requeues(_state.Attempts));
                break;
            case Granted when _state.Leaving:
                // It was on its way when the place was given back; the controller has taken it back since.
                break;
            case Granted:
                Take(_state.Granted());
                break;
            case Ended ended:
                OnEnded(ended.Report);
                break;
            case LeftoverEnded when _state.Leaving:
                Take(_state.Ended(RunEnd.Done, Now));
                break;
            case LeftoverEnded:
                Context.Parent.Tell(new Ask(_key, _state.Priority));
                break;
            case RetryDue:
                _retryAt = null;
                Take(_state.RetryFired(Now));
                break;
            case RequeueDue:
                _requeueAt = null;
                Take(_state.RequeueFired(ReconcilesNow));
                break;
            case ObjectCache.Seen { Token: int run } when run == _runs && _unseen > 0:
                if (--_unseen == 0)
                    OnWritesSeen();
                break;
            case WritesOverdue when _unseen > 0:
                RuntimeMetrics.WriteWaitsOverdue.Add(1, _shared.Label);
                _shared.Runs.Logger.LogWarning("{Controller}: {Key} goes on although the caches do not show its writes after {Seconds} s", _shared.Spec.Name, _key, _options.WriteVisibilityTimeout.TotalSeconds);
                OnWritesSeen();
                break;
            case TimedOut timedOut when timedOut.Attempt == _run?.Number:
                OnTimedOut();
                break;
            case Abandon abandon when abandon.Attempt == _run?.Number:
                OnAbandoned();
                break;
            case Drain:
                _state = _state.Drain();
                Take((_state, KeyAction.Nothing));
                break;
            case Leave:
                Take(_state.Leave());
                break;
            case Cancel:
                _run?.Cancellation.Cancel();
                break;
            // Answers to what was waited for after another run, and was given up.
            case TimedOut or Abandon or WritesOverdue or ObjectCache.Seen:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop()
    {
        _requeue?.Dispose();
        // Stopped in the middle of a run where the whole controller stops, or where its slice had to be left: the next actor of this key waits for the run to end.
        if (_run is not { } run)
            return;
        _shared.Runs.Leave(_key, run.Report);
        run.Fence.Break();
        run.Cancellation.Cancel();
        if (!run.Abandoned)
            RuntimeMetrics.ActiveWorkers.Add(-1, _shared.Label);
        _shared.Health.Ended(_key);
    }

    void OnHeard(KeyNews news)
    {
        for (var i = 0; i < news.Failures; i++)
            Take(_state.FailureReported(Now + RetryDelay()));
        if (news.DueAt is { } due)
            Take(_state.RequeueNoLaterThan(due));
        if (news.Priority is { } priority)
            Take(_state.Mark(priority));
    }

    void Take((KeyState State, KeyAction Action) step)
    {
        _state = step.State;
        switch (step.Action)
        {
            case KeyAction.AskGate:
                Context.Parent.Tell(new Ask(_key, _state.Priority));
                break;
            case KeyAction.RaiseInGate:
                Context.Parent.Tell(new Raise(_key, _state.Priority));
                break;
            case KeyAction.LeaveGate:
                Context.Parent.Tell(new Withdraw(_key));
                break;
            case KeyAction.Run:
                BeginRun();
                break;
        }
        SetTimers();
        if (_state.IsAtRest)
            Context.Parent.Tell(new AtRest(_key, _heard));
    }

    void BeginRun()
    {
        // The controller was stopped and started again while a run of this key went on: wait for it, and let others have the turn.
        if (_shared.Runs.Leftover(_key) is { } leftover)
        {
            Context.Parent.Tell(new Release(_key));
            leftover.PipeTo(Self, success: static _ => new LeftoverEnded());
            return;
        }
        _run = new Run(++_runs, _slice?.IsHeld);
        if (_options.ReconcileTimeout is { } timeout)
            Timers.StartSingleTimer(nameof(TimedOut), new TimedOut(_run.Number), timeout);
        RuntimeMetrics.ActiveWorkers.Add(1, _shared.Label);
        _shared.Health.Began(_key, Now);
        _run.Report = _shared.Runs.RunAsync(_key, _state.Attempts + 1, _shared.Caches, _run.Trace = _news, _run.Fence, _run.Cancellation.Token);
        // Not piped: an await that is begun in the very moment in which its task ends goes on somewhere in the pool, and whoever counts what goes on cannot see it; this goes on here or where the run ends.
        _run.Report.ContinueWith(
            static (report, self) => ((IActorRef)self!).Tell(new Ended(report.Result), ActorRefs.NoSender), Self, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    void OnEnded(RunReport report)
    {
        var run = _run!;
        Timers.Cancel(nameof(TimedOut));
        Timers.Cancel(nameof(Abandon));
        if (!run.Abandoned)
        {
            Context.Parent.Tell(new Release(_key));
            RuntimeMetrics.ActiveWorkers.Add(-1, _shared.Label);
        }
        _shared.Health.Ended(_key);
        run.Cancellation.Dispose();
        _run = null;
        var delay = report.End == RunEnd.Error ? RetryDelay() : report.After;
        // A failed run's next attempt belongs to the same trace; after any other, only news begins one.
        if (report.End != RunEnd.Error && ReferenceEquals(_news, run.Trace))
            _news = null;
        _shared.Monitor.Ended(_key, report, _state.Attempts + 1, delay, run.HasTimedOut);
        var waits = !_state.Leaving && Await(report.Writes);
        Take(_state.Ended(report.End, report.End == RunEnd.RequeueAfter ? ReconcilesNow : Now, delay, waits, report.Result?.Priority));
    }

    TimeSpan RetryDelay()
    {
        var own = _options.Retry.Delay(_state.Attempts + 1);
        var overall = _shared.Bucket.Take(Now);
        return own > overall ? own : overall;
    }

    /// <returns>Whether there are writes to wait for.</returns>
    bool Await(IReadOnlyList<ObjectWrite> writes)
    {
        if (_options.WriteVisibilityTimeout == TimeSpan.Zero)
            return false;
        foreach (var write in writes)
        {
            foreach (var cache in _shared.Caches)
            {
                if (!write.Concerns(cache.Spec) || write.IsSeenBy(cache.Live))
                    continue;
                _unseen++;
                cache.Actor.Tell(new ObjectCache.WhenSeen(_runs, write));
            }
        }
        if (_unseen > 0)
            Timers.StartSingleTimer(nameof(WritesOverdue), new WritesOverdue(), _options.WriteVisibilityTimeout);
        return _unseen > 0;
    }

    void OnWritesSeen()
    {
        _unseen = 0;
        Timers.Cancel(nameof(WritesOverdue));
        if (_state.AwaitsWrites)
            Take(_state.WritesSeen());
    }

    void OnTimedOut()
    {
        _run!.TimeOut();
        RuntimeMetrics.Timeouts.Add(1, _shared.Label);
        Timers.StartSingleTimer(nameof(Abandon), new Abandon(_run.Number), _options.AbandonAfter);
    }

    void OnAbandoned()
    {
        _run!.Abandoned = true;
        RuntimeMetrics.ActiveWorkers.Add(-1, _shared.Label);
        _shared.Health.GotStuck(_key);
        Context.Parent.Tell(new Release(_key));
        _shared.Runs.Logger.LogError(
            "{Controller}: the reconcile of {Key} did not leave {Seconds} s after it was asked to; others go on without it, this key waits. Does it pass its CancellationToken on?",
            _shared.Spec.Name, _key, _options.AbandonAfter.TotalSeconds);
    }

    void SetTimers()
    {
        if (_state.RetryAt != _retryAt)
        {
            _retryAt = _state.RetryAt;
            if (_retryAt is { } due)
                Timers.StartSingleTimer(nameof(RetryDue), new RetryDue(), due > Now ? due - Now : TimeSpan.Zero);
            else
                Timers.Cancel(nameof(RetryDue));
        }
        if (_state.RequeueAt != _requeueAt)
        {
            _requeueAt = _state.RequeueAt;
            _requeue?.Dispose();
            _requeue = _requeueAt is { } due ? RequeueTimer(due - ReconcilesNow) : null;
        }
    }

    ITimer RequeueTimer(TimeSpan wait) =>
        _shared.Runs.Time.CreateTimer(static self => ((IActorRef)self!).Tell(RequeueDue.Instance, ActorRefs.NoSender), Self, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);

    // A key's actor is made for every key that has work: this is one small object where an expression is twenty, to be read by reflection.
    sealed class Producer(NamespacedName key, ReconcilerShared shared, KeySlice? slice) : IIndirectActorProducer
    {
        public Type ActorType => typeof(ReconcilerActor);

        public ActorBase Produce() => new ReconcilerActor(key, shared, slice);

        public void Release(ActorBase actor)
        {
        }
    }

    /// <summary>One run of the user's code.</summary>
    sealed class Run(int number, Func<bool>? isHeld)
    {
        public int Number => number;

        public CancellationTokenSource Cancellation { get; } = new();

        public RunFence Fence { get; } = new(isHeld);

        public bool HasTimedOut { get; private set; }

        public bool Abandoned { get; set; }

        /// <summary>What it will come to.</summary>
        public Task<RunReport> Report { get; set; } = null!;

        /// <summary>The trace that the run belongs to.</summary>
        public Activity? Trace { get; set; }

        public void TimeOut()
        {
            HasTimedOut = true;
            Cancellation.Cancel();
        }
    }
}

/// <summary>What the reconcilers of one controller have in common.</summary>
sealed record ReconcilerShared(
    ControllerSpec Spec,
    IReadOnlyList<ObjectCache> Caches,
    RunFactory Runs,
    TokenBucket Bucket,
    ReconcileMonitor Monitor,
    ControllerHealth Health)
{
    public KeyValuePair<string, object?> Label { get; } = RuntimeMetrics.Controller(Spec.Name);
}
