#nullable disable
using Akka.Event;

namespace Akka.Actor.Internal;

/// <summary>The timers of one incarnation of an actor.</summary>
internal sealed class TimerScheduler(ActorCell cell, ActorBase owner) : ITimerScheduler
{
    private readonly Dictionary<object, Timer> _timers = [];
    private int _generation;

    public IReadOnlyCollection<object> ActiveTimers => _timers.Keys;

    public static void CancelAllOf(ActorBase actor)
    {
        if (actor is IWithTimers { Timers: TimerScheduler timers })
            timers.CancelAll();
    }

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval) => Start(key, msg, interval, interval, ActorRefs.NoSender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender) => Start(key, msg, interval, interval, sender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval) => Start(key, msg, initialDelay, interval, ActorRefs.NoSender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender) => Start(key, msg, initialDelay, interval, sender);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout) => Start(key, msg, timeout, null, ActorRefs.NoSender);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender) => Start(key, msg, timeout, null, sender);

    public bool IsTimerActive(object key) => _timers.ContainsKey(key);

    public void Cancel(object key)
    {
        if (!_timers.Remove(key, out var timer))
            return;
        Log("Cancel timer [{0}] with generation [{1}]", key, timer.Generation);
        timer.Cancelable.Cancel(false);
    }

    public void CancelAll()
    {
        if (_timers.Count == 0)
            return;
        Log("Cancel all timers");
        foreach (var timer in _timers.Values)
            timer.Cancelable.Cancel(false);
        _timers.Clear();
    }

    /// <summary>The user's message, or null where the timer has been replaced or cancelled, or is of an earlier incarnation.</summary>
    public object Accept(TimerMessage message)
    {
        if (!ReferenceEquals(message.Owner, this) || !_timers.TryGetValue(message.Key, out var timer) || timer.Generation != message.Generation)
        {
            Log("Received timer [{0}] of generation [{1}] that is no longer active, discarding", message.Key, message.Generation);
            return null;
        }

        if (!timer.Repeats)
            _timers.Remove(message.Key);
        return message.Message;
    }

    private void Start(object key, object msg, TimeSpan delay, TimeSpan? interval, IActorRef sender)
    {
        Cancel(key);
        var generation = ++_generation;
        var message = msg is INotInfluenceReceiveTimeout
            ? new QuietTimerMessage(this, key, generation, msg)
            : new TimerMessage(this, key, generation, msg);
        Log("Start timer [{0}] with generation [{1}]", key, generation);
        var cancelable = interval is { } every
            ? cell.System.Scheduler.ScheduleTellRepeatedlyCancelable(delay, every, cell.Self, message, sender)
            : cell.System.Scheduler.ScheduleTellOnceCancelable(delay, cell.Self, message, sender);
        _timers[key] = new Timer(generation, interval is not null, cancelable);
    }

    private void Log(string format, params object[] args)
    {
        if (cell.System.Settings.DebugTimerScheduler)
            Logging.GetLogger(cell.System, owner).Debug(format, args);
    }

    private readonly record struct Timer(int Generation, bool Repeats, ICancelable Cancelable);
}

/// <summary>A timer's message on its way through the mailbox.</summary>
internal class TimerMessage(TimerScheduler owner, object key, int generation, object message) : INoSerializationVerificationNeeded, Event.IDeadLetterSuppression
{
    public TimerScheduler Owner { get; } = owner;

    public object Key { get; } = key;

    public int Generation { get; } = generation;

    public object Message { get; } = message;

    public object Accept(ActorBase actor) => actor is IWithTimers { Timers: TimerScheduler timers } ? timers.Accept(this) : null;

    public override string ToString() => $"TimerMsg(key={Key}, generation={Generation}, message={Message})";
}

/// <summary>The same around a message that does not reset the receive timeout.</summary>
internal sealed class QuietTimerMessage(TimerScheduler owner, object key, int generation, object message)
    : TimerMessage(owner, key, generation, message), INotInfluenceReceiveTimeout;
