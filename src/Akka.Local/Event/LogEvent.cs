#nullable disable
namespace Akka.Event;

/// <summary>How urgent a log event is.</summary>
public enum LogLevel
{
    DebugLevel,
    InfoLevel,
    WarningLevel,
    ErrorLevel,
}

/// <summary>Something to be logged. Immutable; published on the event stream, whose loggers take it from there.</summary>
public abstract class LogEvent : Actor.INoSerializationVerificationNeeded
{
    protected LogEvent()
    {
        Timestamp = DateTime.UtcNow;
        Thread = Thread.CurrentThread;
    }

    public Exception Cause { get; protected set; }

    /// <summary>When, in UTC.</summary>
    public DateTime Timestamp { get; private set; }

    public Thread Thread { get; private set; }

    public string LogSource { get; protected set; }

    public Type LogClass { get; protected set; }

    /// <summary>The text, or a <see cref="LogMessage"/> that makes it.</summary>
    public object Message { get; protected set; }

    public abstract LogLevel LogLevel();

    public override string ToString()
    {
        var level = LogLevel().ToString().Replace("Level", "").ToUpperInvariant();
        var text = $"[{level}][{Timestamp:MM/dd/yyyy HH:mm:ss.fff}Z][Thread {Thread.ManagedThreadId:0000}][{LogSource}] {Message}";
        return Cause is null ? text : text + Environment.NewLine + "Cause: " + Cause;
    }
}

public class Debug : LogEvent
{
    public Debug(string logSource, Type logClass, object message) : this(null, logSource, logClass, message) { }

    public Debug(Exception cause, string logSource, Type logClass, object message)
    {
        Cause = cause;
        LogSource = logSource;
        LogClass = logClass;
        Message = message;
    }

    public override LogLevel LogLevel() => Event.LogLevel.DebugLevel;
}

public class Info : LogEvent
{
    public Info(string logSource, Type logClass, object message) : this(null, logSource, logClass, message) { }

    public Info(Exception cause, string logSource, Type logClass, object message)
    {
        Cause = cause;
        LogSource = logSource;
        LogClass = logClass;
        Message = message;
    }

    public override LogLevel LogLevel() => Event.LogLevel.InfoLevel;
}

public class Warning : LogEvent
{
    public Warning(string logSource, Type logClass, object message) : this(null, logSource, logClass, message) { }

    public Warning(Exception cause, string logSource, Type logClass, object message)
    {
        Cause = cause;
        LogSource = logSource;
        LogClass = logClass;
        Message = message;
    }

    public override LogLevel LogLevel() => Event.LogLevel.WarningLevel;
}

public class Error : LogEvent
{
    public Error(Exception cause, string logSource, Type logClass, object message)
    {
        Cause = cause;
        LogSource = logSource;
        LogClass = logClass;
        Message = message;
    }

    public override LogLevel LogLevel() => Event.LogLevel.ErrorLevel;
}

/// <summary>Asks a logger actor to subscribe itself; it answers with <see cref="LoggerInitialized"/>.</summary>
public class InitializeLogger(LoggingBus loggingBus) : Actor.INoSerializationVerificationNeeded
{
    public LoggingBus LoggingBus { get; } = loggingBus;
}

/// <summary>A logger actor is ready.</summary>
public class LoggerInitialized : Actor.INoSerializationVerificationNeeded, IDeadLetterSuppression;
