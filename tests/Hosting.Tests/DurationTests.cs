namespace ActorKube.Hosting.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("90s", 90_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("-3s", -3_000)]
    [InlineData("0", 0)]
    [InlineData("00:01:30", 90_000)]
    public void Times_are_read_with_Kubernetes_units_and_as_NET_writes_them(string text, double milliseconds)
    {
        Assert.True(Duration.TryParse(text, out var time));
        Assert.Equal(milliseconds, time.TotalMilliseconds);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("s")]
    [InlineData("3 s")]
    [InlineData("3parsecs")]
    [InlineData("1e99h")]
    [InlineData("99999999999999999999h")]
    [InlineData("1:2:3:4:5")]
    public void A_number_without_a_unit_and_what_is_no_time_are_refused(string text) => Assert.False(Duration.TryParse(text, out _));
}
