namespace Akka.Actor.Internal;

/// <summary>Lets a test move a machine.</summary>
public interface IInternalSupportsTestFSMRef<TState, TData>
{
    bool IsStateTimerActive { get; }

    void ApplyState(FSMBase.State<TState, TData> upcomingState);
}
