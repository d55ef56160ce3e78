using ActorKube.Models;

namespace ActorKube.Actors.Tests;

public sealed class EventSeriesTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    readonly EventSeries _series = new(new EventOptions());

    CorrelatedEvent? Tell(double minutes, string message = "pulled", string name = "a") =>
        _series.Correlate(new EventFacts(new GroupVersionKind("", "v1", "Pod"), new NamespacedName("default", name), "uid", "1", "Normal", "Pulled", message, Noon.AddMinutes(minutes)));

    [Fact]
    public void Second_event_of_a_kind_makes_a_series_and_the_rest_is_told_now_and_then()
    {
        var first = Tell(0)!;
        var second = Tell(1, "another message")!;
        Assert.Equal((first.Name, 2, Noon), (second.Name, second.Count, second.First));
        for (var minute = 2; minute < 28; minute++)
            Assert.Null(Tell(minute));
        Assert.Empty(_series.Tick(Noon.AddMinutes(28)));
        Assert.Null(Tell(29));
        var refreshed = Assert.Single(_series.Tick(Noon.AddMinutes(30)));
        Assert.Equal((first.Name, 29, Noon.AddMinutes(29)), (refreshed.Name, refreshed.Count, refreshed.Facts.At));
        Assert.Empty(_series.Tick(Noon.AddMinutes(31)));
    }

    [Fact]
    public void Series_that_nothing_was_added_to_for_six_minutes_is_told_a_last_time_and_the_next_event_is_new()
    {
        var first = Tell(0)!;
        Tell(1);
        Tell(2);
        Assert.Empty(_series.Tick(Noon.AddMinutes(7)));
        Assert.Equal(3, Assert.Single(_series.Tick(Noon.AddMinutes(8))).Count);
        Assert.Empty(_series.Tick(Noon.AddMinutes(14)));
        var next = Tell(15)!;
        Assert.Equal(1, next.Count);
        Assert.NotEqual(first.Name, next.Name);
    }

    [Fact]
    public void Single_events_are_forgotten_without_a_word_and_other_objects_are_other_series()
    {
        Tell(0);
        Assert.Equal(1, Tell(0, name: "b")!.Count);
        Assert.Empty(_series.Tick(Noon.AddMinutes(6)));
        Assert.Equal(1, Tell(7)!.Count);
    }
}
