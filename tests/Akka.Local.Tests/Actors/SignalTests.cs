using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Akka.Local.Tests.Actors;

/// <summary>What a system does when its process is asked to end.</summary>
public sealed class SignalTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private sealed class Slow(IHostApplicationLifetime lifetime, ActorSystem system) : IHostedService
    {
        public bool SystemWasThere { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            SystemWasThere = lifetime.ApplicationStopping.IsCancellationRequested && !system.WhenTerminated.IsCompleted;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_system_without_a_host_runs_its_shutdown()
    {
        var system = ActorSystem.Create("signal", "akka.loglevel = OFF\nakka.stdout-loglevel = OFF");
        var shutdown = CoordinatedShutdown.Get(system);
        var context = new PosixSignalContext(PosixSignal.SIGTERM);
        await Task.Run(() => shutdown.OnSignal(context)).WaitAsync(Long);
        Assert.Same(CoordinatedShutdown.ClrExitReason.Instance, shutdown.ShutdownReason);
        Assert.True(system.WhenTerminated.IsCompleted);
        Assert.False(context.Cancel);
    }

    /// <summary>The host's services are stopped in their order, with the system there until its turn comes, and nothing is logged about a second shutdown.</summary>
    [Fact]
    public async Task A_system_with_a_host_leaves_the_signal_to_it()
    {
        using var host = new HostBuilder().ConfigureServices(services => services
            .AddAkka("signal", akka => akka.AddHocon("akka.loglevel = INFO\nakka.stdout-loglevel = INFO", HoconAddMode.Prepend))
            .AddSingleton<Slow>()
            .AddHostedService(provider => provider.GetRequiredService<Slow>())).Build();
        await host.StartAsync().WaitAsync(Long);
        var system = host.Services.GetRequiredService<ActorSystem>();
        var shutdown = CoordinatedShutdown.Get(system);
        var messages = new System.Collections.Concurrent.ConcurrentQueue<string>();
        system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Listener(messages))), typeof(Info));
        var context = new PosixSignalContext(PosixSignal.SIGTERM);
        shutdown.OnSignal(context);
        Assert.True(context.Cancel);
        await host.WaitForShutdownAsync().WaitAsync(Long);
        Assert.True(system.WhenTerminated.IsCompleted);
        Assert.True(host.Services.GetRequiredService<Slow>().SystemWasThere);
        Assert.DoesNotContain(messages, m => m.Contains("CLR", StringComparison.Ordinal));
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(System.Collections.Concurrent.ConcurrentQueue<string> messages) => Receive<Info>(info => messages.Enqueue(info.Message.ToString()!));
    }
}
