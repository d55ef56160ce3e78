using ActorKube.Models;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

public sealed class PendingChangesTests
{
    readonly PendingChanges _pending = new();

    static CacheChange Added(int v, string name = "a", string? uid = null, bool initial = false) => new CacheChange.Added(Pod(name, v, uid), initial);

    static CacheChange Modified(int old, int now, string name = "a") => new CacheChange.Modified(Pod(name, old), Pod(name, now));

    static CacheChange Deleted(int v, string name = "a", bool unknown = false) => new CacheChange.Deleted(Pod(name, v), unknown);

    string[] Taken(params CacheChange[] changes)
    {
        foreach (var change in changes)
            _pending.Add(change);
        return Tell(_pending.Take(100));
    }

    [Fact]
    public void Modifications_of_a_key_become_one_from_the_oldest_to_the_newest() =>
        Assert.Equal(["a@1>4"], Taken(Modified(1, 2), Modified(2, 3), Modified(3, 4)));

    [Fact]
    public void Addition_and_modification_become_the_addition_of_the_newest() =>
        Assert.Equal(["+a@3!"], Taken(Added(1, initial: true), Modified(1, 3)));

    [Fact]
    public void What_came_and_went_unseen_is_not_told()
    {
        Assert.Empty(Taken(Added(1), Modified(1, 2), Deleted(3)));
        Assert.Equal(0, _pending.Count);
    }

    [Fact]
    public void Modification_and_deletion_become_the_deletion_of_the_last_state() =>
        Assert.Equal(["-a@3?"], Taken(Modified(1, 2), Deleted(3, unknown: true)));

    [Fact]
    public void Replacement_under_the_same_name_tells_both_ends() =>
        Assert.Equal(["-a@2", "+a@5"], Taken(Modified(1, 2), Deleted(2), Added(4, uid: "other"), Modified(4, 5)));

    [Fact]
    public void Replacement_that_went_too_tells_the_first_deletion_only() =>
        Assert.Equal(["-a@2"], Taken(Deleted(2), Added(4, uid: "other"), Deleted(5)));

    [Fact]
    public void Reminder_never_hides_a_change()
    {
        var same = Pod("a", 2);
        Assert.Equal(["a@1>2"], Taken(Modified(1, 2), new CacheChange.Modified(same, same)));
        Assert.Equal(["a@2>3"], Taken(new CacheChange.Modified(same, same), Modified(2, 3)));
    }

    [Fact]
    public void Keys_are_taken_in_the_order_of_their_first_change()
    {
        foreach (var change in new[] { Added(1), Added(2, "b"), Added(3, "c"), Modified(1, 4) })
            _pending.Add(change);
        Assert.Equal(["+a@4", "+b@2"], Tell(_pending.Take(2)));
        Assert.Equal(["+c@3"], Tell(_pending.Take(2)));
    }

    [Fact]
    public void Memory_is_bounded_by_keys_however_long_nobody_takes()
    {
        for (var round = 0; round < 1000; round++)
        {
            foreach (var name in new[] { "a", "b", "c" })
            {
                _pending.Add(Added(round, name));
                _pending.Add(Modified(round, round + 1, name));
                if (round < 999)
                    _pending.Add(Deleted(round + 1, name));
            }
        }
        Assert.Equal(3, _pending.Count);
        Assert.Equal(3, _pending.Take(100).Count);
        Assert.Empty(_pending.Take(100));
    }
}
