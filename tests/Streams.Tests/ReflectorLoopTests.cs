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

    // ---- 1-3: versions of lists ----

    [Fact]
    public void First_list_asks_for_any_version_and_a_relist_for_the_last_one()
    {
        var loop = new RunningLoop(Lists);
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
        var loop = new RunningLoop(Lists).Listed().Event(Error(410, "Expired")).WaitIsOver();
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
        var loop = new RunningLoop(Lists).Listed().Event(Error(410, "Expired")).WaitIsOver();
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
            var loop = new RunningLoop(Lists).Listed(10).Meets(input);
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
        var loop = new RunningLoop(Lists).Listed(10);
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
        var loop = new RunningLoop(Lists).Listed(10).Fails(Busy(20));
        Assert.Equal(20, loop.Waits);
        Assert.Equal(1.6, loop.WaitIsOver().Fails(Busy(1)).Waits);
    }

    [Fact]
    public void Pauses_start_again_after_two_quiet_minutes()
    {
        var loop = new RunningLoop(Lists).Listed();
        loop.Fails(Failure(429, "TooManyRequests")).WaitIsOver().Fails(Failure(429, "TooManyRequests"));
        Assert.Equal(1.6, loop.Waits);
        loop.WaitIsOver();
        loop.Now = loop.Now.AddMinutes(3);
        Assert.Equal(0.8, loop.Fails(Failure(429, "TooManyRequests")).Waits);
    }

    [Fact]
    public void Dropped_connection_of_a_living_watch_is_opened_again_at_once()
    {
        var loop = new RunningLoop(Lists).Listed(10).Event(Modified("a", 11)).Fails(new IOException("reset by peer"));
        Assert.Equal("11", loop.Watches.ResourceVersion);
        Assert.Equal(TroubleKind.Unreachable, loop.Trouble.Kind);
    }

    // ---- 6: internal errors ----

    [Fact]
    public void Internal_errors_relist_by_default()
    {
        var loop = new RunningLoop(Lists).Listed().Event(Error(500, "InternalError")).WaitIsOver();
        Assert.NotNull(loop.Lists);
    }

    [Fact]
    public void Internal_errors_are_retried_only_inside_the_configured_window()
    {
        var loop = new RunningLoop(Lists with { InternalErrorRetryWindow = TimeSpan.FromSeconds(5) }).Listed(10);
        Assert.Equal("10", loop.Event(Error(500, "InternalError")).WaitIsOver().Watches.ResourceVersion);
        Assert.NotNull(loop.Event(Error(500, "InternalError")).WaitIsOver().Watches);
        loop.Now = loop.Now.AddSeconds(10);
        Assert.NotNull(loop.Event(Error(500, "InternalError")).WaitIsOver().Lists);
    }

    [Fact]
    public void Internal_errors_far_apart_each_have_their_own_window()
    {
        var loop = new RunningLoop(Lists with { InternalErrorRetryWindow = TimeSpan.FromSeconds(5) }).Listed(10);
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
        var loop = new RunningLoop(Lists with { AlwaysPage = true, PageSize = 7 }).Listed(10).Event(Error(410, "Expired")).WaitIsOver();
        Assert.Equal(("10", 7), (loop.Lists.ResourceVersion, (int)loop.Lists.Limit!));
    }

    [Fact]
    public void Pages_are_read_to_the_end_and_a_relist_drops_the_limit()
    {
        var loop = new RunningLoop(Lists);
        Assert.Equal(500, loop.Lists.Limit);
        loop.Listed(10).Event(Error(410, "Expired")).WaitIsOver();
        Assert.Null(loop.Lists.Limit);
    }

    [Fact]
    public void Relists_are_paged_where_the_server_proved_to_have_no_cache()
    {
        var loop = new RunningLoop(Lists).Page(10, "more", Pod("a", 1));
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
        var loop = new RunningLoop(Lists).Page(10, "more", Pod("a", 1)).Fails(Failure(410, "Expired"));
        Assert.Equal(("0", null, null), (loop.Lists.ResourceVersion, loop.Lists.Limit, loop.Lists.Continue));
        loop.Page(12, null, Pod("a", 1), Pod("b", 11));
        Assert.Equal(["a@1", "b@11"], loop.Replaced);
        Assert.Equal("12", loop.Watches.ResourceVersion);
    }

    // ---- ends of watches ----

    [Fact]
    public void Clean_end_watches_again_from_the_last_version_without_a_list()
    {
        var loop = new RunningLoop(Lists).Listed(10).Event(Modified("a", 11)).Closes(300);
        Assert.Equal("11", loop.Watches.ResourceVersion);
        Assert.Null(loop.Tells);
    }

    [Fact]
    public void Watch_that_ends_at_once_with_nothing_counts_as_an_error()
    {
        var loop = new RunningLoop(Lists).Listed(10).Closes(0.5);
        Assert.Equal(TroubleKind.VeryShortWatch, loop.Trouble.Kind);
        Assert.Equal(0.8, loop.Waits);
        Assert.Equal("10", loop.WaitIsOver().Lists.ResourceVersion);
    }

    [Fact]
    public void Silent_watch_is_opened_again_where_it_was()
    {
        var loop = new RunningLoop(Lists).Listed(10).Event(Bookmark(20)).Meets(LoopInput.Overdue);
        Assert.Equal(TroubleKind.Silent, loop.Trouble.Kind);
        Assert.Equal("20", loop.Watches.ResourceVersion);
    }

    [Theory]
    [InlineData(0, 300)]
    [InlineData(0.5, 450)]
    [InlineData(0.999999, 599)]
    public void Watch_timeout_is_drawn_from_five_to_ten_minutes(double random, int seconds)
    {
        var loop = new RunningLoop(Lists, random).Listed(10);
        Assert.Equal(seconds, loop.Watches.TimeoutSeconds);
        Assert.True(loop.Watches.AllowWatchBookmarks);
        Assert.Equal(seconds + 30, ((LoopAction.Watch)loop.Does).Deadline.TotalSeconds);
    }

    // ---- what somebody must mend ----

    [Fact]
    public void Missing_kind_is_waited_for_every_ten_seconds()
    {
        var loop = new RunningLoop(Streams);
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
            var loop = new RunningLoop(settings).Fails(Failure(code, reason));
            Assert.Equal(kind, loop.Trouble.Kind);
            Assert.Contains(advice, loop.Trouble.Message);
            Assert.Equal(0.8, loop.Waits);
        }
    }

    // ---- numbers, reasons and kinds that come and go ----

    [Theory]
    [InlineData(0, 60)]
    [InlineData(0.5, 75)]
    [InlineData(0.999, 89)]
    public void Watch_timeout_lies_between_its_bounds_where_both_are_given(double random, int seconds)
    {
        var settings = Lists with { MinWatchTimeout = TimeSpan.FromSeconds(60), MaxWatchTimeout = TimeSpan.FromSeconds(90) };
        Assert.Equal(seconds, new RunningLoop(settings, random).Listed().Watches.TimeoutSeconds);
        Assert.Contains("MaxWatchTimeout", Assert.Throws<ArgumentOutOfRangeException>((settings with { MaxWatchTimeout = TimeSpan.FromSeconds(59) }).Validate).Message);
    }

    [Fact]
    public void Reasons_with_waits_of_their_own_have_series_of_their_own()
    {
        var day = TimeSpan.FromDays(1);
        var loop = new RunningLoop(Lists with
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
        var loop = new RunningLoop(Lists).Listed(10);
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
        var loop = new RunningLoop(Lists with { Tweak = o => o with { LabelSelector = "app=x" } });
        Assert.Equal("app=x", loop.Lists.LabelSelector);
        loop.Page(10, "more", Pod("a", 5));
        Assert.Equal(("app=x", "more"), (loop.Lists.LabelSelector, loop.Lists.Continue));
        loop.Page(10, null);
        Assert.Equal("app=x", loop.Watches.LabelSelector);
        Assert.Equal("app=x", new RunningLoop(Streams with { Tweak = o => o with { LabelSelector = "app=x" } }).Watches.LabelSelector);
    }
}
