namespace ActorKube.Streams.Tests;

public sealed class BackoffTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    static double[] Series(BackoffPolicy policy, int count, double random)
    {
        var at = policy.Start;
        var now = Noon;
        var series = new double[count];
        for (var i = 0; i < count; i++)
        {
            (var delay, at) = policy.Next(at, now, random);
            series[i] = delay.TotalSeconds;
            now += delay;
        }
        return series;
    }

    [Fact]
    public void Doubles_from_800_ms_to_30_s() =>
        Assert.Equal([0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30, 30], Series(new BackoffPolicy(), 9, 0));

    [Fact]
    public void Jitter_stretches_each_wait_by_up_to_its_own_length() =>
        Assert.Equal([1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60, 60], Series(new BackoffPolicy(), 8, 1));

    [Fact]
    public void Starts_again_after_two_quiet_minutes()
    {
        var policy = new BackoffPolicy();
        var (_, at) = policy.Next(policy.Start, Noon, 0);
        (_, at) = policy.Next(at, Noon.AddSeconds(1), 0);
        Assert.Equal(3.2, policy.Next(at, Noon.AddSeconds(1).AddMinutes(2), 0).Delay.TotalSeconds);
        Assert.Equal(0.8, policy.Next(at, Noon.AddSeconds(2).AddMinutes(2), 0).Delay.TotalSeconds);
    }

    [Fact]
    public void Never_overflows()
    {
        var policy = new BackoffPolicy { Initial = TimeSpan.FromMilliseconds(5), Cap = TimeSpan.FromSeconds(1000), Jitter = 0, ResetAfter = TimeSpan.MaxValue };
        Assert.Equal(1000, Series(policy, 5000, 0)[^1]);
    }
}
