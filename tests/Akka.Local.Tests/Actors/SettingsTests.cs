using Akka.Actor;
using Akka.Configuration;

namespace Akka.Local.Tests.Actors;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("akka.logllevel = DEBUG", "akka.logllevel")]
    [InlineData("akka.actor.ask-timout = 5s", "akka.actor.ask-timout")]
    [InlineData("akka.remote.dot-netty.tcp.port = 0", "akka.remote")]
    [InlineData("akka.cluster.roles = [a]", "akka.cluster.roles")]
    [InlineData("akka.persistence.journal.plugin = x", "akka.persistence")]
    [InlineData("akka.scheduler.tick = 5ms", "akka.scheduler.tick")]
    [InlineData("akka.actor.default-dispatcher.thruput = 5", "akka.actor.default-dispatcher.thruput")]
    [InlineData("akka.coordinated-shutdown.exit-jvm = on", "akka.coordinated-shutdown.exit-jvm")]
    [InlineData("akka.stream.materializer.max-input = 4", "akka.stream.materializer.max-input")]
    [InlineData("akka.stream.io.tcp.write-buffer-size = 4k", "akka.stream.io")]
    [InlineData("akka.test.single-expect = 5s", "akka.test.single-expect")]
    [InlineData("akka.actor.mailbox.mine.capacity = 5", "akka.actor.mailbox.mine")]
    [InlineData("akka.actor.deployment { /a { routr = broadcast-pool } }", "akka.actor.deployment.\"/a\".routr")]
    public void A_setting_that_nobody_honours_stops_the_system_from_starting(string hocon, string named)
    {
        var error = Assert.Throws<ConfigurationException>(() => ActorSystem.Create("settings", hocon));
        Assert.Contains($"'{named}'", error.Message);
    }

    [Fact]
    public void A_provider_with_a_network_is_refused()
    {
        var error = Assert.Throws<ConfigurationException>(() => ActorSystem.Create("settings", "akka.actor.provider = cluster"));
        Assert.Contains("-p:ActorRuntime=akka", error.Message);
    }

    [Theory]
    [InlineData("akka.actor.serialize-messages = off")]
    [InlineData("akka.actor.provider = local")]
    [InlineData("akka.suppress-json-serializer-warning = on")]
    [InlineData("akka.actor.my-dispatcher { type = Dispatcher, throughput = 7 }")]
    [InlineData("my-dispatcher { type = Dispatcher, throughput = 7 }")]
    [InlineData("akka.actor.deployment { /a { dispatcher = akka.actor.default-dispatcher } }")]
    [InlineData("akka.coordinated-shutdown.phases.my-phase { depends-on = [service-stop], timeout = 3s }")]
    [InlineData("my-app.setting = 5")]
    [InlineData("akka.stream.materializer { max-input-buffer-size = 32, dispatcher = akka.actor.default-dispatcher }")]
    [InlineData("akka.actor.mailbox.mine { mailbox-type = \"Akka.Dispatch.BoundedMailbox\", mailbox-capacity = 5 }")]
    [InlineData("akka.actor.deployment { /a { router = round-robin-pool, nr-of-instances = 3 } }")]
    [InlineData("akka.test.single-expect-default = 5s")]
    public async Task Settings_that_are_legal_are_taken(string hocon)
    {
        var system = ActorSystem.Create("settings", hocon);
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Settings_reach_their_place()
    {
        var system = ActorSystem.Create("settings", """
            akka {
              loglevel = ERROR
              actor.ask-timeout = 3s
              actor.default-dispatcher.throughput = 11
              log-dead-letters = off
              coordinated-shutdown.phases.service-stop.timeout = 7s
            }
            """);
        Assert.Equal("ERROR", system.Settings.LogLevel);
        Assert.Equal(TimeSpan.FromSeconds(3), system.Settings.AskTimeout);
        Assert.Equal(0, system.Settings.LogDeadLetters);
        Assert.Equal(11, system.Dispatchers.DefaultGlobalDispatcher.Throughput);
        Assert.Equal(TimeSpan.FromSeconds(7), CoordinatedShutdown.Get(system).Timeout(CoordinatedShutdown.PhaseServiceStop));
        Assert.False(system.Log.IsInfoEnabled);
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_phase_that_depends_on_itself_is_refused()
    {
        var system = ActorSystem.Create("settings", """
            akka.coordinated-shutdown.run-by-actor-system-terminate = off
            akka.coordinated-shutdown.phases { a { depends-on = [b] }, b { depends-on = [a] } }
            """);
        Assert.Throws<ArgumentException>(() => CoordinatedShutdown.Get(system));
        system.Terminate();
    }
}
