using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using static ActorKube.Streams.Tests.Make;

namespace ActorKube.Streams.Tests;

/// <summary>The list+watch loop's decisions about events: what moves the version, what is odd, and a state that is streamed.</summary>
public sealed class ReflectorLoopEventTests
{
    static readonly ListAndWatchSettings Lists = new() { StreamInitialEvents = false };
    static readonly ListAndWatchSettings Streams = new();

    // ---- 8, 9: what moves the version ----

    [Fact]
    public void Bookmark_moves_the_version_and_is_no_change()
    {
        var loop = new RunningLoop(Lists).Listed(10).Event(Bookmark(50));
        Assert.Equal("50", Assert.IsType<ReflectorEvent.Bookmarked>(loop.Tells).Version);
        Assert.Equal("50", loop.Closes(300).Watches.ResourceVersion);
    }

    [Fact]
    public void Synthetic_added_events_do_not_move_the_version_until_another_type_comes()
    {
        var loop = new RunningLoop(Lists).Page(0, null);
        Assert.Equal("0", loop.Watches.ResourceVersion);
        loop.Event(Added("a", 70)).Event(Added("b", 60));
        Assert.Null(loop.Tells!.ResourceVersion);
        Assert.Equal("0", loop.State.Version);
        loop.Event(Modified("b", 71));
        Assert.Equal("71", loop.State.Version);
        loop.Event(Added("c", 72));
        Assert.Equal("72", loop.State.Version);
    }

    // ---- 10, 12: odd events ----

    [Fact]
    public void Malformed_event_is_reported_and_skipped_and_the_watch_lives()
    {
        var loop = new RunningLoop(Lists).Listed(10).Event(Malformed("not JSON at byte 17"));
        Assert.Equal(TroubleKind.Malformed, loop.Trouble.Kind);
        Assert.Contains("not JSON at byte 17", loop.Trouble.Message);
        Assert.IsType<LoopAction.Read>(loop.Does);
        loop.Event(new WatchEvent(WatchEventType.Error, null, Malformed: "a frame of 3 bytes"));
        Assert.Equal(TroubleKind.Malformed, loop.Trouble.Kind);
        loop.Event(Modified("a", 11));
        Assert.Equal("11", loop.State.Version);
    }

    [Theory]
    [InlineData("Table")]
    [InlineData("Service")]
    public void Object_of_another_kind_is_reported_and_skipped(string kind)
    {
        var loop = new RunningLoop(Lists).Listed(10).Event(new WatchEvent(WatchEventType.Added, Pod("x", 20, kind)));
        Assert.Equal(TroubleKind.Malformed, loop.Trouble.Kind);
        Assert.Equal("10", loop.State.Version);
        Assert.IsType<LoopAction.Read>(loop.Does);
    }

    [Fact]
    public void List_item_of_another_kind_is_left_out_and_reported()
    {
        var loop = new RunningLoop(Lists).Page(10, null, Pod("a", 1), Pod("x", 2, "Service"));
        Assert.Equal(["a@1"], loop.Replaced);
        Assert.Contains("Service", ((ReflectorEvent.Replaced)loop.Tells!).Skipped!.Message);
    }

    [Fact]
    public void Error_event_forces_a_relist_that_replaces_the_set()
    {
        var loop = new RunningLoop(Lists).Listed(10).Event(Error(500, "Unknown", "unsafe delete"));
        Assert.True(loop.Trouble.Relists);
        loop.WaitIsOver().Page(20, null, Pod("b", 15));
        Assert.Equal(["b@15"], loop.Replaced);
    }

    // ---- 13-17: streamed initial events ----

    [Fact]
    public void Streamed_state_is_told_only_at_the_annotated_bookmark()
    {
        var loop = new RunningLoop(Streams);
        Assert.Equal((true, ResourceVersionMatch.NotOlderThan, null), (loop.Watches.SendInitialEvents, loop.Watches.ResourceVersionMatch, loop.Watches.ResourceVersion));
        Assert.Null(loop.Event(Added("a", 5)).Tells);
        Assert.Null(loop.Event(Bookmark(6)).Tells);
        Assert.Null(loop.Event(Added("b", 3)).Tells);
        loop.Event(Bookmark(9, endsInitialEvents: true));
        Assert.Equal(["a@5", "b@3"], loop.Replaced);
        Assert.Equal("9", loop.State.Version);
        // From here on it is a watch like any other: ten minutes at most, and half a minute that it may be late.
        Assert.Equal(new LoopAction.Read(TimeSpan.FromMinutes(10.5)), loop.Does);
        loop.Event(Modified("a", 10));
        Assert.Equal("10", loop.Closes(300).Watches.ResourceVersion);
        Assert.Null(loop.Watches.SendInitialEvents);
    }

    [Fact]
    public void Changes_while_streaming_count_in_the_set_that_is_told()
    {
        var loop = new RunningLoop(Streams).Event(Added("a", 1)).Event(Added("b", 2)).Event(Modified("a", 4)).Event(Deleted("b", 5)).Event(Added("c", 3));
        loop.Event(Bookmark(9, endsInitialEvents: true));
        Assert.Equal(["a@4", "c@3"], loop.Replaced);
    }

    [Fact]
    public void Stream_that_ends_before_its_bookmark_starts_clean()
    {
        var loop = new RunningLoop(Streams).Event(Added("a", 1)).Closes(2);
        Assert.Equal(0.8, loop.Waits);
        Assert.True(loop.WaitIsOver().Watches.SendInitialEvents);
        loop.Event(Added("b", 2)).Event(Bookmark(9, endsInitialEvents: true));
        Assert.Equal(["b@2"], loop.Replaced);
    }

    [Fact]
    public void Server_that_cannot_stream_is_listed_and_nothing_half_read_leaks()
    {
        var loop = new RunningLoop(Streams).Event(Added("a", 1)).Event(Error(422, "Invalid", "sendInitialEvents is forbidden"));
        Assert.Equal(TroubleKind.NoInitialEvents, loop.Trouble.Kind);
        Assert.Equal("0", loop.Lists.ResourceVersion);
        loop.Page(10, null, Pod("b", 2));
        Assert.Equal(["b@2"], loop.Replaced);
        loop.Event(Error(410, "Expired")).WaitIsOver();
        Assert.Equal("10", loop.Lists.ResourceVersion);
    }

    [Fact]
    public void Missing_end_bookmark_falls_back_to_lists_at_the_deadline()
    {
        var loop = new RunningLoop(Streams);
        Assert.Equal(60, ((LoopAction.Watch)loop.Does).Deadline.TotalSeconds);
        loop.Event(Added("a", 1)).Meets(LoopInput.Overdue);
        Assert.Equal("0", loop.Lists.ResourceVersion);
    }

    [Fact]
    public void Expired_stream_asks_at_once_for_the_newest()
    {
        var loop = new RunningLoop(Streams with { StartVersion = "7" });
        Assert.Equal("7", loop.Watches.ResourceVersion);
        loop.Fails(Failure(410, "Expired"));
        Assert.Null(loop.Watches.ResourceVersion);
        Assert.True(loop.Watches.SendInitialEvents);
    }

    [Fact]
    public void Transform_is_applied_to_streamed_listed_and_watched_objects()
    {
        KubeObject Rename(KubeObject o) => Pod("T" + o.Name, int.Parse(o.ResourceVersion));
        var streamed = new RunningLoop(Streams with { Transform = Rename }).Event(Added("a", 1)).Event(Bookmark(9, endsInitialEvents: true));
        Assert.Equal(["Ta@1"], streamed.Replaced);
        var listed = new RunningLoop(Lists with { Transform = Rename }).Listed();
        Assert.Equal(["Ta@5"], listed.Replaced);
        Assert.Equal("Tb", ((ReflectorEvent.Changed)listed.Event(Added("b", 11)).Tells!).Object.Name);
    }

    [Fact]
    public void Throwing_transform_skips_its_object_alone()
    {
        var loop = new RunningLoop(Lists with { Transform = o => o.Name == "bad" ? throw new FormatException("oops") : o }).Listed(10);
        loop.Event(Added("bad", 11));
        Assert.Contains("oops", loop.Trouble.Message);
        loop.Event(Added("good", 12));
        Assert.IsType<ReflectorEvent.Changed>(loop.Tells);
    }
}
