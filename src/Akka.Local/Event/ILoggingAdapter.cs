#nullable disable
namespace Akka.Event;

/// <summary>Where code logs to. Levels that are off cost a comparison.</summary>
public interface ILoggingAdapter
{
    ILogMessageFormatter Formatter { get; }

    bool IsDebugEnabled { get; }

    bool IsInfoEnabled { get; }

    bool IsWarningEnabled { get; }

    bool IsErrorEnabled { get; }

    bool IsEnabled(LogLevel logLevel);

    void Log(LogLevel logLevel, Exception cause, LogMessage message);

    void Log(LogLevel logLevel, Exception cause, string format);
}

/// <summary>Base of adapters.</summary>
public abstract class LoggingAdapterBase : ILoggingAdapter
{
    protected LoggingAdapterBase(ILogMessageFormatter logMessageFormatter) => Formatter = logMessageFormatter
        ?? throw new ArgumentNullException(nameof(logMessageFormatter), "A logging adapter needs a formatter.");

    public ILogMessageFormatter Formatter { get; }

    public abstract bool IsDebugEnabled { get; }

    public abstract bool IsInfoEnabled { get; }

    public abstract bool IsWarningEnabled { get; }

    public abstract bool IsErrorEnabled { get; }

    public bool IsEnabled(LogLevel logLevel) => logLevel switch
    {
        LogLevel.DebugLevel => IsDebugEnabled,
        LogLevel.InfoLevel => IsInfoEnabled,
        LogLevel.WarningLevel => IsWarningEnabled,
        LogLevel.ErrorLevel => IsErrorEnabled,
        _ => throw new NotSupportedException($"Unknown LogLevel {logLevel}"),
    };

    public void Log(LogLevel logLevel, Exception cause, LogMessage message) => NotifyLog(logLevel, message, cause);

    public void Log(LogLevel logLevel, Exception cause, string format) => NotifyLog(logLevel, format, cause);

    protected abstract void NotifyLog(LogLevel logLevel, object message, Exception cause = null);
}

/// <summary>Logs to a bus.</summary>
public sealed class BusLogging(LoggingBus bus, string logSource, Type logClass, ILogMessageFormatter logMessageFormatter)
    : LoggingAdapterBase(logMessageFormatter)
{
    public LoggingBus Bus { get; } = bus;

    public string LogSource { get; } = logSource;

    public Type LogClass { get; } = logClass;

    public override bool IsDebugEnabled => Bus.LogLevel <= LogLevel.DebugLevel;

    public override bool IsInfoEnabled => Bus.LogLevel <= LogLevel.InfoLevel;

    public override bool IsWarningEnabled => Bus.LogLevel <= LogLevel.WarningLevel;

    public override bool IsErrorEnabled => Bus.LogLevel <= LogLevel.ErrorLevel;

    protected override void NotifyLog(LogLevel logLevel, object message, Exception cause = null) => Bus.Publish(logLevel switch
    {
        LogLevel.DebugLevel => new Debug(cause, LogSource, LogClass, message),
        LogLevel.InfoLevel => new Info(cause, LogSource, LogClass, message),
        LogLevel.WarningLevel => new Warning(cause, LogSource, LogClass, message),
        LogLevel.ErrorLevel => (LogEvent)new Error(cause, LogSource, LogClass, message),
        _ => throw new NotSupportedException($"Unknown LogLevel {logLevel}"),
    });
}

/// <summary>Logs nothing.</summary>
public sealed class NoLogger : ILoggingAdapter
{
    public static readonly ILoggingAdapter Instance = new NoLogger();

    private NoLogger() { }

    public ILogMessageFormatter Formatter => DefaultLogMessageFormatter.Instance;

    public bool IsDebugEnabled => false;

    public bool IsInfoEnabled => false;

    public bool IsWarningEnabled => false;

    public bool IsErrorEnabled => false;

    public bool IsEnabled(LogLevel logLevel) => false;

    public void Log(LogLevel logLevel, Exception cause, LogMessage message) { }

    public void Log(LogLevel logLevel, Exception cause, string format) { }
}
