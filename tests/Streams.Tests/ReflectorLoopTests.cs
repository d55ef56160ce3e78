using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using static ActorKube.Streams.Tests.Make;

namespace ActorKube.Streams.Tests;

/// <summary>The list+watch loop's decisions, one input at a time: no stream, no clock, no I/O.</summary>
public sealed class ReflectorLoopTests
{
    static readonly ListAndWatchSettings Lists = new() { StreamInitialEvents = false };
    static readonly ListAndWatchSettings Streams = new();

    /// <summary>A loop under test: remembers the state and what it was last told to do.</summary>
    sealed class Running
    {
        readonly ReflectorLoop _loop;
        LoopStep _step;

        public Running(ListAndWatchSettings settings, double random = 0)
        {
            _loop = new ReflectorLoop(Pods, null, settings, () => random);
            _step = _loop.Start(Now);
        }

        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

        public ReflectorState State => _step.State;

        public LoopAction Does => _step.Do;

        public ReflectorEvent? Tells => _step.Tell;

        public ListOptions Lists => Assert.IsType<LoopAction.List>(Does).Options;

        public ListOptions Watches => Assert.IsType<LoopAction.Watch>(Does).Options;

        public double Waits => Assert.IsType<LoopAction.Wait>(Does).Delay.TotalSeconds;

        public ReflectorTrouble Trouble => Assert.IsType<ReflectorEvent.Troubled>(Tells).Trouble;

        public string[] Replaced => [.. Assert.IsType<ReflectorEvent.Replaced>(Tells).Objects.Select(o => $"{o.Name}@{o.ResourceVersion}")];

        public Running Meets(LoopInput input)
        {
            _step = _loop.Step(_step.State, input, Now);
            return this;
        }

        public Running Page(int version, string? next, params KubeObject[] items) => Meets(LoopInput.Page(new KubeList("v1", "PodList", items, version.ToString(), next ?? "", null)));

        public Running Event(WatchEvent watchEvent) => Meets(LoopInput.Event(watchEvent));

        public Running Fails(Exception error) => Meets(LoopInput.Failed(error));

        public Running Closes(double afterSeconds)
        {
            Now = Now.AddSeconds(afterSeconds);
            return Meets(LoopInput.Closed);
        }

        public Running WaitIsOver()
        {
            Now = Now.AddSeconds(Waits);
            return Meets(LoopInput.Elapsed);
        }

        public Running Listed(int version = 10) => Page(version, null, Pod("a", 5));
    }

    // ---- 1-3: versions of lists ----

    [Fact]
    public void First_list_asks_for_any_version_and_a_relist_for_the_last_one()
    {
        var loop = new Running(Lists);
        Assert.Equal("0", loop.Lists.ResourceVersion);
        loop.Listed(10);
        Assert.Equal(["a@5"], loop.Replaced);
        Assert.Equal("10", loop.Watches.ResourceVersion);
        loop.Event(Modified("a", 12)).Event(Error(500, "Whatever"));
        loop.WaitIsOver();
        Assert.Equal("12", loop.Lists.ResourceVersion);
    }

    [Fact]
    public void Expired_relist_is_retried_once_at_once_for_the_newest()
    {
        var loop = new Running(Lists).Listed().Event(Error(410, "Expired")).WaitIsOver();
        loop.Fails(Failure(410, "Expired"));
        Assert.Null(loop.Lists.ResourceVersion);
        loop.Fails(Failure(410, "Expired"));
        Assert.Equal(1.6, loop.Waits);
        loop.WaitIsOver();
        Assert.Null(loop.Lists.ResourceVersion);
        loop.Listed(30);
        loop.Event(Error(500, "Whatever")).WaitIsOver();
        Assert.Equal("30", loop.Lists.ResourceVersion);
    }

    [Theory]
    [InlineData("Timeout", "Too large resource version: 9, current: 3")]
    [InlineData("Timeout", "ResourceVersionTooLarge")]
    public void Too_large_version_is_retried_at_once_for_the_newest(string reason, string message)
    {
        var loop = new Running(Lists).Listed().Event(Error(410, "Expired")).WaitIsOver();
        var status = Status(504, reason, message);
        status.Details = new V1StatusDetails { Causes = [new V1StatusCause { Reason = message }] };
        loop.Fails(new KubernetesException(status));
        Assert.Null(loop.Lists.ResourceVersion);
        Assert.Equal(TroubleKind.VersionTooLarge, loop.Trouble.Kind);
    }

    [Fact]
    public void Expired_watch_relists_at_the_last_version_after_a_pause()
    {
        foreach (var input in new[] { LoopInput.Event(Error(410, "Expired")), LoopInput.Failed(Failure(410, "Gone")) })
        {
            var loop = new Running(Lists).Listed(10).Meets(input);
            Assert.Equal(TroubleKind.Expired, loop.Trouble.Kind);
            Assert.Equal(0.8, loop.Waits);
            Assert.Equal("10", loop.WaitIsOver().Lists.ResourceVersion);
        }
    }

    // ---- 4, 5: patience without relisting ----

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Busy_or_refusing_server_is_watched_again_with_pauses_and_no_list(bool busy)
    {
        Exception error = busy ? Failure(429, "TooManyRequests") : new HttpRequestException("connection refused");
        var loop = new Running(Lists).Listed(10);
        foreach (var expected in new[] { 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30 })
        {
            loop.Fails(error);
            Assert.Equal(expected, loop.Waits, 6);
            Assert.False(loop.Trouble.Relists);
            Assert.Equal("10", loop.WaitIsOver().Watches.ResourceVersion);
        }
    }

    [Fact]
    public void Pause_that_the_server_asks_for_is_kept_where_it_is_the_longer_one()
    {
        static KubernetesException Busy(int seconds)
        {
            var status = Status(429, "TooManyRequests");
            status.Details = new V1StatusDetails { RetryAfterSeconds = seconds };
            return new KubernetesException(status);
        }
        var loop = new Running(Lists).Listed(10).Fails(Busy(20));
        Assert.Equal(20, loop.Waits);
        Assert.Equal(1.6, loop.WaitIsOver().Fails(Busy(1)).Waits);
    }

    [Fact]
    public void Pauses_start_again_after_two_quiet_minutes()
    {
        var loop = new Running(Lists).Listed();
        loop.Fails(Failure(429, "TooManyRequests")).WaitIsOver().Fails(Failure(429, "TooManyRequests"));
        Assert.Equal(1.6, loop.Waits);
        loop.WaitIsOver();
        loop.Now = loop.Now.AddMinutes(3);
        Assert.Equal(0.8, loop.Fails(Failure(429, "TooManyRequests")).Waits);
    }

    [Fact]
    public void Dropped_connection_of_a_living_watch_is_opened_again_at_once()
    {
        var loop = new Running(Lists).Listed(10).Event(Modified("a", 11)).Fails(new IOException("reset by peer"));
        Assert.Equal("11", loop.Watches.ResourceVersion);
        Assert.Equal(TroubleKind.Unreachable, loop.Trouble.Kind);
    }

    // ---- 6: internal errors ----

    [Fact]
    public void Internal_errors_relist_by_default()
    {
        var loop = new Running(Lists).Listed().Event(Error(500, "InternalError")).WaitIsOver();
        Assert.NotNull(loop.Lists);
    }

    [Fact]
    public void Internal_errors_are_retried_only_inside_the_configured_window()
    {
        var loop = new Running(Lists with { InternalErrorRetryWindow = TimeSpan.FromSeconds(5) }).Listed(10);
        Assert.Equal("10", loop.Event(Error(500, "InternalError")).WaitIsOver().Watches.ResourceVersion);
        Assert.NotNull(loop.Event(Error(500, "InternalError")).WaitIsOver().Watches);
        loop.Now = loop.Now.AddSeconds(10);
        Assert.NotNull(loop.Event(Error(500, "InternalError")).WaitIsOver().Lists);
    }

    [Fact]
    public void Internal_errors_far_apart_each_have_their_own_window()
    {
        var loop = new Running(Lists with { InternalErrorRetryWindow = TimeSpan.FromSeconds(5) }).Listed(10);
        for (var i = 0; i < 3; i++)
        {
            Assert.NotNull(loop.Event(Error(500, "InternalError")).WaitIsOver().Watches);
            loop.Now = loop.Now.AddMinutes(2);
        }
    }

    // ---- 7: pages ----

    [Fact]
    public void Relists_are_paged_too_where_the_settings_say_so()
    {
        var loop = new Running(Lists with { AlwaysPage = true, PageSize = 7 }).Listed(10).Event(Error(410, "Expired")).WaitIsOver();
        Assert.Equal(("10", 7), (loop.Lists.ResourceVersion, (int)loop.Lists.Limit!));
    }

    [Fact]
    public void Pages_are_read_to_the_end_and_a_relist_drops_the_limit()
    {
        var loop = new Running(Lists);
        Assert.Equal(500, loop.Lists.Limit);
        loop.Listed(10).Event(Error(410, "Expired")).WaitIsOver();
        Assert.Null(loop.Lists.Limit);
    }

    [Fact]
    public void Relists_are_paged_where_the_server_proved_to_have_no_cache()
    {
        var loop = new Running(Lists).Page(10, "more", Pod("a", 1));
        Assert.Null(loop.Tells);
        Assert.Equal(("more", 500, null), (loop.Lists.Continue, loop.Lists.Limit, loop.Lists.ResourceVersion));
        loop.Page(10, null, Pod("b", 2));
        Assert.Equal(["a@1", "b@2"], loop.Replaced);
        loop.Event(Error(410, "Expired")).WaitIsOver();
        Assert.Equal(("10", 500), (loop.Lists.ResourceVersion, loop.Lists.Limit));
    }

    [Fact]
    public void Expired_continue_token_reads_the_whole_in_one_piece()
    {
        var loop = new Running(Lists).Page(10, "more", Pod("a", 1)).Fails(Failure(410, "Expired"));
        Assert.Equal(("0", null, null), (loop.Lists.ResourceVersion, loop.Lists.Limit, loop.Lists.Continue));
        loop.Page(12, null, Pod("a", 1), Pod("b", 11));
        Assert.Equal(["a@1", "b@11"], loop.Replaced);
        Assert.Equal("12", loop.Watches.ResourceVersion);
    }

    // ---- 8, 9: what moves the version ----

    [Fact]
    public void Bookmark_moves_the_version_and_is_no_change()
    {
        var loop = new Running(Lists).Listed(10).Event(Bookmark(50));
        Assert.Equal("50", Assert.IsType<ReflectorEvent.Bookmarked>(loop.Tells).Version);
        Assert.Equal("50", loop.Closes(300).Watches.ResourceVersion);
    }

    [Fact]
    public void Synthetic_added_events_do_not_move_the_version_until_another_type_comes()
    {
        var loop = new Running(Lists).Page(0, null);
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
        var loop = new Running(Lists).Listed(10).Event(Malformed("not JSON at byte 17"));
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
        var loop = new Running(Lists).Listed(10).Event(new WatchEvent(WatchEventType.Added, Pod("x", 20, kind)));
        Assert.Equal(TroubleKind.Malformed, loop.Trouble.Kind);
        Assert.Equal("10", loop.State.Version);
        Assert.IsType<LoopAction.Read>(loop.Does);
    }

    [Fact]
    public void List_item_of_another_kind_is_left_out_and_reported()
    {
        var loop = new Running(Lists).Page(10, null, Pod("a", 1), Pod("x", 2, "Service"));
        Assert.Equal(["a@1"], loop.Replaced);
        Assert.Contains("Service", ((ReflectorEvent.Replaced)loop.Tells!).Skipped!.Message);
    }

    [Fact]
    public void Error_event_forces_a_relist_that_replaces_the_set()
    {
        var loop = new Running(Lists).Listed(10).Event(Error(500, "Unknown", "unsafe delete"));
        Assert.True(loop.Trouble.Relists);
        loop.WaitIsOver().Page(20, null, Pod("b", 15));
        Assert.Equal(["b@15"], loop.Replaced);
    }

    // ---- ends of watches ----

    [Fact]
    public void Clean_end_watches_again_from_the_last_version_without_a_list()
    {
        var loop = new Running(Lists).Listed(10).Event(Modified("a", 11)).Closes(300);
        Assert.Equal("11", loop.Watches.ResourceVersion);
        Assert.Null(loop.Tells);
    }

    [Fact]
    public void Watch_that_ends_at_once_with_nothing_counts_as_an_error()
    {
        var loop = new Running(Lists).Listed(10).Closes(0.5);
        Assert.Equal(TroubleKind.VeryShortWatch, loop.Trouble.Kind);
        Assert.Equal(0.8, loop.Waits);
        Assert.Equal("10", loop.WaitIsOver().Lists.ResourceVersion);
    }

    [Fact]
    public void Silent_watch_is_opened_again_where_it_was()
    {
        var loop = new Running(Lists).Listed(10).Event(Bookmark(20)).Meets(LoopInput.Overdue);
        Assert.Equal(TroubleKind.Silent, loop.Trouble.Kind);
        Assert.Equal("20", loop.Watches.ResourceVersion);
    }

    [Theory]
    [InlineData(0, 300)]
    [InlineData(0.5, 450)]
    [InlineData(0.999999, 599)]
    public void Watch_timeout_is_drawn_from_five_to_ten_minutes(double random, int seconds)
    {
        var loop = new Running(Lists, random).Listed(10);
        Assert.Equal(seconds, loop.Watches.TimeoutSeconds);
        Assert.True(loop.Watches.AllowWatchBookmarks);
        Assert.Equal(seconds + 30, ((LoopAction.Watch)loop.Does).Deadline.TotalSeconds);
    }

    // ---- what somebody must mend ----

    [Fact]
    public void Missing_kind_is_waited_for_every_ten_seconds()
    {
        var loop = new Running(Streams);
        for (var i = 0; i < 5; i++)
        {
            loop.Fails(Failure(404, "NotFound"));
            Assert.Equal(TroubleKind.MissingKind, loop.Trouble.Kind);
            Assert.Contains("CustomResourceDefinition", loop.Trouble.Message);
            Assert.Equal(10, loop.Waits);
            loop.WaitIsOver();
        }
    }

    [Theory]
    [InlineData(401, "Unauthorized", TroubleKind.Unauthorized, "credentials")]
    [InlineData(403, "Forbidden", TroubleKind.Forbidden, "kubectl auth can-i watch pods")]
    public void Refusals_say_what_to_do_and_are_retried(int code, string reason, TroubleKind kind, string advice)
    {
        foreach (var settings in new[] { Lists, Streams })
        {
            var loop = new Running(settings).Fails(Failure(code, reason));
            Assert.Equal(kind, loop.Trouble.Kind);
            Assert.Contains(advice, loop.Trouble.Message);
            Assert.Equal(0.8, loop.Waits);
        }
    }

    // ---- 13-17: streamed initial events ----

    [Fact]
    public void Streamed_state_is_told_only_at_the_annotated_bookmark()
    {
        var loop = new Running(Streams);
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
        var loop = new Running(Streams).Event(Added("a", 1)).Event(Added("b", 2)).Event(Modified("a", 4)).Event(Deleted("b", 5)).Event(Added("c", 3));
        loop.Event(Bookmark(9, endsInitialEvents: true));
        Assert.Equal(["a@4", "c@3"], loop.Replaced);
    }

    [Fact]
    public void Stream_that_ends_before_its_bookmark_starts_clean()
    {
        var loop = new Running(Streams).Event(Added("a", 1)).Closes(2);
        Assert.Equal(0.8, loop.Waits);
        Assert.True(loop.WaitIsOver().Watches.SendInitialEvents);
        loop.Event(Added("b", 2)).Event(Bookmark(9, endsInitialEvents: true));
        Assert.Equal(["b@2"], loop.Replaced);
    }

    [Fact]
    public void Server_that_cannot_stream_is_listed_and_nothing_half_read_leaks()
    {
        var loop = new Running(Streams).Event(Added("a", 1)).Event(Error(422, "Invalid", "sendInitialEvents is forbidden"));
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
        var loop = new Running(Streams);
        Assert.Equal(60, ((LoopAction.Watch)loop.Does).Deadline.TotalSeconds);
        loop.Event(Added("a", 1)).Meets(LoopInput.Overdue);
        Assert.Equal("0", loop.Lists.ResourceVersion);
    }

    [Fact]
    public void Expired_stream_asks_at_once_for_the_newest()
    {
        var loop = new Running(Streams with { StartVersion = "7" });
        Assert.Equal("7", loop.Watches.ResourceVersion);
        loop.Fails(Failure(410, "Expired"));
        Assert.Null(loop.Watches.ResourceVersion);
        Assert.True(loop.Watches.SendInitialEvents);
    }

    [Fact]
    public void Transform_is_applied_to_streamed_listed_and_watched_objects()
    {
        KubeObject Rename(KubeObject o) => Pod("T" + o.Name, int.Parse(o.ResourceVersion));
        var streamed = new Running(Streams with { Transform = Rename }).Event(Added("a", 1)).Event(Bookmark(9, endsInitialEvents: true));
        Assert.Equal(["Ta@1"], streamed.Replaced);
        var listed = new Running(Lists with { Transform = Rename }).Listed();
        Assert.Equal(["Ta@5"], listed.Replaced);
        Assert.Equal("Tb", ((ReflectorEvent.Changed)listed.Event(Added("b", 11)).Tells!).Object.Name);
    }

    [Fact]
    public void Throwing_transform_skips_its_object_alone()
    {
        var loop = new Running(Lists with { Transform = o => o.Name == "bad" ? throw new FormatException("oops") : o }).Listed(10);
        loop.Event(Added("bad", 11));
        Assert.Contains("oops", loop.Trouble.Message);
        loop.Event(Added("good", 12));
        Assert.IsType<ReflectorEvent.Changed>(loop.Tells);
    }

    // ---- numbers, reasons and kinds that come and go ----

    [Theory]
    [InlineData(0, 60)]
    [InlineData(0.5, 75)]
    [InlineData(0.999, 89)]
    public void Watch_timeout_lies_between_its_bounds_where_both_are_given(double random, int seconds)
    {
        var settings = Lists with { MinWatchTimeout = TimeSpan.FromSeconds(60), MaxWatchTimeout = TimeSpan.FromSeconds(90) };
        Assert.Equal(seconds, new Running(settings, random).Listed().Watches.TimeoutSeconds);
        Assert.Contains("MaxWatchTimeout", Assert.Throws<ArgumentOutOfRangeException>((settings with { MaxWatchTimeout = TimeSpan.FromSeconds(59) }).Validate).Message);
    }

    [Fact]
    public void Reasons_with_waits_of_their_own_have_series_of_their_own()
    {
        var day = TimeSpan.FromDays(1);
        var loop = new Running(Lists with
        {
            Backoff = new BackoffPolicy { ResetAfter = day },
            BackoffByReason = new Dictionary<TroubleKind, BackoffPolicy>
            {
                [TroubleKind.Forbidden] = new() { Initial = TimeSpan.FromSeconds(60), Cap = TimeSpan.FromMinutes(10), Jitter = 0, ResetAfter = day },
                [TroubleKind.MissingKind] = new() { Initial = TimeSpan.FromSeconds(5), Cap = TimeSpan.FromSeconds(40), Jitter = 0, ResetAfter = day },
            },
        });
        double Fails(int code, string reason)
        {
            var waits = loop.Fails(Failure(code, reason)).Waits;
            loop.WaitIsOver();
            return waits;
        }

        Assert.Equal([60, 0.8, 120, 5, 1.6, 10, 240], new[]
        {
            Fails(403, "Forbidden"), Fails(500, "Whatever"), Fails(403, "Forbidden"), Fails(404, "NotFound"), Fails(500, "Whatever"), Fails(404, "NotFound"), Fails(403, "Forbidden"),
        });
    }

    [Fact]
    public void Set_whose_kind_is_missing_twice_in_a_row_is_empty_and_is_read_afresh_when_the_kind_is_back()
    {
        var loop = new Running(Lists).Listed(10);
        loop.Fails(Failure(404, "NotFound"));
        Assert.Equal(TroubleKind.MissingKind, loop.Trouble.Kind);
        loop.WaitIsOver().Fails(Failure(404, "NotFound"));
        Assert.Empty(loop.Replaced);
        var replaced = (ReflectorEvent.Replaced)loop.Tells!;
        Assert.Equal(("10", TroubleKind.MissingKind), (replaced.Version, replaced.Skipped!.Kind));
        Assert.Equal(10, loop.Waits);
        loop.WaitIsOver().Fails(Failure(404, "NotFound"));
        Assert.Equal(TroubleKind.MissingKind, loop.Trouble.Kind);
        loop.WaitIsOver();
        Assert.Equal("0", loop.Lists.ResourceVersion);
        loop.Listed(30);
        Assert.Equal(["a@5"], loop.Replaced);
        // Once is no proof: a server that is starting may not know its kinds yet.
        loop.Fails(Failure(404, "NotFound")).WaitIsOver();
        Assert.Equal("30", loop.Lists.ResourceVersion);
    }

    [Fact]
    public void What_is_asked_for_can_be_tweaked_in_lists_pages_and_watches()
    {
        var loop = new Running(Lists with { Tweak = o => o with { LabelSelector = "app=x" } });
        Assert.Equal("app=x", loop.Lists.LabelSelector);
        loop.Page(10, "more", Pod("a", 5));
        Assert.Equal(("app=x", "more"), (loop.Lists.LabelSelector, loop.Lists.Continue));
        loop.Page(10, null);
        Assert.Equal("app=x", loop.Watches.LabelSelector);
        Assert.Equal("app=x", new Running(Streams with { Tweak = o => o with { LabelSelector = "app=x" } }).Watches.LabelSelector);
    }
}
