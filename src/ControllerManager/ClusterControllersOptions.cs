using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.ControllerManager;

/// <summary>
/// Which controllers run, and their numbers. The defaults are kube-controller-manager's, but for <see cref="PodGarbage"/> and <see cref="NodeLifecycle"/>, which are off: they take pods from nodes that nobody keeps alive, and in
/// tests most nodes are no more than a name.
/// </summary>
public sealed record ClusterControllersOptions
{
    /// <summary>None at all, to switch some on: <c>ClusterControllersOptions.None with { GarbageCollector = true }</c>.</summary>
    public static ClusterControllersOptions None { get; } = new()
    {
        Deployments = false, ReplicaSets = false, Jobs = false, StatefulSets = false, CronJobs = false, DaemonSets = false, ReplicationControllers = false, Endpoints = false, EndpointMirroring = false,
        DisruptionBudgets = false, Autoscalers = false, Volumes = false, GarbageCollector = false, Namespaces = false, ServiceAccounts = false, PublishRootCertificates = false, RoleAggregation = false, VolumeProtection = false,
        TokenSecrets = false, CertificateRequests = false, Quotas = false,
    };

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

    /// <summary>Objects whose owners are all gone are deleted; foreground and orphan deletions are carried out. Without it objects that were asked to go in such a way stay.</summary>
    public bool GarbageCollector { get; init; } = true;

    /// <summary>Namespaces that were asked to go are emptied, then let go. Without it they stay.</summary>
    public bool Namespaces { get; init; } = true;

    /// <summary>Each namespace has the service account <c>default</c>, whoever deletes it.</summary>
    public bool ServiceAccounts { get; init; } = true;

    /// <summary>Each namespace is told whom to trust (<see cref="RootCertificates"/>) in the config map <c>kube-root-ca.crt</c>, whatever somebody makes of it.</summary>
    public bool PublishRootCertificates { get; init; } = true;

    /// <summary>Whom pods shall trust, as PEM; null where that is not known, and nobody is told. A local cluster fills in its server's authority.</summary>
    public string? RootCertificates { get; init; }

    /// <summary>Cluster roles with an aggregation rule get the rules of the roles that it selects.</summary>
    public bool RoleAggregation { get; init; } = true;

    /// <summary>Claims that pods use, and volumes that claims are bound to, stay until they are used no more, when somebody deletes them.</summary>
    public bool VolumeProtection { get; init; } = true;

    /// <summary>Secrets of the type <c>kubernetes.io/service-account-token</c> are filled, and go with their accounts; not without <see cref="ServiceAccountKey"/>.</summary>
    public bool TokenSecrets { get; init; } = true;

    /// <summary>
    /// The key of service accounts' tokens, whose public half the server knows: EC or RSA. Asked for once, when the first token is to be signed, used by one thread at a time, and not disposed. Null where it is not known, and
    /// secrets stay empty. A local cluster fills in its server's.
    /// </summary>
    public Func<AsymmetricAlgorithm>? ServiceAccountKey { get; init; }

    /// <summary>
    /// Approved certificate requests of Kubernetes' own signers are signed (not without <see cref="SigningAuthority"/>), those of kubelets for client certificates approved, and all forgotten after their time.
    /// </summary>
    public bool CertificateRequests { get; init; } = true;

    /// <summary>
    /// The authority that signs certificates, with its key. Asked for once, when the first is to be signed, and not disposed. Null where there is none, and nothing is signed. A local cluster fills in its server's, whose
    /// certificates the server takes for a login where it serves TLS.
    /// </summary>
    public Func<X509Certificate2>? SigningAuthority { get; init; }

    /// <summary>
    /// What quotas limit is counted into their status, from where the API server charges what is made; without it a quota limits nothing until somebody writes its status, and what goes is not given back.
    /// </summary>
    public bool Quotas { get; init; } = true;

    /// <summary>
    /// Pods are taken away that nobody else ends: of nodes whose objects have been gone for 40 seconds, of nodes out of service, of none when they are to go; and the oldest that have ended, beyond <see cref="EndedPods"/>. Off unless
    /// asked for: a node without an object would lose its pods.
    /// </summary>
    public bool PodGarbage { get; init; }

    /// <summary>How many pods that have ended may stay; 0 for any number.</summary>
    public int EndedPods { get; init; } = 12_500;

    /// <summary>
    /// Nodes that renew neither their lease nor their status are said to be in a state that nobody knows, after 50 seconds (60 for new ones); nodes are tainted as their conditions mean; and pods leave those whose taints they do not
    /// tolerate, or no longer. Off unless asked for: a node that nobody keeps alive would be given up.
    /// </summary>
    public bool NodeLifecycle { get; init; }

    /// <summary>How often an autoscaler looks.</summary>
    public TimeSpan AutoscalerPeriod { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a new workload that nobody owns is left alone, by its creation time, and a claim or volume that was asked to go. Zero: not at all. For those who want to see objects as their client wrote them before
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
