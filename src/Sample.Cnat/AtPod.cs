using ActorKube.Models;
using k8s.Models;

namespace Cnat;

/// <summary>The pod in which an At's command runs.</summary>
public static class AtPod
{
    /// <summary>The pod's name: one At has one pod, so a second one cannot come to be.</summary>
    public static string NameFor(At at) => $"{at.Metadata.Name}-pod";

    /// <summary>The key of an At's pod.</summary>
    public static NamespacedName KeyFor(NamespacedName at) => new(at.Namespace, $"{at.Name}-pod");

    /// <summary>The pod to create: the command's words, split at single spaces, in a busybox that the At controls.</summary>
    public static V1Pod For(At at)
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = NameFor(at),
                NamespaceProperty = at.Metadata.NamespaceProperty,
                Labels = new Dictionary<string, string> { ["app"] = at.Metadata.Name },
            },
            Spec = new V1PodSpec
            {
                RestartPolicy = "OnFailure",
                Containers = [new V1Container { Name = "busybox", Image = "busybox", Command = at.Spec?.Command?.Split(' ') }],
            },
        };
        pod.SetControllerReference(at);
        return pod;
    }
}
