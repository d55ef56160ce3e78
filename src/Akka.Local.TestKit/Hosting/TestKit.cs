using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Akka.Hosting.TestKit.Internals;
using Akka.TestKit;
using Akka.TestKit.Internal;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;
using Xunit.Abstractions;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Akka.Hosting.TestKit;

/// <summary>
/// Base class of xunit tests on a host with an actor system: the host starts before each test and stops after it. The kit's members can be used from
/// <see cref="BeforeTestStart"/> on.
/// </summary>
public abstract class TestKit : TestKitBase, IAsyncLifetime
{
    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
    readonly TaskCompletionSource _initialized = new(TaskCreationOptions.RunContinuationsAsynchronously);
    IHost? _host;

    /// <param name="actorSystemName">The system's name; null for "test".</param>
    /// <param name="output">Where the host logs to; null for its own providers.</param>
    /// <param name="startupTimeout">How long the host may take to start; null for 10 s.</param>
    /// <param name="logLevel">The lowest level that is logged.</param>
    protected TestKit(
        string? actorSystemName = null,
        ITestOutputHelper? output = null,
        TimeSpan? startupTimeout = null,
        LogLevel logLevel = LogLevel.Information)
        : base(Assertions)
    {
        ActorSystemName = actorSystemName ?? "test";
        Output = output;
        LogLevel = logLevel;
        StartupTimeout = startupTimeout ?? TimeSpan.FromSeconds(10);
    }

    /// <summary>The host.</summary>
    /// <exception cref="InvalidOperationException">It has not started yet.</exception>
    public IHost Host => _host ?? throw new InvalidOperationException("The host is there from BeforeTestStart on, not yet in the constructor.");

    /// <summary>The system's registry of actors.</summary>
    public ActorRegistry ActorRegistry => Host.Services.GetRequiredService<ActorRegistry>();

    /// <summary>How long the host may take to start.</summary>
    public TimeSpan StartupTimeout { get; }

    /// <summary>The system's name.</summary>
    public string ActorSystemName { get; }

    /// <summary>Where the host logs to, if anywhere of the test's.</summary>
    public ITestOutputHelper? Output { get; }

    /// <summary>The lowest level that is logged.</summary>
    public LogLevel LogLevel { get; }

    /// <summary>How xunit is told of failures.</summary>
    protected static XunitAssertions Assertions { get; } = new();

    /// <summary>Configuration above the test kit's own.</summary>
    protected virtual Config? Config => null;

    /// <summary>Says what the system is made of.</summary>
    protected abstract void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider);

    /// <summary>Adds to the host's own configuration.</summary>
    protected virtual void ConfigureHostConfiguration(IConfigurationBuilder builder)
    {
    }

    /// <summary>Adds to the application's configuration.</summary>
    protected virtual void ConfigureAppConfiguration(HostBuilderContext context, IConfigurationBuilder builder)
    {
    }

    /// <summary>Adds services.</summary>
    protected virtual void ConfigureServices(HostBuilderContext context, IServiceCollection services)
    {
    }

    /// <summary>Has the last word on the host, but for the actor system.</summary>
    protected virtual void ConfigureHostBuilder(IHostBuilder builder)
    {
    }

    /// <summary>Adds to the host's logging, where the test has an output.</summary>
    protected virtual void ConfigureLogging(ILoggingBuilder builder)
    {
    }

    /// <summary>Runs when the host has started.</summary>
    protected virtual Task BeforeTestStart() => Task.CompletedTask;

    /// <summary>Runs when the test is over, before the host stops; for 5 s at most.</summary>
    protected virtual Task AfterAllAsync() => Task.CompletedTask;

    /// <summary>Starts the host.</summary>
    /// <exception cref="TimeoutException">It takes longer than <see cref="StartupTimeout"/>.</exception>
    public async Task InitializeAsync()
    {
        var builder = new HostBuilder();
        if (Output is { } output)
        {
            builder.ConfigureLogging(logging =>
            {
                logging.ClearProviders();
                logging.AddProvider(new XUnitLoggerProvider(output, LogLevel));
                logging.AddFilter("Akka.*", LogLevel);
                ConfigureLogging(logging);
            });
        }

        builder.ConfigureHostConfiguration(ConfigureHostConfiguration);
        builder.ConfigureAppConfiguration(ConfigureAppConfiguration);
        ConfigureHostBuilder(builder);
        builder.ConfigureServices(AddSystem);
        _host = builder.Build();

        using (var timeout = new CancellationTokenSource(StartupTimeout))
        {
            try
            {
                await _host.StartAsync(timeout.Token);
                await _initialized.Task.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                throw new TimeoutException($"The host has not started after {StartupTimeout}.");
            }
        }

        // The test actor was made on the host's thread; the test continues on this one.
        ImplicitSender.Establish(this);
        await BeforeTestStart();
    }

    /// <summary>Stops the host.</summary>
    public async Task DisposeAsync()
    {
        try
        {
            await AfterAllAsync().WaitAsync(StopTimeout);
        }
        finally
        {
            if (_host is { } host)
            {
                using var timeout = new CancellationTokenSource(StopTimeout);
                await host.StopAsync(timeout.Token);
                host.Dispose();
            }
        }
    }

    /// <summary>Waits for the host: it is what creates the system.</summary>
    protected sealed override void InitializeTest(ActorSystem? system, ActorSystemSetup config, string? actorSystemName, string? testActorName)
    {
    }

    void AddSystem(HostBuilderContext context, IServiceCollection services)
    {
        ConfigureServices(context, services);
        services.AddAkka(ActorSystemName, (builder, provider) =>
        {
            builder.AddHocon(DefaultConfig, HoconAddMode.Prepend);
            if (Config is { } config)
                builder.AddHocon(config, HoconAddMode.Prepend);
            builder.ConfigureLoggers(loggers =>
            {
                loggers.LogLevel = AkkaLevel(LogLevel);
                loggers.ClearLoggers();
                loggers.AddLogger<TestEventListener>();
            });
            if (Output is not null)
                builder.StartActors((system, _) => StartLogger((ExtendedActorSystem)system));

            builder.StartActors((system, registry) =>
            {
                base.InitializeTest(system, ActorSystemSetup.Empty, null, null);
                registry.Register<TestProbe>(TestActor);
            });
            ConfigureAkka(builder, provider);
            builder.AddStartup((_, _) => _initialized.TrySetResult());
        });
    }

    static Task StartLogger(ExtendedActorSystem system) =>
        system.SystemActorOf(Props.Create(() => new TestKitLoggerFactoryLogger()), "log-test")
            .Ask<LoggerInitialized>(new InitializeLogger(system.EventStream), TimeSpan.FromSeconds(5));

    static Akka.Event.LogLevel AkkaLevel(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => Akka.Event.LogLevel.DebugLevel,
        LogLevel.Information => Akka.Event.LogLevel.InfoLevel,
        LogLevel.Warning => Akka.Event.LogLevel.WarningLevel,
        _ => Akka.Event.LogLevel.ErrorLevel,
    };
}
