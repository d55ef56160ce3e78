using ActorKube.Models;
using FsCheck;
using FsCheck.Fluent;
using k8s.Models;

namespace ActorKube.Kubelet.Tests;

/// <summary>What is decided about a pod, without a node.</summary>
public sealed class PodPlanTests
{
    private static readonly RestartBackOff BackOff = new(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));
    private readonly HandTime _time = new();

    [Fact]
    public void Init_containers_start_one_after_another_and_the_others_after_them()
    {
        var pod = Pod("Always", [Named("i1"), Named("i2")], [Named("a"), Named("b")]);

        Assert.Equal(["i1"], Starts(pod, "Always"));
        Begin(pod, "i1");
        Assert.Empty(Starts(pod, "Always"));
        End(pod, "i1", 0);
        Assert.Equal(["i2"], Starts(pod, "Always"));
        Begin(pod, "i2");
        End(pod, "i2", 0);
        Assert.Equal(["a", "b"], Starts(pod, "Always"));
    }

    [Fact]
    public void A_sidecar_is_waited_for_until_it_has_started_and_ends_after_the_others()
    {
        var pod = Pod("Never", [new V1Container { Name = "side", RestartPolicy = "Always" }], [Named("a")]);
        Assert.Equal(["side"], Starts(pod, "Never"));
        Begin(pod, "side").SetStarted(false);
        Assert.Empty(Starts(pod, "Never"));
        pod.Find("side")!.Life!.SetStarted(true);
        Assert.Equal(["a"], Starts(pod, "Never"));
        Begin(pod, "a");
        End(pod, "side", 1);
        // It is restarted whatever the pod's policy says, and nobody waits for it any more.
        Assert.Equal(["side"], Starts(pod, "Never"));
        Begin(pod, "side");
        End(pod, "a", 0);
        Assert.Equal("side", Assert.Single(Plan(pod, "Never").Stops).Name);
        Assert.Equal("Running", PodStatusText.Phase(pod, "Never"));
        End(pod, "side", 137);
        Assert.Equal("Succeeded", PodStatusText.Phase(pod, "Never"));
        Assert.Empty(Starts(pod, "Never"));
    }

    [Theory]
    [InlineData("Always", 0, true)]
    [InlineData("Always", 1, true)]
    [InlineData("OnFailure", 0, false)]
    [InlineData("OnFailure", 1, true)]
    [InlineData("Never", 1, false)]
    public void Who_is_restarted_is_the_policys_to_say(string policy, int code, bool restarted)
    {
        var pod = Pod(policy, [], [Named("a")]);
        Begin(pod, "a");
        End(pod, "a", code);

        Assert.Equal(restarted, Starts(pod, policy).Length == 1);
    }

    [Fact]
    public void Who_ends_again_and_again_waits_longer_each_time_until_a_life_was_long()
    {
        var (pause, next) = BackOff.After(TimeSpan.Zero, TimeSpan.Zero);
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(10)), (pause, next));
        foreach (var expected in (int[])[10, 20, 40, 80, 160, 300, 300])
        {
            (pause, next) = BackOff.After(next, TimeSpan.FromSeconds(1));
            Assert.Equal(expected, pause.TotalSeconds);
        }
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(10)), BackOff.After(next, TimeSpan.FromMinutes(11)));
        Assert.Equal(("10s", "1m20s", "5m0s"), (RestartBackOff.GoDuration(TimeSpan.FromSeconds(10)), RestartBackOff.GoDuration(TimeSpan.FromSeconds(80)), RestartBackOff.GoDuration(TimeSpan.FromMinutes(5))));
    }

    [Fact]
    public void A_second_end_is_held_until_its_pause_is_over_and_the_plan_says_when()
    {
        var pod = Pod("Always", [], [Named("a")]);
        Begin(pod, "a", backOff: TimeSpan.FromSeconds(10));
        End(pod, "a", 1);

        var plan = Plan(pod, "Always");

        var hold = Assert.Single(plan.Holds);
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), _time.Now.AddSeconds(10)), (hold.Pause, hold.BackOff, plan.DueAt));
        Assert.Empty(plan.Starts);
        _time.Now = _time.Now.AddSeconds(10);
        Assert.Equal(["a"], Starts(pod, "Always"));
    }

    [Fact]
    public void A_script_that_says_why_a_container_waits_holds_it_for_ever_and_is_said_once()
    {
        var pod = Pod("Always", [], [Named("a")], ("simulator.actorkube.dev/waiting", "ImagePullBackOff"));
        var plan = Plan(pod, "Always");
        Assert.Null(Assert.Single(plan.Holds).Until);
        pod.Find("a")!.Wait("ImagePullBackOff");

        plan = Plan(pod, "Always");

        Assert.Equal((0, 0, null), (plan.Holds.Count, plan.Starts.Count, plan.DueAt));
    }

    /// <summary>Whatever ends how and in which order: nobody starts out of turn, nobody twice at once, and a pod that is not restarted comes to an end.</summary>
    [Fact]
    public void Nobody_starts_out_of_turn_whatever_ends_when() => Prop.ForAll(
        ArbMap.Default.ArbFor<(byte Inits, byte Mains, byte Policy, int Seed)>(),
        given =>
        {
            var random = new Random(given.Seed);
            var policy = (string[])["Always", "OnFailure", "Never"] is var all ? all[given.Policy % 3] : "";
            var pod = Pod(policy, [.. Enumerable.Range(0, given.Inits % 4).Select(i => Named($"i{i}"))], [.. Enumerable.Range(0, (given.Mains % 3) + 1).Select(i => Named($"m{i}"))]);
            for (var step = 0; step < 60; step++)
            {
                var plan = Plan(pod, policy);
                foreach (var (container, backOff) in plan.Starts)
                {
                    Assert.NotEqual(ContainerPhase.Running, container.Phase);
                    var before = pod.Containers.TakeWhile(c => c != container).Where(c => c.IsInit);
                    Assert.All(before, c => Assert.True(c.IsDone));
                    container.Begin(new ContainerLife(_time) { Id = "x" });
                    container.BackOff = backOff;
                }
                foreach (var hold in plan.Holds)
                {
                    hold.Container.Wait("CrashLoopBackOff");
                    (hold.Container.NotBefore, hold.Container.BackOff) = (hold.Until, hold.BackOff);
                }
                var running = pod.Containers.Where(c => c.Phase == ContainerPhase.Running).ToList();
                if (running.Count > 0)
                {
                    End(pod, running[random.Next(running.Count)].Name, random.Next(2));
                }
                else if (Plan(pod, policy).DueAt is { } due)
                {
                    _time.Now = due;
                }
                else if (Plan(pod, policy).Starts.Count == 0)
                {
                    // Nothing runs, waits or may start: it has ended, for good or for bad.
                    Assert.Contains(PodStatusText.Phase(pod, policy), (string[])["Succeeded", "Failed"]);
                    return true;
                }
            }
            return true;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(false, 3, 1, "ffs", "nnr")]
    [InlineData(false, 1, 2, "sfss", "nnnr")]
    [InlineData(true, 2, 1, "fsff", "nnnu")]
    public void A_readiness_probe_decides_after_enough_results_in_a_row(bool ready, int failures, int successes, string results, string verdicts) =>
        Assert.Equal(verdicts, Verdicts(new ProbeTally(ProbeKind.Readiness, failures, successes), ready, results));

    [Fact]
    public void A_liveness_probe_restarts_after_enough_failures_in_a_row_and_a_startup_probe_lets_go_with_the_first_success()
    {
        Assert.Equal("nnnx", Verdicts(new ProbeTally(ProbeKind.Liveness, 2, 1), true, "fsff"));
        Assert.Equal("ns", Verdicts(new ProbeTally(ProbeKind.Startup, 2, 1), false, "fs"));
        Assert.Equal("nx", Verdicts(new ProbeTally(ProbeKind.Startup, 2, 1), false, "ff"));
    }

    [Fact]
    public void A_pod_whose_affinity_names_one_node_belongs_there_and_one_with_a_choice_to_the_simulators()
    {
        var pod = KubeJson.Deserialize<V1Pod>("""{"spec":{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["n7"]}]}]}}}}}""");
        Assert.Equal("n7", PodPlacement.NodeOf(pod));
        Assert.True(PodPlacement.WaitsForNode(pod));
        pod.Spec.NodeName = "n7";
        Assert.True(PodPlacement.IsOurs(pod, "simulated-node"));
        pod.Spec.NodeName = "n8";
        Assert.False(PodPlacement.IsOurs(pod, "simulated-node"));
        Assert.False(PodPlacement.WaitsForNode(KubeJson.Deserialize<V1Pod>("""{"spec":{"schedulingGates":[{"name":"a/b"}]}}""")));
    }

    private static string Verdicts(ProbeTally tally, bool ready, string results) => string.Concat(results.Select(r => tally.Add(r == 's', ready) switch
    {
        ProbeVerdict.Ready => 'r',
        ProbeVerdict.Unready => 'u',
        ProbeVerdict.Started => 's',
        ProbeVerdict.Restart => 'x',
        _ => 'n',
    }));

    private static V1Container Named(string name) => new() { Name = name };

    private SimulatedPod Pod(string policy, V1Container[] init, V1Container[] main, params (string Key, string Value)[] annotations) => new(new NamespacedName("default", "p"), new V1Pod
    {
        Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "default", Uid = "u", Annotations = annotations.ToDictionary(a => a.Key, a => a.Value) },
        Spec = new V1PodSpec { RestartPolicy = policy, InitContainers = init, Containers = main },
    }, _time.Now);

    private PodPlan Plan(SimulatedPod pod, string policy) => PodPlan.Of(pod, policy, BackOff, _time.Now);

    private string[] Starts(SimulatedPod pod, string policy) => [.. Plan(pod, policy).Starts.Select(s => s.Container.Name)];

    private ContainerLife Begin(SimulatedPod pod, string container, TimeSpan backOff = default)
    {
        var life = new ContainerLife(_time) { Id = container };
        pod.Find(container)!.Begin(life);
        pod.Find(container)!.BackOff = backOff;
        return life;
    }

    private static void End(SimulatedPod pod, string container, int code)
    {
        pod.Find(container)!.Life!.Exited(code);
        Assert.True(pod.Find(container)!.Life!.TakeExit());
    }

    /// <summary>A clock in the test's hand.</summary>
    private sealed class HandTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
