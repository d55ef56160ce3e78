using k8s.Models;

namespace ActorKube.Kubelet;

internal enum ContainerPhase
{
    Waiting,
    Running,
    Terminated,
}

/// <summary>One container of a simulated pod: its life now, and the one before. Changed by its pod's reconcile alone; read by anybody.</summary>
internal sealed class SimulatedContainer(V1Container spec, bool init, PodScript script)
{
    private volatile ContainerLife? _life;
    private bool _waits = true;

    public string Name => spec.Name;

    /// <summary>Its part of the pod's spec.</summary>
    public V1Container Spec => spec;

    /// <summary>What its pod's annotations say of it.</summary>
    public PodScript Script => script;

    public bool IsInit => init;

    /// <summary>An init container that stays: it is started before the others, and not waited for once it has started.</summary>
    public bool IsSidecar => init && spec.RestartPolicy == "Always";

    /// <summary>The present life, or the last one while it waits for the next; null before the first.</summary>
    public ContainerLife? Life => _life;

    /// <summary>The life before; null before the second.</summary>
    public ContainerLife? Before { get; private set; }

    public int Restarts { get; private set; }

    public ContainerPhase Phase => _waits ? ContainerPhase.Waiting : _life!.FinishedAt is null ? ContainerPhase.Running : ContainerPhase.Terminated;

    /// <summary>Why it waits.</summary>
    public string Reason { get; private set; } = "ContainerCreating";

    public string? Message { get; private set; }

    /// <summary>When it may start, at the earliest; null where nothing holds it back but its pod.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>The pause before its next start, should this life end.</summary>
    public TimeSpan BackOff { get; set; }

    public bool IsReady => _life?.IsReady == true && !_waits;

    public bool HasStarted => _life?.HasStarted == true && !_waits;

    /// <summary>Whether it ended for good: an init container that did its work.</summary>
    public bool IsDone => Phase == ContainerPhase.Terminated && _life!.ExitCode == 0;

    public void Begin(ContainerLife life)
    {
        if (_life is not null)
        {
            Restarts++;
        }
        (Before, _life, _waits, NotBefore) = (_life, life, false, null);
    }

    public void Wait(string reason, string? message = null) => (_waits, Reason, Message) = (true, reason, message);
}
