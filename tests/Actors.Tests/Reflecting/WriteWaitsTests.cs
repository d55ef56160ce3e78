using ActorKube.Transport;
using Akka.TestKit.Xunit2;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

public sealed class WriteWaitsTests : TestKit
{
    readonly CacheStore _store = new([]);
    readonly WriteWaits _waits = new();

    void Wait(string token, string name, string version, string uid = "") => _waits.Add(new ObjectCache.WhenSeen(token, new ObjectWrite(Make.Pods, Key(name), version, uid)), TestActor, _store.Current);

    void Apply(Streams.ReflectorEvent told)
    {
        var changes = new List<CacheChange>();
        _store.Apply(told, changes);
        _waits.Tell(_store.Current, changes);
    }

    [Fact]
    public void Writes_are_seen_in_the_order_of_their_versions_and_deletions_when_the_object_is_gone()
    {
        Apply(Replaced(10, Pod("a", 5), Pod("b", 6)));
        Wait("old", "a", "4");
        Assert.Equal("old", ExpectMsg<ObjectCache.Seen>().Token);
        Wait("opaque", "a", "x7");
        Assert.Equal("opaque", ExpectMsg<ObjectCache.Seen>().Token);
        Wait("thirty", "c", "30");
        Wait("twelve", "b", "12");
        Wait("gone", "a", "", "uid-a");
        Wait("gone already", "z", "");
        Assert.Equal("gone already", ExpectMsg<ObjectCache.Seen>().Token);
        Assert.Equal(3, _waits.Count);
        Apply(Changed(WatchEventType.Modified, Pod("b", 12)));
        Assert.Equal("twelve", ExpectMsg<ObjectCache.Seen>().Token);
        Apply(Changed(WatchEventType.Modified, Pod("a", 13)));
        Assert.False(HasMessages);
        Apply(Changed(WatchEventType.Deleted, Pod("a", 14)));
        Assert.Equal("gone", ExpectMsg<ObjectCache.Seen>().Token);
        Apply(new Streams.ReflectorEvent.Bookmarked("31"));
        Assert.Equal("thirty", ExpectMsg<ObjectCache.Seen>().Token);
        Assert.Equal(0, _waits.Count);
    }

    [Fact]
    public void Object_replaced_under_its_name_counts_as_gone()
    {
        Apply(Replaced(10, Pod("a", 5)));
        Wait("gone", "a", "", "uid-a");
        Apply(Replaced(20, Pod("a", 15, uid: "another")));
        Assert.Equal("gone", ExpectMsg<ObjectCache.Seen>().Token);
    }
}
