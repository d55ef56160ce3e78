using ActorKube.Models;
using k8s.Models;

namespace LoadServer;

/// <summary>Pods as a busy cluster has them: about 5 KB of JSON each, a third of it managedFields.</summary>
static class SamplePods
{
    const string ReplicaSetUid = "0d3e7f52-6f0b-4f5e-9c38-3a1d2b9b7c11";
    static readonly DateTime Born = new(2026, 11, 20, 10, 0, 0, DateTimeKind.Utc);

    public static V1Pod Create(string name, int index, int @namespace, long resourceVersion, long generation) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Metadata = new V1ObjectMeta
        {
            Name = name,
            GenerateName = "shop-7f9c6d5b4-",
            NamespaceProperty = $"team-{@namespace}",
            Uid = $"5b1c2d3e-7f80-4a91-b2c3-{index:x12}",
            ResourceVersion = resourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Generation = generation,
            CreationTimestamp = Born,
            Labels = Map(("app", "shop"), ("pod-template-hash", "7f9c6d5b4"), ("app.kubernetes.io/name", "shop"), ("app.kubernetes.io/instance", $"shop-{resourceVersion % 100}"), ("tier", "front")),
            Annotations = Map(("metrics/scrape", "true"), ("metrics/port", "9102"), ("config/checksum", new string('7', 64))),
            OwnerReferences = [new V1OwnerReference { ApiVersion = "apps/v1", Kind = "ReplicaSet", Name = "shop-7f9c6d5b4", Uid = ReplicaSetUid, Controller = true, BlockOwnerDeletion = true }],
            ManagedFields = [Managed("kube-controller-manager", null, ControllerFields), Managed("kubelet", "status", KubeletFields)],
        },
        Spec = new V1PodSpec
        {
            NodeName = $"node-{resourceVersion % 30}",
            ServiceAccountName = "shop",
            ServiceAccount = "shop",
            RestartPolicy = "Always",
            DnsPolicy = "ClusterFirst",
            SchedulerName = "default-scheduler",
            Priority = 0,
            EnableServiceLinks = true,
            PreemptionPolicy = "PreemptLowerPriority",
            TerminationGracePeriodSeconds = 30,
            SecurityContext = new V1PodSecurityContext { RunAsNonRoot = true, FsGroup = 2000 },
            Tolerations =
            [
                new V1Toleration { Key = "node.kubernetes.io/not-ready", OperatorProperty = "Exists", Effect = "NoExecute", TolerationSeconds = 300 },
                new V1Toleration { Key = "node.kubernetes.io/unreachable", OperatorProperty = "Exists", Effect = "NoExecute", TolerationSeconds = 300 },
            ],
            Volumes =
            [
                new V1Volume { Name = "settings", ConfigMap = new V1ConfigMapVolumeSource { Name = "shop-settings", DefaultMode = 420 } },
                new V1Volume { Name = "token", Projected = new V1ProjectedVolumeSource { DefaultMode = 420, Sources = [new V1VolumeProjection { ServiceAccountToken = new V1ServiceAccountTokenProjection { Path = "token", ExpirationSeconds = 3607 } }] } },
            ],
            Containers = [Container("shop", 8080), Container("side", 15090)],
        },
        Status = new V1PodStatus
        {
            Phase = "Running",
            HostIP = $"10.0.0.{resourceVersion % 250}",
            PodIP = $"10.244.1.{resourceVersion % 250}",
            PodIPs = [new V1PodIP { Ip = $"10.244.1.{resourceVersion % 250}" }],
            StartTime = Born,
            QosClass = "Burstable",
            Conditions = [Condition("PodScheduled"), Condition("Initialized"), Condition("ContainersReady"), Condition("Ready")],
            ContainerStatuses = [ContainerStatus("shop", resourceVersion), ContainerStatus("side", resourceVersion)],
        },
    };

    static V1Container Container(string name, int port) => new()
    {
        Name = name,
        Image = $"registry.example.test/team/{name}:1.27.3",
        ImagePullPolicy = "IfNotPresent",
        Ports = [new V1ContainerPort { Name = "http", ContainerPort = port, Protocol = "TCP" }],
        Env =
        [
            new V1EnvVar { Name = "LOG_LEVEL", Value = "info" },
            new V1EnvVar { Name = "REGION", Value = "north-1" },
            new V1EnvVar { Name = "POD_IP", ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { ApiVersion = "v1", FieldPath = "status.podIP" } } },
        ],
        Resources = new V1ResourceRequirements
        {
            Limits = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("500m"), ["memory"] = new("256Mi") },
            Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("100m"), ["memory"] = new("128Mi") },
        },
        ReadinessProbe = new V1Probe { HttpGet = new V1HTTPGetAction { Path = "/ready", Port = port, Scheme = "HTTP" }, PeriodSeconds = 5, TimeoutSeconds = 1, SuccessThreshold = 1, FailureThreshold = 3 },
        VolumeMounts =
        [
            new V1VolumeMount { Name = "settings", MountPath = "/etc/shop", ReadOnlyProperty = true },
            new V1VolumeMount { Name = "token", MountPath = "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnlyProperty = true },
        ],
        TerminationMessagePath = "/dev/termination-log",
        TerminationMessagePolicy = "File",
    };

    static V1PodCondition Condition(string type) => new() { Type = type, Status = "True", LastTransitionTime = Born };

    static V1ContainerStatus ContainerStatus(string name, long version) => new()
    {
        Name = name,
        Image = $"registry.example.test/team/{name}:1.27.3",
        ImageID = $"registry.example.test/team/{name}@sha256:{new string('a', 64)}",
        ContainerID = $"containerd://{new string('c', 64)}",
        Ready = true,
        Started = true,
        RestartCount = (int)(version % 10),
        State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = Born } },
    };

    static V1ManagedFieldsEntry Managed(string manager, string? subresource, string fields)
    {
        var entry = KubeJson.Deserialize<V1ManagedFieldsEntry>("{\"fieldsV1\":" + fields + "}");
        (entry.Manager, entry.Operation, entry.ApiVersion, entry.Time, entry.FieldsType, entry.Subresource) = (manager, "Update", "v1", Born, "FieldsV1", subresource);
        return entry;
    }

    static Dictionary<string, string> Map(params (string Key, string Value)[] entries) => entries.ToDictionary(e => e.Key, e => e.Value);

    static string Of(string key, params string[] fields) => $"\"{key}\":{{\".\":{{}},{string.Join(',', fields.Select(f => $"\"f:{f}\":{{}}"))}}}";

    static readonly string ControllerFields =
        "{\"f:metadata\":{\"f:generateName\":{}," + Of("f:labels", "app", "pod-template-hash", "tier") + "},\"f:spec\":{"
        + string.Join(',', new[] { "shop", "side" }.Select(c => Of($"k:{{\\\"name\\\":\\\"{c}\\\"}}", "env", "image", "imagePullPolicy", "name", "ports", "readinessProbe", "resources", "terminationMessagePath", "terminationMessagePolicy", "volumeMounts")))
        + ",\"f:dnsPolicy\":{},\"f:restartPolicy\":{},\"f:schedulerName\":{},\"f:securityContext\":{},\"f:terminationGracePeriodSeconds\":{},\"f:volumes\":{}}}";

    static readonly string KubeletFields =
        "{\"f:status\":{\"f:conditions\":{"
        + string.Join(',', new[] { "ContainersReady", "Initialized", "Ready", "PodScheduled" }.Select(c => Of($"k:{{\\\"type\\\":\\\"{c}\\\"}}", "lastProbeTime", "lastTransitionTime", "status", "type")))
        + "},\"f:containerStatuses\":{},\"f:hostIP\":{},\"f:phase\":{},\"f:podIP\":{},\"f:podIPs\":{},\"f:startTime\":{}}}";
}
