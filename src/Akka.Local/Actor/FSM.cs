#nullable disable
using Akka.Actor.Internal;
using Akka.Event;
using Akka.Pattern;
using Akka.Routing;

namespace Akka.Actor;

/// <summary>
/// A finite state machine: named states with data, an event function per state that says where to go, timers, state timeouts, and subscribers to transitions.
/// The constructor lists states with <see cref="When"/>, begins with <see cref="StartWith"/> and ends with <see cref="Initialize"/>.
/// </summary>
public abstract class FSM<TState, TData> : FSMBase, IListeners, IInternalSupportsTestFSMRef<TState, TData>
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<TState, StateFunction> _states = [];
    private readonly Dictionary<TState, TimeSpan?> _timeouts = [];
    private readonly Dictionary<string, NamedTimer> _timers = [];
    private readonly List<TransitionHandler> _transitionHandlers = [];
    private Action<StopEvent<TState, TData>> _terminationHandler = static _ => { };
    private StateFunction _unhandled;
    private State<TState, TData> _current;
    private State<TState, TData> _next;
    private ICancelable _stateTimeout;
    private long _generation;
    private int _timerGeneration;

    // ReSharper disable once InconsistentNaming: the name is part of the API.
    protected bool DebugEvent;

    protected FSM()
    {
        if (this is ILoggingFSM)
            DebugEvent = Context.System.Settings.FsmDebugEvent;
        _unhandled = WarnUnhandled;
    }

    /// <summary>Says where to go after an event, or null where it does not handle it.</summary>
    public delegate State<TState, TData> StateFunction(Event<TData> fsmEvent);

    /// <summary>Is called between two states.</summary>
    public delegate void TransitionHandler(TState initialState, TState nextState);

    public ListenerSupport Listeners { get; } = new();

    public TState StateName => Started(nameof(StateName)).StateName;

    public TData StateData => Started(nameof(StateData)).StateData;

    /// <summary>The data of the state that is being entered; only within a transition handler.</summary>
    public TData NextStateData => _next is null
        ? throw new InvalidOperationException("NextStateData is only available during OnTransition")
        : _next.StateData;

    bool IInternalSupportsTestFSMRef<TState, TData>.IsStateTimerActive => _stateTimeout is not null;

    /// <summary>Adds an event function to a state; of several the first that handles an event counts.</summary>
    public void When(TState stateName, StateFunction func, TimeSpan? timeout = null)
    {
        if (!_states.TryGetValue(stateName, out var before))
        {
            _states[stateName] = func;
            _timeouts[stateName] = timeout;
            return;
        }

        _states[stateName] = e => before(e) ?? func(e);
        _timeouts[stateName] ??= timeout;
    }

    public void StartWith(TState stateName, TData stateData, TimeSpan? timeout = null) => _current = new State<TState, TData>(stateName, stateData, timeout);

    /// <summary>Goes to another state, or again to this one, which counts as a transition.</summary>
    public State<TState, TData> GoTo(TState nextStateName) => new(nextStateName, _current.StateData);

    public State<TState, TData> GoTo(TState nextStateName, TData stateData) => new(nextStateName, stateData);

    /// <summary>Stays, without a transition.</summary>
    public State<TState, TData> Stay() => _current.ForStay();

    public State<TState, TData> Stop() => Stop(Normal.Instance);

    public State<TState, TData> Stop(Reason reason) => Stop(reason, _current.StateData);

    public State<TState, TData> Stop(Reason reason, TData stateData) => Stay().Using(stateData).WithStopReason(reason);

    public TransformHelper Transform(StateFunction func) => new(func);

    /// <summary>Starts a timer whose message is an event; a timer of that name is replaced.</summary>
    public void SetTimer(string name, object msg, TimeSpan timeout, bool repeat = false)
    {
        if (DebugEvent)
            _log.Debug("setting {0}timer {1}/{2}: {3}", repeat ? "repeating " : "", name, timeout, msg);
        if (_timers.Remove(name, out var before))
            before.Scheduled.Cancel(false);
        var generation = ++_timerGeneration;
        var fired = new TimerFired(this, name, generation, msg);
        var scheduler = Context.System.Scheduler;
        var scheduled = repeat
            ? scheduler.ScheduleTellRepeatedlyCancelable(timeout, timeout, Self, fired, Self)
            : scheduler.ScheduleTellOnceCancelable(timeout, Self, fired, Self);
        _timers[name] = new NamedTimer(generation, repeat, scheduled);
    }

    public void CancelTimer(string name)
    {
        if (DebugEvent)
            _log.Debug("Cancelling timer {0}", name);
        if (_timers.Remove(name, out var timer))
            timer.Scheduled.Cancel(false);
    }

    public bool IsTimerActive(string name) => _timers.ContainsKey(name);

    public void SetStateTimeout(TState state, TimeSpan? timeout) => _timeouts[state] = timeout;

    public void OnTransition(TransitionHandler transitionHandler) => _transitionHandlers.Add(transitionHandler);

    public void OnTermination(Action<StopEvent<TState, TData>> terminationHandler) => _terminationHandler = terminationHandler;

    /// <summary>Handles events that a state's own functions leave.</summary>
    public void WhenUnhandled(StateFunction stateFunction) => _unhandled = e => stateFunction(e) ?? WarnUnhandled(e);

    /// <summary>Enters the first state. To be called last in the constructor.</summary>
    public void Initialize() => MakeTransition(Started(nameof(Initialize)));

    void IInternalSupportsTestFSMRef<TState, TData>.ApplyState(State<TState, TData> upcomingState) => Apply(upcomingState);

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case TimeoutFired timeout:
                if (timeout.Generation == _generation && ReferenceEquals(timeout.Owner, this))
                    Process(StateTimeout.Instance, "state timeout");
                return true;
            case TimerFired fired:
                if (!ReferenceEquals(fired.Owner, this) || !_timers.TryGetValue(fired.Name, out var timer) || timer.Generation != fired.Generation)
                    return true;
                EndStateTimeout();
                if (!timer.Repeats)
                    _timers.Remove(fired.Name);
                Process(fired.Message, $"timer '{fired.Name}'");
                return true;
            case SubscribeTransitionCallBack subscribe:
                AddListener(subscribe.ActorRef);
                return true;
            case Listen listen:
                AddListener(listen.Listener);
                return true;
            case UnsubscribeTransitionCallBack unsubscribe:
                RemoveListener(unsubscribe.ActorRef);
                return true;
            case Deafen deafen:
                RemoveListener(deafen.Listener);
                return true;
            default:
                EndStateTimeout();
                Process(message, Sender);
                return true;
        }
    }

    /// <summary>Tells of the end from outside. A restart is no end: the next incarnation begins anew.</summary>
    protected override void PostStop()
    {
        if (_current is not null)
            Terminate(Stay().WithStopReason(Shutdown.Instance));
        base.PostStop();
    }

    /// <summary>Logs a failure that ends the machine.</summary>
    protected virtual void LogTermination(Reason reason)
    {
        if (reason is not Failure failure)
            return;
        if (failure.Cause is Exception exception)
            _log.Error(exception, "terminating due to Failure");
        else
            _log.Error(failure.Cause?.ToString() ?? "null");
    }

    private State<TState, TData> Started(string what) =>
        _current ?? throw new IllegalStateException($"You must call StartWith before calling {what}.");

    private State<TState, TData> WarnUnhandled(Event<TData> e)
    {
        _log.Warning("unhandled event {0} in state {1}", e.FsmEvent, StateName);
        return Stay();
    }

    private void AddListener(IActorRef listener)
    {
        Context.Watch(listener);
        Listeners.Add(listener);
        listener.Tell(new CurrentState<TState>(Self, StateName));
    }

    private void RemoveListener(IActorRef listener)
    {
        Context.Unwatch(listener);
        Listeners.Remove(listener);
    }

    private void EndStateTimeout()
    {
        _stateTimeout?.Cancel(false);
        _stateTimeout = null;
        _generation++;
    }

    private void Process(object message, object source)
    {
        if (message is Terminated terminated)
            Listeners.Remove(terminated.ActorRef);
        var before = Started("an event can be handled");
        var e = new Event<TData>(message, before.StateData);
        if (DebugEvent)
            _log.Debug("processing {0} from {1} in state {2}", e, source, before.StateName);
        Apply(_states[before.StateName](e) ?? _unhandled(e));
        if (DebugEvent && !Equals(before, _current))
            _log.Debug("transition {0} -> {1}", before, _current);
    }

    private void Apply(State<TState, TData> next)
    {
        if (next.StopReason is null)
        {
            MakeTransition(next);
            return;
        }

        Reply(next);
        Terminate(next);
        Context.Stop(Self);
    }

    private void MakeTransition(State<TState, TData> next)
    {
        if (!_states.ContainsKey(next.StateName))
        {
            Terminate(Stay().WithStopReason(new Failure($"Next state {next.StateName} does not exist")));
            return;
        }

        Reply(next);
        if (next.Notifies || !EqualityComparer<TState>.Default.Equals(_current.StateName, next.StateName))
        {
            _next = next;
            foreach (var handler in _transitionHandlers)
                handler(_current.StateName, next.StateName);
            Listeners.Gossip(new Transition<TState>(Self, _current.StateName, next.StateName));
            _next = null;
        }

        _current = next;
        if ((next.Timeout ?? _timeouts[next.StateName]) is { } timeout && timeout < TimeSpan.MaxValue && timeout >= TimeSpan.Zero)
            _stateTimeout = Context.System.Scheduler.ScheduleTellOnceCancelable(timeout, Self, new TimeoutFired(this, _generation), Self);
    }

    private void Reply(State<TState, TData> next)
    {
        for (var i = next.Replies.Count - 1; i >= 0; i--)
            Sender.Tell(next.Replies[i]);
    }

    private void Terminate(State<TState, TData> last)
    {
        if (_current.StopReason is not null)
            return;
        LogTermination(last.StopReason);
        foreach (var timer in _timers.Values)
            timer.Scheduled.Cancel(false);
        _timers.Clear();
        EndStateTimeout();
        _current = last;
        _terminationHandler(new StopEvent<TState, TData>(last.StopReason, last.StateName, last.StateData));
    }

    /// <summary>Changes what an event function says.</summary>
    public sealed class TransformHelper(StateFunction func)
    {
        public StateFunction Func { get; } = func;

        public StateFunction Using(Func<State<TState, TData>, State<TState, TData>> andThen) => e => andThen(Func(e));
    }

    private sealed record NamedTimer(int Generation, bool Repeats, ICancelable Scheduled);

    private sealed record TimerFired(object Owner, string Name, int Generation, object Message) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed record TimeoutFired(object Owner, long Generation) : INoSerializationVerificationNeeded, IDeadLetterSuppression;
}
