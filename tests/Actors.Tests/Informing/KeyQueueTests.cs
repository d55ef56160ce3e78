using System.Threading.Channels;
using ActorKube.Models;
using ActorKube.Testing;
using Akka.Actor;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>Keys added by hand: what client-go's rate-limited work queue promises.</summary>
public sealed class KeyQueueTests : ControllerTest
{
    readonly Channel<(NamespacedName Key, TaskCompletionSource<ReconcileResult> End)> _runs = Channel.CreateUnbounded<(NamespacedName, TaskCompletionSource<ReconcileResult>)>();
    int _count;

    async Task<KeyQueue> Queue(ControllerOptions? options = null, params CacheSpec[] caches)
    {
        await Add(new ControllerSpec(
            "queue",
            [.. caches.Select(c => new WatchSpec(c, _ => [], [], []))],
            (run, _) =>
            {
                Interlocked.Increment(ref _count);
                var end = new TaskCompletionSource<ReconcileResult>(TaskCreationOptions.RunContinuationsAsynchronously);
                _runs.Writer.TryWrite((run.Key, end));
                return OutstandingWork.HoldAsync(end.Task);
            },
            options ?? new ControllerOptions()));
        return new KeyQueue("queue", Controllers, () => Sys.Scheduler.Now, name => Controllers.Ask(new ControllersActor.Remove(name, TimeSpan.FromSeconds(30)), Patience));
    }

    async Task<TaskCompletionSource<ReconcileResult>> Run(string name)
    {
        var (key, end) = await _runs.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        Assert.Equal(Key(name), key);
        return end;
    }

    [Fact]
    public async Task Added_key_is_worked_on_once_and_once_more_for_all_that_came_meanwhile()
    {
        var queue = await Queue();
        queue.Add(Key("a"));
        var first = await Run("a");
        for (var i = 0; i < 3; i++)
            queue.Add(Key("a"));
        queue.Add(Key("b"));
        Assert.Equal(0, await queue.NumRequeuesAsync(Key("a")));
        Assert.Equal(1, _count);
        first.SetResult(ReconcileResult.Done);
        (await Run("b")).SetResult(ReconcileResult.Done);
        (await Run("a")).SetResult(ReconcileResult.Done);
        queue.Add(Key("c"));
        (await Run("c")).SetResult(ReconcileResult.Done);
        Assert.Equal(4, _count);
    }

    [Fact]
    public async Task Earliest_of_two_delays_wins_and_fires_once()
    {
        var queue = await Queue();
        queue.AddAfter(Key("a"), TimeSpan.FromMinutes(10));
        queue.AddAfter(Key("a"), TimeSpan.FromSeconds(30));
        queue.AddAfter(Key("a"), TimeSpan.FromMinutes(20));
        Assert.Equal(0, await queue.NumRequeuesAsync(Key("a")));
        await Pass(TimeSpan.FromSeconds(30), () => Volatile.Read(ref _count) == 1);
        (await Run("a")).SetResult(ReconcileResult.Done);
        await PassQuietly(TimeSpan.FromMinutes(30), () => Volatile.Read(ref _count) > 1);
    }

    [Fact]
    public async Task Rate_limited_adds_wait_in_the_series_are_counted_and_forgotten()
    {
        var queue = await Queue();
        foreach (var (failures, milliseconds) in new[] { (1, 5), (2, 10), (3, 20) })
        {
            var before = Volatile.Read(ref _count);
            if (failures == 1)
                queue.AddRateLimited(Key("a"));
            Assert.Equal(failures, await queue.NumRequeuesAsync(Key("a")));
            await Pass(TimeSpan.FromMilliseconds(milliseconds), () => Volatile.Read(ref _count) > before);
            (await Run("a")).SetException(new IOException());
            await Until(() => Health.Controllers.Single().Running.Count == 0);
        }
        Assert.Equal(4, await queue.NumRequeuesAsync(Key("a")));
        queue.Forget(Key("a"));
        Assert.Equal(0, await queue.NumRequeuesAsync(Key("a")));
        // Forgetting concerns the count: what was added stays added.
        await Pass(TimeSpan.FromMilliseconds(40), () => Volatile.Read(ref _count) == 4);
        (await Run("a")).SetResult(ReconcileResult.Done);
    }

    [Fact]
    public async Task Nothing_is_worked_on_before_the_caches_are_synced_and_nothing_that_was_added_is_lost()
    {
        var queue = await Queue(null, Pods);
        queue.Add(Key("a"));
        queue.AddAfter(Key("b"), TimeSpan.FromHours(1));
        Assert.Equal(0, await queue.NumRequeuesAsync(Key("a")));
        Assert.Equal(0, Volatile.Read(ref _count));
        await Sync(Pods, 10);
        (await Run("a")).SetResult(ReconcileResult.Done);
        await Pass(TimeSpan.FromHours(1), () => Volatile.Read(ref _count) == 2);
        (await Run("b")).SetResult(ReconcileResult.Done);
    }

    [Fact]
    public async Task Shutting_down_finishes_what_runs_and_what_waits_and_takes_nothing_more()
    {
        var queue = await Queue();
        queue.Add(Key("a"));
        var run = await Run("a");
        queue.Add(Key("a"));
        queue.Add(Key("b"));
        Assert.Equal(0, await queue.NumRequeuesAsync(Key("b")));
        var down = queue.ShutDownAsync();
        queue.Add(Key("late"));
        Assert.False(down.IsCompleted);
        run.SetResult(ReconcileResult.Done);
        (await Run("b")).SetResult(ReconcileResult.Done);
        (await Run("a")).SetResult(ReconcileResult.Done);
        await down.WaitAsync(Patience);
        Assert.Equal(3, _count);
    }

    [Fact]
    public async Task Keys_added_while_another_leads_are_worked_on_when_this_process_does()
    {
        var controllers = StartControllers(leads: false);
        var queue = await Queue();
        queue.Add(Key("a"));
        Assert.Equal(0, await queue.NumRequeuesAsync(Key("a")));
        controllers.Tell(new ControllersActor.Lead());
        (await Run("a")).SetResult(ReconcileResult.Done);
    }

    [Fact]
    public async Task Keys_that_wait_when_leadership_is_lost_are_worked_on_when_it_comes_back()
    {
        var controllers = StartControllers(leads: true);
        var queue = await Queue();
        queue.Add(Key("a"));
        var run = await Run("a");
        queue.Add(Key("b"));
        Assert.Equal(0, await queue.NumRequeuesAsync(Key("b")));
        controllers.Tell(new ControllersActor.Follow());
        await Until(() => !Health.Controllers.Single().IsStarted);
        controllers.Tell(new ControllersActor.Lead());
        (await Run("b")).SetResult(ReconcileResult.Done);
        run.SetResult(ReconcileResult.Done);
        (await Run("a")).SetResult(ReconcileResult.Done);
    }

    [Fact]
    public async Task Key_that_waits_keeps_its_place_when_it_is_told_more_than_that_it_has_work()
    {
        var queue = await Queue();
        queue.Add(Key("a"));
        var run = await Run("a");
        queue.Add(Key("b"));
        queue.Add(Key("c"));
        queue.AddAfter(Key("b"), TimeSpan.FromMinutes(1));
        queue.AddRateLimited(Key("b"));
        Assert.Equal(1, await queue.NumRequeuesAsync(Key("b")));
        run.SetResult(ReconcileResult.Done);
        (await Run("b")).SetResult(ReconcileResult.Done);
        (await Run("c")).SetResult(ReconcileResult.Done);
        Assert.Equal(3, Volatile.Read(ref _count));
        await Pass(TimeSpan.FromMinutes(1), () => Volatile.Read(ref _count) == 4);
        (await Run("b")).SetResult(ReconcileResult.Done);
    }

    [Fact]
    public void News_of_a_key_is_one_value_whatever_comes()
    {
        var noon = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        var news = new KeyNews(ReconcilePriority.Background)
            .And(new KeyNews(DueAt: noon.AddHours(1), Failures: 1))
            .And(new KeyNews(ReconcilePriority.Change, noon, 2))
            .And(new KeyNews(ReconcilePriority.Retry, noon.AddHours(2)));
        Assert.Equal(new KeyNews(ReconcilePriority.Change, noon, 3), news);
    }
}
