using System.Collections.Concurrent;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using k8s.Models;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>Controller, reconcilers and gate: what a work queue with workers promises, and what only actors do.</summary>
public sealed class ControllerTests : ControllerTest
{
    [Fact]
    public async Task Nothing_is_reconciled_before_all_caches_told_all_their_objects()
    {
        await Add(c => c.Owns<V1ConfigMap>());
        await Sync(Pods, 10, Pod("a", 5));
        await Until(() => Health.Caches.Count == 2 && Health.Caches.Any(c => c.HasSynced));
        await PassQuietly(TimeSpan.FromMinutes(1), () => Probe.Count > 0);
        Assert.False(Health.Controllers.Single().IsStarted);
        await Sync(ConfigMaps, 11);
        var run = await Probe.Next(Key("a"));
        Assert.Equal("a", run.Context.Object!.Metadata.Name);
        run.Done();
    }

    [Fact]
    public async Task Deleted_object_is_reconciled_with_no_object()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Deleted(Pod("a", 11)));
        var run = await Probe.Next(Key("a"));
        Assert.False(run.Context.Exists);
        Assert.Null(run.Context.Object);
        run.Done();
    }

    [Fact]
    public async Task Each_run_gets_an_object_of_its_own()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var first = await Probe.Next();
        first.Context.Object!.Metadata.Name = "spoilt";
        Assert.Equal("spoilt", first.Context.Object.Metadata.Name);
        first.Done();
        watch.Send(Modified(Pod("a", 12)));
        var second = await Probe.Next();
        Assert.Equal(("a", "12"), (second.Context.Object!.Metadata.Name, second.Context.Object.Metadata.ResourceVersion));
        second.Done();
    }

    [Fact]
    public async Task News_while_processing_means_exactly_one_more_run()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var run = await Probe.Next();
        watch.Send(Modified(Pod("a", 12)), Modified(Pod("a", 13)), Modified(Pod("a", 14)));
        await Heard(Pods, 14);
        Assert.Equal(2, Probe.Count);
        run.Done();
        var again = await Probe.Next();
        Assert.Equal("14", again.Context.Raw!.ResourceVersion);
        again.Done();
        watch.Send(Added(Pod("b", 15)));
        (await Probe.Next(Key("b"))).Done();
        Assert.Equal(4, Probe.Count);
    }

    [Fact]
    public async Task Adds_while_waiting_for_a_turn_collapse()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var blocking = await Probe.Next();
        watch.Send(Added(Pod("b", 12)), Modified(Pod("b", 13)), Modified(Pod("b", 14)));
        await Heard(Pods, 14);
        blocking.Done();
        var run = await Probe.Next(Key("b"));
        watch.Send(Added(Pod("c", 15)));
        run.Done();
        (await Probe.Next(Key("c"))).Done();
    }

    [Fact]
    public async Task Failed_key_waits_in_the_exact_series_until_a_run_succeeds()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        foreach (var (attempt, milliseconds) in new[] { (1, 5), (2, 10), (3, 20), (4, 40), (5, 80), (6, 160) })
        {
            var run = await Probe.Next();
            Assert.Equal(attempt, run.Context.Attempt);
            var count = Probe.Count;
            run.Fail();
            await Pass(TimeSpan.FromMilliseconds(milliseconds), () => Probe.Count > count);
        }
        (await Probe.Next()).Done();
        watch.Send(Modified(Pod("a", 12)));
        var fresh = await Probe.Next();
        Assert.Equal(1, fresh.Context.Attempt);
        fresh.Fail();
        await Pass(TimeSpan.FromMilliseconds(5), () => Probe.Count == 10);
        (await Probe.Next()).Done();
    }

    [Fact]
    public async Task Earliest_requeue_wins_and_fires_once()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        (await Probe.Next()).End(ReconcileResult.RequeueAfter(TimeSpan.FromMinutes(10)));
        watch.Send(Modified(Pod("a", 12)));
        (await Probe.Next()).End(ReconcileResult.RequeueAfter(TimeSpan.FromSeconds(30)));
        watch.Send(Modified(Pod("a", 13)));
        (await Probe.Next()).End(ReconcileResult.RequeueAfter(TimeSpan.FromMinutes(20)));
        await Pass(TimeSpan.FromSeconds(30), () => Probe.Count == 5);
        (await Probe.Next(Key("a"))).Done();
        await PassQuietly(TimeSpan.FromMinutes(2), () => Probe.Count > 5);
    }

    [Fact]
    public async Task Terminal_error_waits_for_news()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        (await Probe.Next()).End(ReconcileResult.Terminal("the schedule cannot be parsed"));
        await PassQuietly(TimeSpan.FromMinutes(2), () => Probe.Count > 2);
        watch.Send(Modified(Pod("a", 12)));
        (await Probe.Next()).Fail(new TerminalReconcileException("nor this one"));
        await PassQuietly(TimeSpan.FromMinutes(2), () => Probe.Count > 3);
    }

    [Fact]
    public async Task Throwing_reconciler_harms_its_key_alone()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        (await Probe.Next()).Fail(new NullReferenceException());
        watch.Send(Added(Pod("b", 12)));
        (await Probe.Next(Key("b"))).Done();
        Assert.True(Health.Controllers.Single().IsStarted);
    }

    [Fact]
    public async Task Slow_reconciler_harms_its_key_alone()
    {
        var watch = await Settled(c => c.WithMaxConcurrentReconciles(2), Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var slow = await Probe.Next();
        for (var i = 0; i < 20; i++)
        {
            watch.Send(Added(Pod($"b{i}", 12 + i)));
            (await Probe.Next(Key($"b{i}"))).Done();
        }
        slow.Done();
    }

    [Fact]
    public async Task Hanging_reconciler_is_asked_to_leave_then_left_behind_and_its_key_waits_for_it()
    {
        var watch = await Settled(c => c.WithReconcileTimeout(TimeSpan.FromMinutes(1)), Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var hanging = await Probe.Next();
        watch.Send(Added(Pod("b", 12)), Modified(Pod("a", 13)));
        await Pass(TimeSpan.FromMinutes(1), () => hanging.Cancellation.IsCancellationRequested);
        Assert.Equal(2, Probe.Count);
        await Pass(TimeSpan.FromSeconds(10), () => Probe.Count == 3);
        (await Probe.Next(Key("b"))).Done();
        Assert.Equal([Key("a")], Health.Controllers.Single().Stuck.Keys);
        await PassQuietly(TimeSpan.FromMinutes(2), () => Probe.Count > 3);
        hanging.Done();
        (await Probe.Next(Key("a"))).Done();
        await Until(() => Health.Controllers.Single().Stuck.Count == 0);
    }

    [Fact]
    public async Task Reconciler_that_leaves_when_asked_is_tried_again()
    {
        var watch = await Settled(c => c.WithReconcileTimeout(TimeSpan.FromMinutes(1)), Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var slow = await Probe.Next();
        await Pass(TimeSpan.FromMinutes(1), () => slow.Cancellation.IsCancellationRequested);
        slow.Fail(new OperationCanceledException());
        await Pass(TimeSpan.FromMilliseconds(5), () => Probe.Count == 3);
        Assert.Equal(2, (await Probe.Next()).Context.Attempt);
    }

    [Fact]
    public async Task Owner_is_reconciled_when_what_it_owns_changes_or_goes()
    {
        await Add(c => c.Owns<V1ConfigMap>());
        await Sync(Pods, 10, Pod("a", 5));
        var maps = await Sync(ConfigMaps, 10);
        (await Probe.Next(Key("a"))).Done();
        var owned = Owned("m", 11, "a", "uid-a", controller: true);
        maps.Send(Added(owned), Added(Owned("foreign", 12, "b", "uid-b", controller: false)));
        var run = await Probe.Next(Key("a"));
        Assert.Equal("m", Assert.Single(run.Context.Owned<V1ConfigMap>()).Metadata.Name);
        run.Done();
        maps.Send(Deleted(owned));
        run = await Probe.Next(Key("a"));
        Assert.Empty(run.Context.Owned<V1ConfigMap>());
        run.Done();
        Assert.Equal(3, Probe.Count);
    }

    static KubeObject Owned(string name, int version, string owner, string ownerUid, bool controller) => KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes($$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}","namespace":"default","uid":"uid-{{name}}","resourceVersion":"{{version}}",
         "ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"{{owner}}","uid":"{{ownerUid}}","controller":{{(controller ? "true" : "false")}} }] } }
        """));

    [Fact]
    public async Task Mapped_kinds_reconcile_what_the_mapper_says_and_a_broken_mapper_harms_one_change()
    {
        await Add(c => c.Watches<V1ConfigMap>(m => m.Metadata.Name == "bad" ? throw new FormatException() : [Key(m.Metadata.Name)]));
        await Sync(Pods, 10);
        var maps = await Sync(ConfigMaps, 10);
        maps.Send(Added(Owned("bad", 11, "x", "x", false)), Added(Owned("good", 12, "x", "x", false)));
        (await Probe.Next(Key("good"))).Done();
    }

    [Fact]
    public async Task Requeue_with_an_urgency_of_its_own_passes_what_waits_with_less()
    {
        var watch = await Settled(null, Pod("a", 5), Pod("b", 6), Pod("c", 7));
        watch.Send(Modified(Pod("a", 11)), Modified(Pod("b", 12)));
        (await Probe.Next()).End(ReconcileResult.RequeueAfter(TimeSpan.FromSeconds(1)));
        (await Probe.Next()).End(ReconcileResult.RequeueAfter(TimeSpan.FromSeconds(1), priority: 5));
        watch.Send(Modified(Pod("c", 13)));
        var blocking = await Probe.Next(Key("c"));
        await Work.AdvanceAsync(TimeSpan.FromSeconds(1));
        blocking.Done();
        (await Probe.Next(Key("b"))).Done();
        (await Probe.Next(Key("a"))).Done();
    }

    [Fact]
    public async Task Retries_of_all_keys_share_a_limit_beside_their_own_waits()
    {
        var watch = await Settled(c => c.WithRetry(new RetryPolicy { Burst = 2, OverallPerSecond = 1 }), Pod("a", 5), Pod("b", 6), Pod("c", 7));
        watch.Send(Modified(Pod("a", 11)), Modified(Pod("b", 12)), Modified(Pod("c", 13)));
        for (var number = 0; number < 3; number++)
            (await Probe.Next()).Fail(new IOException());
        await Until(() => Probe.Count == 6);
        await Work.AdvanceAsync(TimeSpan.FromMilliseconds(5));
        (await Probe.Next()).Done();
        (await Probe.Next()).Done();
        await Pass(TimeSpan.FromMilliseconds(995), () => Probe.Count == 9);
    }

    [Fact]
    public async Task Predicates_keep_changes_away()
    {
        var watch = await Settled(c => c.When(Predicates.Any(Predicates.GenerationChanged, Predicates.LabelsChanged)), Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)), Modified(Pod("a", 12, labels: "\"app\":\"x\"")));
        Assert.Equal("12", (await Probe.Next()).Context.Raw!.ResourceVersion);
        Assert.Equal(2, Probe.Count);
    }

    [Fact]
    public async Task Next_run_waits_until_the_cache_shows_what_the_last_one_wrote()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var run = await Probe.Next();
        run.Context.Writes.Add(new ObjectWrite(Make.Pods, Key("child"), "20", "uid-child"));
        watch.Send(Modified(Pod("a", 12)));
        run.Done();
        await Until(() => Probe.Count == 2);
        watch.Send(Added(Pod("child", 20)));
        var next = await Probe.Next();
        Assert.NotNull(next.Context.Get<V1Pod>(Key("child")));
        next.Done();
        (await Probe.Next()).Done();
    }

    /// <summary>The counter: makes a child where the cache has none. The cache is as late as the test wants.</summary>
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task Counter_on_a_late_cache_makes_one_child_and_without_reading_its_writes_two(bool readsItsWrites, int children)
    {
        var made = 0;
        var runs = 0;
        await Add(new ControllerBuilder<V1Pod>().WithResync(null).Owns<V1ConfigMap>()
            .With(o => readsItsWrites ? o : o with { WriteVisibilityTimeout = TimeSpan.Zero })
            .WithReconciler((context, _) =>
            {
                if (context.Owned<V1ConfigMap>().Count == 0)
                    context.Writes.Add(new ObjectWrite(ConfigMaps.Resource, Key($"child{Interlocked.Increment(ref made)}"), $"{20 + made}", $"uid-child{made}"));
                Interlocked.Increment(ref runs);
                return Task.FromResult(ReconcileResult.Done);
            }).Build());
        var pods = await Sync(Pods, 10, Pod("a", 5));
        var maps = await Sync(ConfigMaps, 10);
        await Until(() => Volatile.Read(ref runs) == 1 && Health.Controllers.Single().Running.Count == 0);
        pods.Send(Modified(Pod("a", 11)));
        await Heard(Pods, 11);
        // Without the feature the second run comes at once, and finds no child; with it, the child's event comes first.
        if (!readsItsWrites)
            await Until(() => Volatile.Read(ref runs) == 2);
        for (var child = 1; child <= Volatile.Read(ref made); child++)
            maps.Send(Added(Owned($"child{child}", 20 + child, "a", "uid-a", controller: true)));
        await Until(() => Volatile.Read(ref runs) >= 2);
        Assert.Equal(children, made);
    }

    [Fact]
    public async Task Waiting_for_writes_is_bounded()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var run = await Probe.Next();
        run.Context.Writes.Add(new ObjectWrite(Make.Pods, Key("never"), "9999", "uid"));
        watch.Send(Modified(Pod("a", 12)));
        await Heard(Pods, 12);
        run.Done();
        await Pass(TimeSpan.FromSeconds(5), () => Probe.Count == 3);
        (await Probe.Next(Key("a"))).Done();
    }

    [Fact]
    public async Task Late_sight_of_a_write_that_was_given_up_is_not_taken_for_the_sight_of_another()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var run = await Probe.Next();
        run.Context.Writes.Add(new ObjectWrite(Make.Pods, Key("late"), "50", "uid"));
        watch.Send(Modified(Pod("a", 12)));
        await Heard(Pods, 12);
        run.Done();
        await Pass(TimeSpan.FromSeconds(5), () => Probe.Count == 3);
        var second = await Probe.Next();
        second.Context.Writes.Add(new ObjectWrite(Make.Pods, Key("later"), "60", "uid"));
        watch.Send(Modified(Pod("a", 13)));
        await Heard(Pods, 13);
        second.Done();
        await Until(() => Health.Controllers.Single().Running.Count == 0);
        // The first write shows now, and the second does not yet.
        watch.Send(Added(Pod("late", 50)));
        (await Probe.Next(Key("late"))).Done();
        await Reached("default%2Fa");
        Assert.Equal(4, Probe.Count);
        watch.Send(Added(Pod("later", 60)));
        var keys = new[] { await Probe.Next(), null };
        keys[0]!.Done();
        keys[1] = await Probe.Next();
        keys[1]!.Done();
        Assert.Equal(["a", "later"], keys.Select(k => k!.Key.Name).Order());
    }

    [Fact]
    public async Task Never_two_runs_of_one_key_and_none_is_lost()
    {
        const int keys = 3000;
        var running = new ConcurrentDictionary<NamespacedName, int>();
        var seen = new ConcurrentDictionary<NamespacedName, int>();
        var overlaps = 0;
        var most = 0;
        var now = 0;
        var random = new Random(7);
        var builder = new ControllerBuilder<V1Pod>().WithResync(null).WithMaxConcurrentReconciles(16)
            .WithRetry(new RetryPolicy { OverallPerSecond = 0 })
            .WithReconciler(async (context, _) =>
            {
                if (running.AddOrUpdate(context.Key, 1, (_, n) => n + 1) > 1)
                    Interlocked.Increment(ref overlaps);
                InterlockedMax(ref most, Interlocked.Increment(ref now));
                seen[context.Key] = int.Parse(context.Raw!.ResourceVersion);
                await Task.Yield();
                var dice = int.Parse(context.Key.Name["pod-".Length..]) % 10;
                Interlocked.Decrement(ref now);
                running.AddOrUpdate(context.Key, 0, (_, n) => n - 1);
                if (dice == 0 && context.Attempt == 1)
                    throw new IOException();
                return dice == 1 ? ReconcileResult.RequeueAfter(TimeSpan.FromHours(1)) : ReconcileResult.Done;
            });
        await Controllers.Ask<ControllersActor.Added>(new ControllersActor.Add(builder.Build()), Patience);
        var versions = Enumerable.Range(1, keys).ToArray();
        var watch = await Sync(Pods, keys, [.. versions.Select(i => Pod($"pod-{i}", i))]);
        var version = keys;
        for (var i = 0; i < 4 * keys; i++)
        {
            var index = random.Next(keys);
            versions[index] = ++version;
            watch.Send(Modified(Pod($"pod-{index + 1}", version)));
        }
        var cache = await Acquire(Pods, TestActor);
        await Until(() => cache.Snapshot.ResourceVersion == version.ToString());
        await Until(() => versions.Select((v, i) => seen.GetValueOrDefault(Key($"pod-{i + 1}")) == v).All(x => x));
        Assert.Equal(0, overlaps);
        Assert.InRange(most, 2, 16);
    }

    static void InterlockedMax(ref int target, int value)
    {
        var before = Volatile.Read(ref target);
        while (value > before && Interlocked.CompareExchange(ref target, value, before) is var was && was != before)
            before = was;
    }

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
