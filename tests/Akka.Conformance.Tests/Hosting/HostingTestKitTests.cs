using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using Akka.TestKit;
using Akka.TestKit.Configs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Akka.Conformance.Hosting;

public sealed class HostingTestKitTests : Akka.Hosting.TestKit.TestKit
{
    sealed class EchoKey;

    sealed record Service(string Text);

    bool _beforeTestStart;

    public HostingTestKitTests()
        : base("kit-system")
    {
    }

    protected override Akka.Configuration.Config Config => TestConfigs.TestSchedulerConfig;

    protected override void ConfigureServices(HostBuilderContext context, IServiceCollection services) =>
        services.AddSingleton(new Service("from the container"));

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider) =>
        builder.WithActors((system, registry) => registry.Register<EchoKey>(system.ActorOf(Echo.Props)));

    protected override Task BeforeTestStart()
    {
        _beforeTestStart = Sys is not null;
        return Task.CompletedTask;
    }

    [Fact]
    public void The_kits_system_is_the_hosts()
    {
        Assert.Same(Host.Services.GetRequiredService<ActorSystem>(), Sys);
        Assert.Equal("kit-system", Sys.Name);
        Assert.True(_beforeTestStart);
    }

    [Fact]
    public void Actors_of_the_host_answer_the_test()
    {
        var echo = ActorRegistry.Get<EchoKey>();
        echo.Tell("hello");
        ExpectMsgFrom(echo, "hello");
    }

    [Fact]
    public async Task A_required_actor_is_given()
    {
        var echo = await Host.Services.GetRequiredService<IRequiredActor<EchoKey>>().GetAsync();
        echo.Tell("hello", TestActor);
        await ExpectMsgAsync("hello");
    }

    [Fact]
    public void The_test_actor_is_registered() => Assert.Equal(TestActor, ActorRegistry.Get<TestProbe>());

    [Fact]
    public void Services_of_the_host_are_at_hand() =>
        Assert.Equal("from the container", Host.Services.GetRequiredService<Service>().Text);

    [Fact]
    public void Time_can_be_virtual()
    {
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromHours(1), TestActor, "due", ActorRefs.NoSender);
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromHours(1));
        ExpectMsg("due");
    }

    [Fact]
    public void Log_events_can_be_expected() => EventFilter.Warning("w").ExpectOne(() => Sys.Log.Warning("w"));
}
