using System.Diagnostics;
using ActorKube.Models;

namespace ActorKube.Actors;

// What a key's actor is told, what it tells its controller, and what it tells itself.
sealed partial class ReconcilerActor
{
    /// <summary>The key has a turn, and this actor was made for it.</summary>
    /// <param name="Trace">The trace of the event that the turn is for, where there is one.</param>
    public sealed record Begin(Activity? Trace)
    {
        static readonly Begin Untraced = new((Activity?)null);

        public static Begin Of(Activity? trace) => trace is null ? Untraced : new Begin(trace);
    }

    /// <summary>The key waits for a turn already.</summary>
    public sealed record Waits(int Priority, Activity? Trace);

    /// <summary>The key may need work.</summary>
    /// <param name="Priority">How urgently.</param>
    /// <param name="Trace">The trace of the event that says so, where there is one.</param>
    public sealed record Mark(int Priority, Activity? Trace = null)
    {
        // The two that events bring; a mark an event need not be an allocation an event.
        static readonly Mark Change = new(ReconcilePriority.Change);
        static readonly Mark Background = new(ReconcilePriority.Background);

        public static Mark Of(int priority, Activity? trace) => (priority, trace) switch
        {
            (ReconcilePriority.Change, null) => Change,
            (ReconcilePriority.Background, null) => Background,
            _ => new Mark(priority, trace),
        };
    }

    /// <summary>News of the key that was gathered while its actor could not be told, or that did not come from a cache.</summary>
    public sealed record Hear(KeyNews News, Activity? Trace);

    /// <summary>The key's failures are forgotten.</summary>
    public sealed record Forget;

    /// <summary>No more news will come; finish what there is.</summary>
    public sealed record Drain;

    /// <summary>The key is another's: begin nothing more, and finish what runs.</summary>
    public sealed record Leave;

    /// <summary>Leave now: what runs is asked to stop.</summary>
    public sealed record Cancel;

    /// <summary>The key may run, until it says <see cref="Release"/>.</summary>
    public sealed record Granted
    {
        public static readonly Granted Turn = new();
    }

    /// <summary>To the controller: the key wants a turn.</summary>
    public sealed record Ask(NamespacedName Key, int Priority);

    /// <summary>To the controller: the key, which waits, has become more urgent.</summary>
    public sealed record Raise(NamespacedName Key, int Priority);

    /// <summary>To the controller: the key wants no turn any more; one that is on its way to it goes to another.</summary>
    public sealed record Withdraw(NamespacedName Key);

    /// <summary>To the controller: the key's turn is over.</summary>
    public sealed record Release(NamespacedName Key);

    /// <summary>To the controller: nothing is left to do after so much was heard.</summary>
    public sealed record AtRest(NamespacedName Key, long Heard);

    sealed record Ended(RunReport Report);

    sealed record LeftoverEnded;

    sealed record TimedOut(int Attempt);

    sealed record Abandon(int Attempt);

    sealed record RetryDue;

    /// <remarks>It may be on its way when the actor goes: whoever set it is gone too.</remarks>
    sealed record RequeueDue : Akka.Event.IDeadLetterSuppression
    {
        public static readonly RequeueDue Instance = new();
    }

    sealed record WritesOverdue;
}
