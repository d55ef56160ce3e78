#nullable disable
using Akka.Dispatch;

namespace Akka.Actor.Internal;

/// <summary>Something to be done at a time. It sits in its scheduler's heap and knows where, so that it can be taken out again.</summary>
internal sealed class ScheduledWork(HashedWheelTimerScheduler scheduler, object target, object message, IActorRef sender, ICancelable cancelable, long interval)
{
    public readonly HashedWheelTimerScheduler Scheduler = scheduler;

    /// <summary>When, in the scheduler's clock's ticks.</summary>
    public long Deadline;

    /// <summary>Keeps work of the same time in the order of its scheduling.</summary>
    public long Sequence;

    /// <summary>Its place in the heap, or -1.</summary>
    public int Place = -1;

    /// <summary>Ticks until it is to be done again; 0 for once.</summary>
    public long Interval { get; } = interval;

    public bool IsCancelled => cancelable is { IsCancellationRequested: true };

    public bool IsPending => Place >= 0;

    public void Forget() => Scheduler.Remove(this);

    public void Run()
    {
        switch (target)
        {
            case ICanTell receiver:
                receiver.Tell(message, sender);
                break;
            case Action action:
                action();
                break;
            case IRunnable runnable:
                runnable.Run();
                break;
        }
    }
}
