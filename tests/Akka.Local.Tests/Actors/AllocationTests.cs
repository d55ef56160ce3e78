using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Local.Tests.Actors;

/// <summary>
/// What a message, an ask and a stream's element may allocate, over the whole process. docs/akka-local.md tells the figures; these keep them from creeping up.
/// </summary>
[Collection(WholeProcess.Name)]
public sealed class AllocationTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(120);

    private readonly ActorSystem _system = ActorSystem.Create("allocations", "akka.loglevel = OFF\nakka.stdout-loglevel = OFF");

    private sealed class Ball
    {
        public static readonly Ball Instance = new();
    }

    private sealed class Pong : ReceiveActor
    {
        public Pong() => Receive<Ball>(ball => Sender.Tell(ball, Self));
    }

    private sealed class Ping : ReceiveActor
    {
        private int _left;

        public Ping(IActorRef pong)
        {
            IActorRef? asker = null;
            Receive<int>(rounds =>
            {
                asker = Sender;
                _left = rounds;
                pong.Tell(Ball.Instance, Self);
            });
            Receive<Ball>(ball =>
            {
                if (--_left == 0)
                    asker.Tell(ball);
                else
                    pong.Tell(ball, Self);
            });
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate().WaitAsync(Long);

    /// <summary>Bytes an operation, the least of some rounds: what else the process does can only add to it.</summary>
    private static async Task<double> BytesEach(int operations, Func<Task> round)
    {
        await round();
        var least = double.MaxValue;
        for (var i = 0; i < 4; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await round().WaitAsync(Long);
            least = Math.Min(least, (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / operations);
        }

        return least;
    }

    [Fact]
    public async Task A_message_between_two_actors_allocates_nothing()
    {
        const int rounds = 100_000;
        var pong = _system.ActorOf(Props.Create(() => new Pong()));
        var ping = _system.ActorOf(Props.Create(() => new Ping(pong)));
        Assert.InRange(await BytesEach(rounds, () => ping.Ask<Ball>(rounds, Long)), 0, 1);
    }

    [Fact]
    public async Task An_ask_allocates_its_reference_and_its_task_and_nothing_else()
    {
        const int asks = 20_000;
        var pong = _system.ActorOf(Props.Create(() => new Pong()));
        Assert.InRange(await BytesEach(asks, async () =>
        {
            for (var i = 0; i < asks; i++)
                await pong.Ask<Ball>(Ball.Instance);
        }), 0, 176);
    }

    [Theory]
    [InlineData("fused", 1)]
    [InlineData("async boundary", 1)]
    // The task itself is 72 of these bytes; a debug build has a few more than the 104 of a release.
    [InlineData("SelectAsync", 128)]
    public async Task An_element_of_a_stream_allocates_nothing_of_the_streams_own(string kind, int most)
    {
        const int elements = 200_000;
        var numbers = Source.From(Enumerable.Range(1_000_000, elements));
        var stream = kind switch
        {
            "fused" => numbers.Select(n => n + 1),
            "async boundary" => numbers.Select(n => n + 1).Async(),
            _ => numbers.SelectAsync(4, Task.FromResult),
        };
        Assert.InRange(await BytesEach(elements, () => stream.RunForeach(_ => { }, _system.Materializer())), 0, most);
    }
}
