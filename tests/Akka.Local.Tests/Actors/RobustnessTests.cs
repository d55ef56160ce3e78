using System.Diagnostics;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Event;

namespace Akka.Local.Tests.Actors;

/// <summary>Tests that measure the process: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WholeProcess
{
    public const string Name = "whole process";
}

/// <summary>What the in-tree runtime promises beyond Akka's semantics.</summary>
[Collection(WholeProcess.Name)]
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

    /// <summary>Throws in every hook from the one named on.</summary>
    private sealed class ThrowsEverywhere : UntypedActor
    {
        private readonly string _from;

        public ThrowsEverywhere(string from)
        {
            _from = from;
            if (from == "constructor")
                throw new InvalidOperationException("constructor");
        }

        protected override void OnReceive(object message) => throw new InvalidOperationException("receive");

        protected override void PreStart()
        {
            if (_from == "pre-start")
                throw new InvalidOperationException("pre-start");
        }

        protected override void PreRestart(Exception reason, object message) => throw new InvalidOperationException("pre-restart");

        protected override void PostRestart(Exception reason) => throw new InvalidOperationException("post-restart");

        protected override void PostStop() => throw new InvalidOperationException("post-stop");
    }

    /// <summary>Restarts its child whatever it does, up to five times.</summary>
    private sealed class Patient : ReceiveActor
    {
        public Patient(string from) => Receive<string>(message =>
        {
            var child = Context.ActorOf(Props.Create(() => new ThrowsEverywhere(from)));
            Context.WatchWith(child, 1);
            var asker = Sender;
            Become(() => Receive<int>(_ => asker.Tell("gone")));
            child.Tell(message);
        });

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(5, TimeSpan.FromMinutes(1), _ => Directive.Restart);
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

    /// <summary>Handles its first message only when it is let go.</summary>
    private sealed class Slow : ReceiveActor
    {
        private int _count;

        public Slow(Task gate, int expected, TaskCompletionSource done)
        {
            ReceiveAsync<string>(_ => gate);
            ReceiveAny(message =>
            {
                if ((int)message != _count++)
                    done.TrySetException(new InvalidOperationException($"{message} came in place of {_count - 1}."));
                if (_count == expected)
                    done.TrySetResult();
            });
        }
    }

    [Fact]
    public async Task A_burst_of_a_million_messages_to_one_slow_actor_is_kept_whole_and_its_memory_given_back()
    {
        const int messages = 1_000_000;
        var system = ActorSystem.Create("burst", Quiet);
        var gate = new TaskCompletionSource();
        var done = new TaskCompletionSource();
        var slow = system.ActorOf(Props.Create(() => new Slow(gate.Task, messages, done)));
        var numbers = Enumerable.Range(0, messages).Select(n => (object)n).ToArray();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        slow.Tell("wait", ActorRefs.NoSender);
        foreach (var number in numbers)
            slow.Tell(number, ActorRefs.NoSender);
        var queued = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(queued < 40 * messages, $"A queued message takes {queued / messages} bytes.");
        gate.SetResult();
        await done.Task.WaitAsync(Long);
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(kept < messages, $"{kept} bytes are left of a burst that has been processed.");
        GC.KeepAlive(numbers);
        await system.Terminate().WaitAsync(Long);
    }

    [Fact]
    public async Task A_million_idle_actors_would_take_six_hundred_megabytes_and_no_more()
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
        Assert.True(each < 600, $"An idle actor that has taken a message has {each} bytes.");
        await system.Terminate().WaitAsync(Long);
    }

    /// <summary>Tells itself numbers without end, has children that do the same, fails now and then, and has a timer.</summary>
    private sealed class Storming : ReceiveActor, IWithTimers
    {
        private readonly Tally _tally;

        public Storming(Tally tally)
        {
            _tally = tally;
            Receive<int>(n =>
            {
                Interlocked.Increment(ref tally.Handled);
                if (n % 50 == 7)
                    throw new InvalidOperationException("a fault in the storm");
                if (n % 10 == 0 && Volatile.Read(ref tally.Started) < 100)
                    Context.ActorOf(Props.Create(() => new Storming(tally))).Tell(n - 1);
                Self.Tell(n - 1 > 0 ? n - 1 : 1000);
            });
            ReceiveAsync<string>(async _ =>
            {
                await Task.Yield();
                Interlocked.Increment(ref tally.Handled);
            });
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart()
        {
            Interlocked.Increment(ref _tally.Started);
            _tally.Alive[this] = true;
            Timers.StartPeriodicTimer("tick", "tick", TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10));
        }

        protected override void PostStop() => _tally.Alive.TryRemove(this, out _);
    }

    private sealed class Tally
    {
        public readonly System.Collections.Concurrent.ConcurrentDictionary<ActorBase, bool> Alive = new(ReferenceEqualityComparer.Instance);
        public int Started;
        public int Handled;
    }

    [Fact]
    public async Task A_system_stopped_during_a_storm_leaves_nothing_running()
    {
        for (var round = 0; round < 5; round++)
        {
            var system = ActorSystem.Create("storm", Quiet);
            var tally = new Tally();
            var props = Props.Create(() => new Storming(tally));
            var made = new System.Collections.Concurrent.ConcurrentQueue<IActorRef>();
            var refused = 0;
            // They go on making actors and telling them things until the system takes no more.
            var makers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
            {
                while (true)
                {
                    try
                    {
                        made.Enqueue(system.ActorOf(props));
                        foreach (var actor in made.Take(3))
                            actor.Tell(1000);
                    }
                    catch (InvalidOperationException)
                    {
                        Interlocked.Increment(ref refused);
                        return;
                    }

                    // So that they have their turn like the actors and do not drown them.
                    await Task.Yield();
                }
            })).ToArray();
            while (Volatile.Read(ref tally.Handled) < 2_000)
                await Task.Yield();
            await system.Terminate().WaitAsync(Long);
            await Task.WhenAll(makers).WaitAsync(Long);

            Assert.Equal(3, refused);
            Assert.Empty(tally.Alive);
            var (handled, started) = (tally.Handled, tally.Started);
            foreach (var actor in made)
            {
                Assert.True(((IInternalActorRef)actor).IsTerminated);
                actor.Tell(1000);
            }

            Assert.Throws<SchedulerException>(() => system.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(1), made.First(), 1, ActorRefs.NoSender));
            Assert.Empty(tally.Alive);
            Assert.Equal((handled, started), (tally.Handled, tally.Started));
        }
    }

    private sealed class Lingers(TaskCompletionSource stopping, ManualResetEventSlim gate) : UntypedActor
    {
        protected override void OnReceive(object message) => Unhandled(message);

        protected override void PostStop()
        {
            stopping.SetResult();
            gate.Wait(Long);
        }
    }

    private sealed class Starts(StrongBox<int> started) : UntypedActor
    {
        protected override void PreStart() => Interlocked.Increment(ref started.Value);

        protected override void OnReceive(object message) => Unhandled(message);
    }

    /// <summary>A mailbox that takes its time to be made, so that an actor is half made when its guardian begins to stop.</summary>
    public sealed class SlowMailbox(Settings settings, Configuration.Config config) : Dispatch.MailboxType(settings, config), Dispatch.IProducesMessageQueue<Dispatch.MessageQueues.UnboundedMessageQueue>
    {
        internal static readonly ManualResetEventSlim Making = new();
        internal static readonly ManualResetEventSlim Gate = new();

        public override Dispatch.MessageQueues.IMessageQueue Create(IActorRef owner, ActorSystem system)
        {
            Making.Set();
            Gate.Wait(Long);
            return new Dispatch.MessageQueues.UnboundedMessageQueue();
        }
    }

    [Fact]
    public async Task An_actor_that_is_half_made_when_its_guardian_stops_is_refused_and_never_runs()
    {
        var system = ActorSystem.Create("half", $"{Quiet}\nslow {{ mailbox-type = \"{typeof(SlowMailbox).AssemblyQualifiedName}\" }}");
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new ManualResetEventSlim();
        var started = new StrongBox<int>();
        await system.ActorOf(Props.Create(() => new Lingers(stopping, gate))).Ask<ActorIdentity>(new Identify(0), Long);
        var making = Task.Factory.StartNew(() => system.ActorOf(Props.Create(() => new Starts(started)).WithMailbox("slow")), TaskCreationOptions.LongRunning);
        Assert.True(SlowMailbox.Making.Wait(Long));
        var terminated = system.Terminate();
        await stopping.Task.WaitAsync(Long);
        // The guardian waits for its child, and takes no more.
        Assert.True(SpinWait.SpinUntil(() => Record.Exception(() => system.ActorOf<Relay>()) is InvalidOperationException, Long));
        SlowMailbox.Gate.Set();
        await Assert.ThrowsAsync<InvalidOperationException>(() => making.WaitAsync(Long));
        gate.Set();
        await terminated.WaitAsync(Long);
        Assert.Equal(0, started.Value);
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

        // A watcher that comes late hears of the end while the last messages are still on their way to the dead letters.
        var watch = Stopwatch.StartNew();
        do
            await listener.Ask<ActorIdentity>(new Identify(0), Long);
        while (Volatile.Read(ref processed.Value) + Volatile.Read(ref dead.Value) < writers * each * receivers && watch.Elapsed < Long);
        Assert.Equal(writers * each * receivers, processed.Value + dead.Value);
        await system.Terminate().WaitAsync(Long);
    }

    [Theory]
    [InlineData("constructor")]
    [InlineData("pre-start")]
    [InlineData("receive")]
    public async Task An_actor_that_throws_in_every_hook_is_stopped_and_harms_nobody(string from)
    {
        var system = ActorSystem.Create("throws", Quiet);
        var parent = system.ActorOf(Props.Create(() => new Patient(from)));
        Assert.Equal("gone", await parent.Ask<string>("go", Long));
        // And under the default strategy, which stops an actor that cannot be made.
        var thrower = system.ActorOf(Props.Create(() => new ThrowsEverywhere(from)));
        thrower.Tell("go", ActorRefs.NoSender);
        Assert.True(await thrower.WatchAsync().WaitAsync(Long));
        Assert.Equal("hello", await system.ActorOf<Relay>().Ask<string>("hello", Long));
        await system.Terminate().WaitAsync(Long);
    }

    /// <summary>What a thread that waits would show: a thread a system, or a thread of the pool that does not come back.</summary>
    [Fact]
    public async Task No_thread_is_blocked_by_an_idle_system()
    {
        var first = ActorSystem.Create("idle", Quiet);
        await first.ActorOf<Relay>().Ask<string>("warm", Long);
        var before = Process.GetCurrentProcess().Threads.Count;
        var systems = Enumerable.Range(0, 100).Select(i => ActorSystem.Create($"idle{i}", Quiet)).ToList();
        var threads = Process.GetCurrentProcess().Threads.Count;
        Assert.True(threads < before + 25, $"100 idle systems took {threads - before} threads.");
        // Every thread of the pool is free again, but for those that run tests just now.
        ThreadPool.GetMaxThreads(out var most, out _);
        var spin = new SpinWait();
        int free;
        do
        {
            spin.SpinOnce();
            ThreadPool.GetAvailableThreads(out free, out _);
        }
        while (free < most - 2 * Environment.ProcessorCount - 4 && !spin.NextSpinWillYield);
        Assert.InRange(free, most - 2 * Environment.ProcessorCount - 8, most);
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
