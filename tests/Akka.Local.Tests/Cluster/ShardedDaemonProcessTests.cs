using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Akka.Local.Tests.Cluster;

/// <summary>A cluster of one node: all daemons run here, are kept alive, and stop when they are ready to.</summary>
public sealed class ShardedDaemonProcessTests() : Akka.TestKit.Xunit2.TestKit("akka.loglevel = WARNING")
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    sealed class Daemon : ReceiveActor
    {
        public Daemon(int number, IActorRef teller)
        {
            teller.Tell($"start {number}");
            Receive<string>(text => text == "fail", _ => Context.Stop(Self));
            Receive<string>(text => text == "stop", _ =>
            {
                teller.Tell($"stopping {number}");
                Become(() => Receive<string>(text => text == "go", _ => Context.Stop(Self)));
            });
            Receive<string>(text => teller.Tell($"{number}: {text}"));
        }
    }

    IActorRef Init(int count, object stopMessage, ShardedDaemonProcessSettings? settings = null) => ShardedDaemonProcess.Get(Sys).Init(
        "daemons", count, number => Props.Create(() => new Daemon(number, TestActor)), settings ?? ShardedDaemonProcessSettings.Create(Sys).WithKeepAliveInterval(TimeSpan.FromMilliseconds(20)), stopMessage);

    [Fact]
    public void Every_daemon_runs_once_and_is_there_again_when_it_has_stopped()
    {
        var router = Init(3, "stop");
        ExpectMsgAllOf(Patience, "start 0", "start 1", "start 2");
        router.Tell("fail");
        ExpectMsg("start 0", Patience);
        router.Tell("hello");
        ExpectMsg("1: hello", Patience);
    }

    [Fact]
    public async Task Shutdown_tells_daemons_to_stop_and_waits_until_they_have()
    {
        var router = Init(2, "stop");
        ExpectMsgAllOf(Patience, "start 0", "start 1");
        var ended = CoordinatedShutdown.Get(Sys).Run(CoordinatedShutdown.ClrExitReason.Instance);
        ExpectMsgAllOf(Patience, "stopping 0", "stopping 1");
        Assert.False(ended.IsCompleted);
        router.Tell("go");
        router.Tell("go");
        await ended.WaitAsync(Patience);
    }

    [Fact]
    public void Daemons_of_a_role_that_the_node_has_not_are_not_started()
    {
        Assert.Null(Init(1, "stop", ShardedDaemonProcessSettings.Create(Sys).WithRole("workers")));
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Theory]
    [InlineData("akka.tcp://mesh@127.0.0.1:4053", null)]
    [InlineData("akka.tcp://mesh@127.0.0.1:4054", "-p:ActorRuntime=akka")]
    [InlineData("akka.tcp://other@127.0.0.1:4053", "-p:ActorRuntime=akka")]
    public async Task Node_may_be_its_own_seed_and_no_others(string seed, string? error)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddAkka("mesh", akka => akka.WithClustering(new ClusterOptions { SeedNodes = [seed], Roles = ["workers"] }).WithRemoting("127.0.0.1", 4053));
        using var host = builder.Build();
        if (error is null)
        {
            await host.StartAsync();
            Assert.NotNull(ShardedDaemonProcess.Get(host.Services.GetRequiredService<ActorSystem>()).Init("d", 1, _ => Props.Empty, ShardedDaemonProcessSettings.Create(Sys).WithRole("workers"), null));
            await host.StopAsync();
        }
        else
        {
            Assert.Contains(error, (await Assert.ThrowsAsync<ConfigurationException>(() => host.StartAsync())).Message);
        }
    }
}
