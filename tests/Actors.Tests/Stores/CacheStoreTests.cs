using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Transport;
using FsCheck;
using FsCheck.Fluent;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

public sealed class CacheStoreTests
{
    static readonly CacheIndex ByApp = new("app", o => o.Labels.TryGetValue("app", out var app) ? [app] : []);

    readonly CacheStore _store = new([ByApp]);

    string[] Apply(ReflectorEvent told)
    {
        var changes = new List<CacheChange>();
        _store.Apply(told, changes);
        return Tell(changes);
    }

    string[] Names => [.. _store.Current.List().Select(o => o.Name).Order()];

    [Fact]
    public void First_list_is_told_as_initial_additions()
    {
        Assert.False(_store.Current.HasSynced);
        Assert.Equal(["+a@1!", "+b@2!"], Apply(Replaced(5, Pod("a", 1), Pod("b", 2))));
        Assert.True(_store.Current.HasSynced);
        Assert.Equal("5", _store.Current.ResourceVersion);
    }

    [Fact]
    public void Empty_first_list_is_synced_too()
    {
        Assert.Empty(Apply(Replaced(5)));
        Assert.True(_store.Current.HasSynced);
    }

    [Fact]
    public void Vanished_objects_leave_tombstones_with_their_last_state()
    {
        Apply(Replaced(5, Pod("a", 1), Pod("b", 2), Pod("c", 3)));
        Apply(Changed(WatchEventType.Modified, Pod("b", 6)));
        Assert.Equal(["c@3>9", "+d@8", "-a@1?", "-b@6?"], Apply(Replaced(10, Pod("c", 9), Pod("d", 8))).OrderBy(t => t[0] switch { '-' => 2, '+' => 1, _ => 0 }).ThenBy(t => t));
        Assert.Equal(["c", "d"], Names);
    }

    [Fact]
    public void Object_that_existed_only_in_watch_events_is_gone_after_a_relist_without_it()
    {
        Apply(Replaced(5));
        Apply(Changed(WatchEventType.Added, Pod("a", 6)));
        Assert.Equal(["-a@6?"], Apply(Replaced(10)));
        Assert.Empty(Names);
    }

    [Fact]
    public void Relist_tells_nothing_of_what_did_not_change_and_keeps_the_instance()
    {
        Apply(Replaced(5, Pod("a", 1)));
        _store.Current.TryGet(Key("a"), out var held);
        Assert.Empty(Apply(Replaced(9, Pod("a", 1))));
        _store.Current.TryGet(Key("a"), out var still);
        Assert.Same(held, still);
    }

    [Fact]
    public void Another_uid_under_the_same_name_is_a_deletion_and_an_addition()
    {
        Apply(Replaced(5, Pod("a", 1, "one")));
        Assert.Equal(["-a@1?", "+a@7"], Apply(Replaced(9, Pod("a", 7, "two"))));
    }

    [Fact]
    public void Watch_events_are_judged_by_what_is_held()
    {
        Apply(Replaced(5, Pod("a", 1)));
        Assert.Equal(["a@1>6"], Apply(Changed(WatchEventType.Added, Pod("a", 6))));
        Assert.Empty(Apply(Changed(WatchEventType.Modified, Pod("a", 6))));
        Assert.Equal(["+b@7"], Apply(Changed(WatchEventType.Modified, Pod("b", 7))));
        Assert.Equal(["-b@8"], Apply(Changed(WatchEventType.Deleted, Pod("b", 8))));
        Assert.Empty(Apply(Changed(WatchEventType.Deleted, Pod("b", 9))));
    }

    [Fact]
    public void Content_is_never_ahead_of_the_version_it_reports_nor_behind()
    {
        Apply(Replaced(5, Pod("a", 1)));
        var before = _store.Current;
        Apply(Changed(WatchEventType.Modified, Pod("a", 6)));
        Assert.True(before.TryGet(Key("a"), out var old));
        Assert.Equal(("5", "1"), (before.ResourceVersion, old.ResourceVersion));
        Assert.True(_store.Current.TryGet(Key("a"), out var now));
        Assert.Equal(("6", "6"), (_store.Current.ResourceVersion, now.ResourceVersion));
    }

    [Fact]
    public void Bookmark_moves_the_version_without_a_change()
    {
        Apply(Replaced(5, Pod("a", 1)));
        Assert.Empty(Apply(new ReflectorEvent.Bookmarked("50")));
        Assert.Equal("50", _store.Current.ResourceVersion);
    }

    [Fact]
    public void Index_follows_the_objects_and_drops_empty_buckets()
    {
        Apply(Replaced(5, Pod("a", 1, labels: "\"app\":\"x\""), Pod("b", 2, labels: "\"app\":\"x\"")));
        Assert.Equal(2, _store.Current.ByIndex("app", "x").Count);
        Apply(Changed(WatchEventType.Modified, Pod("a", 6, labels: "\"app\":\"y\"")));
        Assert.Equal("b", Assert.Single(_store.Current.ByIndex("app", "x")).Name);
        Assert.Equal("6", Assert.Single(_store.Current.ByIndex("app", "y")).ResourceVersion);
        Apply(Changed(WatchEventType.Deleted, Pod("b", 7, labels: "\"app\":\"x\"")));
        Assert.Equal(["y"], _store.Current.IndexValues("app"));
        Apply(Replaced(9));
        Assert.Empty(_store.Current.IndexValues("app"));
        Assert.Empty(_store.Current.IndexValues("namespace"));
        Assert.Equal(0, _store.Current.Bytes);
    }

    [Fact]
    public void Index_added_later_knows_what_is_there()
    {
        Apply(Replaced(5, Pod("a", 1), Pod("b", 2, ns: "other")));
        _store.AddIndex(new CacheIndex("first", o => [o.Name[..1]]));
        Assert.Equal("a", Assert.Single(_store.Current.ByIndex("first", "a")).Name);
    }

    [Fact]
    public void Unknown_index_is_named_beside_those_that_exist()
    {
        var error = Assert.Throws<ArgumentException>(() => _store.Current.ByIndex("owner", "x"));
        Assert.Contains("'owner'", error.Message);
        Assert.Contains("'app'", error.Message);
    }

    [Fact]
    public void Throwing_index_function_is_reported_and_harms_its_index_alone()
    {
        var failed = new List<string>();
        _store.IndexFailed += (index, item, _) => failed.Add($"{index.Name}:{item.Name}");
        _store.AddIndex(new CacheIndex("bad", _ => throw new FormatException()));
        Apply(Replaced(5, Pod("a", 1, labels: "\"app\":\"x\"")));
        Assert.Equal(["bad:a"], failed);
        Assert.Single(_store.Current.ByIndex("app", "x"));
    }

    [Fact]
    public void Lists_by_namespace_and_label()
    {
        Apply(Replaced(5, Pod("a", 1, labels: "\"app\":\"x\""), Pod("b", 2, ns: "other", labels: "\"app\":\"x\""), Pod("c", 3)));
        var snapshot = _store.Current;
        Assert.Equal(["a", "c"], snapshot.List("default").Select(o => o.Name).Order());
        Assert.Equal(["a", "b"], snapshot.List(null, LabelSelector.Parse("app=x")).Select(o => o.Name).Order());
        Assert.Equal(["b"], snapshot.List("other", LabelSelector.Parse("app")).Select(o => o.Name));
        Assert.Empty(snapshot.List("nowhere"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lists_by_fields_with_an_index_and_without(bool indexed)
    {
        static KubeObject On(string name, int version, string node, string phase) => KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(
            $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"default","uid":"u{{{name}}}","resourceVersion":"{{{version}}}"},"spec":{"nodeName":"{{{node}}}","hostNetwork":true},"status":{"phase":"{{{phase}}}"}}"""));
        if (indexed)
            _store.AddIndex(CacheIndex.ByField("spec.nodeName"));
        Apply(Replaced(5, On("a", 1, "n1", "Running"), On("b", 2, "n1", "Succeeded"), On("c", 3, "n2", "Running"), Pod("d", 4)));
        string[] Select(string fields, string? ns = null) => [.. _store.Current.List(ns, null, FieldSelector.Parse(fields)).Select(o => o.Name).Order()];
        Assert.Equal(["a", "b"], Select("spec.nodeName=n1"));
        Assert.Equal(["a"], Select("spec.nodeName=n1,status.phase!=Succeeded"));
        Assert.Equal(["a", "c", "d"], Select("status.phase!=Succeeded"));
        Assert.Equal(["d"], Select("spec.nodeName="));
        Assert.Equal(["a", "b", "c"], Select("spec.hostNetwork=true"));
        Assert.Equal(["c"], Select("metadata.name=c,metadata.namespace=default"));
        Assert.Empty(Select("spec.nodeName=n1", "other"));
        Apply(Changed(WatchEventType.Modified, On("a", 6, "n2", "Running")));
        Assert.Equal(["a", "c"], Select("spec.nodeName=n2"));
    }

    [Fact]
    public void Among_many_objects_what_events_replace_is_looked_at_before_and_nothing_else()
    {
        const int Many = 10_000;
        Apply(Replaced(1, [.. Enumerable.Range(0, Many).Select(i => Pod($"pod-{i}", 1))]));
        ReflectorEvent[] told = [.. Enumerable.Range(Many - 3, 6).Select(i => Changed(WatchEventType.Modified, Pod($"pod-{i}", 2)))];
        // Three of the six are there, each with the version "1".
        Assert.Equal(3 * '1', _store.Touch(told));
        Assert.Equal(0, _store.Touch(told.AsSpan(0, 3)));
        Assert.Equal("1", _store.Current.ResourceVersion);
        Apply(Changed(WatchEventType.Deleted, Pod("pod-0", 3)));
        Assert.Equal(0, _store.Touch(told));
    }

    [Fact]
    public async Task Readers_see_whole_states_while_the_writer_writes()
    {
        // Two objects that always change together by a relist: a reader must never see one new and one old.
        Apply(Replaced(1, Pod("a", 1), Pod("b", 1)));
        var torn = 0;
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var snapshot = _store.Current;
                snapshot.TryGet(Key("a"), out var a);
                snapshot.TryGet(Key("b"), out var b);
                if (a!.ResourceVersion != b!.ResourceVersion || a.ResourceVersion != snapshot.ResourceVersion)
                    Interlocked.Increment(ref torn);
            }
        })).ToArray();
        for (var version = 2; version < 3000; version++)
            Apply(Replaced(version, Pod("a", version), Pod("b", version)));
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(0, torn);
    }

    [Fact]
    public void Events_written_together_leave_what_they_leave_one_by_one_and_no_snapshot_changes() =>
        Prop.ForAll<int>(WriteTogetherAndOneByOne).QuickCheckThrowOnFailure();

    static void WriteTogetherAndOneByOne(int seed)
    {
        var random = new Random(seed);
        var (alone, together) = (new CacheStore([ByApp]), new CacheStore([ByApp]));
        var version = 100;
        for (var round = 0; round < 12; round++)
        {
            var told = new ReflectorEvent[random.Next(1, 40)];
            for (var i = 0; i < told.Length; i++)
            {
                var name = $"pod-{random.Next(60)}";
                var type = random.Next(3) == 0 ? WatchEventType.Deleted : WatchEventType.Modified;
                told[i] = Changed(type, Pod(name, ++version, labels: $"\"app\":\"{random.Next(4)}\""));
            }
            var before = together.Current;
            var shown = Show(before);
            var (one, all) = (new List<CacheChange>(), new List<CacheChange>());
            foreach (var item in told)
                alone.Apply(item, one);
            var writing = together.Begin(told.Length);
            foreach (var item in told)
                together.Apply(writing, item, all);
            Assert.Same(before, together.Current);
            together.Publish(writing);
            Assert.Equal(Tell(one), Tell(all));
            Assert.Equal(Show(alone.Current), Show(together.Current));
            Assert.Equal(shown, Show(before));
        }
        static string Show(CacheSnapshot snapshot) => string.Join('\n', snapshot.List().Select(o => $"{o.Name}@{o.ResourceVersion}").Order()
            .Concat(snapshot.IndexValues("app").Order().Select(app => $"{app}: {string.Join(',', snapshot.ByIndex("app", app).Select(o => o.Name).Order())}"))
            .Append($"{snapshot.ResourceVersion} {snapshot.Count} {snapshot.Bytes} {snapshot.List("default").Count}"));
    }
}
