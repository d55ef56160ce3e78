using Akka.Actor;

namespace Akka.Streams.Stage;

/// <summary>
/// A logic with timers, told apart by keys. They run on the actor system's scheduler and end with the stage. Setting a timer under a key in
/// use replaces it; a tick of the old one that is already on its way is dropped.
/// </summary>
public abstract class TimerGraphStageLogic : GraphStageLogic
{
    private readonly Dictionary<object, Timer> _timers = [];
    private Action<Timer>? _onTick;

    protected TimerGraphStageLogic(Shape shape) : base(shape) { }

    internal TimerGraphStageLogic(int inCount, int outCount) : base(inCount, outCount) { }

    private sealed record Timer(object Key, bool Repeats)
    {
        public ICancelable? Handle { get; set; }
    }

    /// <summary>A timer has fired. Called like any other handler of the stage.</summary>
    protected internal abstract void OnTimer(object timerKey);

    protected override void AfterPostStop()
    {
        foreach (var timer in _timers.Values) timer.Handle!.Cancel();
        _timers.Clear();
        base.AfterPostStop();
    }

    /// <summary>Fires every <paramref name="interval"/>, first after <paramref name="initialDelay"/>.</summary>
    protected internal void ScheduleRepeatedly(object timerKey, TimeSpan initialDelay, TimeSpan interval)
    {
        var timer = Replace(timerKey, repeats: true);
        timer.Handle = Interpreter.Materializer.ScheduleRepeatedly(initialDelay, interval, () => _onTick!(timer));
    }

    /// <summary>Fires every <paramref name="interval"/>, first after one interval.</summary>
    protected internal void ScheduleRepeatedly(object timerKey, TimeSpan interval) => ScheduleRepeatedly(timerKey, interval, interval);

    /// <summary>Fires once.</summary>
    protected internal void ScheduleOnce(object timerKey, TimeSpan delay)
    {
        var timer = Replace(timerKey, repeats: false);
        timer.Handle = Interpreter.Materializer.ScheduleOnce(delay, () => _onTick!(timer));
    }

    /// <summary>Stops a timer; it will not fire again, not even if it has just expired.</summary>
    protected internal void CancelTimer(object timerKey)
    {
        if (_timers.Remove(timerKey, out var timer)) timer.Handle!.Cancel();
    }

    /// <summary>Whether a timer is set and, if it fires only once, has not fired yet.</summary>
    protected internal bool IsTimerActive(object timerKey) => _timers.ContainsKey(timerKey);

    private Timer Replace(object key, bool repeats)
    {
        ArgumentNullException.ThrowIfNull(key, "timerKey");
        CancelTimer(key);
        _onTick ??= GetAsyncCallback<Timer>(Tick);
        return _timers[key] = new Timer(key, repeats);
    }

    private void Tick(Timer timer)
    {
        if (!_timers.TryGetValue(timer.Key, out var current) || !ReferenceEquals(current, timer)) return;
        if (!timer.Repeats) _timers.Remove(timer.Key);
        OnTimer(timer.Key);
    }
}
