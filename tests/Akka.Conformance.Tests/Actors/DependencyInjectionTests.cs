using Akka.Actor;
using Akka.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;

namespace Akka.Conformance.Actors;

public sealed class DependencyInjectionTests : ActorTest
{
    interface IGreeting
    {
        string Text { get; }
    }

    sealed class Greeting : IGreeting, IDisposable
    {
        static int _created;

        public string Text { get; } = $"greeting {Interlocked.Increment(ref _created)}";

        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }

    sealed class Greeter : ReceiveActor
    {
        public Greeter(IGreeting greeting, string name)
        {
            Receive<string>(text => text == "fail", _ => throw new Boom());
            ReceiveAny(_ => Sender.Tell($"{greeting.Text.Split(' ')[0]}, {name}"));
        }
    }

    sealed class Injected : ReceiveActor
    {
        public Injected(IGreeting greeting)
        {
            Receive<string>(text => text == "fail", _ => throw new Boom());
            ReceiveAny(_ => Sender.Tell(greeting));
        }
    }

    sealed class Scoped : ReceiveActor
    {
        readonly IServiceScope _scope;

        public Scoped(IServiceProvider services)
        {
            _scope = services.CreateScope();
            ReceiveAny(_ => Sender.Tell(_scope.ServiceProvider.GetRequiredService<IGreeting>()));
        }

        protected override void PostStop() => _scope.Dispose();
    }

    ActorSystem SystemWith(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        configure(services);
        var provider = services.BuildServiceProvider();
        _system = ActorSystem.Create("injected", BootstrapSetup.Create().And(DependencyResolverSetup.Create(provider)));
        return _system;
    }

    ActorSystem? _system;

    protected override void AfterAll()
    {
        if (_system is not null)
            Shutdown(_system);
    }

    static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Constructor_parameters_come_from_the_container()
    {
        var system = SystemWith(services => services.AddSingleton<IGreeting, Greeting>());
        var actor = system.ActorOf(DependencyResolver.For(system).Props<Injected>());
        Assert.IsType<Greeting>(await actor.Ask("?", Long));
    }

    [Fact]
    public async Task Arguments_are_mixed_with_what_comes_from_the_container()
    {
        var system = SystemWith(services => services.AddSingleton<IGreeting, Greeting>());
        var actor = system.ActorOf(DependencyResolver.For(system).Props<Greeter>("Ada"));
        Assert.Equal("greeting, Ada", await actor.Ask<string>("?", Long));
    }

    [Fact]
    public async Task A_restart_keeps_the_arguments()
    {
        var system = SystemWith(services => services.AddSingleton<IGreeting, Greeting>());
        var actor = system.ActorOf(DependencyResolver.For(system).Props(typeof(Greeter), "Ada"));
        actor.Tell("fail", ActorRefs.NoSender);
        Assert.Equal("greeting, Ada", await actor.Ask<string>("?", Long));
    }

    [Fact]
    public async Task A_transient_dependency_is_new_after_a_restart()
    {
        var system = SystemWith(services => services.AddTransient<IGreeting, Greeting>());
        var actor = system.ActorOf(DependencyResolver.For(system).Props<Injected>());
        var before = await actor.Ask("?", Long);
        actor.Tell("fail", ActorRefs.NoSender);
        Assert.NotSame(before, await actor.Ask("?", Long));
    }

    [Fact]
    public async Task A_singleton_is_shared()
    {
        var system = SystemWith(services => services.AddSingleton<IGreeting, Greeting>());
        var props = DependencyResolver.For(system).Props<Injected>();
        Assert.Same(await system.ActorOf(props).Ask("?", Long), await system.ActorOf(props).Ask("?", Long));
    }

    [Fact]
    public async Task An_actor_may_own_a_scope()
    {
        var system = SystemWith(services => services.AddScoped<IGreeting, Greeting>());
        var actor = system.ActorOf(DependencyResolver.For(system).Props<Scoped>());
        var greeting = (Greeting)await actor.Ask("?", Long);
        Assert.Same(greeting, await actor.Ask("?", Long));
        Assert.False(greeting.Disposed);
        Assert.True(await actor.GracefulStop(Long));
        Assert.True(greeting.Disposed);
    }

    [Fact]
    public void The_resolver_gives_services_and_scopes()
    {
        var system = SystemWith(services => services.AddScoped<IGreeting, Greeting>());
        var resolver = DependencyResolver.For(system).Resolver;
        using var scope = resolver.CreateScope();
        var greeting = scope.Resolver.GetService<IGreeting>();
        Assert.Same(greeting, scope.Resolver.GetService(typeof(IGreeting)));
    }

    [Fact]
    public async Task An_actor_whose_dependency_is_missing_stops()
    {
        var system = SystemWith(_ => { });
        var actor = system.ActorOf(DependencyResolver.For(system).Props<Injected>());
        Assert.True(await actor.GracefulStop(Long));
    }
}
