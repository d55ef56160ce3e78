using System.Collections.Concurrent;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using k8s.Models;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>Keys that have no actor yet or none any more; controllers that are drained, lose leadership, or are removed.</summary>
public sealed class ControllerEndTests : ControllerTest
{
    [Fact]
    public async Task Drain_finishes_what_runs_and_what_is_dirty_and_starts_nothing_new()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var run = await Probe.Next();
        watch.Send(Modified(Pod("a", 12)), Added(Pod("b", 13)));
        await Heard(Pods, 13);
        Controllers.Tell(new ControllersActor.DrainAll(TimeSpan.FromSeconds(30)), TestActor);
        await Reached();
        watch.Send(Added(Pod("late", 14)));
        ExpectNoMsg(TimeSpan.Zero);
        run.End(ReconcileResult.RequeueAfter(TimeSpan.FromSeconds(1)));
        var rest = await Probe.Next();
        ExpectNoMsg(TimeSpan.Zero);
        rest.Fail();
        (await Probe.Next()).Done();
        ExpectMsg<ControllersActor.AllDrained>(Patience);
        Assert.Equal(4, Probe.Count);
    }

    [Fact]
    public async Task Drain_is_bounded_and_tells_what_runs_to_leave()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var hanging = await Probe.Next();
        Controllers.Tell(new ControllersActor.DrainAll(TimeSpan.FromSeconds(3)), TestActor);
        await Pass(TimeSpan.FromSeconds(3), () => hanging.Cancellation.IsCancellationRequested);
        await Pass(TimeSpan.FromSeconds(1), () => HasMessages);
        ExpectMsg<ControllersActor.AllDrained>(Patience);
        hanging.Done();
    }

    [Fact]
    public async Task Losing_leadership_stops_reconciling_at_once_and_keeps_the_caches_warm()
    {
        var controllers = StartControllers(leads: false);
        await Add();
        var watch = await Sync(Pods, 10, Pod("a", 5));
        var cache = await Acquire(Pods, TestActor);
        await cache.WaitForSyncAsync().WaitAsync(Patience);
        await PassQuietly(TimeSpan.FromMinutes(1), () => Probe.Count > 0);

        controllers.Tell(new ControllersActor.Lead());
        var run = await Probe.Next(Key("a"));
        controllers.Tell(new ControllersActor.Follow());
        await Until(() => run.Cancellation.IsCancellationRequested);
        watch.Send(Added(Pod("b", 11)));
        await Until(() => cache.Count == 2);
        controllers.Tell(new ControllersActor.Lead());

        // The run from before is still under way: its key waits for it, others do not.
        (await Probe.Next(Key("b"))).Done();
        Assert.Equal(2, Probe.Count);
        run.Done();
        (await Probe.Next(Key("a"))).Done();
        Assert.Equal(1, Server(Pods).ListCount);
    }

    [Fact]
    public async Task Removed_controller_lets_go_of_its_caches_and_a_second_of_its_name_is_refused()
    {
        var watch = await Settled(null, Pod("a", 5));
        var again = await Controllers.Ask<ControllersActor.Added>(new ControllersActor.Add(new ControllerBuilder<V1Pod>().WithReconciler(Probe).Build()), Patience);
        Assert.Contains("'pod'", again.Refusal);
        await Controllers.Ask<ControllersActor.AllDrained>(new ControllersActor.Remove("pod", TimeSpan.FromSeconds(1)), Patience);
        await watch.Disposed;
        Assert.Empty(Health.Controllers);
    }

    [Fact]
    public async Task Idle_keys_have_no_actor()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var run = await Probe.Next();
        var actor = await Sys.ActorSelection("/user/controllers/pod/default%2Fa").ResolveOne(Patience);
        Watch(actor);
        run.Done();
        ExpectTerminated(actor, Patience);
    }

    [Fact]
    public async Task Key_that_waits_for_a_turn_gets_its_actor_with_the_turn()
    {
        var watch = await Settled(c => c.WithMaxConcurrentReconciles(1), Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var run = await Probe.Next();
        watch.Send(Added(Pod("b", 12)));
        await Heard(Pods, 12);
        await Sys.ActorSelection("/user/controllers/pod/default%2Fa").ResolveOne(Patience);
        await Assert.ThrowsAsync<ActorNotFoundException>(() => Sys.ActorSelection("/user/controllers/pod/default%2Fb").ResolveOne(Patience));
        run.Done();
        var next = await Probe.Next(Key("b"));
        await Sys.ActorSelection("/user/controllers/pod/default%2Fb").ResolveOne(Patience);
        next.Done();
    }

    [Fact]
    public async Task Key_that_still_waits_when_a_drain_is_overdue_is_not_begun()
    {
        var watch = await Settled(c => c.WithMaxConcurrentReconciles(1), Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var run = await Probe.Next();
        watch.Send(Added(Pod("b", 12)));
        await Heard(Pods, 12);
        Controllers.Tell(new ControllersActor.DrainAll(TimeSpan.FromSeconds(3)), TestActor);
        await Pass(TimeSpan.FromSeconds(3), () => run.Cancellation.IsCancellationRequested);
        run.Done();
        await Until(() => HasMessages);
        ExpectMsg<ControllersActor.AllDrained>(Patience);
        Assert.Equal(2, Probe.Count);
    }
}
