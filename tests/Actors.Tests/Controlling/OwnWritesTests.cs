using System.Collections.Concurrent;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using k8s.Models;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>Reading what one wrote: the next run of a key waits until the caches show it.</summary>
public sealed class OwnWritesTests : ControllerTest
{
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
}
