using ActorKube.Kubelet;
using k8s.Models;

namespace ActorKube.Testing.Tests;

/// <summary>A fixture whose pods run.</summary>
public sealed class NodeTests
{
    static V1Pod Pod(string policy, params string[] command) => new()
    {
        Metadata = new V1ObjectMeta { Name = "p" },
        Spec = new V1PodSpec { RestartPolicy = policy, Containers = [new V1Container { Name = "c", Image = "i", Command = command }] },
    };

    static async Task<V1PodStatus> StatusAsync(ActorKubeFixture kube) => (await kube.Client.Resource<V1Pod>("default").GetAsync("p")).Status;

    [Fact]
    public async Task Pods_run_in_the_fixtures_time_and_what_they_do_is_settled()
    {
        await using var kube = await ActorKubeFixture.StartAsync(options: new ActorKubeFixtureOptions { Pods = new PodSimulatorOptions { RunTime = TimeSpan.FromSeconds(30) } });
        await kube.Client.Resource<V1Pod>("default").CreateAsync(Pod("Never"));
        await kube.SettleAsync();
        Assert.Equal("Running", (await StatusAsync(kube)).Phase);

        await kube.AdvanceAsync(TimeSpan.FromSeconds(29));
        Assert.Equal("Running", (await StatusAsync(kube)).Phase);
        await kube.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal("Succeeded", (await StatusAsync(kube)).Phase);

        await kube.Probe.ExpectNoWriteAsync<V1Pod>();
    }

    [Fact]
    public async Task A_container_that_ends_again_and_again_is_restarted_as_virtual_time_passes()
    {
        await using var kube = await ActorKubeFixture.StartAsync(options: new ActorKubeFixtureOptions { Pods = new PodSimulatorOptions() });
        await kube.Client.Resource<V1Pod>("default").CreateAsync(Pod("Always", "sh", "-c", "exit 3"));
        await kube.SettleAsync();
        foreach (var (pause, restarts) in new[] { (10, 1), (20, 2), (40, 3) })
        {
            var container = (await StatusAsync(kube)).ContainerStatuses.Single();
            Assert.Equal(("CrashLoopBackOff", restarts, 3), (container.State.Waiting.Reason, container.RestartCount, container.LastState.Terminated.ExitCode));
            await kube.AdvanceAsync(TimeSpan.FromSeconds(pause));
        }

        await kube.Client.Resource<V1Pod>("default").DeleteAsync("p");
        await kube.SettleAsync();

        await kube.UntilGoneAsync<V1Pod>("default/p");
    }
}
