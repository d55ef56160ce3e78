namespace ActorKube.ControllerManager.Tests;

public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("* * * * *", "2026-01-02 03:05")]
    [InlineData("*/15 * * * *", "2026-01-02 03:15")]
    [InlineData("0 0 * * *", "2026-01-03 00:00")]
    [InlineData("30 2 1 * *", "2026-02-01 02:30")]
    [InlineData("0 12 * * mon-wed", "2026-01-05 12:00")]
    [InlineData("0 12 * * 7", "2026-01-04 12:00")]
    [InlineData("0 0 13 * 5", "2026-01-09 00:00")]
    [InlineData("0 0 29 2 *", "2028-02-29 00:00")]
    [InlineData("5,10 3 * jan *", "2026-01-02 03:05")]
    [InlineData("0 9-17/4 * * *", "2026-01-02 09:00")]
    [InlineData("@yearly", "2027-01-01 00:00")]
    public void The_next_time_is_the_first_that_fits(string schedule, string expected) =>
        Assert.Equal(expected, CronSchedule.Parse(schedule).Next(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc))?.ToString("yyyy-MM-dd HH:mm", null));

    [Fact]
    public void A_day_that_never_comes_has_no_next() => Assert.Null(CronSchedule.Parse("0 0 30 2 *").Next(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)));

    [Theory]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("* * * foo *")]
    [InlineData("5-1 * * * *")]
    [InlineData("1-2-3 * * * *")]
    [InlineData("@sometimes")]
    public void What_is_no_schedule_is_refused(string schedule) => Assert.Throws<FormatException>(() => CronSchedule.Parse(schedule));
}
