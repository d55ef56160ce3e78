using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Microsoft.Extensions.Logging;
using EventLevel = Akka.Event.LogLevel;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Akka.Hosting.Logging;

/// <summary>
/// Hands an actor system's log to an <see cref="ILoggerFactory"/>, as category <c>Akka.Actor.ActorSystem</c>. The state of each entry
/// is the <see cref="LogEvent"/> itself, so that providers can take its parts.
/// </summary>
public class LoggerFactoryLogger : ActorBase, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    /// <summary>Logs about this logger.</summary>
    protected readonly ILoggingAdapter InternalLogger = Akka.Event.Logging.GetLogger(Context.System.EventStream, nameof(LoggerFactoryLogger));

    readonly ILogger<ActorSystem> _logger;

    /// <summary>Takes the factory from the system's <see cref="LoggerFactorySetup"/>.</summary>
    /// <exception cref="ConfigurationException">The system has none.</exception>
    public LoggerFactoryLogger()
    {
        var setup = Context.System.Settings.Setup.Get<LoggerFactorySetup>();
        if (!setup.HasValue)
        {
            throw new ConfigurationException(
                $"{nameof(LoggerFactoryLogger)} does not know where to log to: the system's setup has no {nameof(LoggerFactorySetup)}. "
                + "AddAkka adds one where the container has an ILoggerFactory; AddLoggerFactory(loggerFactory) adds one of your own.");
        }

        _logger = setup.Value.LoggerFactory.CreateLogger<ActorSystem>();
    }

    /// <inheritdoc />
    protected override void PostStop() => InternalLogger.Info($"{nameof(LoggerFactoryLogger)} stopped");

    /// <inheritdoc />
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                InternalLogger.Info($"{nameof(LoggerFactoryLogger)} started");
                Sender.Tell(new LoggerInitialized(), Self);
                return true;
            case LogEvent logEvent:
                Log(logEvent, Sender.Path);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Logs one event.</summary>
    /// <param name="log">The event.</param>
    /// <param name="path">The path of its sender.</param>
    protected virtual void Log(LogEvent log, ActorPath path) =>
        _logger.Log(LevelOf(log), default, log, log.Cause, static (logEvent, _) => logEvent.ToString());

    static LogLevel LevelOf(LogEvent log) => log.LogLevel() switch
    {
        EventLevel.DebugLevel => LogLevel.Debug,
        EventLevel.InfoLevel => LogLevel.Information,
        EventLevel.WarningLevel => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}
