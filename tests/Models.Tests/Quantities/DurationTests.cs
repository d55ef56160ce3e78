using System.Text.Json;
using ActorKube.Models;
using FsCheck;
using FsCheck.Fluent;

namespace Models.Tests.Quantities;

public sealed class DurationTests
{
    const long Second = 1_000_000_000;

    [Theory]
    [InlineData("0", 0, "0s")]
    [InlineData("-0", 0, "0s")]
    [InlineData("0s", 0, "0s")]
    [InlineData("1ns", 1, "1ns")]
    [InlineData("1.1us", 1100, "1.1µs")]
    [InlineData("1.1µs", 1100, "1.1µs")]
    [InlineData("2.2ms", 2_200_000, "2.2ms")]
    [InlineData("3.3s", 3_300_000_000, "3.3s")]
    [InlineData("4m5s", 245 * Second, "4m5s")]
    [InlineData("4m5.001s", 245_001_000_000, "4m5.001s")]
    [InlineData("5h6m7.001s", 18367_001_000_000, "5h6m7.001s")]
    [InlineData("1h", 3600 * Second, "1h0m0s")]
    [InlineData("-1.5h", -5400 * Second, "-1h30m0s")]
    [InlineData("+5s", 5 * Second, "5s")]
    [InlineData(".5s", Second / 2, "500ms")]
    [InlineData("5.s", 5 * Second, "5s")]
    [InlineData("10.5s4m", 250_500_000_000, "4m10.5s")]
    [InlineData("0.9999999999s", 999_999_999, "999.999999ms")]
    [InlineData("9223372036854775807ns", long.MaxValue, "2562047h47m16.854775807s")]
    [InlineData("-9223372036854775808ns", long.MinValue, "-2562047h47m16.854775808s")]
    public void Reads_and_prints_as_Go_does(string text, long nanoseconds, string printed)
    {
        var duration = Duration.Parse(text);
        Assert.Equal(nanoseconds, duration.Nanoseconds);
        Assert.Equal(printed, duration.ToString());
        Assert.Equal(duration, JsonSerializer.Deserialize<Duration>(JsonSerializer.Serialize(duration)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("-")]
    [InlineData("s")]
    [InlineData(".")]
    [InlineData("-.")]
    [InlineData(".s")]
    [InlineData("3000000h")]
    [InlineData("9223372036854775808ns")]
    [InlineData("1 s")]
    [InlineData("1d")]
    [InlineData("99999999999999999999999999999999999999999999999999h")]
    public void Refuses_what_Go_refuses(string text)
    {
        Assert.False(Duration.TryParse(text, out _));
        Assert.StartsWith($"'{text}' is not a duration", Assert.Throws<FormatException>(() => Duration.Parse(text)).Message);
    }

    [Fact]
    public void Printing_loses_nothing() => Property.Holds(
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        from shift in Gen.Choose(0, 63)
        select new Duration((((long)high << 32) ^ (uint)low) >> shift),
        duration => Assert.Equal(duration, Duration.Parse(duration.ToString())));

    [Fact]
    public void Converts_to_and_from_a_TimeSpan()
    {
        Assert.Equal(TimeSpan.FromMinutes(90), Duration.Parse("1.5h").ToTimeSpan());
        Assert.Equal("1h30m0s", Duration.From(TimeSpan.FromMinutes(90)).ToString());
        Assert.Throws<OverflowException>(() => Duration.From(TimeSpan.MaxValue));
    }
}
