using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Transport;
using FsCheck;
using FsCheck.Fluent;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>Objects are replaced where they lie, and yet nobody who has a snapshot sees it change.</summary>
public sealed class CacheContentTests
{
    static readonly CacheIndex ByApp = new("app", o => o.Labels.TryGetValue("app", out var app) ? [app] : []);

    static CacheStore StoreOf(params string[] names)
    {
        var store = new CacheStore([ByApp]);
        store.Apply(Replaced(1, [.. names.Select(n => Pod(n, 1))]), []);
        return store;
    }

    static string Version(CacheSnapshot snapshot, string name) => snapshot.TryGet(Key(name), out var found) ? found.ResourceVersion : "";

    [Fact]
    public void Change_is_seen_by_key_at_once_and_by_snapshots_when_its_batch_is_published()
    {
        var store = StoreOf("a", "b");
        var writing = store.Begin(2);
        store.Apply(writing, Changed(WatchEventType.Modified, Pod("a", 2)), []);
        Assert.Equal("2", Version(store.Live, "a"));
        Assert.Equal("1", store.Live.ResourceVersion);
        var kept = store.Current;
        Assert.Equal(("1", "1"), (Version(kept, "a"), kept.ResourceVersion));
        store.Apply(writing, Changed(WatchEventType.Modified, Pod("b", 3)), []);
        store.Publish(writing);
        Assert.Equal(("1", "1", "1"), (Version(kept, "a"), Version(kept, "b"), kept.ResourceVersion));
        Assert.Equal(("2", "3", "3"), (Version(store.Current, "a"), Version(store.Current, "b"), store.Current.ResourceVersion));
    }

    [Fact]
    public void Whole_new_list_is_seen_by_key_when_it_is_published()
    {
        var store = StoreOf("a", "b");
        var writing = store.Begin(1);
        store.Apply(writing, Replaced(9, Pod("a", 9)), []);
        Assert.Equal(("1", "1"), (Version(store.Live, "a"), Version(store.Live, "b")));
        store.Publish(writing);
        Assert.Equal(("9", ""), (Version(store.Live, "a"), Version(store.Live, "b")));
    }

    [Fact]
    public void Snapshot_taken_again_is_the_same_one()
    {
        var store = StoreOf("a");
        Assert.Same(store.Current, store.Current);
    }

    [Fact]
    public void Batch_that_is_abandoned_leaves_nothing_and_its_changes_are_told_when_they_come_again()
    {
        var store = StoreOf("a", "b");
        var writing = store.Begin(3);
        foreach (var version in new[] { 2, 3 })
            store.Apply(writing, Changed(WatchEventType.Modified, Pod("a", version)), []);
        store.Apply(writing, Changed(WatchEventType.Deleted, Pod("b", 4)), []);
        var kept = store.Current;
        store.Abandon();
        Assert.Equal(("1", "1"), (Version(store.Live, "a"), Version(store.Live, "b")));
        Assert.Equal(("1", "1"), (Version(store.Current, "a"), Version(kept, "a")));
        var changes = new List<CacheChange>();
        store.Apply(Replaced(9, Pod("a", 3), Pod("b", 1)), changes);
        Assert.Equal(["a@1>3"], Tell(changes));
        Assert.Equal("1", Version(kept, "a"));
    }

    [Fact]
    public void What_was_begun_and_not_published_is_undone_by_the_next_batch()
    {
        var store = StoreOf("a");
        store.Apply(store.Begin(1), Changed(WatchEventType.Modified, Pod("a", 2)), []);
        var changes = new List<CacheChange>();
        store.Apply(Changed(WatchEventType.Modified, Pod("a", 2)), changes);
        Assert.Equal(["a@1>2"], Tell(changes));
    }

    [Fact]
    public void Snapshot_is_not_made_of_what_another_batch_has_begun_to_replace()
    {
        var content = new CacheContent();
        Write(content, 1);
        content.Publish(content.Latest.ToSnapshot());
        var latest = content.Latest;
        // Between a reader's look at the batch that began last and its raising of that one's number.
        Write(content, 2);
        Assert.Equal("2", Version(content.Live, "a"));
        Assert.Null(content.TryKeep(latest));
        Assert.Equal("1", Version(content.TryKeep(content.Latest)!, "a"));
        Assert.Equal("1", Version(content.Keep(), "a"));
    }

    // What a store does with one event.
    static void Write(CacheContent content, int version)
    {
        var writing = content.Begin(1);
        var item = new HeldObject(Pod("a", version));
        if (writing.Objects.Find(Key("a")) is var slot && !(slot.IsThere && content.TryReplace(writing, slot, item)))
            writing.Objects = writing.Objects.Set(item, writing.Edit);
    }

    [Fact]
    public void Snapshots_taken_between_any_two_changes_stay_what_was_published_before() =>
        Prop.ForAll<int>(TakeSnapshotsAllAlong).QuickCheckThrowOnFailure();

    static void TakeSnapshotsAllAlong(int seed)
    {
        var random = new Random(seed);
        var store = new CacheStore([ByApp]);
        var model = new Dictionary<string, (int Version, int App)>();
        var (seen, version) = ("0", 0);
        var kept = new List<(CacheSnapshot Snapshot, string Shown)>();
        for (var round = 0; round < 40; round++)
        {
            var next = new Dictionary<string, (int Version, int App)>(model);
            var before = Show(model, seen);
            var writing = store.Begin(random.Next(12));
            for (var i = random.Next(12); i >= 0; i--)
            {
                if (random.Next(10) == 0)
                    kept.Add((store.Current, before));
                var (name, app) = ($"pod-{random.Next(80)}", random.Next(3));
                if (random.Next(5) == 0)
                {
                    store.Apply(writing, Changed(WatchEventType.Deleted, Pod(name, ++version)), []);
                    next.Remove(name);
                }
                else
                {
                    store.Apply(writing, Changed(WatchEventType.Modified, Pod(name, ++version, labels: $"\"app\":\"{app}\"")), []);
                    next[name] = (version, app);
                }
            }
            if (random.Next(8) == 0)
            {
                // At once, or by the batch that follows.
                if (random.Next(2) == 0)
                    store.Abandon();
                kept.Add((store.Current, before));
                continue;
            }
            if (random.Next(4) == 0)
                kept.Add((store.Current, before));
            store.Publish(writing);
            (model, seen) = (next, $"{version}");
            if (random.Next(4) == 0)
                kept.Add((store.Current, Show(model, seen)));
        }
        kept.Add((store.Current, Show(model, seen)));
        Assert.All(kept, k => Assert.Equal(k.Shown, Show(k.Snapshot)));
    }

    static string Show(Dictionary<string, (int Version, int App)> model, string version) => string.Join('\n', model.Select(m => $"{m.Key}@{m.Value.Version}").Order()
        .Concat(Enumerable.Range(0, 3).Select(app => $"{app}: {string.Join(',', model.Where(m => m.Value.App == app).Select(m => m.Key).Order())}"))
        .Append($"{version} {model.Count}"));

    static string Show(CacheSnapshot snapshot) => string.Join('\n', snapshot.List().Select(o => $"{o.Name}@{o.ResourceVersion}").Order()
        .Concat(Enumerable.Range(0, 3).Select(app => $"{app}: {string.Join(',', snapshot.ByIndex("app", $"{app}").Select(o => o.Name).Order())}"))
        .Append($"{(snapshot.ResourceVersion.Length == 0 ? "0" : snapshot.ResourceVersion)} {snapshot.Count}"));

    [Fact]
    public async Task Short_reads_on_other_threads_get_whole_batches()
    {
        const int Together = 6;
        const int Batches = 6000;
        var names = Enumerable.Range(0, Together).Select(i => $"pod-{i}").ToArray();
        var store = StoreOf(names);
        var cache = new ObjectCache(new CacheSpec(Pods), store, Akka.Actor.ActorRefs.Nobody, Task.CompletedTask);
        var (wrong, read, done) = (0, 0, false);
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(() =>
        {
            while (!Volatile.Read(ref done))
            {
                var found = cache.ByIndex("app", "all");
                if (found.Count is not (0 or Together) || found.Any(o => o.ResourceVersion != found[0].ResourceVersion))
                    Interlocked.Increment(ref wrong);
                if (found.Count > 0)
                    Interlocked.Increment(ref read);
                if (cache.List("default").Select(o => o.ResourceVersion).Distinct().Count() != 1)
                    Interlocked.Increment(ref wrong);
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        // At least so many batches, and until the readers have had their turn.
        for (var batch = 2; batch < Batches || Volatile.Read(ref read) < 10; batch++)
        {
            var writing = store.Begin(Together);
            foreach (var name in names)
                store.Apply(writing, Changed(WatchEventType.Modified, Pod(name, batch, labels: batch % 3 == 0 ? "\"app\":\"none\"" : "\"app\":\"all\"")), []);
            store.Publish(writing);
        }
        Volatile.Write(ref done, true);
        await Task.WhenAll(readers);
        Assert.Equal(0, wrong);
    }

    [Fact]
    public async Task Readers_on_other_threads_get_whole_batches_and_what_they_keep_never_changes()
    {
        const int Together = 6;
        const int Batches = 4000;
        var names = Enumerable.Range(0, 40).Select(i => $"pod-{i}").ToArray();
        var store = StoreOf(names);
        var wrong = 0;
        var done = false;
        // Each batch brings the first few to one version, and one of the others with it, so that nodes are shared with what changes all the time.
        bool IsWhole(CacheSnapshot snapshot)
        {
            var versions = names.Take(Together).Select(n => Version(snapshot, n)).ToArray();
            return versions.All(v => v == versions[0]) && snapshot.ResourceVersion == versions[0];
        }
        var readers = Enumerable.Range(0, 3).Select(reader => Task.Factory.StartNew(() =>
        {
            var kept = new Queue<(CacheSnapshot Snapshot, string Version)>();
            while (!Volatile.Read(ref done))
            {
                var snapshot = store.Current;
                if (!IsWhole(snapshot))
                    Interlocked.Increment(ref wrong);
                kept.Enqueue((snapshot, snapshot.ResourceVersion));
                if (kept.Count < 20)
                    continue;
                var (old, version) = kept.Dequeue();
                if (!IsWhole(old) || old.ResourceVersion != version)
                    Interlocked.Increment(ref wrong);
                // Between snapshots the writer goes back to replacing in place; without a rest it never would.
                for (var i = 0; i < 50 * reader; i++)
                    store.Live.TryGet(Key(names[i % names.Length]), out _);
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        for (var batch = 2; batch < Batches; batch++)
        {
            var writing = store.Begin(Together + 1);
            store.Apply(writing, Changed(WatchEventType.Modified, Pod(names[Together + (batch % (names.Length - Together))], batch)), []);
            for (var i = 0; i < Together; i++)
                store.Apply(writing, Changed(WatchEventType.Modified, Pod(names[i], batch)), []);
            store.Publish(writing);
        }
        Volatile.Write(ref done, true);
        await Task.WhenAll(readers);
        Assert.Equal(0, wrong);
        Assert.Equal($"{Batches - 1}", Version(store.Live, names[0]));
    }
}
