#nullable disable
using Akka.Actor.Internal;

namespace Akka.Actor;

/// <summary>The messages and values of <see cref="FSM{TState,TData}"/>.</summary>
public abstract class FSMBase : ActorBase
{
    protected FSMBase() { }

    /// <summary>Tells a subscriber the state at the time of subscribing.</summary>
    public sealed class CurrentState<TS>(IActorRef fsmRef, TS state)
    {
        public IActorRef FsmRef { get; } = fsmRef;

        public TS State { get; } = state;

        public override bool Equals(object obj) =>
            obj is CurrentState<TS> other && Equals(FsmRef, other.FsmRef) && EqualityComparer<TS>.Default.Equals(State, other.State);

        public override int GetHashCode() => HashCode.Combine(FsmRef, State);

        public override string ToString() => $"CurrentState <{State}>";
    }

    /// <summary>Tells a subscriber of a change.</summary>
    public sealed class Transition<TS>(IActorRef fsmRef, TS from, TS to)
    {
        public IActorRef FsmRef { get; } = fsmRef;

        public TS From { get; } = from;

        public TS To { get; } = to;

        public override bool Equals(object obj) => obj is Transition<TS> other && Equals(FsmRef, other.FsmRef)
            && EqualityComparer<TS>.Default.Equals(From, other.From) && EqualityComparer<TS>.Default.Equals(To, other.To);

        public override int GetHashCode() => HashCode.Combine(FsmRef, From, To);

        public override string ToString() => $"Transition({From}, {To})";
    }

    /// <summary>Subscribes to <see cref="CurrentState{TS}"/> and <see cref="Transition{TS}"/>.</summary>
    public sealed class SubscribeTransitionCallBack(IActorRef actorRef)
    {
        public IActorRef ActorRef { get; } = actorRef;
    }

    public sealed class UnsubscribeTransitionCallBack(IActorRef actorRef)
    {
        public IActorRef ActorRef { get; } = actorRef;
    }

    /// <summary>Why the machine stops.</summary>
    public abstract class Reason
    {
        protected Reason() { }
    }

    /// <summary>It stopped itself.</summary>
    public sealed class Normal : Reason
    {
        private Normal() { }

        public static Normal Instance { get; } = new();
    }

    /// <summary>It was stopped from outside.</summary>
    public sealed class Shutdown : Reason
    {
        private Shutdown() { }

        public static Shutdown Instance { get; } = new();
    }

    /// <summary>It stopped itself because something failed.</summary>
    public sealed class Failure(object cause) : Reason
    {
        public object Cause { get; } = cause;

        public override string ToString() => $"Failure({Cause})";
    }

    /// <summary>The event of a state's timeout.</summary>
    public sealed class StateTimeout
    {
        private StateTimeout() { }

        public static StateTimeout Instance { get; } = new();
    }

    /// <summary>An event: a message and the data of the state it came in.</summary>
    public readonly struct Event<TD>(object fsmEvent, TD stateData) : INoSerializationVerificationNeeded
    {
        public object FsmEvent { get; } = fsmEvent;

        public TD StateData { get; } = stateData;

        public override string ToString() => $"Event: <{FsmEvent}>, StateData: <{StateData}>";
    }

    /// <summary>The machine has stopped.</summary>
    public sealed class StopEvent<TS, TD>(Reason reason, TS terminatedState, TD stateData) : INoSerializationVerificationNeeded
    {
        public Reason Reason { get; } = reason;

        public TS TerminatedState { get; } = terminatedState;

        public TD StateData { get; } = stateData;

        public override string ToString() => $"StopEvent <Reason: <{Reason}>, TerminatedState: <{TerminatedState}>, StateData: <{StateData}>>";
    }

    /// <summary>Where the machine is to be after an event. Immutable.</summary>
    public sealed class State<TS, TD> : IEquatable<State<TS, TD>>
    {
        public State(TS stateName, TD stateData, TimeSpan? timeout = null, Reason stopReason = null, IReadOnlyList<object> replies = null, bool notifies = true)
        {
            StateName = stateName;
            StateData = stateData;
            Timeout = timeout;
            StopReason = stopReason;
            Replies = replies ?? [];
            Notifies = notifies;
        }

        public TS StateName { get; }

        public TD StateData { get; }

        public TimeSpan? Timeout { get; }

        public Reason StopReason { get; }

        /// <summary>What to tell the sender, the last first.</summary>
        public IReadOnlyList<object> Replies { get; }

        /// <summary>Whether staying in the same state counts as a transition.</summary>
        internal bool Notifies { get; }

        /// <summary>With a timeout other than the state's own, for this stay in it. <see cref="TimeSpan.MaxValue"/> for none.</summary>
        public State<TS, TD> ForMax(TimeSpan timeout) => new(StateName, StateData, timeout, StopReason, Replies, Notifies);

        /// <summary>With a reply to the event's sender.</summary>
        public State<TS, TD> Replying(object replyValue) => new(StateName, StateData, Timeout, StopReason, [replyValue, .. Replies], Notifies);

        /// <summary>With other data.</summary>
        public State<TS, TD> Using(TD nextStateData) => new(StateName, nextStateData, Timeout, StopReason, Replies, Notifies);

        internal State<TS, TD> WithStopReason(Reason reason) => new(StateName, StateData, Timeout, reason, Replies, Notifies);

        internal State<TS, TD> ForStay() => new(StateName, StateData, notifies: false);

        public override string ToString() => $"State<TS, TD><{StateName}, {StateData}>";

        public bool Equals(State<TS, TD> other) => other is not null
            && EqualityComparer<TS>.Default.Equals(StateName, other.StateName) && EqualityComparer<TD>.Default.Equals(StateData, other.StateData)
            && Timeout == other.Timeout && Equals(StopReason, other.StopReason);

        public override bool Equals(object obj) => obj is State<TS, TD> other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(StateName, StateData, Timeout);
    }
}

/// <summary>Marks machines that log their events where <c>akka.actor.debug.fsm</c> is on.</summary>
public interface ILoggingFSM;
