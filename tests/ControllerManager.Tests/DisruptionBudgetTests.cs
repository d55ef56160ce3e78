using ActorKube.Kubelet;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class DisruptionBudgetTests
{
    [Fact]
    public async Task A_budget_says_how_many_of_its_pods_may_be_evicted()
    {
        await using var cluster = await Cluster.StartAsync();
        await BudgetAsync(cluster, "\"minAvailable\":1");
        var empty = await cluster.UntilAsync<V1PodDisruptionBudget>("b", b => b.Status?.ObservedGeneration == 1);
        Assert.Equal((0, 1, 0, 0), Counts(empty));
        Assert.Equal(("False", "InsufficientPods", 1L), Said(empty));

        await ReplicaSetAsync(cluster);
        var full = await cluster.UntilAsync<V1PodDisruptionBudget>("b", b => b.Status.CurrentHealthy == 3);
        Assert.Equal((3, 1, 3, 2), Counts(full));
        Assert.Equal(("True", "SufficientPods", 1L), Said(full));

        await cluster.Of<V1PodDisruptionBudget>().PatchAsync("b", Patch.Merge("""{"spec":{"minAvailable":null,"maxUnavailable":"34%"}}"""));
        Assert.Equal((3, 1, 3, 2), Counts(await cluster.UntilAsync<V1PodDisruptionBudget>("b", b => b.Status.ObservedGeneration == 2)));
    }

    [Fact]
    public async Task An_eviction_spends_what_a_budget_has_until_the_pod_is_replaced()
    {
        // Deleted pods take as long as they may, so that their going is seen.
        await using var cluster = await Cluster.StartAsync(pods: new PodSimulatorOptions { Events = false, StopDelay = TimeSpan.FromHours(1) });
        await BudgetAsync(cluster, "\"minAvailable\":3");
        await ReplicaSetAsync(cluster);
        await cluster.UntilAsync<V1PodDisruptionBudget>("b", b => b.Status.CurrentHealthy == 3);
        var pod = (await cluster.Of<V1Pod>().ListAsync()).Items[0].Metadata.Name;
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => cluster.Of<V1Pod>().EvictAsync(pod))).IsTooManyRequests);

        await cluster.Of<V1PodDisruptionBudget>().PatchAsync("b", Patch.Merge("""{"spec":{"minAvailable":2}}"""));
        await cluster.UntilAsync<V1PodDisruptionBudget>("b", b => b.Status is { DisruptionsAllowed: 1, ObservedGeneration: 2 });
        await cluster.Of<V1Pod>().EvictAsync(pod);

        var refilled = await cluster.UntilAsync<V1PodDisruptionBudget>("b", b => b.Status is { DisruptionsAllowed: 1, CurrentHealthy: 3, ExpectedPods: 4 } && b.Status.DisruptedPods is null or { Count: 0 });
        // The pod that goes counts as one that there should be for a minimum that is a number.
        Assert.Equal(2, refilled.Status.DesiredHealthy);
    }

    [Fact]
    public async Task Pods_without_a_controller_count_only_against_a_number()
    {
        await using var cluster = await Cluster.StartAsync();
        await BudgetAsync(cluster, "\"maxUnavailable\":1");
        await cluster.CreateAsync<V1Pod>("""{"metadata":{"name":"p","labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal((1, 0, 0, 0), Counts(await cluster.UntilAsync<V1PodDisruptionBudget>("b", b => b.Status?.CurrentHealthy == 1)));

        await cluster.Of<V1PodDisruptionBudget>().PatchAsync("b", Patch.Merge("""{"spec":{"maxUnavailable":null,"minAvailable":1}}"""));

        Assert.Equal((1, 1, 1, 0), Counts(await cluster.UntilAsync<V1PodDisruptionBudget>("b", b => b.Status.ObservedGeneration == 2)));
    }

    [Fact]
    public async Task A_pod_that_several_budgets_mean_is_told_so_once_and_cannot_be_evicted()
    {
        await using var cluster = await Cluster.StartAsync();
        await BudgetAsync(cluster, "\"minAvailable\":1");
        await cluster.CreateAsync<V1PodDisruptionBudget>("""{"metadata":{"name":"a"},"spec":{"minAvailable":1,"selector":{}}}""");
        await cluster.UntilAsync<V1PodDisruptionBudget>("a", b => b.Status?.ObservedGeneration == 1);
        await cluster.UntilAsync<V1PodDisruptionBudget>("b", b => b.Status?.ObservedGeneration == 1);
        await cluster.CreateAsync<V1Pod>("""{"metadata":{"name":"p","labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        await cluster.UntilAsync<V1PodDisruptionBudget>("a", b => b.Status.CurrentHealthy == 1);
        await cluster.UntilAsync<V1PodDisruptionBudget>("b", b => b.Status.CurrentHealthy == 1);

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var told = (await cluster.Client.ListWatch(ResourceDefinition.For<Corev1Event>(), "default")
            .UntilAsync(e => e.Object!.As<Corev1Event>().Reason == "MultiplePodDisruptionBudgets", cancellation: limit.Token)).Object!.As<Corev1Event>();
        Assert.Equal(("Warning", "Pod", "p", "controllermanager", "Pod \"default\"/\"p\" matches multiple PodDisruptionBudgets.  Chose \"a\" arbitrarily."),
            (told.Type, told.InvolvedObject.Kind, told.InvolvedObject.Name, told.Source.Component, told.Message));
        var refused = await Assert.ThrowsAsync<KubernetesException>(() => cluster.Of<V1Pod>().EvictAsync("p"));
        Assert.Equal((500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."), (refused.Status.Code, refused.Status.Message));
        Assert.Equal(1, (await cluster.Of<Corev1Event>().ListAsync()).Items.Where(e => e.Reason == told.Reason).Sum(e => e.Count ?? 1));
    }

    private static (int? Healthy, int? Desired, int? Expected, int? Allowed) Counts(V1PodDisruptionBudget budget) =>
        (budget.Status.CurrentHealthy, budget.Status.DesiredHealthy, budget.Status.ExpectedPods, budget.Status.DisruptionsAllowed);

    private static (string, string, long?) Said(V1PodDisruptionBudget budget) => budget.Status.Conditions.Single(c => c.Type == "DisruptionAllowed") is var c ? (c.Status, c.Reason, c.ObservedGeneration) : default;

    private static Task<V1PodDisruptionBudget> BudgetAsync(Cluster cluster, string bound) =>
        cluster.CreateAsync<V1PodDisruptionBudget>("{\"metadata\":{\"name\":\"b\"},\"spec\":{" + bound + ",\"selector\":{\"matchLabels\":{\"a\":\"b\"}}}}");

    private static Task<V1ReplicaSet> ReplicaSetAsync(Cluster cluster) => cluster.CreateAsync<V1ReplicaSet>(
        """{"metadata":{"name":"r"},"spec":{"replicas":3,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");
}
