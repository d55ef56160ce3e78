using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit.Configs;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

/// <summary>
/// A test's view of an actor system: a <see cref="TestActor"/> to send to, and expectations on what it has received.
/// Expectations are made from one thread at a time. Durations are real time, also where the system's scheduler is a
/// <see cref="TestScheduler"/>.
/// </summary>
public abstract partial class TestKitBase
{
    static readonly DateTime Epoch = DateTime.UtcNow;
    static readonly long EpochTimestamp = System.Diagnostics.Stopwatch.GetTimestamp();
    static long _testActors;

    readonly ITestKitAssertions _assertions;
    readonly TestActorQueue _queue = new();
    ActorSystem _system = null!;
    IActorRef _testActor = null!;
    ILoggingAdapter _log = null!;
    TestKitSettings _settings = null!;
    EventFilterFactory _eventFilter = null!;
    MessageEnvelope _lastMessage = NullMessageEnvelope.Instance;
    TimeSpan? _end;
    bool _lastWasNoMessage;

    /// <param name="assertions">How the test framework is told of failures.</param>
    /// <param name="system">The system under test; null for a new one with <see cref="DefaultConfig"/>.</param>
    /// <param name="testActorName">The test actor's name; null for one of the kit's choice.</param>
    protected TestKitBase(ITestKitAssertions assertions, ActorSystem? system = null, string? testActorName = null)
        : this(assertions, system, ActorSystemSetup.Empty, null, testActorName)
    {
    }

    /// <summary>Starts a new system.</summary>
    /// <param name="assertions">How the test framework is told of failures.</param>
    /// <param name="setup">The system's setup; <see cref="DefaultConfig"/> is the fallback of its configuration.</param>
    /// <param name="actorSystemName">The system's name; null for "test".</param>
    /// <param name="testActorName">The test actor's name; null for one of the kit's choice.</param>
    protected TestKitBase(
        ITestKitAssertions assertions,
        ActorSystemSetup setup,
        string? actorSystemName = null,
        string? testActorName = null)
        : this(assertions, null, setup, actorSystemName, testActorName)
    {
    }

    /// <summary>Starts a new system.</summary>
    /// <param name="assertions">How the test framework is told of failures.</param>
    /// <param name="config">The system's configuration; <see cref="DefaultConfig"/> is its fallback.</param>
    /// <param name="actorSystemName">The system's name; null for "test".</param>
    /// <param name="testActorName">The test actor's name; null for one of the kit's choice.</param>
    protected TestKitBase(
        ITestKitAssertions assertions,
        Config? config,
        string? actorSystemName = null,
        string? testActorName = null)
        : this(assertions, null, SetupOf(config), actorSystemName, testActorName)
    {
    }

    /// <param name="assertions">How the test framework is told of failures.</param>
    /// <param name="system">The system under test; null for a new one made from <paramref name="config"/>.</param>
    /// <param name="config">The setup of the new system.</param>
    /// <param name="actorSystemName">The new system's name; null for "test".</param>
    /// <param name="testActorName">The test actor's name; null for one of the kit's choice.</param>
    protected TestKitBase(
        ITestKitAssertions assertions,
        ActorSystem? system,
        ActorSystemSetup config,
        string? actorSystemName,
        string? testActorName)
    {
        ArgumentNullException.ThrowIfNull(assertions);
        _assertions = assertions;
        InitializeTest(system, config, actorSystemName, testActorName);
    }

    /// <summary>The system under test.</summary>
    public ActorSystem Sys => _system;

    /// <summary>The kit's settings.</summary>
    public TestKitSettings TestKitSettings => _settings;

    /// <summary>Queues what it receives for the expectations below; see <see cref="TestKit.TestActor"/> for what else it understands.</summary>
    public IActorRef TestActor => _testActor;

    /// <summary>Who sent the last message that an expectation took.</summary>
    public IActorRef LastSender => _lastMessage.Sender;

    /// <summary>The last message that an expectation took; null if it timed out.</summary>
    public object? LastMessage => _lastMessage.Message;

    /// <summary>Whether a message waits to be expected.</summary>
    public bool HasMessages => _queue.Count > 0;

    /// <summary>Logs as the test.</summary>
    public ILoggingAdapter Log => _log;

    /// <summary>Expects or mutes log events of <see cref="Sys"/>.</summary>
    public EventFilterFactory EventFilter => _eventFilter;

    /// <summary>What a system under test is configured with where the test does not say.</summary>
    public static Config DefaultConfig { get; } = TestConfigs.DefaultConfig;

    /// <summary>Everything that can be logged is logged: to be put over <see cref="DefaultConfig"/> when a test puzzles.</summary>
    public static Config FullDebugConfig { get; } = ConfigurationFactory.ParseString("""
        akka.actor.debug.receive = on
        akka.actor.debug.autoreceive = on
        akka.actor.debug.lifecycle = on
        akka.actor.debug.event-stream = on
        akka.actor.debug.unhandled = on
        akka.actor.debug.fsm = on
        akka.actor.debug.router-misconfiguration = on
        akka.log-dead-letters = true
        akka.loglevel = DEBUG
        akka.stdout-loglevel = DEBUG
        """);

    /// <summary>The time of day in UTC as ticks, from a clock that never jumps.</summary>
    public static TimeSpan Now => TimeSpan.FromTicks(Epoch.Ticks) + System.Diagnostics.Stopwatch.GetElapsedTime(EpochTimestamp);

    /// <summary>Creates the kit's state: the system if there is none, and the test actor.</summary>
    /// <param name="system">The system under test, or null.</param>
    /// <param name="config">The setup of a new system.</param>
    /// <param name="actorSystemName">The new system's name; null for "test".</param>
    /// <param name="testActorName">The test actor's name; null for one of the kit's choice.</param>
    protected virtual void InitializeTest(ActorSystem? system, ActorSystemSetup config, string? actorSystemName, string? testActorName)
    {
        if (system is null)
            system = ActorSystem.Create(actorSystemName ?? "test", WithTestDefaults(config));
        else
            system.Settings.InjectTopLevelFallback(DefaultConfig);

        _system = system;
        system.RegisterExtension(new TestKitExtension());
        system.RegisterExtension(new TestKitAssertionsExtension(_assertions));
        _settings = TestKitExtension.For(system);
        _log = Logging.GetLogger(system, GetType());
        _eventFilter = new EventFilterFactory(this);
        system.Dispatchers.RegisterConfigurator(
            CallingThreadDispatcher.Id,
            new CallingThreadDispatcherConfigurator(system.Settings.Config, system.Dispatchers.Prerequisites));

        var name = string.IsNullOrEmpty(testActorName) ? "testActor" + Interlocked.Increment(ref _testActors) : testActorName;
        _testActor = CreateTestActor(name);
        // A ref may be handed out before its actor is created; from here on, what is told to this one is handled on the teller's thread.
        _testActor.Ask<ActorIdentity>(new Identify(null), _settings.DefaultTimeout).GetAwaiter().GetResult();
        ImplicitSender.Establish(this);
    }

    /// <summary>The same for a configuration.</summary>
    protected void InitializeTest(ActorSystem? system, Config? config, string? actorSystemName, string? testActorName) =>
        InitializeTest(system, SetupOf(config), actorSystemName, testActorName);

    /// <summary>Starts another actor that feeds this kit's queue.</summary>
    /// <param name="name">Its name.</param>
    public IActorRef CreateTestActor(string name)
    {
        var queue = _queue;
        var props = Props.Create(() => new InternalTestActor(queue)).WithDispatcher("akka.test.test-actor.dispatcher");
        return ((ExtendedActorSystem)_system).SystemActorOf(props, name);
    }

    /// <summary>A filter for the log events of another system.</summary>
    public EventFilterFactory CreateEventFilter(ActorSystem system) => new(this, system);

    /// <summary>Creates a probe: a test actor with a queue and expectations of its own.</summary>
    /// <param name="name">Its name; null for one of the kit's choice.</param>
    public virtual TestProbe CreateTestProbe(string? name = null) => CreateTestProbe(_system, name);

    /// <summary>The same in another system.</summary>
    public virtual TestProbe CreateTestProbe(ActorSystem system, string? name = null) => new(system, _assertions, name);

    /// <summary>Creates a latch whose patience is dilated.</summary>
    /// <param name="count">How often it must be counted down to open.</param>
    public virtual TestLatch CreateTestLatch(int count = 1) => new(Dilated, count, _settings.DefaultTimeout);

    /// <summary>Creates a barrier whose patience is dilated.</summary>
    /// <param name="count">How many must arrive.</param>
    public TestBarrier CreateTestBarrier(int count) => new(this, count, _settings.DefaultTimeout);

    /// <summary>Drops, instead of queueing, the messages from now on that the function names.</summary>
    public void IgnoreMessages(Func<object, bool> shouldIgnoreMessage) =>
        _testActor.Tell(new TestKit.TestActor.SetIgnore(message => shouldIgnoreMessage(message)), _testActor);

    /// <summary>The same for messages of a type.</summary>
    public void IgnoreMessages<TMsg>(Func<TMsg, bool> shouldIgnoreMessage) =>
        IgnoreMessages(message => message is TMsg typed && shouldIgnoreMessage(typed));

    /// <summary>The same for every message of a type.</summary>
    public void IgnoreMessages<TMsg>() => IgnoreMessages<TMsg>(_ => true);

    /// <summary>Drops nothing from now on.</summary>
    public void IgnoreNoMessages() => _testActor.Tell(new TestKit.TestActor.SetIgnore(null), _testActor);

    /// <summary>Installs code that sees each message before it is queued.</summary>
    public void SetAutoPilot(AutoPilot pilot) => _testActor.Tell(new TestKit.TestActor.SetAutoPilot(pilot), _testActor);

    /// <summary>Makes the test actor watch an actor; returns when it does.</summary>
    /// <returns>The same ref.</returns>
    public IActorRef Watch(IActorRef actorToWatch)
    {
        WatchAsync(actorToWatch).GetAwaiter().GetResult();
        return actorToWatch;
    }

    /// <inheritdoc cref="Watch" />
    public Task<IActorRef> WatchAsync(IActorRef actorToWatch) => Acknowledged(new TestKit.TestActor.Watch(actorToWatch), actorToWatch);

    /// <summary>Makes the test actor watch an actor no longer; returns when it does not.</summary>
    /// <returns>The same ref.</returns>
    public IActorRef Unwatch(IActorRef actorToUnwatch)
    {
        UnwatchAsync(actorToUnwatch).GetAwaiter().GetResult();
        return actorToUnwatch;
    }

    /// <inheritdoc cref="Unwatch" />
    public Task<IActorRef> UnwatchAsync(IActorRef actorToUnwatch) => Acknowledged(new TestKit.TestActor.Unwatch(actorToUnwatch), actorToUnwatch);

    /// <summary>Terminates the system under test.</summary>
    /// <param name="duration">How long that may take; null for 5 s, dilated, and at most 10 s.</param>
    /// <param name="verifySystemShutdown">Whether to throw, rather than warn, if it takes longer.</param>
    /// <exception cref="TimeoutException">It took longer and the caller wants to know.</exception>
    public virtual void Shutdown(TimeSpan? duration = null, bool verifySystemShutdown = false) =>
        Shutdown(_system, duration, verifySystemShutdown);

    /// <inheritdoc cref="Shutdown(TimeSpan?, bool)" />
    protected virtual void Shutdown(ActorSystem? system, TimeSpan? duration = null, bool verifySystemShutdown = false)
    {
        system ??= _system;
        var patience = duration ?? Dilated(TimeSpan.FromSeconds(5)).Min(TimeSpan.FromSeconds(10));
        if (system.Terminate().Wait(patience))
            return;

        var message = $"The system {system.Name} is still not terminated after {patience}; its guardian is stopped by force.";
        ((ExtendedActorSystem)system).Guardian.Stop();
        if (verifySystemShutdown)
            throw new TimeoutException(message);
        system.Log.Warning(message);
    }

    async Task<IActorRef> Acknowledged(object request, IActorRef subject)
    {
        await _testActor.Ask(request, RemainingOrDefault).ConfigureAwait(false);
        return subject;
    }

    static ActorSystemSetup SetupOf(Config? config) => config is null
        ? ActorSystemSetup.Empty
        : ActorSystemSetup.Empty.WithSetup(BootstrapSetup.Create().WithConfig(config));

    static ActorSystemSetup WithTestDefaults(ActorSystemSetup setup)
    {
        var given = setup.Get<BootstrapSetup>();
        var bootstrap = given.HasValue ? given.Value : BootstrapSetup.Create();
        var config = bootstrap.Config.HasValue && !ReferenceEquals(bootstrap.Config.Value, DefaultConfig)
            ? bootstrap.Config.Value.WithFallback(DefaultConfig)
            : DefaultConfig;
        return setup.WithSetup(bootstrap.WithConfig(config));
    }

    void ConditionalLog(string format, params object[] args)
    {
        if (_settings.LogTestKitCalls)
            _log.Debug(format, args);
    }
}
