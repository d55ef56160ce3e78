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
}
