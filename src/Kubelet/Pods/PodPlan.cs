namespace ActorKube.Kubelet;

/// <summary>What is to be done about a pod now: a decision from what its containers are, without doing any of it.</summary>
/// <param name="Starts">Containers to start.</param>
/// <param name="Holds">Containers that have to wait from now on.</param>
/// <param name="Stops">Sidecars that nobody needs any more.</param>
/// <param name="DueAt">When to look again although nothing happens; null where only news brings more.</param>
internal sealed record PodPlan(IReadOnlyList<PodPlan.Start> Starts, IReadOnlyList<PodPlan.Hold> Holds, IReadOnlyList<SimulatedContainer> Stops, DateTimeOffset? DueAt)
{
    /// <summary>A container to start.</summary>
    /// <param name="Container">Which.</param>
    /// <param name="BackOff">The pause before the life after this one.</param>
    internal sealed record Start(SimulatedContainer Container, TimeSpan BackOff);

    /// <summary>A container that has to wait from now on.</summary>
    /// <param name="Container">Which.</param>
    /// <param name="Until">When it may start; null for never, for a reason that its script gives.</param>
    /// <param name="Pause">How long that is, where it ended too often; null for other reasons.</param>
    /// <param name="BackOff">The pause before the life after the next.</param>
    internal sealed record Hold(SimulatedContainer Container, DateTimeOffset? Until, TimeSpan? Pause, TimeSpan BackOff);

    /// <param name="pod">The pod, whose ended processes have been taken in.</param>
    /// <param name="policy">Its restart policy.</param>
    /// <param name="backOff">The pauses between lives.</param>
    /// <param name="now">The time.</param>
    public static PodPlan Of(SimulatedPod pod, string policy, RestartBackOff backOff, DateTimeOffset now)
    {
        var draft = new Draft(policy, backOff, now);
        var main = pod.Containers.Where(c => !c.IsInit).ToList();
        var begun = main.Exists(c => c.Life is not null);
        foreach (var container in pod.Containers.Where(c => c.IsInit))
        {
            if (!container.IsSidecar && container.IsDone)
            {
                continue;
            }
            draft.Keep(container);
            // Those after it wait for an init container's end, and for a sidecar's start: once, not each time that it restarts.
            if (!container.IsSidecar || (!begun && !container.HasStarted))
            {
                return draft.Plan;
            }
        }
        foreach (var container in main)
        {
            draft.Keep(container);
        }
        // What only served the others ends with them.
        return main.TrueForAll(c => c.Phase == ContainerPhase.Terminated && !draft.Restarts(c))
            ? new PodPlan([], [], [.. pod.Containers.Where(c => c is { IsSidecar: true, Phase: ContainerPhase.Running })], null) : draft.Plan;
    }

    private sealed class Draft(string policy, RestartBackOff backOff, DateTimeOffset now)
    {
        private readonly List<Start> _starts = [];
        private readonly List<Hold> _holds = [];
        private DateTimeOffset? _due;

        public PodPlan Plan => new(_starts, _holds, [], _due);

        public bool Restarts(SimulatedContainer container) =>
            container.IsSidecar || (policy == "Always" && !container.IsInit) || (policy != "Never" && container.Life!.ExitCode != 0);

        /// <summary>Sees to it that a container whose turn has come runs.</summary>
        public void Keep(SimulatedContainer container)
        {
            switch (container.Phase)
            {
                case ContainerPhase.Waiting when container.Life is null && container.Script.Waiting is { } reason:
                    if (container.Reason != reason)
                    {
                        _holds.Add(new Hold(container, null, null, TimeSpan.Zero));
                    }
                    break;
                case ContainerPhase.Waiting when container.NotBefore is null && container.Script.StartDelay > TimeSpan.Zero:
                    Wait(new Hold(container, now + container.Script.StartDelay, null, TimeSpan.Zero));
                    break;
                case ContainerPhase.Waiting when container.NotBefore > now:
                    Due(container.NotBefore.Value);
                    break;
                case ContainerPhase.Waiting:
                    _starts.Add(new Start(container, container.BackOff));
                    break;
                case ContainerPhase.Terminated when Restarts(container):
                    var ended = container.Life!.FinishedAt!.Value;
                    var (pause, next) = backOff.After(container.BackOff, ended - container.Life.StartedAt);
                    if (ended + pause <= now)
                    {
                        _starts.Add(new Start(container, next));
                    }
                    else
                    {
                        Wait(new Hold(container, ended + pause, pause, next));
                    }
                    break;
            }
        }

        private void Wait(Hold hold)
        {
            _holds.Add(hold);
            Due(hold.Until!.Value);
        }

        private void Due(DateTimeOffset due) => _due = _due < due ? _due : due;
    }
}
