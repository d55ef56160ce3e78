using System.Diagnostics;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Event;

namespace Akka.Local.Tests.Actors;

/// <summary>What the in-tree runtime promises beyond Akka's semantics.</summary>
public sealed class RobustnessTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(120);

    private const string Quiet = "akka.loglevel = OFF\nakka.stdout-loglevel = OFF\nakka.log-dead-letters = off";

    private sealed class Counter : ReceiveActor
    {
        private int _count;

        public Counter(int expected, TaskCompletionSource done) => ReceiveAny(_ =>
        {
            if (++_count == expected)
                done.SetResult();
        });
    }

    private sealed class Relay : ReceiveActor
    {
        public Relay() => ReceiveAny(message =>
        {
            if (message is IActorRef partner)
                partner.Tell("on", Self);
            else
                Sender.Tell(message, Self);
        });
    }

    private sealed class Counts(StrongBox<int> count) : UntypedActor
    {
        protected override void OnReceive(object message) => Interlocked.Increment(ref count.Value);
    }

    private sealed class CountsLetters : ReceiveActor
    {
        public CountsLetters(StrongBox<int> count)
        {
            Receive<DeadLetter>(letter =>
            {
                if (letter.Message is string)
                    Interlocked.Increment(ref count.Value);
            });
            Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        }
    }

    private sealed class ThrowsEverywhere : UntypedActor
    {
        protected override void OnReceive(object message) => throw new InvalidOperationException("receive");

        protected override void PreStart()
        {
        }

        protected override void PreRestart(Exception reason, object message) => throw new InvalidOperationException("pre-restart");

        protected override void PostRestart(Exception reason) => throw new InvalidOperationException("post-restart");

        protected override void PostStop() => throw new InvalidOperationException("post-stop");
    }

    [Fact]
    public async Task Actors_that_talk_without_end_leave_time_for_the_others()
    {
        var system = ActorSystem.Create("fair", Quiet);
        for (var pair = 0; pair < Environment.ProcessorCount * 3; pair++)
            system.ActorOf<Relay>().Tell(system.ActorOf<Relay>());
        for (var other = 0; other < 20; other++)
            Assert.Equal("hello", await system.ActorOf<Relay>().Ask<string>("hello", Long));
        await system.Terminate().WaitAsync(Long);
    }

    [Fact]
    public async Task A_burst_of_a_million_messages_is_processed_whole()
    {
        const int messages = 1_000_000;
        var system = ActorSystem.Create("burst", Quiet);
        var done = new TaskCompletionSource();
        var counter = system.ActorOf(Props.Create(() => new Counter(messages, done)));
        for (var i = 0; i < messages; i++)
            counter.Tell(Done.Instance, ActorRefs.NoSender);
        await done.Task.WaitAsync(Long);
        await system.Terminate().WaitAsync(Long);
    }

    [Fact]
    public async Task An_actor_that_has_taken_a_message_and_waits_for_the_next_has_less_than_a_kilobyte()
    {
        const int actors = 50_000;
        var system = ActorSystem.Create("small", Quiet);
        var parent = await system.ActorOf<Relay>().Ask<string>("warm", Long);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var done = new TaskCompletionSource();
        var counter = system.ActorOf(Props.Create(() => new Counter(actors, done)));
        var props = Props.Create(() => new Relay());
        for (var i = 0; i < actors; i++)
            system.ActorOf(props).Tell(parent, counter);
        await done.Task.WaitAsync(Long);
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / actors;
        Assert.True(each < 1_000, $"An idle actor has {each} bytes.");
        await system.Terminate().WaitAsync(Long);
    }

    [Fact]
    public async Task A_message_told_while_its_receiver_stops_is_processed_or_a_dead_letter_never_lost()
    {
        const int writers = 3, each = 3_000, receivers = 20;
        var system = ActorSystem.Create("letters", Quiet);
        var processed = new StrongBox<int>();
        var dead = new StrongBox<int>();
        var listener = system.ActorOf(Props.Create(() => new CountsLetters(dead)));
        await listener.Ask<ActorIdentity>(new Identify(0), Long);
        for (var round = 0; round < receivers; round++)
        {
            var receiver = system.ActorOf(Props.Create(() => new Counts(processed)));
            await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() =>
            {
                for (var i = 0; i < each; i++)
                {
                    if (writer == 0 && i == each / 2)
                        system.Stop(receiver);
                    receiver.Tell("message", ActorRefs.NoSender);
                }
            })));
            await receiver.WatchAsync();
        }

        await listener.Ask<ActorIdentity>(new Identify(0), Long);
        Assert.Equal(writers * each * receivers, processed.Value + dead.Value);
        await system.Terminate().WaitAsync(Long);
    }

    [Fact]
    public async Task An_actor_that_throws_in_every_hook_is_stopped_and_harms_nobody()
    {
        var system = ActorSystem.Create("throws", Quiet);
        var thrower = system.ActorOf<ThrowsEverywhere>();
        thrower.Tell("go", ActorRefs.NoSender);
        // PostRestart throws an initialisation failure, which the default strategy answers with stop.
        Assert.True(await thrower.WatchAsync().WaitAsync(Long));
        Assert.Equal("hello", await system.ActorOf<Relay>().Ask<string>("hello", Long));
        await system.Terminate().WaitAsync(Long);
    }

    [Fact]
    public async Task Idle_systems_use_no_thread()
    {
        var first = ActorSystem.Create("idle", Quiet);
        await first.ActorOf<Relay>().Ask<string>("warm", Long);
        var before = Process.GetCurrentProcess().Threads.Count;
        var systems = Enumerable.Range(0, 100).Select(i => ActorSystem.Create($"idle{i}", Quiet)).ToList();
        var threads = Process.GetCurrentProcess().Threads.Count;
        Assert.True(threads < before + 50, $"100 idle systems took {threads - before} threads.");
        await Task.WhenAll(systems.Append(first).Select(s => s.Terminate())).WaitAsync(Long);
    }

    [Fact]
    public async Task A_system_that_has_ended_is_forgotten()
    {
        var system = await RunOneAsync();
        for (var i = 0; i < 20 && system.IsAlive; i++)
        {
            await Task.Yield();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(system.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> RunOneAsync()
    {
        var system = ActorSystem.Create("forgotten", Quiet);
        var relay = system.ActorOf<Relay>();
        await relay.Ask<string>("hello", Long);
        system.Scheduler.ScheduleTellRepeatedly(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), relay, "tick", relay);
        await system.Terminate().WaitAsync(Long);
        return new WeakReference(system);
    }
}
