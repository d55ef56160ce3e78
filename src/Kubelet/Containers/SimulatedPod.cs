using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Kubelet;

/// <summary>One pod on the node: its containers and what was told of it. Changed by its reconcile alone; read by anybody.</summary>
internal sealed class SimulatedPod : IDisposable
{
    private readonly CancellationTokenSource _gone = new();

    /// <param name="key">Its key.</param>
    /// <param name="pod">The pod as it was when it came to the node: a spec does not change where it matters.</param>
    /// <param name="arrived">When that was.</param>
    public SimulatedPod(NamespacedName key, V1Pod pod, DateTimeOffset arrived)
    {
        (Key, Pod, ArrivedAt) = (key, pod, arrived);
        List<SimulatedContainer> containers = [];
        foreach (var (list, init) in (ReadOnlySpan<(IList<V1Container>?, bool)>)[(pod.Spec.InitContainers, true), (pod.Spec.Containers, false)])
        {
            containers.AddRange((list ?? []).Select(c => new SimulatedContainer(c, init, PodScript.Of(pod.Metadata.Annotations, c.Name))));
        }
        Containers = containers;
    }

    public NamespacedName Key { get; }

    public V1Pod Pod { get; }

    public string Uid => Pod.Metadata.Uid;

    public DateTimeOffset ArrivedAt { get; }

    /// <summary>Init containers in their order, then the others.</summary>
    public IReadOnlyList<SimulatedContainer> Containers { get; }

    /// <summary>The node that it runs on; empty until it is put on one.</summary>
    public string Node { get; set; } = "";

    /// <summary>Its address; null until it has started.</summary>
    public string? Address { get; set; }

    /// <summary>When it started on its node, as its status says; null until that was told.</summary>
    public string? StartTime { get; set; }

    /// <summary>When it was first seen to be going; null while it stays.</summary>
    public DateTimeOffset? GoingSince { get; set; }

    /// <summary>Its processes were ended because it goes: it does not start again.</summary>
    public bool IsKilled { get; private set; }

    /// <summary>The server was asked to let it go.</summary>
    public bool IsReleased { get; set; }

    /// <summary>What was told last of its state; null before the first time.</summary>
    public ToldStatus? Told { get; set; }

    /// <summary>Cancelled when it has left the node.</summary>
    public CancellationToken Gone => _gone.Token;

    public SimulatedContainer? Find(string container) => Containers.FirstOrDefault(c => c.Name == container);

    /// <summary>Ends its processes, as they end that are killed.</summary>
    public void Kill()
    {
        IsKilled = true;
        foreach (var container in Containers.Where(c => c.Phase == ContainerPhase.Running))
        {
            container.Life!.Kill.Cancel();
            container.Life.Exited(137);
            container.Life.TakeExit();
        }
    }

    /// <summary>It has left the node: processes and sessions end, logs too.</summary>
    public void Dispose()
    {
        _gone.Cancel();
        foreach (var container in Containers)
        {
            container.Life?.Kill.Cancel();
            container.Life?.Log.End();
        }
    }
}

/// <summary>What was told of a pod's state, so that nothing is told twice and times of transitions are kept.</summary>
/// <param name="Text">The status, as it was sent.</param>
/// <param name="Conditions">Value and time of each of the node's conditions.</param>
internal sealed record ToldStatus(string Text, IReadOnlyDictionary<string, (string Status, string Since)> Conditions);
