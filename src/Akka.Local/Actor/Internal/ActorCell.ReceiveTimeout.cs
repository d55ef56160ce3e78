#nullable disable
namespace Akka.Actor;

public partial class ActorCell
{
    public TimeSpan? ReceiveTimeout => _extras?.ReceiveTimeout?.After;

    public void SetReceiveTimeout(TimeSpan? timeout = null)
    {
        if (timeout is { } given && given <= TimeSpan.Zero && given != Timeout.InfiniteTimeSpan)
            throw new ArgumentException($"A receive timeout is longer than zero, or null for none; not {given}.", nameof(timeout));
        CancelReceiveTimeout();
        if (timeout is { } after && after > TimeSpan.Zero)
            Extras.ReceiveTimeout = new ReceiveTimeoutState(after);
    }

    /// <summary>Starts the waiting anew, or only where it has not started.</summary>
    public void CheckReceiveTimeout(bool reschedule = true)
    {
        if (_extras?.ReceiveTimeout is not { } state || (!reschedule && state.Pending is not null))
            return;
        if (IsTerminated)
        {
            CancelReceiveTimeout();
            return;
        }

        state.Pending?.Cancel(false);
        state.Pending = SystemImpl.Scheduler.ScheduleTellOnceCancelable(state.After, _self, global::Akka.Actor.ReceiveTimeout.Instance, _self);
    }

    private void CancelReceiveTimeout()
    {
        if (_extras?.ReceiveTimeout is not { } state)
            return;
        state.Pending?.Cancel(false);
        _extras.ReceiveTimeout = null;
    }

    private sealed class ReceiveTimeoutState(TimeSpan after)
    {
        public TimeSpan After { get; } = after;

        public ICancelable Pending { get; set; }
    }
}
