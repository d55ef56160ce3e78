using ActorKube.Actors;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using k8s.Models;

namespace ActorKube.Testing.Tests;

/// <summary>What counts as work of a moment, and what does not.</summary>
public sealed class OutstandingWorkTests() : TestKit(OutstandingWork.VirtualTimeConfiguration)
{
    OutstandingWork Work => OutstandingWork.Of(Sys);

    /// <summary>Passes a message on to itself so many times, and counts.</summary>
    sealed class Counter(int[] count) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            count[0]++;
            if (message is int left and > 0)
                Self.Tell(left - 1);
        }
    }

    [Fact]
    public async Task Actors_are_at_rest_when_their_last_message_is_dealt_with()
    {
        for (var round = 0; round < 200; round++)
        {
            var count = new int[1];
            Sys.ActorOf(Props.Create(() => new Counter(count))).Tell(100);
            await Work.IdleAsync();
            Assert.Equal(101, count[0]);
        }
    }

    [Fact]
    public async Task Tracked_work_is_over_after_what_awaits_it_has_gone_on()
    {
        for (var round = 0; round < 200; round++)
        {
            var after = false;
            async Task Awaits()
            {
                await Work.TrackAsync("hops", async () =>
                {
                    // Between these steps no thread knows of it.
                    await Task.Yield();
                    await Task.Run(static () => { });
                    return 1;
                }).ConfigureAwait(false);
                after = true;
            }
            var running = Task.Run(Awaits);
            await Task.Yield();
            await running;
            await Work.IdleAsync();
            Assert.True(after);
        }
    }

    [Fact]
    public async Task Timers_of_the_tests_clock_are_waits_and_time_limits_are_not()
    {
        var steps = 0;
        var waits = Work.TrackAsync("waits", async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(10), Work.Time);
            steps++;
            return 1;
        });
        await Work.AdvanceAsync(TimeSpan.FromSeconds(9.999));
        Assert.Equal(0, steps);
        await Work.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, steps);
        await waits;

        var never = new TaskCompletionSource<int>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), Work.Time);
        var limited = Work.TrackAsync("limited", async () =>
        {
            using var own = new CancellationTokenSource(TimeSpan.FromSeconds(10), Work.Time);
            return await never.Task.WaitAsync(own.Token);
        });
        var error = await Assert.ThrowsAsync<KubeExpectationException>(() => Work.IdleAsync(TimeSpan.FromMilliseconds(50)));
        Assert.StartsWith("There is still work after 0.1 s. Still going on: limited. What waits for the test says so with", error.Message, StringComparison.Ordinal);
        never.SetResult(1);
        await limited;
        await Work.IdleAsync();
    }

    [Fact]
    public async Task What_the_test_holds_is_no_work_until_it_lets_go()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var went = false;
        _ = Work.TrackAsync("held", async () =>
        {
            await OutstandingWork.HoldAsync(go.Task);
            // Let go, it is work at once, even before its next step begins.
            await Task.Run(static () => { });
            went = true;
            return 1;
        });
        await Work.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.False(went);
        go.SetResult();
        await Work.IdleAsync();
        Assert.True(went);
    }

    [Fact]
    public async Task Blocked_turns_of_actors_are_no_work_until_the_test_lets_go()
    {
        var go = new TaskCompletionSource();
        var blocked = Sys.ActorOf(Props.Create(() => new Blocking(go.Task)));
        blocked.Tell("block");
        await Work.IdleAsync();
        blocked.Tell(TestActor);
        await Work.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.False(HasMessages);
        go.SetResult();
        await Work.IdleAsync();
        Assert.True(HasMessages);
    }

    sealed class Blocking(Task until) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is IActorRef asker)
                asker.Tell("free");
            else
                OutstandingWork.Block(until);
        }
    }

    [Fact]
    public async Task Reconcilers_that_hop_between_threads_are_waited_for_and_those_that_wait_for_time_are_not()
    {
        await using var kube = await ActorKubeFixture.StartAsync();
        var steps = 0;
        await kube.AddControllerAsync<V1ConfigMap>(c => c.InNamespace("default").WithResync(null).WithReconciler(async (context, cancellation) =>
        {
            // The server has maps of its own.
            if (!context.Key.Name.StartsWith('m'))
                return ReconcileResult.Done;
            for (var hop = 0; hop < 20; hop++)
                await Task.Run(static () => Thread.Yield(), cancellation);
            Interlocked.Increment(ref steps);
            await Task.Delay(TimeSpan.FromMinutes(1), context.Time, cancellation);
            for (var hop = 0; hop < 20; hop++)
                await Task.Yield();
            Interlocked.Increment(ref steps);
            return ReconcileResult.Done;
        }));
        await kube.SettleAsync();
        for (var round = 0; round < 10; round++)
        {
            var before = steps;
            await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = $"m{round}" } });
            await kube.SettleAsync();
            Assert.Equal(before + 1, steps);
            await kube.AdvanceAsync(TimeSpan.FromSeconds(59));
            Assert.Equal(before + 1, steps);
            await kube.AdvanceAsync(TimeSpan.FromSeconds(1));
            Assert.Equal(before + 2, steps);
        }
    }
}
