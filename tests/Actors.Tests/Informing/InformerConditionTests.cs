using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>Waiting for something to be so, over a shared cache.</summary>
public sealed class InformerConditionTests : ActorTest
{
    async Task<Informer<V1Pod>> Inform()
    {
        var actor = Sys.ActorOf(InformerActor.Props(NullLogger.Instance, TimeSpan.FromSeconds(1)));
        return new Informer<V1Pod>(await Acquire(Pods, actor), actor);
    }

    static WatchEvent Event(WatchEventType type, KubeObject item) => new(type, item);

    [Fact]
    public async Task Condition_on_the_content_is_asked_of_the_whole_set_and_after_each_change()
    {
        var informer = await Inform();
        var counts = new List<int>();
        var three = informer.UntilAsync(now =>
        {
            lock (counts) counts.Add(now.Count);
            return now.Count == 3;
        });
        var watch = await Sync(Pods, 10, Pod("a", 5), Pod("b", 6));
        watch.Send(Event(WatchEventType.Added, Pod("c", 11)));
        Assert.Equal(3, (await three.WaitAsync(Patience)).Count);
        // Never of a part of the set.
        Assert.DoesNotContain(0, counts);
        Assert.DoesNotContain(1, counts);
        Assert.Equal(3, (await informer.UntilAsync(now => now.Count == 3).WaitAsync(Patience)).Count);
    }

    [Fact]
    public async Task Condition_on_the_content_holds_for_an_empty_set()
    {
        var informer = await Inform();
        var none = informer.UntilAsync(static now => now.Count == 0);
        Assert.False(none.IsCompleted);
        await Sync(Pods, 10);
        await none.WaitAsync(Patience);
    }

    [Fact]
    public async Task Conditions_hold_one_after_another_and_begin_with_what_is_there()
    {
        var informer = await Inform();
        var asked = new List<string>();
        var sawInitial = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Func<CacheChange, bool> Is(string name, Func<CacheChange, bool> condition) => change =>
        {
            asked.Add($"{name} {change.GetType().Name} {change.Key.Name}");
            if (name == "3")
                sawInitial.TrySetResult();
            return condition(change);
        };
        var gone = informer.UntilAsync(
            static _ => false,
            [Is("1", static change => change is CacheChange.Added { Initial: true, Key.Name: "a" }), Is("2", static _ => true), Is("3", static change => change is CacheChange.Deleted { Key.Name: "a" })]);
        var watch = await Sync(Pods, 10, Pod("a", 5));
        await sawInitial.Task.WaitAsync(Patience);
        watch.Send(Event(WatchEventType.Added, Pod("b", 11)));
        watch.Send(Event(WatchEventType.Deleted, Pod("a", 12)));
        var last = await gone.WaitAsync(Patience);
        Assert.Equal("12", last!.Latest.ResourceVersion);
        Assert.Equal(["1 Added a", "2 Added a", "3 Added a", "3 Added b", "3 Deleted a"], asked);
    }

    [Fact]
    public async Task Precondition_that_holds_for_the_synced_set_ends_the_wait_before_it_begins()
    {
        var informer = await Inform();
        var done = informer.UntilAsync(static now => now.Count == 1, [static _ => throw new InvalidOperationException("asked")]);
        Assert.False(done.IsCompleted);
        await Sync(Pods, 10, Pod("a", 5));
        Assert.Null(await done.WaitAsync(Patience));
        Assert.Null(await informer.UntilAsync(null, []).WaitAsync(Patience));
    }

    [Fact]
    public async Task Condition_that_throws_ends_the_wait_and_harms_nobody_else()
    {
        var informer = await Inform();
        var content = informer.UntilAsync(static _ => throw new FormatException("content"));
        var change = informer.UntilAsync(null, [static _ => throw new FormatException("change")]);
        var stays = informer.UntilAsync(static now => now.Count == 2);
        var watch = await Sync(Pods, 10, Pod("a", 5));
        Assert.Equal("content", (await Assert.ThrowsAsync<FormatException>(() => content.WaitAsync(Patience))).Message);
        Assert.Equal("change", (await Assert.ThrowsAsync<FormatException>(() => change.WaitAsync(Patience))).Message);
        watch.Send(Event(WatchEventType.Added, Pod("b", 11)));
        await stays.WaitAsync(Patience);
    }

    [Fact]
    public async Task Wait_that_is_cancelled_ends_and_its_conditions_are_asked_no_more()
    {
        var informer = await Inform();
        var watch = await Sync(Pods, 10, Pod("a", 5));
        using var cancellation = new CancellationTokenSource();
        var asked = 0;
        var never = informer.UntilAsync(_ => Interlocked.Increment(ref asked) < 0, cancellation.Token);
        var noChange = informer.UntilAsync(null, [_ => Interlocked.Increment(ref asked) < 0], cancellation.Token);
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never.WaitAsync(Patience));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => noChange.WaitAsync(Patience));
        var before = Volatile.Read(ref asked);
        watch.Send(Event(WatchEventType.Added, Pod("b", 11)));
        await informer.UntilAsync(static now => now.Count == 2).WaitAsync(Patience);
        Assert.Equal(before, Volatile.Read(ref asked));
    }
}
