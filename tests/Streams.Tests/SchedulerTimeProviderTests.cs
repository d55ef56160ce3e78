using Akka;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.TestKit;
using Akka.TestKit.Configs;
using Akka.TestKit.Xunit2;

namespace ActorKube.Streams.Tests;

/// <summary>One virtual clock for everything: actors' timers, streams' timers, and what takes a <see cref="TimeProvider"/>.</summary>
public sealed class SchedulerTimeProviderTests() : TestKit(TestConfigs.TestSchedulerConfig)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    sealed class Timed : ReceiveActor, IWithTimers
    {
        public Timed(IActorRef listener)
        {
            Receive<string>(message => listener.Tell(message));
            Timers.StartSingleTimer("timer", "actor timer", TimeSpan.FromSeconds(10));
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }

    [Fact]
    public async Task One_advance_moves_actors_streams_and_tasks_alike()
    {
        var time = new SchedulerTimeProvider(Sys.Scheduler);
        var started = time.GetUtcNow();
        var actor = Sys.ActorOf(Props.Create(() => new Timed(TestActor)));
        await actor.Ask<ActorIdentity>(new Identify(0), Patience);
        var tick = Source.Tick(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), "stream timer")
            .MapMaterializedValue(_ => NotUsed.Instance).Prepend(Source.Single("started"))
            .RunWith(Sink.Queue<string>().WithAttributes(Attributes.CreateInputBuffer(1, 1)), Sys.Materializer());
        Assert.Equal("started", (await tick.PullAsync().WaitAsync(Patience)).Value);
        var pulled = tick.PullAsync();
        var delayed = Task.Delay(TimeSpan.FromSeconds(10), time);
        await using var timer = time.CreateTimer(_ => TestActor.Tell("time provider"), null, TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan);

        Scheduler.Advance(TimeSpan.FromSeconds(9));
        ExpectNoMsg(TimeSpan.Zero);
        Assert.False(delayed.IsCompleted);

        Scheduler.Advance(TimeSpan.FromSeconds(1));
        ExpectMsgAllOf("actor timer", "time provider");
        await delayed.WaitAsync(Patience);
        Assert.Equal("stream timer", (await pulled.WaitAsync(Patience)).Value);
        Assert.Equal(TimeSpan.FromSeconds(10), time.GetUtcNow() - started);
    }
}
