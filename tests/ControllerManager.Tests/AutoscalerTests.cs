using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class AutoscalerTests
{
    [Fact]
    public async Task Without_metrics_an_autoscaler_says_so_and_keeps_its_target_within_its_bounds()
    {
        await using var cluster = await Cluster.StartAsync(new ClusterControllersOptions { AutoscalerPeriod = TimeSpan.FromMilliseconds(20) });
        await cluster.CreateAsync<V1Deployment>("""{"metadata":{"name":"d"},"spec":{"replicas":1,"selector":{"matchLabels":{"x":"y"}},"template":{"metadata":{"labels":{"x":"y"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");

        await cluster.CreateAsync<V2HorizontalPodAutoscaler>("""
            {"metadata":{"name":"h"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"},"minReplicas":2,"maxReplicas":4,
            "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]}}
            """);

        await cluster.UntilAsync<V1Deployment>("d", d => d.Spec.Replicas == 2);
        var scaler = await cluster.UntilAsync<V2HorizontalPodAutoscaler>("h", h => h.Status?.Conditions?.Any(c => c.Type == "ScalingActive") == true);
        var active = scaler.Status.Conditions.Single(c => c.Type == "ScalingActive");
        Assert.Equal(("False", "FailedGetResourceMetric"), (active.Status, active.Reason));
        Assert.Equal("the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not"
            + " find the requested resource (get pods.metrics.k8s.io)", active.Message);
        Assert.Equal(("True", 2, 2), (scaler.Status.Conditions.Single(c => c.Type == "AbleToScale").Status, scaler.Status.DesiredReplicas, scaler.Status.CurrentReplicas));

        await cluster.Of<V2HorizontalPodAutoscaler>().PatchAsync("h", Patch.Merge("""{"spec":{"minReplicas":1,"maxReplicas":1}}"""));

        await cluster.UntilAsync<V1Deployment>("d", d => d.Spec.Replicas == 1);
    }

    [Fact]
    public async Task An_autoscaler_without_a_target_says_what_is_missing()
    {
        await using var cluster = await Cluster.StartAsync();

        await cluster.CreateAsync<V2HorizontalPodAutoscaler>("""{"metadata":{"name":"h"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"nope"},"maxReplicas":4}}""");

        var able = (await cluster.UntilAsync<V2HorizontalPodAutoscaler>("h", h => h.Status?.Conditions is { Count: > 0 })).Status.Conditions.Single();
        Assert.Equal(("AbleToScale", "False", "FailedGetScale"), (able.Type, able.Status, able.Reason));
        Assert.Equal("the HPA controller was unable to get the target's current scale: deployments/scale.apps \"nope\" not found", able.Message);
    }
}
