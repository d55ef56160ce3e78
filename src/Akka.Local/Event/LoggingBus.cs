#nullable disable
using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Event;

/// <summary>The part of the event stream that loggers use: subscribers by type, and the system's log level.</summary>
public class LoggingBus : ActorEventBus<object, Type>
{
    private static int _loggerNumber;

    private readonly List<IActorRef> _loggers = [];
    private LogFilterEvaluator _filter = LogFilterEvaluator.NoFilters;

    public LogLevel LogLevel { get; private set; } = LogLevel.DebugLevel;

    /// <summary>Turns levels on and off for the system's loggers.</summary>
    public void SetLogLevel(LogLevel logLevel)
    {
        LogLevel = logLevel;
        foreach (var logger in _loggers)
            SubscribeFrom(logger, logLevel);
    }

    /// <summary>Lets the standard output's logger work until the system's own loggers have started.</summary>
    public void StartStdoutLogger(Settings config)
    {
        _filter = config.LogFilter;
        LogLevel = Logging.LogLevelFor(config.StdoutLogLevel);
        SubscribeFrom(config.StdoutLogger, LogLevel);
    }

    protected override bool IsSubClassification(Type parent, Type child) => parent.IsAssignableFrom(child);

    protected override void Publish(object @event, IActorRef subscriber) => subscriber.Tell(@event, ActorRefs.NoSender);

    protected override bool Classify(object @event, Type classifier) => classifier.IsInstanceOfType(@event);

    protected override Type GetClassifier(object @event) => @event.GetType();

    internal override bool IsWanted(object @event) =>
        ReferenceEquals(_filter, LogFilterEvaluator.NoFilters) || @event is not LogEvent logEvent || _filter.ShouldTryKeepMessage(logEvent, out _);

    /// <summary>Starts the loggers of <c>akka.loggers</c> and takes the standard output's away where it is not one of them.</summary>
    internal async Task StartDefaultLoggersAsync(ActorSystemImpl system)
    {
        var settings = system.Settings;
        var level = Logging.LogLevelFor(settings.LogLevel);
        var keepsStdout = false;
        foreach (var name in settings.Loggers.Count > 0 ? settings.Loggers : ["Akka.Event.DefaultLogger"])
        {
            var type = TypeResolver.Find(name)
                ?? throw new ConfigurationException($"akka.loggers names '{name}', which cannot be found. Name a logger actor with its assembly.");
            if (type == typeof(StandardOutLogger))
            {
                keepsStdout = true;
                continue;
            }

            await AddLoggerAsync(system, type, level).ConfigureAwait(false);
        }

        LogLevel = level;
        if (settings.DebugUnhandledMessage)
            Subscribe(system.SystemActorOf<UnhandledMessageForwarder>("unhandledMessageForwarder"), typeof(UnhandledMessage));
        if (keepsStdout)
        {
            _loggers.Add(settings.StdoutLogger);
            SubscribeFrom(settings.StdoutLogger, level);
        }
        else
        {
            Unsubscribe(settings.StdoutLogger);
        }
    }

    /// <summary>Goes back to the standard output's logger while the system's own loggers stop.</summary>
    internal void StopDefaultLoggers(ActorSystem system)
    {
        var stdout = system.Settings.StdoutLogger;
        if (!_loggers.Contains(stdout))
            SubscribeFrom(stdout, Logging.LogLevelFor(system.Settings.StdoutLogLevel));
        foreach (var logger in _loggers)
        {
            if (logger is MinimalLogger)
                continue;
            Unsubscribe(logger);
            (logger as IInternalActorRef)?.Stop();
        }
    }

    private async Task AddLoggerAsync(ActorSystemImpl system, Type type, LogLevel level)
    {
        var name = $"log{Interlocked.Increment(ref _loggerNumber)}-{type.Name}";
        var logger = system.SystemActorOf(Props.Create(type).WithDispatcher(system.Settings.LoggersDispatcher), name);
        var timeout = system.Settings.LoggerStartTimeout;
        try
        {
            if (!system.Settings.LoggerAsyncStart)
            {
                var reply = await logger.Ask(new InitializeLogger(this), timeout).ConfigureAwait(false);
                if (reply is not LoggerInitialized)
                    throw new LoggerInitializationException($"Logger [{name}] did not respond with LoggerInitialized, sent instead {reply}");
            }
            else
            {
                logger.Tell(new InitializeLogger(this), ActorRefs.NoSender);
            }
        }
        catch (AskTimeoutException)
        {
            Publish(new Warning(nameof(LoggingBus), GetType(), $"Logger {name} [{type}] did not respond within {timeout} to InitializeLogger. Raise akka.logger-startup-timeout if it needs longer."));
        }

        _loggers.Add(logger);
        SubscribeFrom(logger, level);
        if (level <= LogLevel.DebugLevel)
            Publish(new Debug(nameof(LoggingBus), GetType(), $"Logger {name} [{type.Name}] started"));
    }

    /// <summary>Writes unhandled messages into the debug log, where <c>akka.actor.debug.unhandled</c> is on.</summary>
    private sealed class UnhandledMessageForwarder : ActorBase
    {
        protected override bool Receive(object message)
        {
            if (message is not UnhandledMessage unhandled)
                return false;
            Context.System.EventStream.Publish(new Debug(
                unhandled.Recipient.Path.ToString(),
                unhandled.Recipient.GetType(),
                $"Unhandled message from {unhandled.Sender} : {unhandled.Message}"));
            return true;
        }
    }

    private void SubscribeFrom(IActorRef logger, LogLevel level)
    {
        foreach (var each in Enum.GetValues<LogLevel>())
        {
            if (each >= level)
                Subscribe(logger, Logging.ClassFor(each));
            else
                Unsubscribe(logger, Logging.ClassFor(each));
        }
    }
}
