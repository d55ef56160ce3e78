using Akka.Actor;
using Akka.Actor.Internal;

namespace Akka.TestKit;

/// <summary>A <see cref="TestActorRefBase{TActor}"/> to a state machine, which a test may look at and move.</summary>
public class TestFSMRef<TActor, TState, TData> : TestActorRefBase<TActor>
    where TActor : FSM<TState, TData>
{
    /// <param name="system">The system it is to live in.</param>
    /// <param name="props">What to start.</param>
    /// <param name="supervisor">Whose child it is to be; null for the user guardian.</param>
    /// <param name="name">Its name; null for one of the system's choice.</param>
    /// <param name="activateLogging">Has no effect here: what a machine logs is <c>akka.actor.debug.fsm</c>'s to say.</param>
    public TestFSMRef(ActorSystem system, Props props, IActorRef? supervisor = null, string? name = null, bool activateLogging = false)
        : base(system, props, supervisor, name)
    {
    }

    /// <summary>The state it is in.</summary>
    public TState StateName => UnderlyingActor.StateName;

    /// <summary>The data it holds.</summary>
    public TData StateData => UnderlyingActor.StateData;

    /// <summary>Whether the timeout of the present state runs.</summary>
    public bool IsStateTimerActive() => Machine.IsStateTimerActive;

    /// <summary>Whether a timer runs.</summary>
    public bool IsTimerActive(string name) => UnderlyingActor.IsTimerActive(name);

    IInternalSupportsTestFSMRef<TState, TData> Machine => UnderlyingActor;

    /// <summary>Replaces the data.</summary>
    public void SetStateData(TData stateData, TimeSpan? timeout = null) => SetState(StateName, stateData, timeout);

    /// <summary>Begins a timeout of the present state.</summary>
    public void SetStateTimeout(TimeSpan timeout) => SetState(StateName, StateData, timeout);

    /// <summary>Moves it to a state.</summary>
    public void SetState(TState stateName, TimeSpan? timeout = null) => SetState(stateName, StateData, timeout);

    /// <summary>Moves it to a state with data, or stops it.</summary>
    public void SetState(TState stateName, TData stateData, TimeSpan? timeout = null, FSMBase.Reason? stopReason = null) =>
        Cell.UseThreadContext(() => Machine.ApplyState(new FSMBase.State<TState, TData>(stateName, stateData, timeout, stopReason)));

    /// <summary>Starts a timer.</summary>
    public void SetTimer(string name, object msg, TimeSpan timeout, bool repeat = false) =>
        Cell.UseThreadContext(() => UnderlyingActor.SetTimer(name, msg, timeout, repeat));

    /// <summary>Stops a timer.</summary>
    public void CancelTimer(string name) => UnderlyingActor.CancelTimer(name);
}
