using System.Diagnostics;
using Akka.Actor;

namespace Akka.Primitives;

/// <summary>The measurements of actors.</summary>
internal static class Rows
{
    private const int Rounds = 7;

    /// <summary>One thread tells one actor.</summary>
    public static Task<string> TellAsync(ActorSystem system)
    {
        const int messages = 3_000_000;
        var message = new object();
        return Measurement.RunAsync("tell to one actor", messages, Rounds, async () =>
        {
            var done = new TaskCompletionSource();
            var counter = system.ActorOf(Props.Create(() => new Counter(messages, done)));
            for (var i = 0; i < messages; i++)
                counter.Tell(message, ActorRefs.NoSender);
            await done.Task;
            await counter.GracefulStop(TimeSpan.FromSeconds(10));
        });
    }

    /// <summary>Two actors, a number of messages going round between them.</summary>
    public static Task<string> PingPongAsync(ActorSystem system, int inFlight, int rounds) =>
        Measurement.RunAsync($"round trip with {inFlight} in flight", rounds, Rounds, async () =>
        {
            var done = new TaskCompletionSource();
            var pong = system.ActorOf(Props.Create(() => new Pong()));
            var ping = system.ActorOf(Props.Create(() => new Ping(pong, rounds, done)));
            for (var i = 0; i < inFlight; i++)
                ping.Tell(Ball.Instance, pong);
            await done.Task;
            await ping.GracefulStop(TimeSpan.FromSeconds(10));
            await pong.GracefulStop(TimeSpan.FromSeconds(10));
        });

    /// <summary>One ask after the other.</summary>
    public static Task<string> AskAsync(ActorSystem system)
    {
        const int asks = 300_000;
        var pong = system.ActorOf(Props.Create(() => new Pong()));
        return Measurement.RunAsync("sequential ask", asks, Rounds, async () =>
        {
            for (var i = 0; i < asks; i++)
                await pong.Ask<Ball>(Ball.Instance);
        });
    }

    /// <summary>A million actors that have each taken a message and wait for the next.</summary>
    public static async Task<string> SpawnAsync(ActorSystem system)
    {
        const int actors = 1_000_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var done = new TaskCompletionSource();
        var watch = Stopwatch.StartNew();
        var parent = system.ActorOf(Props.Create(() => new Parent(actors, done)));
        parent.Tell(Ball.Instance);
        await done.Task;
        var elapsed = watch.Elapsed;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        var peak = PeakResident();
        var live = GC.GetTotalMemory(forceFullCollection: true) - before;
        var idle = Environment.WorkingSet;
        watch.Restart();
        await parent.GracefulStop(TimeSpan.FromSeconds(60));
        return $"{actors / elapsed.TotalSeconds / 1e6:F2} M actors/s; an idle one has {(double)live / actors:F0} bytes and took {(double)allocated / actors:F0} to make; "
            + $"resident: peak {peak >> 20} MB, idle {idle >> 20} MB, peak with stopping them {PeakResident() >> 20} MB; stopped in {watch.Elapsed.TotalSeconds:F1} s";
    }

    private static long PeakResident()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>A million messages to an actor that is busy.</summary>
    public static async Task<string> BurstAsync(ActorSystem system)
    {
        const int messages = 1_000_000;
        var release = new ManualResetEventSlim();
        var done = new TaskCompletionSource();
        var slow = system.ActorOf(Props.Create(() => new Slow(release, messages, done)));
        slow.Tell(Ball.Instance);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 1; i < messages; i++)
            slow.Tell(Ball.Instance, ActorRefs.NoSender);
        var queued = GC.GetTotalMemory(forceFullCollection: true) - before;
        var watch = Stopwatch.StartNew();
        release.Set();
        await done.Task;
        return $"{queued / 1e6:F0} MB queued, drained at {messages / watch.Elapsed.TotalSeconds / 1e6:F1} M/s";
    }

    private sealed class Ball
    {
        public static readonly Ball Instance = new();
    }

    private sealed class Counter : ReceiveActor
    {
        private int _count;

        public Counter(int expected, TaskCompletionSource done) => ReceiveAny(_ =>
        {
            if (++_count == expected)
                done.TrySetResult();
        });
    }

    private sealed class Pong : ReceiveActor
    {
        public Pong() => Receive<Ball>(ball => Sender.Tell(ball, Self));
    }

    private sealed class Ping : ReceiveActor
    {
        private int _count;

        public Ping(IActorRef pong, int expected, TaskCompletionSource done) => Receive<Ball>(ball =>
        {
            if (++_count >= expected)
                done.TrySetResult();
            else
                pong.Tell(ball, Self);
        });
    }

    private sealed class Parent : ReceiveActor
    {
        private int _ready;

        public Parent(int children, TaskCompletionSource done)
        {
            var props = Props.Create(() => new Child());
            Receive<Ball>(ball =>
            {
                for (var i = 0; i < children; i++)
                    Context.ActorOf(props).Tell(ball);
            });
            Receive<int>(_ =>
            {
                if (++_ready == children)
                    done.TrySetResult();
            });
        }
    }

    private sealed class Child : ReceiveActor
    {
        private static readonly object One = 1;

        public Child() => Receive<Ball>(_ => Context.Parent.Tell(One, Self));
    }

    private sealed class Slow : ReceiveActor
    {
        private int _count;

        public Slow(ManualResetEventSlim release, int expected, TaskCompletionSource done) => Receive<Ball>(_ =>
        {
            if (_count == 0)
                release.Wait();
            if (++_count == expected)
                done.TrySetResult();
        });
    }
}
