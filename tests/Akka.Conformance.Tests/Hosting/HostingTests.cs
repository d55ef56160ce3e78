using Akka.Actor;
using Akka.Configuration;
using Akka.DependencyInjection;
using Akka.Event;
using Akka.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Akka.Conformance.Hosting;

public sealed class HostingTests
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    sealed class First;

    sealed class Second;

    static async Task<IHost> Start(Action<AkkaConfigurationBuilder> akka, Action<IServiceCollection>? configure = null)
    {
        var host = Build((builder, _) => akka(builder), configure);
        await host.StartAsync().WaitAsync(Long);
        return host;
    }

    static IHost Build(Action<AkkaConfigurationBuilder, IServiceProvider> akka, Action<IServiceCollection>? configure = null) => new HostBuilder()
        .ConfigureServices(services =>
        {
            configure?.Invoke(services);
            services.AddAkka("hosted", (builder, provider) =>
            {
                builder.AddHocon("akka.coordinated-shutdown.run-by-clr-shutdown-hook = off\nakka.loggers = []", HoconAddMode.Prepend);
                akka(builder, provider);
            });
        })
        .Build();

    static async Task Stop(IHost host)
    {
        await host.StopAsync().WaitAsync(Long);
        host.Dispose();
    }

    static ActorSystem SystemOf(IHost host) => host.Services.GetRequiredService<ActorSystem>();

    [Fact]
    public async Task The_host_has_the_actor_system()
    {
        var host = await Start(_ => { });
        Assert.Equal("hosted", SystemOf(host).Name);
        await Stop(host);
    }

    [Fact]
    public async Task The_system_terminates_when_the_host_stops()
    {
        var host = await Start(_ => { });
        var system = SystemOf(host);
        Assert.False(system.WhenTerminated.IsCompleted);
        await host.StopAsync().WaitAsync(Long);
        Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
        host.Dispose();
    }

    [Fact]
    public async Task Stopping_the_host_runs_the_coordinated_shutdown()
    {
        var phases = new List<string>();
        var host = await Start(akka => akka.AddStartup((system, _) =>
        {
            foreach (var phase in new[] { CoordinatedShutdown.PhaseServiceStop, CoordinatedShutdown.PhaseBeforeServiceUnbind })
            {
                CoordinatedShutdown.Get(system).AddTask(phase, "note", () =>
                {
                    phases.Add(phase);
                    return Task.FromResult(Done.Instance);
                });
            }
        }));
        var system = SystemOf(host);
        await Stop(host);
        Assert.Equal([CoordinatedShutdown.PhaseBeforeServiceUnbind, CoordinatedShutdown.PhaseServiceStop], phases);
        Assert.IsType<CoordinatedShutdown.ClrExitReason>(CoordinatedShutdown.Get(system).ShutdownReason);
    }

    [Fact]
    public async Task The_host_stops_when_the_system_terminates()
    {
        var host = await Start(_ => { });
        var stopping = new TaskCompletionSource();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await SystemOf(host).Terminate().WaitAsync(Long);
        await stopping.Task.WaitAsync(Long);
        await Stop(host);
    }

    [Fact]
    public async Task Actors_are_there_when_the_host_has_started()
    {
        var host = await Start(akka => akka.WithActors((system, registry) =>
            registry.Register<First>(system.ActorOf(Echo.Props, "first"))));
        var actor = host.Services.GetRequiredService<ActorRegistry>().Get<First>();
        Assert.Equal("hello", await actor.Ask<string>("hello", Long));
        Assert.Equal("akka://hosted/user/first", actor.Path.ToString());
        await Stop(host);
    }

    [Fact]
    public async Task Starters_run_in_their_order_and_see_what_the_others_registered()
    {
        var host = await Start(akka => akka
            .WithActors((system, registry) => registry.Register<First>(system.ActorOf(Echo.Props)))
            .WithActors(async (system, registry) =>
            {
                await Task.Yield();
                var first = registry.Get<First>();
                registry.Register<Second>(system.ActorOf(Scripted.Props((message, _, _) => first.Forward(message))));
            }));
        Assert.Equal("hello", await host.Services.GetRequiredService<IRequiredActor<Second>>().ActorRef.Ask<string>("hello", Long));
        await Stop(host);
    }

    [Fact]
    public async Task Startup_tasks_run_after_all_actors_have_started()
    {
        var order = new List<string>();
        var host = await Start(akka => akka
            .AddStartup((_, registry) => order.Add($"startup {registry.TryGet<First>(out IActorRef _)}"))
            .WithActors((system, registry) =>
            {
                order.Add("actors");
                registry.Register<First>(system.ActorOf(Echo.Props));
            })
            .AddStartup(async (_, _) =>
            {
                await Task.Yield();
                order.Add("async startup");
            }));
        Assert.Equal(["actors", "startup True", "async startup"], order);
        await Stop(host);
    }

    sealed class Greeter : ReceiveActor
    {
        public Greeter(Greeting greeting, string name) => ReceiveAny(_ => Sender.Tell($"{greeting.Text}, {name}"));
    }

    sealed record Greeting(string Text);

    [Fact]
    public async Task Actors_can_be_created_by_the_container()
    {
        var host = await Start(
            akka => akka.WithActors((system, registry, resolver) => registry.Register<First>(system.ActorOf(resolver.Props<Greeter>("Ada")))),
            services => services.AddSingleton(new Greeting("hi")));
        Assert.Equal("hi, Ada", await host.Services.GetRequiredService<IRequiredActor<First>>().ActorRef.Ask<string>("?", Long));
        await Stop(host);
    }

    [Fact]
    public async Task The_resolver_of_the_system_is_the_hosts_container()
    {
        var greeting = new Greeting("hi");
        var host = await Start(_ => { }, services => services.AddSingleton(greeting));
        Assert.Same(greeting, DependencyResolver.For(SystemOf(host)).Resolver.GetService<Greeting>());
        await Stop(host);
    }

    sealed class Consumer(IRequiredActor<First> actor)
    {
        public Task<string> Ask(string text) => actor.ActorRef.Ask<string>(text, Long);
    }

    [Fact]
    public async Task A_service_can_depend_on_an_actor()
    {
        var host = await Start(
            akka => akka.WithActors((system, registry) => registry.Register<First>(system.ActorOf(Echo.Props))),
            services => services.AddSingleton<Consumer>());
        Assert.Equal("hello", await host.Services.GetRequiredService<Consumer>().Ask("hello"));
        await Stop(host);
    }

    [Fact]
    public async Task A_required_actor_that_is_not_registered_is_an_error()
    {
        var host = await Start(_ => { });
        Assert.Throws<MissingActorRegistryEntryException>(() => host.Services.GetRequiredService<IRequiredActor<First>>().ActorRef);
        await Stop(host);
    }

    [Fact]
    public async Task A_required_actor_can_be_waited_for()
    {
        var host = await Start(_ => { });
        var required = host.Services.GetRequiredService<IRequiredActor<First>>();
        var waiting = required.GetAsync();
        Assert.False(waiting.IsCompleted);
        var actor = SystemOf(host).ActorOf(Echo.Props);
        ActorRegistry.For(SystemOf(host)).Register<First>(actor);
        Assert.Equal(actor, await waiting.WaitAsync(Long));
        Assert.Equal(actor, required.ActorRef);
        await Stop(host);
    }

    [Fact]
    public async Task Registry_interfaces_are_the_systems_registry()
    {
        var host = await Start(_ => { });
        var registry = ActorRegistry.For(SystemOf(host));
        Assert.Same(registry, host.Services.GetRequiredService<ActorRegistry>());
        Assert.Same(registry, host.Services.GetRequiredService<IActorRegistry>());
        Assert.Same(registry, host.Services.GetRequiredService<IReadOnlyActorRegistry>());
        await Stop(host);
    }

    [Fact]
    public async Task Configuration_reaches_the_system_and_what_is_prepended_wins()
    {
        var host = await Start(akka => akka
            .AddHocon("my.setting = first, my.other = kept", HoconAddMode.Append)
            .AddHocon("my.setting = second", HoconAddMode.Prepend)
            .AddHocon("my.setting = third, my.third = 3", HoconAddMode.Append));
        var config = SystemOf(host).Settings.Config;
        Assert.Equal("second", config.GetString("my.setting"));
        Assert.Equal("kept", config.GetString("my.other"));
        Assert.Equal(3, config.GetInt("my.third"));
        await Stop(host);
    }

    [Fact]
    public async Task The_hosts_configuration_can_be_the_systems()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["My:Some_Setting"] = "text",
            ["My:Flag"] = "True",
            ["My:List:0"] = "a",
            ["My:List:1"] = "b",
        }).Build();
        var host = await Start(akka => akka.AddHocon(configuration.GetSection("My"), HoconAddMode.Prepend));
        var config = SystemOf(host).Settings.Config;
        Assert.Equal("text", config.GetString("my.some-setting"));
        Assert.True(config.GetBoolean("my.flag"));
        Assert.Equal(["a", "b"], config.GetStringList("my.list"));
        await Stop(host);
    }

    [Fact]
    public async Task A_setup_reaches_the_system()
    {
        var host = await Start(akka => akka.AddSetup(BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString("my.setting = set-up"))));
        Assert.Equal("set-up", SystemOf(host).Settings.Config.GetString("my.setting"));
        await Stop(host);
    }

    [Fact]
    public async Task The_ask_timeout_can_be_set()
    {
        var host = await Start(akka => akka.WithActorAskTimeout(TimeSpan.FromMilliseconds(1_500)));
        Assert.Equal(TimeSpan.FromMilliseconds(1_500), SystemOf(host).Settings.AskTimeout);
        await Stop(host);
    }

    [Fact]
    public async Task The_builder_can_use_the_hosts_services()
    {
        var host = Build(
            (akka, provider) => akka.AddHocon($"my.setting = {provider.GetRequiredService<Greeting>().Text}", HoconAddMode.Prepend),
            services => services.AddSingleton(new Greeting("from-service")));
        await host.StartAsync().WaitAsync(Long);
        Assert.Equal("from-service", SystemOf(host).Settings.Config.GetString("my.setting"));
        await Stop(host);
    }

    [Fact]
    public async Task A_starter_that_fails_fails_the_host()
    {
        var host = Build((akka, _) => akka.WithActors((_, _) => throw new Boom()));
        await Assert.ThrowsAsync<Boom>(() => host.StartAsync().WaitAsync(Long));
        host.Dispose();
    }

    sealed class Recorded : IExtension;

    sealed class RecordedProvider : ExtensionIdProvider<Recorded>
    {
        public override Recorded CreateExtension(ExtendedActorSystem system) => new();
    }

    [Fact]
    public async Task Extensions_are_there_when_the_first_actor_starts()
    {
        var seen = false;
        var host = await Start(akka => akka
            .WithExtension<RecordedProvider>()
            .WithActors((system, _) => seen = system.HasExtension<Recorded>()));
        Assert.True(seen);
        await Stop(host);
    }

    sealed class MarkedLog : ILoggerProvider, ILogger
    {
        readonly TaskCompletionSource<(LogLevel Level, Exception? Cause)> _marked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<(LogLevel Level, Exception? Cause)> Marked => _marked.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception) is var text && text.Contains("marked", StringComparison.Ordinal))
                _marked.TrySetResult((logLevel, exception));
        }

        public void Dispose()
        {
        }
    }

    [Theory]
    [InlineData(LogLevel.Error)]
    [InlineData(LogLevel.Warning)]
    public async Task The_systems_log_reaches_the_hosts(LogLevel level)
    {
        var log = new MarkedLog();
        var host = await Start(
            akka => akka.ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            }),
            services => services.AddLogging(logging => logging.ClearProviders().AddProvider(log)));
        var cause = new Boom("cause");
        if (level == LogLevel.Error)
            SystemOf(host).Log.Error(cause, "a marked error");
        else
            SystemOf(host).Log.Warning(cause, "a marked warning");
        var entry = await log.Marked.WaitAsync(Long);
        Assert.Equal(level, entry.Level);
        Assert.Same(cause, entry.Cause);
        await Stop(host);
    }

    [Fact]
    public async Task The_level_of_the_log_can_be_set()
    {
        var host = await Start(akka => akka.ConfigureLoggers(loggers =>
        {
            loggers.ClearLoggers();
            loggers.LogLevel = Akka.Event.LogLevel.ErrorLevel;
        }));
        var log = Logging.GetLogger(SystemOf(host), "test");
        Assert.False(log.IsWarningEnabled);
        Assert.True(log.IsErrorEnabled);
        await Stop(host);
    }
}
