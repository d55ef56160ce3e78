#nullable disable
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Akka.Util;

namespace Akka.Actor;

/// <summary>A system's settings, read once when it is made.</summary>
public class Settings
{
    private readonly object _gate = new();
    private Config _user;
    private Config _fallback = ConfigurationFactory.Default();

    public Settings(ActorSystem system, Config config) : this(system, config, ActorSystemSetup.Empty) { }

    public Settings(ActorSystem system, Config config, ActorSystemSetup setup)
    {
        System = system;
        Setup = setup;
        _user = config ?? Config.Empty;
        Config = _user.WithFallback(_fallback);
        KnownSettings.Check(_user);
        KnownSettings.CheckProvider(Config.GetString("akka.actor.provider"));

        Home = Config.GetString("akka.home");
        ConfigVersion = Config.GetString("akka.version");
        ProviderSelectionType = ProviderSelection.Local.Instance;
        ProviderClass = typeof(LocalActorRefProvider).FullName;
        SupervisorStrategyClass = Config.GetString("akka.actor.guardian-supervisor-strategy");
        AskTimeout = Config.GetTimeSpan("akka.actor.ask-timeout", Timeout.InfiniteTimeSpan);
        CreationTimeout = Config.GetTimeSpan("akka.actor.creation-timeout");
        UnstartedPushTimeout = Config.GetTimeSpan("akka.actor.unstarted-push-timeout");
        LogLevel = Config.GetString("akka.loglevel");
        StdoutLogLevel = Config.GetString("akka.stdout-loglevel");
        Loggers = Config.GetStringList("akka.loggers");
        LoggersDispatcher = Config.GetString("akka.loggers-dispatcher");
        LoggerStartTimeout = Config.GetTimeSpan("akka.logger-startup-timeout");
        LoggerAsyncStart = Config.GetBoolean("akka.logger-async-start");
        LogConfigOnStart = Config.GetBoolean("akka.log-config-on-start");
        LogDeadLetters = Config.GetString("akka.log-dead-letters") switch
        {
            "on" or "true" or "yes" => int.MaxValue,
            "off" or "false" or "no" => 0,
            _ => Config.GetInt("akka.log-dead-letters"),
        };
        LogDeadLettersDuringShutdown = Config.GetBoolean("akka.log-dead-letters-during-shutdown");
        LogDeadLettersSuspendDuration = Config.GetTimeSpan("akka.log-dead-letters-suspend-duration");
        if (LogDeadLettersSuspendDuration < TimeSpan.Zero)
            LogDeadLettersSuspendDuration = TimeSpan.Zero;
        AddLoggingReceive = Config.GetBoolean("akka.actor.debug.receive");
        DebugAutoReceive = Config.GetBoolean("akka.actor.debug.autoreceive");
        DebugLifecycle = Config.GetBoolean("akka.actor.debug.lifecycle");
        FsmDebugEvent = Config.GetBoolean("akka.actor.debug.fsm");
        DebugEventStream = Config.GetBoolean("akka.actor.debug.event-stream");
        DebugUnhandledMessage = Config.GetBoolean("akka.actor.debug.unhandled");
        DebugRouterMisconfiguration = Config.GetBoolean("akka.actor.debug.router-misconfiguration");
        DebugTimerScheduler = Config.GetBoolean("akka.actor.debug.log-timers");
        DefaultVirtualNodesFactor = Config.GetInt("akka.actor.deployment.default.virtual-nodes-factor");
        SchedulerClass = Config.GetString("akka.scheduler.implementation");
        SchedulerShutdownTimeout = Config.GetTimeSpan("akka.scheduler.shutdown-timeout");
        CoordinatedShutdownTerminateActorSystem = Config.GetBoolean("akka.coordinated-shutdown.terminate-actor-system");
        CoordinatedShutdownRunByActorSystemTerminate = Config.GetBoolean("akka.coordinated-shutdown.run-by-actor-system-terminate");
        if (CoordinatedShutdownRunByActorSystemTerminate && !CoordinatedShutdownTerminateActorSystem)
        {
            throw new ConfigurationException(
                "akka.coordinated-shutdown.run-by-actor-system-terminate=on and akka.coordinated-shutdown.terminate-actor-system=off contradict each other: set both, or run-by-actor-system-terminate=off.");
        }

        LogFilter = setup.Get<LogFilterSetup>() is { HasValue: true } filters ? filters.Value.CreateEvaluator() : LogFilterEvaluator.NoFilters;
        StdoutLogger = MakeStdoutLogger(Config.GetString("akka.stdout-logger-class"));
        LogFormatter = MakeFormatter(Config.GetString("akka.logger-formatter"));
    }

    public ActorSystem System { get; }

    public Config Config { get; private set; }

    public ActorSystemSetup Setup { get; }

    public string Home { get; private set; }

    public string ConfigVersion { get; private set; }

    public ProviderSelection ProviderSelectionType { get; }

    public string ProviderClass { get; }

    public bool HasCluster => false;

    public string SupervisorStrategyClass { get; }

    public TimeSpan AskTimeout { get; private set; }

    public TimeSpan CreationTimeout { get; private set; }

    public TimeSpan UnstartedPushTimeout { get; private set; }

    public string LogLevel { get; private set; }

    public string StdoutLogLevel { get; private set; }

    public IList<string> Loggers { get; private set; }

    public string LoggersDispatcher { get; private set; }

    public TimeSpan LoggerStartTimeout { get; private set; }

    public bool LoggerAsyncStart { get; private set; }

    public bool LogConfigOnStart { get; private set; }

    /// <summary>How many dead letters are logged before a pause.</summary>
    public int LogDeadLetters { get; private set; }

    public bool LogDeadLettersDuringShutdown { get; private set; }

    public TimeSpan LogDeadLettersSuspendDuration { get; private set; }

    public bool AddLoggingReceive { get; private set; }

    public bool DebugAutoReceive { get; private set; }

    public bool DebugLifecycle { get; private set; }

    public bool FsmDebugEvent { get; private set; }

    public bool DebugEventStream { get; private set; }

    public bool DebugUnhandledMessage { get; private set; }

    public bool DebugRouterMisconfiguration { get; private set; }

    public bool DebugTimerScheduler { get; private set; }

    public int DefaultVirtualNodesFactor { get; private set; }

    public string SchedulerClass { get; private set; }

    public TimeSpan SchedulerShutdownTimeout { get; private set; }

    public bool CoordinatedShutdownTerminateActorSystem { get; private set; }

    public bool CoordinatedShutdownRunByActorSystemTerminate { get; private set; }

    public LogFilterEvaluator LogFilter { get; }

    public MinimalLogger StdoutLogger { get; }

    public ILogMessageFormatter LogFormatter { get; private set; }

    /// <summary>Puts a module's reference settings below everything else. Settings read already do not change.</summary>
    public void InjectTopLevelFallback(Config config)
    {
        lock (_gate)
        {
            _fallback = config.SafeWithFallback(_fallback);
            Config = _user.WithFallback(_fallback);
        }
    }

    public override string ToString() => Config.ToString();

    private static MinimalLogger MakeStdoutLogger(string name)
    {
        if (string.IsNullOrEmpty(name))
            return new StandardOutLogger();
        var type = TypeResolver.Find(name)
            ?? throw new ConfigurationException($"akka.stdout-logger-class is '{name}', which cannot be found. Name a MinimalLogger with its assembly.");
        return Activator.CreateInstance(type) as MinimalLogger
            ?? throw new ConfigurationException($"akka.stdout-logger-class is {type}, which is no MinimalLogger.");
    }

    private static ILogMessageFormatter MakeFormatter(string name)
    {
        var type = TypeResolver.Find(name);
        if (string.IsNullOrEmpty(name) || type == typeof(DefaultLogMessageFormatter))
            return DefaultLogMessageFormatter.Instance;
        if (type is null)
            throw new ConfigurationException($"akka.logger-formatter is '{name}', which cannot be found. Name an ILogMessageFormatter with its assembly.");
        return Activator.CreateInstance(type) as ILogMessageFormatter
            ?? throw new ConfigurationException($"akka.logger-formatter is {type}, which is no ILogMessageFormatter.");
    }
}
