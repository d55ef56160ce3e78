using k8s.Models;

namespace Cnat.Tests;

public sealed class AtPodTests
{
    static readonly At At = new()
    {
        Metadata = new V1ObjectMeta { Name = "lunch", NamespaceProperty = "kitchen", Uid = "u-1" },
        Spec = new AtSpec { Command = "echo it is time" },
    };

    [Fact]
    public void The_command_is_split_at_single_spaces_and_run_without_a_shell()
    {
        var pod = AtPod.For(At);
        Assert.Equal(["echo", "it", "is", "time"], Assert.Single(pod.Spec.Containers).Command);
        Assert.Equal("OnFailure", pod.Spec.RestartPolicy);
    }

    [Fact]
    public void The_pod_is_named_after_its_At_and_controlled_by_it()
    {
        var pod = AtPod.For(At);
        Assert.Equal(("lunch-pod", "kitchen", "lunch"), (pod.Metadata.Name, pod.Metadata.NamespaceProperty, pod.Metadata.Labels["app"]));
        Assert.True(pod.IsControlledBy(At));
    }
}
