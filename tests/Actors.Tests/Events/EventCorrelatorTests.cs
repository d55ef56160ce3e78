using ActorKube.Models;

namespace ActorKube.Actors.Tests;

public sealed class EventCorrelatorTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    readonly EventCorrelator _correlator = new(new EventOptions());

    CorrelatedEvent? Tell(string message, double seconds = 0, string name = "a") =>
        _correlator.Correlate(new EventFacts(new GroupVersionKind("", "v1", "Pod"), new NamespacedName("default", name), "uid", "1", "Normal", "Pulled", message, Noon.AddSeconds(seconds)));

    [Fact]
    public void Same_event_again_is_counted()
    {
        var first = Tell("pulled")!;
        Assert.False(first.IsRepeat);
        var second = Tell("pulled", 5)!;
        Assert.Equal((2, first.Name, Noon), (second.Count, second.Name, second.First));
    }

    [Fact]
    public void Different_objects_and_messages_are_different_events()
    {
        Assert.Equal(1, Tell("pulled")!.Count);
        Assert.Equal(1, Tell("pushed", 1)!.Count);
        Assert.Equal(1, Tell("pulled", 2, "b")!.Count);
    }

    [Fact]
    public void Tenth_distinct_message_and_all_after_it_are_told_as_one()
    {
        for (var i = 1; i < 10; i++)
            Assert.Equal($"message {i}", Tell($"message {i}", i)!.Facts.Message);
        var combined = Tell("message 10", 10)!;
        Assert.Equal("(combined from similar events): message 10", combined.Facts.Message);
        var next = Tell("message 11", 11)!;
        Assert.Equal((2, combined.Name), (next.Count, next.Name));
    }

    [Fact]
    public void Message_that_was_told_by_itself_before_is_still_counted_by_itself()
    {
        for (var i = 1; i <= 10; i++)
            Tell($"message {i}", i);
        var again = Tell("message 1", 11)!;
        Assert.Equal(("message 1", 2), (again.Facts.Message, again.Count));
    }

    [Fact]
    public void Quiet_time_ends_the_combining()
    {
        for (var i = 0; i < 12; i++)
            Tell($"message {i}", i);
        Assert.Equal("fresh", Tell("fresh", 700)!.Facts.Message);
    }

    [Fact]
    public void Object_that_makes_too_many_is_not_listened_to_for_five_minutes_an_event()
    {
        for (var i = 0; i < 25; i++)
            Assert.NotNull(Tell("same"));
        Assert.Null(Tell("same", 1));
        Assert.NotNull(Tell("same", 1, "other"));
        Assert.Null(Tell("same", 299));
        // What was not told was counted all the same.
        Assert.Equal(28, Tell("same", 301)!.Count);
        Assert.Null(Tell("same", 302));
    }

    [Fact]
    public void Event_that_the_server_lost_is_told_anew()
    {
        Tell("pulled");
        var again = Tell("pulled", 60)!.Anew();
        Assert.Equal((1, Noon.AddSeconds(60)), (again.Count, again.First));
    }

    [Fact]
    public void Remembers_so_many_and_no_more()
    {
        var map = new LruMap<int, int>(100);
        for (var i = 0; i < 1000; i++)
        {
            map.Set(i, i);
            map.TryGet(0, out _);
        }
        Assert.Equal(100, map.Count);
        Assert.True(map.TryGet(0, out _));
        Assert.False(map.TryGet(500, out _));
    }
}
