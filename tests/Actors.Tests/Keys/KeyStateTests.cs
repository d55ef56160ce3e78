namespace ActorKube.Actors.Tests;

/// <summary>The contract of a work queue, for one key: no actor, no clock.</summary>
public sealed class KeyStateTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    static KeyState Running() => KeyState.New.Mark(0).State.Granted().State;

    static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void News_asks_for_one_run()
    {
        var (state, action) = KeyState.New.Mark(0);
        Assert.Equal(KeyAction.AskGate, action);
        (state, action) = state.Granted();
        Assert.Equal(KeyAction.Run, action);
        (state, action) = state.Ended(RunEnd.Done, Noon);
        Assert.Equal(KeyAction.Nothing, action);
        Assert.True(state.IsAtRest);
    }

    [Fact]
    public void Three_adds_collapse_into_one()
    {
        var state = KeyState.New.Mark(0).State;
        for (var i = 0; i < 2; i++)
        {
            (state, var action) = state.Mark(0);
            Assert.Equal(KeyAction.Nothing, action);
        }
        state = state.Granted().State;
        Assert.Equal(KeyAction.Nothing, state.Ended(RunEnd.Done, Noon).Action);
    }

    [Fact]
    public void News_while_running_means_exactly_one_more_run()
    {
        var state = Running().Mark(0).State.Mark(0).State.Mark(0).State;
        (state, var action) = state.Ended(RunEnd.Done, Noon);
        Assert.Equal(KeyAction.AskGate, action);
        (_, action) = state.Granted().State.Ended(RunEnd.Done, Noon);
        Assert.Equal(KeyAction.Nothing, action);
    }

    [Fact]
    public void Priority_only_rises_while_queued()
    {
        var state = KeyState.New.Mark(-100).State;
        Assert.Equal(KeyAction.Nothing, state.Mark(-200).Action);
        (state, var action) = state.Mark(0);
        Assert.Equal((KeyAction.RaiseInGate, 0), (action, state.Priority));
        Assert.Equal(0, state.Mark(-50).State.Priority);
    }

    [Fact]
    public void Requeue_has_the_urgency_that_the_reconcile_gave_it_and_the_earliest_decides()
    {
        var state = Running().Ended(RunEnd.RequeueAfter, Noon, Seconds(10), priority: 7).State;
        Assert.Equal(7, state.RequeueFired(Noon + Seconds(10)).State.Priority);
        // A later request changes nothing, an earlier one does.
        Assert.Equal(7, state.RequeueNoLaterThan(Noon + Seconds(20)).State.RequeueFired(Noon + Seconds(10)).State.Priority);
        Assert.Equal(ReconcilePriority.Requeue, state.RequeueNoLaterThan(Noon + Seconds(5)).State.RequeueFired(Noon + Seconds(5)).State.Priority);
        // And once it was used, the next has the usual one again.
        var next = state.RequeueFired(Noon + Seconds(10)).State.Granted().State.Ended(RunEnd.RequeueAfter, Noon, Seconds(30)).State;
        Assert.Equal(ReconcilePriority.Requeue, next.RequeueFired(Noon + Seconds(30)).State.Priority);
        // A retry's urgency is its own.
        Assert.Equal(ReconcilePriority.Retry, Running().Ended(RunEnd.Error, Noon, Seconds(1)).State.RetryFired(Noon + Seconds(1)).State.Priority);
    }

    [Fact]
    public void Priority_of_a_later_run_is_that_of_its_own_news() =>
        Assert.Equal(-100, Running().Mark(-100).State.Ended(RunEnd.Done, Noon).State.Priority);

    [Fact]
    public void Errors_are_counted_until_a_run_is_none()
    {
        var state = Running();
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            state = state.Ended(RunEnd.Error, Noon, Seconds(1)).State;
            Assert.Equal(attempt, state.Attempts);
            Assert.Equal(Noon + Seconds(1), state.RetryAt);
            (state, var action) = state.RetryFired(Noon + Seconds(1));
            Assert.Equal((KeyAction.AskGate, ReconcilePriority.Retry), (action, state.Priority));
            state = state.Granted().State;
        }
        Assert.Equal(3, state.Ended(RunEnd.TerminalError, Noon).State.Attempts);
        Assert.Equal(0, state.Ended(RunEnd.RequeueAfter, Noon, Seconds(9)).State.Attempts);
        Assert.True(state.Ended(RunEnd.Done, Noon).State.IsAtRest);
    }

    [Fact]
    public void Success_after_news_forgets_the_retry()
    {
        var failed = Running().Mark(0).State.Ended(RunEnd.Error, Noon, Seconds(60)).State;
        Assert.True(failed.Granted().State.Ended(RunEnd.Done, Noon).State.IsAtRest);
    }

    [Fact]
    public void Earliest_requeue_wins_and_fires_once()
    {
        var state = Running().Ended(RunEnd.RequeueAfter, Noon, Seconds(10)).State;
        state = state.Mark(0).State.Granted().State.Ended(RunEnd.RequeueAfter, Noon, Seconds(30)).State;
        Assert.Equal(Noon + Seconds(10), state.RequeueAt);
        state = state.Mark(0).State.Granted().State.Ended(RunEnd.RequeueAfter, Noon, Seconds(5)).State;
        Assert.Equal(Noon + Seconds(5), state.RequeueAt);
        Assert.Equal(KeyAction.Nothing, state.RequeueFired(Noon + Seconds(4)).Action);
        (state, var action) = state.RequeueFired(Noon + Seconds(5));
        Assert.Equal((KeyAction.AskGate, ReconcilePriority.Requeue), (action, state.Priority));
        Assert.True(state.Granted().State.Ended(RunEnd.Done, Noon).State.IsAtRest);
    }

    [Fact]
    public void Requeue_survives_news_that_asks_for_none()
    {
        var state = Running().Ended(RunEnd.RequeueAfter, Noon, Seconds(10)).State;
        state = state.Mark(0).State.Granted().State.Ended(RunEnd.Done, Noon).State;
        Assert.Equal(Noon + Seconds(10), state.RequeueAt);
    }

    [Fact]
    public void Terminal_error_waits_for_news()
    {
        var state = Running().Ended(RunEnd.TerminalError, Noon).State;
        Assert.True(state.IsAtRest);
        Assert.Equal(KeyAction.AskGate, state.Mark(0).Action);
    }

    [Fact]
    public void Next_run_waits_until_writes_are_seen()
    {
        var (state, action) = Running().Mark(0).State.Ended(RunEnd.Done, Noon, wrote: true);
        Assert.Equal(KeyAction.Nothing, action);
        Assert.Equal(KeyAction.Nothing, state.Mark(0).Action);
        Assert.False(state.IsAtRest);
        Assert.Equal(KeyAction.AskGate, state.WritesSeen().Action);
        Assert.True(Running().Ended(RunEnd.Done, Noon, wrote: true).State.WritesSeen().State.IsAtRest);
    }

    [Fact]
    public void Draining_works_off_what_is_dirty_and_takes_nothing_new()
    {
        var state = Running().Mark(0).State.Drain();
        Assert.Equal(KeyAction.Nothing, state.Mark(0).Action);
        (state, var action) = state.Ended(RunEnd.RequeueAfter, Noon, Seconds(10));
        Assert.Equal(KeyAction.AskGate, action);
        Assert.True(state.Granted().State.Ended(RunEnd.Error, Noon, Seconds(1)).State.IsAtRest);
    }

    [Fact]
    public void Waits_double_from_5_ms_to_1000_s_and_never_overflow()
    {
        var policy = new RetryPolicy();
        Assert.Equal([5, 10, 20, 40, 80, 160, 320, 640, 1280], Enumerable.Range(1, 9).Select(n => policy.Delay(n).TotalMilliseconds));
        Assert.Equal(655.36, policy.Delay(18).TotalSeconds);
        Assert.Equal(1000, policy.Delay(19).TotalSeconds);
        Assert.Equal(1000, policy.Delay(int.MaxValue).TotalSeconds);
    }

    [Fact]
    public void Overall_bucket_lets_a_burst_through_and_then_spreads()
    {
        var bucket = new TokenBucket(10, 100);
        for (var i = 0; i < 100; i++)
            Assert.Equal(TimeSpan.Zero, bucket.Take(Noon));
        Assert.Equal(0.1, bucket.Take(Noon).TotalSeconds, 6);
        Assert.Equal(0.2, bucket.Take(Noon).TotalSeconds, 6);
        Assert.Equal(TimeSpan.Zero, bucket.Take(Noon + Seconds(1)));
    }
}
