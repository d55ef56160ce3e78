using ActorKube.ApiServer;
using ActorKube.Kubelet;

namespace ActorKube.ControllerManager.Tests;

/// <summary>The real kubectl with workloads that do what they say.</summary>
public sealed class KubectlRolloutTests
{
    [KubectlFact]
    public async Task Rolls_out_undoes_scales_and_waits()
    {
        using var kubectl = new Kubectl();
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions());
        await using var node = await SimulatedNode.StartAsync(server, new PodSimulatorOptions { RunTime = TimeSpan.Zero });
        await server.WriteKubeconfigAsync(kubectl.Kubeconfig);
        await using var controllers = await ClusterControllers.StartAsync(server.CreateHandler());

        await kubectl.RunAsync("create deployment web --image=v1");
        Assert.Contains("successfully rolled out", await kubectl.RunAsync("rollout status deployment/web --timeout=60s"), StringComparison.Ordinal);
        await kubectl.RunAsync("set image deployment/web *=v2");
        Assert.Contains("successfully rolled out", await kubectl.RunAsync("rollout status deployment/web --timeout=60s"), StringComparison.Ordinal);
        var history = await kubectl.RunAsync("rollout history deployment/web");
        Assert.Matches("(?m)^1 .*\n2 ", history);
        Assert.Contains("rolled back", await kubectl.RunAsync("rollout undo deployment/web"), StringComparison.Ordinal);
        await kubectl.RunAsync("rollout status deployment/web --timeout=60s");
        Assert.Equal("v1", await kubectl.RunAsync("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}"));

        Assert.Contains("scaled", await kubectl.RunAsync("scale deployment/web --replicas=3"), StringComparison.Ordinal);
        await kubectl.RunAsync("rollout status deployment/web --timeout=60s");
        await kubectl.RunAsync("wait --for=condition=Available deployment/web --timeout=60s");
        Assert.Contains("3/3", await kubectl.RunAsync("get deployment web"), StringComparison.Ordinal);
        Assert.Contains("ScalingReplicaSet", await kubectl.RunAsync("describe deployment web"), StringComparison.Ordinal);

        await kubectl.RunAsync("create job once --image=busybox -- echo done");
        await kubectl.RunAsync("wait --for=condition=Complete job/once --timeout=60s");
        Assert.Equal("done\n", await kubectl.RunAsync("logs job/once"));
    }
}
