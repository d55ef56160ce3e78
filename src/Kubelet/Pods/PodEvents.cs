using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Kubelet;

/// <summary>Tells what happens to the containers of one pod. Never waits, never fails.</summary>
internal interface IContainerEvents
{
    void Normal(string reason, string message, string? container = null);

    void Warning(string reason, string message, string? container = null);
}

/// <summary>Tells it in the words and the name of the kubelet, or of the scheduler.</summary>
internal sealed class PodEvents(IEventRecorder? recorder)
{
    private static readonly ResourceDefinition Pods = ResourceDefinition.For<V1Pod>();

    public IContainerEvents Kubelet(SimulatedPod pod, KubeObject about) => recorder is null ? Silence.Instance : new Of(recorder.For(about, Pods, pod.Key, "kubelet", pod.Node));

    public void Scheduled(KubeObject pod, string node) =>
        recorder?.For(pod, Pods, pod.Key, "default-scheduler").Normal("Scheduled", $"Successfully assigned {pod.Namespace}/{pod.Name} to {node}");

    private sealed class Of(IObjectEvents events) : IContainerEvents
    {
        public void Normal(string reason, string message, string? container) => About(container).Normal(reason, message);

        public void Warning(string reason, string message, string? container) => About(container).Warning(reason, message);

        private IObjectEvents About(string? container) => container is null ? events : events.About($"spec.containers{{{container}}}");
    }

    private sealed class Silence : IContainerEvents
    {
        public static readonly Silence Instance = new();

        public void Normal(string reason, string message, string? container)
        {
        }

        public void Warning(string reason, string message, string? container)
        {
        }
    }
}
