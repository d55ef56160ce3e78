using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>The controllers that options ask for, and what each watches.</summary>
internal static class ControllerSpecs
{
    private static readonly CacheSpec Pods = CacheSpec.Of<V1Pod>();

    /// <param name="options">Which, with which numbers.</param>
    /// <param name="events">Tells what happens to objects other than the one that a controller works on.</param>
    public static IEnumerable<ControllerSpec> Of(ClusterControllersOptions options, IEventRecorder events) =>
        [.. Spaces(options), .. Credentials(options), .. Guards(options), .. Replicas(options), .. Batch(options), .. Sets(options), .. Services(options), .. Nodes(options, events), .. Others(options, events)];

    private static IEnumerable<ControllerSpec> Spaces(ClusterControllersOptions options)
    {
        if (options.Namespaces)
        {
            yield return Of(options, "namespace", new NamespaceReconciler(options), static c => c.When(static change => change.Now is { IsDeleting: true }), "namespace-controller");
        }
        if (options.ServiceAccounts)
        {
            yield return Of(options, "serviceaccount", new ServiceAccountReconciler(),
                static c => c.WatchesMetadata<V1ServiceAccount>(static account => [new NamespacedName("", account.Namespace)], static change => change is CacheChange.Deleted { Key.Name: ServiceAccountReconciler.Account }),
                "service-account-controller");
        }
        if (options is { PublishRootCertificates: true, RootCertificates: { } certificates })
        {
            yield return Of(options, "root-ca-certificate-publisher", new RootCertificateReconciler(certificates),
                static c => c.Watches(RootCertificateReconciler.Maps, static change => [new NamespacedName("", change.Key.Namespace)]),
                "root-ca-certificate-publisher-controller");
        }
    }

    private static IEnumerable<ControllerSpec> Credentials(ClusterControllersOptions options)
    {
        if (options is { TokenSecrets: true, ServiceAccountKey: { } key })
        {
            var secrets = new TokenSecretReconciler(new LegacyTokens(key), options.RootCertificates);
            yield return Of(options, "serviceaccount-token", secrets,
                c => c.Selecting(fieldSelector: $"type={TokenSecretReconciler.Type}").When(secrets.Note)
                    .WatchesMetadata<V1ServiceAccount>(secrets.Of, static change => change is not CacheChange.Modified), "serviceaccount-token-controller");
        }
        if (options.CertificateRequests)
        {
            yield return Of(options, "certificatesigningrequest", new CertificateRequestReconciler(options, options.SigningAuthority is { } authority ? new CertificateIssuer(authority) : null),
                static c => c, "certificatesigningrequest-controller");
        }
    }

    private static IEnumerable<ControllerSpec> Guards(ClusterControllersOptions options)
    {
        if (options.RoleAggregation)
        {
            var roles = new RoleAggregationReconciler();
            yield return Of(options, "clusterrole-aggregation", roles, c => c.When(roles.Note).Watches(CacheSpec.Of<V1ClusterRole>(), _ => roles.Aggregated), "clusterrole-aggregation-controller");
        }
        if (options.VolumeProtection)
        {
            yield return Of(options, "persistentvolumeclaim-protection", new ClaimProtectionReconciler(options), static c => c.Watches<V1Pod>(ClaimProtectionReconciler.ClaimsOf), "pvc-protection-controller");
            yield return Of(options, "persistentvolume-protection", new VolumeProtectionReconciler(options), static c => c, "pv-protection-controller");
        }
    }

    private static IEnumerable<ControllerSpec> Replicas(ClusterControllersOptions options)
    {
        if (options.ReplicaSets)
        {
            var strays = new Strays();
            yield return Controller(options, "replicaset", new ReplicaSetReconciler(options, strays), c => c.Owns<V1Pod>().Watches(Pods, strays.Of).Reads(Pods, Strays.Index));
        }
        if (options.ReplicationControllers)
        {
            var strays = new Strays();
            yield return Controller(options, "replicationcontroller", new ReplicationControllerReconciler(options, strays), c => c.Owns<V1Pod>().Watches(Pods, strays.Of).Reads(Pods, Strays.Index), "replication-controller");
        }
        if (options.Deployments)
        {
            var (strays, lastPods) = (new Strays(), new LastPods());
            yield return Controller(options, "deployment", new DeploymentReconciler(options, strays, lastPods),
                c => c.Owns<V1ReplicaSet>().Watches(CacheSpec.Of<V1ReplicaSet>(), strays.Of).Reads(CacheSpec.Of<V1ReplicaSet>(), Strays.Index).Watches(Pods, lastPods.Of));
        }
    }

    private static IEnumerable<ControllerSpec> Batch(ClusterControllersOptions options)
    {
        if (options.Jobs)
        {
            var strays = new Strays();
            yield return Controller(options, "job", new JobReconciler(options, strays), c => c.Owns<V1Pod>().Watches(Pods, strays.Of).Reads(Pods, Strays.Index));
        }
        if (options.CronJobs)
        {
            yield return Controller(options, "cronjob", new CronJobReconciler(options), static c => c.Owns<V1Job>());
        }
    }

    private static IEnumerable<ControllerSpec> Sets(ClusterControllersOptions options)
    {
        if (options.StatefulSets)
        {
            var strays = new Strays();
            yield return Controller(options, "statefulset", new StatefulSetReconciler(options, strays),
                c => c.Owns<V1Pod>().Owns<V1ControllerRevision>().Watches(Pods, strays.Of).Reads(Pods, Strays.Index).Reads(CacheSpec.Of<V1PersistentVolumeClaim>()));
        }
        if (options.DaemonSets)
        {
            // Nodes are all daemon sets' business.
            var (strays, sets) = (new Strays(), new ConcurrentDictionary<NamespacedName, bool>());
            yield return Controller(options, "daemonset", new DaemonSetReconciler(options, strays),
                c => c.Owns<V1Pod>().Owns<V1ControllerRevision>().Watches(Pods, strays.Of).Reads(Pods, Strays.Index).When(change => Note(sets, change)).Watches<V1Node>(_ => sets.Keys, NodeMatters));
        }
    }

    private static IEnumerable<ControllerSpec> Services(ClusterControllersOptions options)
    {
        if (options.Endpoints)
        {
            var selections = new Selections();
            yield return Controller(options, "endpoint", new ServiceReconciler(selections, new TriggerTimes()),
                c => c.Watches(Pods, selections.Of).Watches<V1Endpoints>(static e => [new NamespacedName(e.Metadata.NamespaceProperty, e.Metadata.Name)]).Owns<V1EndpointSlice>());
        }
        if (options.EndpointMirroring)
        {
            yield return Controller(options, "endpointslicemirroring", new MirrorReconciler(),
                static c => c.Owns<V1EndpointSlice>().Watches<V1Service>(static s => [new NamespacedName(s.Metadata.NamespaceProperty, s.Metadata.Name)]), "endpoint-slice-mirroring-controller");
        }
    }

    private static IEnumerable<ControllerSpec> Nodes(ClusterControllersOptions options, IEventRecorder events)
    {
        var nodes = CacheSpec.Of<V1Node>();
        if (options.PodGarbage)
        {
            var garbage = new PodGarbageReconciler(options);
            yield return Of(options, "pod-garbage-collector", garbage, c => c.When(garbage.Note).Watches(nodes, garbage.Of), "pod-garbage-collector-controller");
        }
        if (options.NodeLifecycle)
        {
            var lifecycle = new NodeLifecycleReconciler(options, events);
            yield return Of(options, "node-lifecycle", lifecycle, c => c.Watches(nodes, lifecycle.Others).Reads(CacheSpec.Of<V1Lease>(NodeLifecycleReconciler.LeaseNamespace)), "node-controller");
            var eviction = new TaintEvictionReconciler(options);
            yield return Of(options, "taint-eviction", eviction, c => c.When(eviction.Pods.Note).Watches(nodes, eviction.Of), "taint-eviction-controller");
        }
    }

    private static IEnumerable<ControllerSpec> Others(ClusterControllersOptions options, IEventRecorder events)
    {
        if (options.DisruptionBudgets)
        {
            var selections = new Selections();
            yield return Controller(options, "disruption", new BudgetReconciler(options, selections, events), c => c.Watches(Pods, selections.Of).Reads(CacheSpec.Of<V1ReplicaSet>()), "controllermanager");
        }
        if (options.Autoscalers)
        {
            yield return Controller(options, "horizontalpodautoscaler", new AutoscalerReconciler(options), static c => c, "horizontal-pod-autoscaler");
        }
        if (options.Volumes)
        {
            var pending = new PendingClaims();
            yield return Controller(options, "persistentvolumeclaim", new ClaimReconciler(pending),
                c => c.Watches<V1PersistentVolume>(pending.Of).Watches<V1StorageClass>(_ => pending.All).Watches(Pods, pending.OfPod), "persistentvolume-controller");
            yield return Controller(options, "persistentvolume", new VolumeReconciler(),
                static c => c.Watches<V1PersistentVolumeClaim>(static claim => claim.Spec.VolumeName is { Length: > 0 } name ? [new NamespacedName("", name)] : []), "persistentvolume-controller");
        }
    }

    private static bool Note(ConcurrentDictionary<NamespacedName, bool> sets, CacheChange change)
    {
        if (change.Now is null)
        {
            sets.TryRemove(change.Key, out _);
        }
        else
        {
            sets[change.Key] = true;
        }
        return true;
    }

    /// <summary>A node's heartbeat changes nothing for daemons; its labels and taints do.</summary>
    private static bool NodeMatters(CacheChange change) => change is not CacheChange.Modified || change.Before!.As<V1Node>() is var before && change.Now!.As<V1Node>() is var now
        && !(before.Metadata.Labels.SemanticallyEquals(now.Metadata.Labels) && before.Spec.SemanticallyEquals(now.Spec));

    private static ControllerSpec Controller<T>(
        ClusterControllersOptions options, string name, IReconciler<T> reconciler, Func<ControllerBuilder<T>, ControllerBuilder<T>> watch, string? events = null)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Of(options, name, new HeldBack<T>(reconciler, options), watch, events ?? $"{name}-controller");

    private static ControllerSpec Of<T>(ClusterControllersOptions options, string name, IReconciler<T> reconciler, Func<ControllerBuilder<T>, ControllerBuilder<T>> watch, string events)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        watch(new ControllerBuilder<T>().Named(name).WithReconciler(reconciler).WithMaxConcurrentReconciles(options.MaxConcurrentReconciles).With(o => o with { EventComponent = events })).Build();
}
