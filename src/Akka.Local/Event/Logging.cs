#nullable disable
using Akka.Actor;
using Akka.Actor.Internal;

namespace Akka.Event;

/// <summary>Makes logging adapters and knows the levels' names.</summary>
public static class Logging
{
    /// <summary>The logging adapter of an actor: its source is the actor's path.</summary>
    public static ILoggingAdapter GetLogger(this IActorContext context, ILogMessageFormatter logMessageFormatter = null) =>
        new BusLogging(
            context.System.EventStream,
            LogSource.FromActorRef(context.Self, context.System),
            (context as ActorCell)?.ActorType ?? context.Props.Type,
            logMessageFormatter ?? context.System.Settings.LogFormatter);

    public static ILoggingAdapter GetLogger(ActorSystem system, object logSourceObj, ILogMessageFormatter logMessageFormatter = null)
    {
        var source = LogSource.Create(logSourceObj, system);
        return new BusLogging(system.EventStream, source.Source, source.Type, logMessageFormatter ?? system.Settings.LogFormatter);
    }

    public static ILoggingAdapter GetLogger(LoggingBus loggingBus, object logSourceObj, ILogMessageFormatter logMessageFormatter = null)
    {
        var source = LogSource.Create(logSourceObj);
        return new BusLogging(loggingBus, source.Source, source.Type, logMessageFormatter ?? DefaultLogMessageFormatter.Instance);
    }

    public static string SimpleName(object o) => SimpleName(o.GetType());

    public static string SimpleName(Type t) => t.Name;

    public static Type ClassFor(this LogLevel logLevel) => logLevel switch
    {
        LogLevel.DebugLevel => typeof(Debug),
        LogLevel.InfoLevel => typeof(Info),
        LogLevel.WarningLevel => typeof(Warning),
        LogLevel.ErrorLevel => typeof(Error),
        _ => throw new ArgumentException($"Unknown LogLevel [{logLevel}]", nameof(logLevel)),
    };

    public static string StringFor(this LogLevel logLevel) => logLevel switch
    {
        LogLevel.DebugLevel => "DEBUG",
        LogLevel.InfoLevel => "INFO",
        LogLevel.WarningLevel => "WARNING",
        LogLevel.ErrorLevel => "ERROR",
        _ => throw new ArgumentException($"Unknown LogLevel [{logLevel}]", nameof(logLevel)),
    };

    /// <summary>Reads DEBUG, INFO, WARNING, ERROR or OFF.</summary>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static LogLevel LogLevelFor(string logLevel) => logLevel?.ToUpperInvariant() switch
    {
        "DEBUG" => LogLevel.DebugLevel,
        "INFO" => LogLevel.InfoLevel,
        "WARN" or "WARNING" => LogLevel.WarningLevel,
        "ERROR" => LogLevel.ErrorLevel,
        "OFF" => OffLevel,
        _ => throw new ArgumentException($"'{logLevel}' is no log level: use DEBUG, INFO, WARNING, ERROR or OFF.", nameof(logLevel)),
    };

    public static LogLevel LogLevelFor<T>() where T : LogEvent =>
        typeof(T) == typeof(Debug) ? LogLevel.DebugLevel
        : typeof(T) == typeof(Info) ? LogLevel.InfoLevel
        : typeof(T) == typeof(Warning) ? LogLevel.WarningLevel
        : typeof(T) == typeof(Error) ? LogLevel.ErrorLevel
        : throw new ArgumentException($"Unknown LogEvent type: [{typeof(T).FullName}]");

    /// <summary>Above every level.</summary>
    private const LogLevel OffLevel = (LogLevel)int.MaxValue;
}

/// <summary>Where a log event comes from: a text, and a type to filter by.</summary>
public readonly struct LogSource
{
    private LogSource(string source, Type type)
    {
        Source = source;
        Type = type;
    }

    public string Source { get; }

    public Type Type { get; }

    public static LogSource Create(object o) => o switch
    {
        IActorContext context => new LogSource(context.Self.Path.ToString(), SourceType(o)),
        IActorRef actor => new LogSource(actor.Path.ToString(), SourceType(o)),
        string text => new LogSource(text, typeof(DummyClassForStringSources)),
        Type type => new LogSource(Logging.SimpleName(type), type),
        _ => new LogSource(Logging.SimpleName(o), SourceType(o)),
    };

    public static LogSource Create(object o, ActorSystem system) => o switch
    {
        IActorContext context => new LogSource(FromActor(context, system), SourceType(o)),
        IActorRef actor => new LogSource(FromActorRef(actor, system), SourceType(o)),
        string text => new LogSource(FromString(text, system), typeof(DummyClassForStringSources)),
        Type type => new LogSource(FromType(type, system), type),
        _ => new LogSource(FromType(o.GetType(), system), SourceType(o)),
    };

    public static LogSource Create(string source, Type t) => new(source, t);

    public static string FromType(Type t, ActorSystem system) => $"{Logging.SimpleName(t)} ({system})";

    public static string FromString(string source, ActorSystem system) => $"{source}({system})";

    public static string FromActor(IActorContext actor, ActorSystem system) => FromActorRef(actor.Self, system);

    public static string FromActorRef(IActorRef a, ActorSystem system)
    {
        _ = system;
        return a.Path.ToString();
    }

    public static Type SourceType(object o) => o switch
    {
        Type type => type,
        IActorContext context => context.Props.Type,
        string => typeof(DummyClassForStringSources),
        _ => o.GetType(),
    };
}

/// <summary>The type of log events whose source is a text.</summary>
public class DummyClassForStringSources;
