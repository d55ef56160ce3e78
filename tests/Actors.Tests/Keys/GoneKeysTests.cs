using ActorKube.Models;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>Keys that vanished: remembered for a while, and never too many.</summary>
public sealed class GoneKeysTests
{
    static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Wanted_keys_are_told_once_and_others_stay()
    {
        var gone = new GoneKeys(TimeSpan.FromMinutes(10), 100);
        gone.Remember(Key("a1"), Start);
        gone.Remember(Key("b1"), Start);
        Assert.Equal([Key("a1")], gone.Take(Start, static k => k.Name[0] == 'a'));
        Assert.Empty(gone.Take(Start, static k => k.Name[0] == 'a'));
        Assert.Equal([Key("b1")], gone.Take(Start, static _ => true));
    }

    [Fact]
    public void Keys_are_forgotten_after_a_while_counted_from_when_they_vanished_last()
    {
        var gone = new GoneKeys(TimeSpan.FromMinutes(10), 100);
        gone.Remember(Key("a"), Start);
        gone.Remember(Key("b"), Start);
        gone.Remember(Key("a"), Start.AddMinutes(8));
        Assert.Equal([Key("a")], gone.Take(Start.AddMinutes(11), static _ => true));
    }

    [Fact]
    public void Of_too_many_the_oldest_go()
    {
        var gone = new GoneKeys(TimeSpan.FromMinutes(10), 3);
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
            gone.Remember(Key(name), Start);
        Assert.Equal(3, gone.Count);
        Assert.Equal(["c", "d", "e"], gone.Take(Start, static _ => true).Select(static k => k.Name).Order());
    }
}
