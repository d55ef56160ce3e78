using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.ControllerManager;

/// <summary>Which controllers run, and their numbers. The defaults are kube-controller-manager's.</summary>
public sealed record ClusterControllersOptions
{
    /// <summary>Deployments get replica sets, and roll from one to the next.</summary>
    public bool Deployments { get; init; } = true;

    /// <summary>Replica sets get pods.</summary>
    public bool ReplicaSets { get; init; } = true;

    /// <summary>Jobs get pods until enough have succeeded.</summary>
    public bool Jobs { get; init; } = true;

    /// <summary>Stateful sets get pods with names that stay.</summary>
    public bool StatefulSets { get; init; } = true;

    /// <summary>Cron jobs get jobs at their times.</summary>
    public bool CronJobs { get; init; } = true;

    /// <summary>Daemon sets get a pod on each node; on none where there are no Node objects.</summary>
    public bool DaemonSets { get; init; } = true;

    /// <summary>Replication controllers get pods.</summary>
    public bool ReplicationControllers { get; init; } = true;

    /// <summary>Services with a selector get Endpoints and endpoint slices.</summary>
    public bool Endpoints { get; init; } = true;

    /// <summary>Endpoints that somebody writes by hand for a service without a selector are mirrored into endpoint slices.</summary>
    public bool EndpointMirroring { get; init; } = true;

    /// <summary>Disruption budgets say in their status how many pods may be evicted; without it nothing that they mean can be.</summary>
    public bool DisruptionBudgets { get; init; } = true;

    /// <summary>Autoscalers keep what they scale within their bounds, and say that there are no metrics.</summary>
    public bool Autoscalers { get; init; } = true;

    /// <summary>
    /// Claims are bound to volumes that fit them; a storage class whose provisioner is <c>simulator.actorkube.dev/volumes</c> gets them volumes made.
    /// </summary>
    public bool Volumes { get; init; } = true;

    /// <summary>How often an autoscaler looks.</summary>
    public TimeSpan AutoscalerPeriod { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a new workload that nobody owns is left alone, by its creation time. Zero: not at all. For those who want to see objects as their client wrote them before
    /// controllers write to them as well.
    /// </summary>
    public TimeSpan HoldBack { get; init; }

    /// <summary>The pause before a job replaces a failed pod; doubles with each failure, up to <see cref="MaxPodFailureBackOff"/>.</summary>
    public TimeSpan PodFailureBackOff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest pause before a job replaces a failed pod.</summary>
    public TimeSpan MaxPodFailureBackOff { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many objects of a kind are reconciled at once.</summary>
    public int MaxConcurrentReconciles { get; init; } = 5;

    /// <summary>The clock of deadlines and times in statuses.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where logs go.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
