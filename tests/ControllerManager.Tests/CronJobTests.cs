using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class CronJobTests
{
    [Fact]
    public async Task A_job_is_started_when_its_time_has_come_and_old_ones_are_removed()
    {
        // An hour later than the objects were made: the last of the sixty times that have passed is made up for.
        await using var cluster = await Cluster.StartAsync(new ClusterControllersOptions { Time = new LaterTime(TimeSpan.FromHours(1)) });

        await cluster.CreateAsync<V1CronJob>("""
            {"metadata":{"name":"tick"},"spec":{"schedule":"* * * * *","successfulJobsHistoryLimit":0,
            "jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i","command":["true"]}]}}}}}}
            """);

        var cron = await cluster.UntilAsync<V1CronJob>("tick", c => c.Status?.LastSuccessfulTime is not null);
        Assert.NotNull(cron.Status.LastScheduleTime);
        await cluster.UntilAsync<V1CronJob>("tick", c => c.Status?.Active is null or { Count: 0 });
    }

    [Fact]
    public async Task A_schedule_that_cannot_be_read_starts_nothing_and_is_told()
    {
        await using var cluster = await Cluster.StartAsync(new ClusterControllersOptions { Time = new LaterTime(TimeSpan.FromHours(1)) });

        await cluster.CreateAsync<V1CronJob>("""
            {"metadata":{"name":"bad"},"spec":{"schedule":"@every 90m","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}}
            """);

        await foreach (var (_, news) in cluster.WatchAsync<Corev1Event>(""))
        {
            if (news.Reason == "UnparseableSchedule")
            {
                break;
            }
        }
        Assert.Empty((await cluster.Of<V1Job>().ListAsync()).Items);
    }

    private sealed class LaterTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
