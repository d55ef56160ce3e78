namespace ActorKube.Actors.Tests;

public sealed class PriorityGateTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    DateTimeOffset _now = Noon;

    static PriorityGate<string> Gate(int capacity = 1) => new(capacity, TimeSpan.FromSeconds(10), 4);

    string Next(PriorityGate<string> gate)
    {
        if (!gate.TryGrant(_now, out var key, out _))
            return "";
        gate.Release();
        return key;
    }

    [Fact]
    public void Never_more_than_its_capacity()
    {
        var gate = Gate(2);
        foreach (var key in new[] { "a", "b", "c" })
            gate.Ask(key, 0, _now);
        Assert.True(gate.TryGrant(_now, out _, out _));
        Assert.True(gate.TryGrant(_now, out _, out _));
        Assert.False(gate.TryGrant(_now, out _, out _));
        gate.Release();
        Assert.True(gate.TryGrant(_now, out var last, out _));
        Assert.Equal("c", last);
    }

    [Fact]
    public void Rising_of_one_who_runs_already_is_nothing()
    {
        var gate = Gate();
        gate.Ask("a", -100, _now);
        Assert.Equal("a", Next(gate));
        gate.Raise("a", 0);
        Assert.Equal((0, ""), (gate.Waiting, Next(gate)));
    }

    [Fact]
    public void Urgent_first_and_in_order_of_arrival_among_equals()
    {
        var gate = Gate();
        foreach (var (key, priority) in new[] { ("slow1", -100), ("a", 0), ("slow2", -100), ("b", 0) })
            gate.Ask(key, priority, _now);
        Assert.Equal(["a", "b", "slow1", "slow2", ""], [Next(gate), Next(gate), Next(gate), Next(gate), Next(gate)]);
    }

    [Fact]
    public void Priority_only_rises_and_rising_goes_to_the_tail()
    {
        var gate = Gate();
        gate.Ask("a", -100, _now);
        gate.Ask("b", 0, _now);
        gate.Ask("a", 0, _now);
        gate.Ask("b", -100, _now);
        Assert.Equal(2, gate.Waiting);
        Assert.Equal(["b", "a"], [Next(gate), Next(gate)]);
    }

    [Fact]
    public void Withdrawn_keys_get_no_turn()
    {
        var gate = Gate();
        gate.Ask("a", 0, _now);
        gate.Ask("b", 0, _now);
        gate.Withdraw("a");
        gate.Withdraw("unknown");
        Assert.Equal(["b", ""], [Next(gate), Next(gate)]);
    }

    [Fact]
    public void Flood_of_aged_background_work_delays_a_change_by_one_turn_at_most()
    {
        var gate = Gate();
        for (var i = 0; i < 10_000; i++)
            gate.Ask($"resync{i}", ReconcilePriority.Background, _now);
        _now += TimeSpan.FromHours(1);
        for (var round = 0; round < 100; round++)
        {
            gate.Ask("fresh", ReconcilePriority.Change, _now);
            var turns = 1;
            while (Next(gate) != "fresh")
                turns++;
            Assert.InRange(turns, 1, 2);
        }
    }

    [Fact]
    public void Background_work_gets_its_share_under_a_flood_of_changes()
    {
        var gate = Gate();
        for (var i = 0; i < 10; i++)
            gate.Ask($"resync{i}", ReconcilePriority.Background, _now);
        _now += TimeSpan.FromSeconds(11);
        var background = 0;
        for (var i = 0; i < 40; i++)
        {
            gate.Ask($"fresh{i}", ReconcilePriority.Change, _now);
            if (Next(gate).StartsWith("resync", StringComparison.Ordinal))
                background++;
        }
        Assert.InRange(background, 9, 10);
    }

    [Fact]
    public void Urgencies_without_end_leave_no_more_than_a_few_queues_behind()
    {
        var gate = Gate();
        for (var urgency = 0; urgency < 10_000; urgency++)
            gate.Ask($"key{urgency}", urgency, _now);
        for (var urgency = 9_999; urgency >= 0; urgency--)
            Assert.Equal($"key{urgency}", Next(gate));
        Assert.InRange(gate.Levels, 0, 8);
    }
}
