using ActorKube.ApiServer;
using ActorKube.Kubelet;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class JobTests
{
    private static readonly ClusterControllersOptions NoPause = new() { PodFailureBackOff = TimeSpan.Zero };

    [Fact]
    public async Task A_job_runs_as_many_pods_as_it_asks_for_and_completes()
    {
        await using var cluster = await Cluster.StartAsync();

        await CreateAsync(cluster, "'completions':5,'parallelism':2");

        var job = await UntilAsync(cluster, "Complete");
        Assert.Equal((5, null, null), (job.Status.Succeeded, job.Status.Failed, job.Status.Active));
        Assert.NotNull(job.Status.CompletionTime);
        Assert.Equal("True", job.Status.Conditions.Single(c => c.Type == "SuccessCriteriaMet").Status);
        Assert.Equal(5, (await cluster.Of<V1Pod>().ListAsync()).Items.Count);
    }

    [Fact]
    public async Task A_job_whose_pods_fail_too_often_fails()
    {
        await using var cluster = await Cluster.StartAsync(NoPause);

        await CreateAsync(cluster, "'backoffLimit':2", "['sh','-c','exit 3']");

        var job = await UntilAsync(cluster, "Failed");
        Assert.Equal(("BackoffLimitExceeded", 3), (job.Status.Conditions.Single(c => c.Type == "Failed").Reason, job.Status.Failed));
    }

    [Fact]
    public async Task Failures_below_the_limit_are_made_up_for()
    {
        var lives = 0;
        await using var cluster = await Cluster.StartAsync(NoPause, new PodSimulatorOptions
        {
            RunTime = TimeSpan.Zero, Processes = _ => Task.FromResult<int?>(Interlocked.Increment(ref lives) <= 2 ? 1 : 0),
        });

        await CreateAsync(cluster, "'backoffLimit':5");

        var job = await UntilAsync(cluster, "Complete");
        Assert.Equal((1, 2), (job.Status.Succeeded, job.Status.Failed));
    }

    [Fact]
    public async Task An_indexed_job_runs_each_index_once()
    {
        await using var cluster = await Cluster.StartAsync();

        await CreateAsync(cluster, "'completions':3,'parallelism':3,'completionMode':'Indexed'");

        var job = await UntilAsync(cluster, "Complete");
        Assert.Equal("0-2", job.Status.CompletedIndexes);
        Assert.Equal(["0", "1", "2"], (await cluster.Of<V1Pod>().ListAsync()).Items.Select(p => p.Metadata.Annotations["batch.kubernetes.io/job-completion-index"]).Order());
    }

    [Fact]
    public async Task A_job_that_takes_too_long_fails_and_its_pods_are_ended()
    {
        await using var cluster = await Cluster.StartAsync();

        await CreateAsync(cluster, "'activeDeadlineSeconds':1", "['sleep','1000']");

        var job = await UntilAsync(cluster, "Failed");
        Assert.Equal("DeadlineExceeded", job.Status.Conditions.Single(c => c.Type == "Failed").Reason);
    }

    [Fact]
    public async Task A_suspended_job_has_no_pods_until_it_is_resumed()
    {
        await using var cluster = await Cluster.StartAsync();
        await CreateAsync(cluster, "'suspend':true");
        await cluster.UntilAsync<V1Job>("j", j => j.Status?.Conditions?.Any(c => c is { Type: "Suspended", Status: "True" }) == true);
        Assert.Empty((await cluster.Of<V1Pod>().ListAsync()).Items);

        await cluster.Of<V1Job>().PatchAsync("j", ActorKube.Transport.Patch.Merge("""{"spec":{"suspend":false}}"""));

        await UntilAsync(cluster, "Complete");
    }

    [Fact]
    public async Task A_job_that_has_ended_goes_when_its_time_is_over()
    {
        await using var cluster = await Cluster.StartAsync();

        await CreateAsync(cluster, "'ttlSecondsAfterFinished':0");

        await cluster.GoneAsync<V1Job>("j");
    }

    [Fact]
    public async Task A_failed_pod_is_replaced_after_a_pause_that_doubles()
    {
        var now = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var job = KubeJson.Deserialize<V1Job>("""{"metadata":{"name":"j"},"spec":{"completions":1,"parallelism":1,"backoffLimit":6,"template":{"spec":{"restartPolicy":"Never","containers":[]}}}}""");
        V1Pod Failed(int secondsAgo) => new()
        {
            Metadata = new V1ObjectMeta { Name = "p" },
            Status = new V1PodStatus
            {
                Phase = "Failed",
                ContainerStatuses = [new V1ContainerStatus { State = new V1ContainerState { Terminated = new V1ContainerStateTerminated { FinishedAt = now.AddSeconds(-secondsAgo) } } }],
            },
        };

        var first = JobPlan.Make(job, [Failed(4)], now, new ClusterControllersOptions());
        var second = JobPlan.Make(job, [Failed(30), Failed(4)], now, new ClusterControllersOptions());
        var due = JobPlan.Make(job, [Failed(10)], now, new ClusterControllersOptions());

        Assert.Equal((TimeSpan.FromSeconds(6), 0), (first.LookAfter, first.Create.Count));
        Assert.Equal(TimeSpan.FromSeconds(16), second.LookAfter);
        Assert.Single(due.Create);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_pod_failure_policy_can_end_a_job_at_once()
    {
        await using var cluster = await Cluster.StartAsync(NoPause);

        await CreateAsync(cluster, "'podFailurePolicy':{'rules':[{'action':'FailJob','onExitCodes':{'operator':'In','values':[42]}}]}", "['sh','-c','exit 42']");

        var job = await UntilAsync(cluster, "Failed");
        var pod = (await cluster.Of<V1Pod>().ListAsync()).Items.Single();
        Assert.Equal(("PodFailurePolicy", 1), (job.Status.Conditions.Single(c => c.Type == "Failed").Reason, job.Status.Failed));
        Assert.Equal($"Container c for pod default/{pod.Metadata.Name} failed with exit code 42 matching FailJob rule at index 0", job.Status.Conditions.Single(c => c.Type == "Failed").Message);
        Assert.Null(job.Status.CompletionTime);
    }

    [Fact]
    public async Task A_pod_failure_policy_can_leave_failures_out()
    {
        var lives = 0;
        await using var cluster = await Cluster.StartAsync(NoPause, new PodSimulatorOptions
        {
            RunTime = TimeSpan.Zero, Processes = _ => Task.FromResult<int?>(Interlocked.Increment(ref lives) <= 2 ? 7 : 0),
        });

        await CreateAsync(cluster, "'backoffLimit':0,'podFailurePolicy':{'rules':[{'action':'Ignore','onExitCodes':{'operator':'In','values':[7]}}]}");

        var job = await UntilAsync(cluster, "Complete");
        Assert.Equal((1, null, 3), (job.Status.Succeeded, job.Status.Failed, (await cluster.Of<V1Pod>().ListAsync()).Items.Count));
    }

    [Fact]
    public async Task A_success_policy_ends_a_job_before_all_its_pods_have_ended()
    {
        await using var cluster = await Cluster.StartAsync(NoPause, Indexes(i => i == "0" ? 0 : null));

        await CreateAsync(cluster, "'completions':3,'parallelism':3,'completionMode':'Indexed','successPolicy':{'rules':[{'succeededIndexes':'0'}]}");

        var job = await UntilAsync(cluster, "Complete");
        Assert.Equal(("SuccessPolicy", "SuccessPolicy"), (job.Status.Conditions.Single(c => c.Type == "SuccessCriteriaMet").Reason, job.Status.Conditions.Single(c => c.Type == "Complete").Reason));
        Assert.Equal("Matched rules at index 0", job.Status.Conditions.Single(c => c.Type == "Complete").Message);
        Assert.Equal(("0", 1), (job.Status.CompletedIndexes, job.Status.Succeeded));
    }

    [Fact]
    public async Task An_index_that_fails_too_often_does_not_keep_the_others_from_running()
    {
        await using var cluster = await Cluster.StartAsync(NoPause, Indexes(i => i == "1" ? 1 : 0));

        await CreateAsync(cluster, "'completions':3,'parallelism':1,'completionMode':'Indexed','backoffLimitPerIndex':1");

        var job = await UntilAsync(cluster, "Failed");
        Assert.Equal(("FailedIndexes", "0,2", "1", 2), (job.Status.Conditions.Single(c => c.Type == "Failed").Reason, job.Status.CompletedIndexes, job.Status.FailedIndexes, job.Status.Failed));
    }

    [Fact]
    public async Task A_pod_that_somebody_deletes_is_counted_as_failed_and_replaced()
    {
        await using var cluster = await Cluster.StartAsync(NoPause);
        await CreateAsync(cluster, "'backoffLimit':6", "['sleep','1000']");
        await cluster.UntilAsync<V1Job>("j", j => j.Status?.Active == 1);
        var pod = (await cluster.Of<V1Pod>().ListAsync()).Items.Single();
        Assert.Equal(["batch.kubernetes.io/job-tracking"], pod.Metadata.Finalizers);

        await cluster.Of<V1Pod>().DeleteAsync(pod.Metadata.Name);

        var job = await cluster.UntilAsync<V1Job>("j", j => j.Status is { Failed: 1, Active: 1 });
        Assert.Null(job.Status.UncountedTerminatedPods?.Failed);
    }

    [Fact]
    public async Task Pods_that_have_been_counted_are_held_no_longer()
    {
        await using var cluster = await Cluster.StartAsync(NoPause);

        await CreateAsync(cluster, "'completions':4,'parallelism':2");

        var job = await UntilAsync(cluster, "Complete");
        Assert.Equal(4, job.Status.Succeeded);
        Assert.All((await cluster.Of<V1Pod>().ListAsync()).Items, p => Assert.Null(p.Metadata.Finalizers));
    }

    [Theory]
    [InlineData(ActorKube.Transport.DeletePropagation.Background)]
    [InlineData(ActorKube.Transport.DeletePropagation.Foreground)]
    public async Task Pods_go_with_their_job(ActorKube.Transport.DeletePropagation propagation)
    {
        await using var cluster = await Cluster.StartAsync(NoPause);
        await CreateAsync(cluster, "'parallelism':2,'completions':2", "['sleep','1000']");
        await cluster.UntilAsync<V1Job>("j", j => j.Status?.Active == 2);

        await cluster.Of<V1Job>().DeleteAsync("j", new ActorKube.Transport.DeleteOptions { Propagation = propagation });

        await cluster.UntilNoneAsync<V1Pod>();
    }

    [Fact]
    public async Task Pods_that_their_job_leaves_behind_are_not_held()
    {
        await using var cluster = await Cluster.StartAsync(NoPause);
        await CreateAsync(cluster, "'parallelism':1", "['sleep','1000']");
        await cluster.UntilAsync<V1Job>("j", j => j.Status?.Active == 1);
        var pod = (await cluster.Of<V1Pod>().ListAsync()).Items.Single().Metadata.Name;

        await cluster.Of<V1Job>().DeleteAsync("j", new ActorKube.Transport.DeleteOptions { Propagation = ActorKube.Transport.DeletePropagation.Orphan });

        var left = await cluster.UntilAsync<V1Pod>(pod, p => p.Metadata.Finalizers is null && p.Metadata.OwnerReferences is null);
        Assert.Null(left.Metadata.DeletionTimestamp);
    }

    /// <summary>What each index's pods do: end with a code, or run on.</summary>
    private static PodSimulatorOptions Indexes(Func<string, int?> codes) => new()
    {
        RunTime = TimeSpan.Zero,
        Processes = async process =>
        {
            if (codes(process.Environment["JOB_COMPLETION_INDEX"]) is { } code)
            {
                return code;
            }
            await Task.Delay(Timeout.Infinite, process.Killed);
            return 137;
        },
    };

    private static Task<V1Job> CreateAsync(Cluster cluster, string spec, string command = "['echo','done']") => cluster.CreateAsync<V1Job>(
        ("{'metadata':{'name':'j'},'spec':{" + spec + ",'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i','command':" + command + "}]}}}}").Replace('\'', '"'));

    private static Task<V1Job> UntilAsync(Cluster cluster, string condition) =>
        cluster.UntilAsync<V1Job>("j", j => j.Status?.Conditions?.Any(c => c.Type == condition && c.Status == "True") == true);
}
