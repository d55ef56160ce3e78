using ActorKube.Models;
using Akka.Actor;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>A controller that owns some keys only: slices come, and go within a bound.</summary>
public sealed class SliceTests : ControllerTest
{
    // Keys of one first letter are a slice.
    static KeySlice Slice(string first) => new(first);

    async Task AddSliced(int concurrency = 4) => await Add(
        new ControllerSpec("pod", [new WatchSpec(Pods, c => [c.Key], [], [], IsFor: true)], (run, cancellation) => Probe.ReconcileAsync(new ReconcileContext<k8s.Models.V1Pod>(run), cancellation), new ControllerOptions { MaxConcurrentReconciles = concurrency, Resync = null })
            .Sliced(static key => key.Name[..1]));

    void Tell(object message) => Controllers.Tell(new ControllersActor.To("pod", message), TestActor);

    [Fact]
    public async Task Only_keys_of_taken_slices_are_reconciled_and_all_of_them_are_looked_at_when_it_is_taken()
    {
        await AddSliced();
        var watch = await Sync(Pods, 10, Pod("a1", 1), Pod("a2", 2), Pod("b1", 3));
        await Until(() => Health.Controllers.Single().IsStarted);
        Assert.Equal(0, Probe.Count);
        Tell(new ControllerActor.TakeSlice(Slice("a")));
        var first = await Probe.Next();
        var second = await Probe.Next();
        Assert.Equal(["a1", "a2"], new[] { first.Key.Name, second.Key.Name }.Order());
        first.Done();
        second.Done();
        watch.Send(Modified(Pod("b1", 11)), Modified(Pod("a1", 12)));
        (await Probe.Next(Key("a1"))).Done();
        Tell(new ControllerActor.TakeSlice(Slice("b")));
        Assert.Equal("11", (await Probe.Next(Key("b1"))).Context.Raw!.ResourceVersion);
        Assert.Equal(4, Probe.Count);
    }

    [Fact]
    public async Task Slice_taken_before_the_caches_are_synced_is_looked_at_when_they_are()
    {
        await AddSliced();
        Tell(new ControllerActor.TakeSlice(Slice("a")));
        await Sync(Pods, 10, Pod("a1", 1), Pod("b1", 2));
        (await Probe.Next(Key("a1"))).Done();
        await Until(() => Health.Controllers.Single().Running.Count == 0);
        Assert.Equal(1, Probe.Count);
    }

    [Fact]
    public async Task Slice_taken_while_the_caches_still_tell_what_they_have_loses_no_key_that_was_told_before()
    {
        // Two caches: the pods are told whole, and nothing starts before the config maps are read too.
        await Add(new ControllerSpec(
            "pod",
            [new WatchSpec(Pods, c => [c.Key], [], [], IsFor: true), new WatchSpec(ConfigMaps, _ => [], [], [])],
            (run, cancellation) => Probe.ReconcileAsync(new ReconcileContext<k8s.Models.V1Pod>(run), cancellation),
            new ControllerOptions { Resync = null }).Sliced(static key => key.Name[..1]));
        await Sync(Pods, 10, Pod("a1", 1), Pod("b1", 2));
        await Heard(Pods, 10);
        Tell(new ControllerActor.TakeSlice(Slice("a")));
        await Reached();
        Assert.Equal(0, Probe.Count);
        await Sync(ConfigMaps, 11);
        (await Probe.Next(Key("a1"))).Done();
        await Until(() => Health.Controllers.Single().Running.Count == 0);
        Assert.Equal(1, Probe.Count);
    }

    [Fact]
    public async Task Slice_that_is_left_finishes_what_is_begun_and_answers_then()
    {
        await AddSliced();
        Tell(new ControllerActor.TakeSlice(Slice("a")));
        Tell(new ControllerActor.TakeSlice(Slice("b")));
        var watch = await Sync(Pods, 10, Pod("a1", 1));
        var run = await Probe.Next(Key("a1"));
        Tell(new ControllerActor.LeaveSlice("a", TimeSpan.FromSeconds(10)));
        watch.Send(Modified(Pod("a1", 11)), Added(Pod("b1", 12)));
        (await Probe.Next(Key("b1"))).Done();
        ExpectNoMsg(TimeSpan.Zero);
        run.End(ReconcileResult.RequeueAfter(TimeSpan.FromSeconds(1)));
        Assert.Equal(new ControllerActor.SliceLeft("a", 0), ExpectMsg<ControllerActor.SliceLeft>(Patience));
        await PassQuietly(TimeSpan.FromMinutes(1), () => Probe.Count > 2);
        Tell(new ControllerActor.LeaveSlice("a", TimeSpan.FromSeconds(10)));
        ExpectMsg<ControllerActor.SliceLeft>(Patience);
    }

    [Fact]
    public async Task Slice_that_does_not_finish_in_time_is_cut_short_and_can_write_no_more()
    {
        await AddSliced();
        Tell(new ControllerActor.TakeSlice(Slice("a")));
        await Sync(Pods, 10, Pod("a1", 1));
        var run = await Probe.Next(Key("a1"));
        run.Context.Writes.Fence.Check();
        Tell(new ControllerActor.LeaveSlice("a", TimeSpan.FromSeconds(10)));
        await Pass(TimeSpan.FromSeconds(10), () => HasMessages);
        Assert.Equal(new ControllerActor.SliceLeft("a", 1), ExpectMsg<ControllerActor.SliceLeft>(Patience));
        Assert.True(run.Cancellation.IsCancellationRequested);
        Assert.Throws<OwnershipLostException>(run.Context.Writes.Fence.Check);
        // Should the slice come back, its keys wait for the run that would not leave.
        Tell(new ControllerActor.TakeSlice(Slice("a")));
        await PassQuietly(TimeSpan.FromMinutes(1), () => Probe.Count > 1);
        run.Done();
        (await Probe.Next(Key("a1"))).Done();
    }

    [Fact]
    public async Task Slice_that_is_taken_back_while_it_is_left_loses_no_news()
    {
        await AddSliced();
        Tell(new ControllerActor.TakeSlice(Slice("a")));
        var watch = await Sync(Pods, 10, Pod("a1", 1));
        var run = await Probe.Next(Key("a1"));
        Tell(new ControllerActor.LeaveSlice("a", TimeSpan.FromSeconds(10)));
        watch.Send(Modified(Pod("a1", 11)));
        Tell(new ControllerActor.TakeSlice(Slice("a")));
        ExpectMsg<ControllerActor.SliceLeft>(Patience);
        run.Done();
        (await Probe.Next(Key("a1"))).Done();
    }

    [Fact]
    public async Task Queued_keys_of_a_slice_that_is_left_are_not_worked_off()
    {
        await AddSliced(concurrency: 1);
        Tell(new ControllerActor.TakeSlice(Slice("a")));
        Tell(new ControllerActor.TakeSlice(Slice("b")));
        var watch = await Sync(Pods, 10, Pod("a1", 1));
        var run = await Probe.Next(Key("a1"));
        watch.Send(Added(Pod("a2", 11)), Added(Pod("a3", 12)), Modified(Pod("a1", 13)));
        var cache = await Acquire(Pods, TestActor);
        await Until(() => cache.Snapshot.ResourceVersion == "13");
        Tell(new ControllerActor.LeaveSlice("a", TimeSpan.FromSeconds(10)));
        // Answered by the key's own actor, after it heard that it must leave.
        Tell(new ControllerActor.CountRequeues(Key("a1")));
        ExpectMsg<ControllerActor.Requeues>(Patience);
        run.Done();
        Assert.Equal(new ControllerActor.SliceLeft("a", 0), ExpectMsg<ControllerActor.SliceLeft>(Patience));
        // Their places are free again: another slice's key gets the only turn.
        watch.Send(Added(Pod("b1", 14)));
        (await Probe.Next(Key("b1"))).Done();
        Assert.Equal(2, Probe.Count);
    }

    [Fact]
    public async Task Turn_of_a_run_that_was_cut_short_goes_to_others()
    {
        await AddSliced(concurrency: 1);
        Tell(new ControllerActor.TakeSlice(Slice("a")));
        Tell(new ControllerActor.TakeSlice(Slice("b")));
        var watch = await Sync(Pods, 10, Pod("a1", 1));
        var stuck = await Probe.Next(Key("a1"));
        watch.Send(Added(Pod("b1", 11)));
        Tell(new ControllerActor.LeaveSlice("a", TimeSpan.FromSeconds(10)));
        await Pass(TimeSpan.FromSeconds(10), () => HasMessages);
        Assert.Equal(new ControllerActor.SliceLeft("a", 1), ExpectMsg<ControllerActor.SliceLeft>(Patience));
        (await Probe.Next(Key("b1"))).Done();
        stuck.Done();
    }

    [Fact]
    public async Task Key_that_vanished_while_nobody_here_owned_it_is_looked_at_when_its_slice_is_taken()
    {
        await AddSliced();
        var watch = await Sync(Pods, 10, Pod("a1", 1), Pod("b1", 2));
        await Until(() => Health.Controllers.Single().IsStarted);
        watch.Send(Deleted(Pod("a1", 11)), Deleted(Pod("b1", 12)));
        var cache = await Acquire(Pods, TestActor);
        await Until(() => cache.Count == 0);
        Tell(new ControllerActor.TakeSlice(Slice("b")));
        var run = await Probe.Next(Key("b1"));
        Assert.False(run.Context.Exists);
        run.Done();
        Assert.Equal(1, Probe.Count);
    }

    [Fact]
    public async Task Slices_survive_a_fault_of_the_controller_and_those_left_without_it_are_answered()
    {
        await AddSliced();
        Tell(new ControllerActor.TakeSlice(Slice("a")));
        await Sync(Pods, 10, Pod("a1", 1));
        (await Probe.Next(Key("a1"))).Done();
        var controller = await Sys.ActorSelection("/user/controllers/pod").ResolveOne(Patience);
        controller.Tell(Kill.Instance);
        (await Probe.Next(Key("a1"))).Done();
        Controllers.Tell(new ControllersActor.DrainAll(TimeSpan.FromSeconds(1)), TestActor);
        ExpectMsg<ControllersActor.AllDrained>(Patience);
        Tell(new ControllerActor.LeaveSlice("a", TimeSpan.FromSeconds(10)));
        Assert.Equal(new ControllerActor.SliceLeft("a", 0), ExpectMsg<ControllerActor.SliceLeft>(Patience));
    }

    [Fact]
    public async Task Slice_that_is_not_held_any_more_cannot_be_written_for_although_nobody_said_so_yet()
    {
        var held = true;
        await AddSliced();
        Tell(new ControllerActor.TakeSlice(new KeySlice("a", () => Volatile.Read(ref held))));
        await Sync(Pods, 10, Pod("a1", 1));
        var run = await Probe.Next(Key("a1"));
        run.Context.Writes.Fence.Check();
        Volatile.Write(ref held, false);
        Assert.Throws<OwnershipLostException>(run.Context.Writes.Fence.Check);
        run.Done();
    }

    [Fact]
    public async Task Stopped_controller_leaves_its_unfinished_and_vanished_keys_to_the_next()
    {
        var watch = await Settled(null, Pod("a", 5), Pod("gone", 6));
        Controllers.Tell(new ControllersActor.Follow());
        await Until(() => !Health.Controllers.Single().IsStarted);
        watch.Send(Deleted(Pod("gone", 11)));
        var cache = await Acquire(Pods, TestActor);
        await Until(() => cache.Count == 1);
        Controllers.Tell(new ControllersActor.Lead());
        var runs = new[] { await Probe.Next(), null };
        runs[0]!.Done();
        runs[1] = await Probe.Next();
        runs[1]!.Done();
        Assert.Equal(["a", "gone"], runs.Select(r => r!.Key.Name).Order());
        Assert.False(runs.Single(r => r!.Key.Name == "gone")!.Context.Exists);
    }
}
