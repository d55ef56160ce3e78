namespace Cnat.Tests;

public sealed class ScheduleTests
{
    [Fact]
    public void A_time_is_written_as_it_is_read()
    {
        var due = new DateTimeOffset(2027, 3, 31, 14, 0, 5, TimeSpan.Zero);
        Assert.Equal("2027-03-31T14:00:05Z", Schedule.Write(due));
        Assert.True(Schedule.TryParse("2027-03-31T14:00:05Z", out var read, out _));
        Assert.Equal(due, read);
    }

    [Theory]
    [InlineData("tomorrow at noon")]
    [InlineData("2027-03-31")]
    [InlineData("2027-03-31T14:00:05")]
    [InlineData("2027-03-31T14:00:05+02:00")]
    [InlineData("2027-03-31T14:00:05.5Z")]
    [InlineData("2027-02-30T14:00:05Z")]
    [InlineData(" 2027-03-31T14:00:05Z")]
    public void Anything_else_is_refused_with_the_format_that_is_expected(string schedule)
    {
        Assert.False(Schedule.TryParse(schedule, out _, out var problem));
        Assert.Contains($"'{schedule}'", problem, StringComparison.Ordinal);
        Assert.Contains(Schedule.Format, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void A_schedule_that_is_not_there_is_called_missing(string? schedule)
    {
        Assert.False(Schedule.TryParse(schedule, out _, out var problem));
        Assert.StartsWith("spec.schedule is missing", problem, StringComparison.Ordinal);
    }
}
