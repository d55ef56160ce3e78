#nullable disable
namespace Akka.Actor;

public partial class ActorCell
{
    private ReceiveTimeoutState _receiveTimeout;

    public TimeSpan? ReceiveTimeout => _receiveTimeout?.After;

    public void SetReceiveTimeout(TimeSpan? timeout = null)
    {
        if (timeout is { } given && given <= TimeSpan.Zero && given != Timeout.InfiniteTimeSpan)
            throw new ArgumentException($"A receive timeout is longer than zero, or null for none; not {given}.", nameof(timeout));
        CancelReceiveTimeout();
        _receiveTimeout = timeout is { } after && after > TimeSpan.Zero ? new ReceiveTimeoutState(after) : null;
    }

    /// <summary>Starts the waiting anew, or only where it has not started.</summary>
    public void CheckReceiveTimeout(bool reschedule = true)
    {
        if (_receiveTimeout is not { } state || (!reschedule && state.Pending is not null))
            return;
        if (IsTerminated)
        {
            CancelReceiveTimeout();
            return;
        }

        state.Pending?.Cancel(false);
        state.Pending = _system.Scheduler.ScheduleTellOnceCancelable(state.After, _self, global::Akka.Actor.ReceiveTimeout.Instance, _self);
    }

    private void CancelReceiveTimeout()
    {
        _receiveTimeout?.Pending?.Cancel(false);
        _receiveTimeout = null;
    }

    private sealed class ReceiveTimeoutState(TimeSpan after)
    {
        public TimeSpan After { get; } = after;

        public ICancelable Pending { get; set; }
    }
}
