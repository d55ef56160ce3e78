#nullable disable
using Akka.Actor;
using Akka.Dispatch;
using Akka.Util;

namespace Akka.Event;

/// <summary>A logger that is no actor: it writes on the publisher's thread.</summary>
public abstract class MinimalLogger : MinimalActorRef
{
    protected MinimalLogger() { }

    public sealed override IActorRefProvider Provider => throw new NotSupportedException("A minimal logger has no provider.");

    public sealed override ActorPath Path { get; } = new RootActorPath(new Address("akka", "all-systems"), "/StandardOutLogger");

    protected abstract void Log(object message);

    protected sealed override void TellInternal(object message, IActorRef sender) =>
        Log(message ?? throw new ArgumentNullException(nameof(message), "The message to log must not be null."));
}

/// <summary>Writes log events to the standard output.</summary>
public class StandardOutLogger : MinimalLogger
{
    public static ConsoleColor DebugColor { get; set; } = ConsoleColor.Gray;

    public static ConsoleColor InfoColor { get; set; } = ConsoleColor.White;

    public static ConsoleColor WarningColor { get; set; } = ConsoleColor.Yellow;

    public static ConsoleColor ErrorColor { get; set; } = ConsoleColor.Red;

    /// <summary>Colours are used only where the output is a terminal.</summary>
    public static bool UseColors { get; set; } = true;

    protected override void Log(object message)
    {
        if (message is LogEvent logEvent)
            PrintLogEvent(logEvent);
        else
            StandardOutWriter.WriteLine(message.ToString());
    }

    internal static void PrintLogEvent(LogEvent logEvent)
    {
        ConsoleColor? color = !UseColors || Console.IsOutputRedirected ? null : logEvent.LogLevel() switch
        {
            LogLevel.DebugLevel => DebugColor,
            LogLevel.InfoLevel => InfoColor,
            LogLevel.WarningLevel => WarningColor,
            _ => ErrorColor,
        };
        string text;
        try
        {
            text = logEvent.ToString();
        }
        catch (FormatException e)
        {
            text = $"[ERROR][{logEvent.LogSource}] A log message could not be formatted: {e.Message} Its format: {(logEvent.Message as LogMessage)?.Unformatted()}";
        }

        StandardOutWriter.WriteLine(text, color);
    }
}

/// <summary>The logger of a system that names no other: an actor that writes to the standard output.</summary>
public class DefaultLogger : ActorBase, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                return true;
            case LogEvent logEvent:
                Print(logEvent);
                return true;
            default:
                return false;
        }
    }

    protected virtual void Print(LogEvent logEvent) => StandardOutLogger.PrintLogEvent(logEvent);
}

/// <summary>Logs dead letters as <c>akka.log-dead-letters</c> says.</summary>
public class DeadLetterListener : ActorBase
{
    private readonly EventStream _eventStream = Context.System.EventStream;
    private readonly int _maximum = Context.System.Settings.LogDeadLetters;
    private readonly TimeSpan _pause = Context.System.Settings.LogDeadLettersSuspendDuration;
    private readonly ITimeProvider _clock = Context.System.Scheduler;
    private int _count;
    private TimeSpan? _pausedUntil;

    protected override void PreStart()
    {
        _eventStream.Subscribe(Self, typeof(DeadLetter));
        _eventStream.Subscribe(Self, typeof(Dropped));
        _eventStream.Subscribe(Self, typeof(UnhandledMessage));
    }

    protected override void PreRestart(Exception reason, object message) { }

    protected override void PostRestart(Exception reason) { }

    protected override void PostStop() => _eventStream.Unsubscribe(Self);

    protected override bool Receive(object message)
    {
        if (message is not AllDeadLetters letter || letter.Message is IDeadLetterSuppression)
            return message is AllDeadLetters;
        if (_pausedUntil is { } until)
        {
            if (_clock.MonotonicClock < until)
                return true;
            _pausedUntil = null;
            _count = 0;
        }

        _count++;
        var last = _count >= _maximum && _maximum != int.MaxValue;
        if (last && _pause > TimeSpan.Zero)
            _pausedUntil = _clock.MonotonicClock + _pause;
        else if (last)
            _eventStream.Unsubscribe(Self);
        Write(letter, last);
        return true;
    }

    private void Write(AllDeadLetters letter, bool last)
    {
        var what = letter switch
        {
            Dropped dropped => $"was dropped. {dropped.Reason}.",
            UnhandledMessage => "was unhandled.",
            _ => "was not delivered.",
        };
        var more = !last ? ""
            : _pause > TimeSpan.Zero ? $" no more dead letters will be logged in next [{_pause}]."
            : " no more dead letters will be logged.";
        _eventStream.Publish(new Info(
            letter.Recipient.Path.ToString(),
            letter.Recipient.GetType(),
            $"Message [{letter.Message.GetType().Name}] from {letter.Sender?.ToString() ?? "NoSender"} to {letter.Recipient} {what} [{_count}] dead letters encountered,{(more.Length > 0 ? more : " ")}"
            + "This logging can be turned off or adjusted with configuration settings 'akka.log-dead-letters' and 'akka.log-dead-letters-during-shutdown'. "
            + $"Message content: {letter.Message}"));
    }
}
