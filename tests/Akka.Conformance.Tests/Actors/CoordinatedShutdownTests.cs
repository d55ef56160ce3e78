using Akka.Actor;

namespace Akka.Conformance.Actors;

public sealed class CoordinatedShutdownTests : ActorTest
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    public CoordinatedShutdownTests()
        : base("""
            akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
            akka.coordinated-shutdown.phases.service-stop.timeout = 50ms
            """)
    {
    }

    CoordinatedShutdown Coordinated => CoordinatedShutdown.Get(Sys);


    [Fact]
    public async Task Phases_run_in_their_order()
    {
        var order = new List<string>();
        string[] phases =
        [
            CoordinatedShutdown.PhaseBeforeServiceUnbind,
            CoordinatedShutdown.PhaseServiceUnbind,
            CoordinatedShutdown.PhaseServiceRequestsDone,
            CoordinatedShutdown.PhaseServiceStop,
            CoordinatedShutdown.PhaseBeforeClusterShutdown,
            CoordinatedShutdown.PhaseClusterShardingShutdownRegion,
            CoordinatedShutdown.PhaseClusterLeave,
            CoordinatedShutdown.PhaseClusterExiting,
            CoordinatedShutdown.PhaseClusterExitingDone,
            CoordinatedShutdown.PhaseClusterShutdown,
            CoordinatedShutdown.PhaseBeforeActorSystemTerminate,
            CoordinatedShutdown.PhaseActorSystemTerminate,
        ];
        foreach (var phase in phases.Reverse())
        {
            Coordinated.AddTask(phase, phase, () =>
            {
                lock (order)
                    order.Add(phase);
                return Task.FromResult(Done.Instance);
            });
        }

        await Coordinated.Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(Long);
        Assert.Equal(phases, order);
    }

    [Fact]
    public async Task A_phase_begins_when_all_tasks_of_the_one_before_have_ended()
    {
        var gate = new TaskCompletionSource<Done>();
        var order = new List<string>();
        Coordinated.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "slow", async () =>
        {
            await gate.Task;
            order.Add("slow");
            return Done.Instance;
        });
        Coordinated.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "next", () =>
        {
            order.Add("next");
            return Task.FromResult(Done.Instance);
        });
        var run = Coordinated.Run(CoordinatedShutdown.UnknownReason.Instance);
        gate.SetResult(Done.Instance);
        await run.WaitAsync(Long);
        Assert.Equal(["slow", "next"], order);
    }

    [Fact]
    public async Task Tasks_of_one_phase_run_side_by_side()
    {
        var first = new TaskCompletionSource<Done>();
        var second = new TaskCompletionSource<Done>();
        // Each waits for the other to have begun: one after the other they would never end.
        Coordinated.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "first", () =>
        {
            first.SetResult(Done.Instance);
            return second.Task;
        });
        Coordinated.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "second", () =>
        {
            second.SetResult(Done.Instance);
            return first.Task;
        });
        await Coordinated.Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(Long);
    }

    [Fact]
    public async Task It_ends_with_the_system()
    {
        await Coordinated.Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(Long);
        await Sys.WhenTerminated.WaitAsync(Long);
    }

    [Fact]
    public async Task Actors_live_until_the_last_phase()
    {
        var stops = new List<string>();
        Action note = () => stops.Add("actor stopped");
        var actor = Sys.ActorOf(Props.Create(() => new NotesStop(note)));
        Fence(actor);
        Coordinated.AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "note", () =>
        {
            stops.Add("before the last phase");
            return Task.FromResult(Done.Instance);
        });
        await Coordinated.Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(Long);
        await Sys.WhenTerminated.WaitAsync(Long);
        Assert.Equal(["before the last phase", "actor stopped"], stops);
    }

    sealed class NotesStop(Action note) : UntypedActor
    {
        protected override void PostStop() => note();

        protected override void OnReceive(object message)
        {
        }
    }

    [Fact]
    public async Task It_runs_once_for_the_first_reason()
    {
        var runs = 0;
        Coordinated.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "count", () =>
        {
            Interlocked.Increment(ref runs);
            return Task.FromResult(Done.Instance);
        });
        Assert.Null(Coordinated.ShutdownReason);
        var reason = CoordinatedShutdown.ActorSystemTerminateReason.Instance;
        await Task.WhenAll(
            Coordinated.Run(reason),
            Coordinated.Run(CoordinatedShutdown.UnknownReason.Instance)).WaitAsync(Long);
        Assert.Equal(1, runs);
        Assert.Same(reason, Coordinated.ShutdownReason);
    }

    [Fact]
    public async Task It_can_start_at_a_later_phase()
    {
        var ran = new List<string>();
        foreach (var phase in new[] { CoordinatedShutdown.PhaseServiceUnbind, CoordinatedShutdown.PhaseClusterLeave })
        {
            Coordinated.AddTask(phase, phase, () =>
            {
                ran.Add(phase);
                return Task.FromResult(Done.Instance);
            });
        }

        await Coordinated.Run(CoordinatedShutdown.UnknownReason.Instance, CoordinatedShutdown.PhaseClusterLeave).WaitAsync(Long);
        Assert.Equal([CoordinatedShutdown.PhaseClusterLeave], ran);
    }

    [Fact]
    public async Task A_task_that_fails_does_not_stop_the_others()
    {
        var ran = false;
        Coordinated.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "fails", () => Task.FromException<Done>(new Boom()));
        Coordinated.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "next", () =>
        {
            ran = true;
            return Task.FromResult(Done.Instance);
        });
        await Coordinated.Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(Long);
        Assert.True(ran);
    }

    [Fact]
    public async Task A_phase_that_takes_too_long_is_left_behind()
    {
        var ran = false;
        Coordinated.AddTask(CoordinatedShutdown.PhaseServiceStop, "never ends", () => new TaskCompletionSource<Done>().Task);
        Coordinated.AddTask(CoordinatedShutdown.PhaseBeforeClusterShutdown, "next", () =>
        {
            ran = true;
            return Task.FromResult(Done.Instance);
        });
        await Coordinated.Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(Long);
        Assert.True(ran);
    }

    [Fact]
    public void A_phase_must_be_known() =>
        Assert.ThrowsAny<Exception>(() => Coordinated.AddTask("no-such-phase", "task", () => Task.FromResult(Done.Instance)));

    [Fact]
    public async Task Terminate_runs_it()
    {
        var ran = false;
        Coordinated.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "task", () =>
        {
            ran = true;
            return Task.FromResult(Done.Instance);
        });
        await Sys.Terminate().WaitAsync(Long);
        Assert.True(ran);
        Assert.IsType<CoordinatedShutdown.ActorSystemTerminateReason>(Coordinated.ShutdownReason);
    }

    [Fact]
    public void The_time_a_phase_may_take_is_configured() =>
        Assert.Equal(TimeSpan.FromMilliseconds(50), Coordinated.Timeout(CoordinatedShutdown.PhaseServiceStop));

    [Fact]
    public async Task A_task_may_wait_for_an_actor()
    {
        var echo = Sys.ActorOf(Echo.Props);
        object? answer = null;
        Coordinated.AddTask(CoordinatedShutdown.PhaseServiceRequestsDone, "ask", async () =>
        {
            answer = await echo.Ask("last question", TimeSpan.FromSeconds(30));
            return Done.Instance;
        });
        await Coordinated.Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(Long);
        Assert.Equal("last question", answer);
    }
}
