// A pod's classes as one would write them by hand for System.Text.Json: what the field tables are measured against.
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Models.Codec;

internal sealed partial class PlainPod
{
    [JsonPropertyName("apiVersion")] public string? ApiVersion { get; set; }
    [JsonPropertyName("kind")] public string? Kind { get; set; }
    [JsonPropertyName("metadata")] public PlainObjectMeta? Metadata { get; set; }
    [JsonPropertyName("spec")] public PlainPodSpec? Spec { get; set; }
    [JsonPropertyName("status")] public PlainPodStatus? Status { get; set; }
}

internal sealed class PlainPodStatus
{
    [JsonPropertyName("conditions")] public List<PlainPodCondition>? Conditions { get; set; }
    [JsonPropertyName("containerStatuses")] public List<PlainContainerStatus>? ContainerStatuses { get; set; }
    [JsonPropertyName("ephemeralContainerStatuses")] public List<PlainContainerStatus>? EphemeralContainerStatuses { get; set; }
    [JsonPropertyName("hostIP")] public string? HostIP { get; set; }
    [JsonPropertyName("hostIPs")] public List<PlainHostIP>? HostIPs { get; set; }
    [JsonPropertyName("initContainerStatuses")] public List<PlainContainerStatus>? InitContainerStatuses { get; set; }
    [JsonPropertyName("message")] public string? Message { get; set; }
    [JsonPropertyName("nominatedNodeName")] public string? NominatedNodeName { get; set; }
    [JsonPropertyName("phase")] public string? Phase { get; set; }
    [JsonPropertyName("podIP")] public string? PodIP { get; set; }
    [JsonPropertyName("podIPs")] public List<PlainPodIP>? PodIPs { get; set; }
    [JsonPropertyName("qosClass")] public string? QosClass { get; set; }
    [JsonPropertyName("reason")] public string? Reason { get; set; }
    [JsonPropertyName("resize")] public string? Resize { get; set; }
    [JsonPropertyName("resourceClaimStatuses")] public List<PlainPodResourceClaimStatus>? ResourceClaimStatuses { get; set; }
    [JsonPropertyName("startTime")] public DateTime? StartTime { get; set; }
}

internal sealed class PlainPodResourceClaimStatus
{
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("resourceClaimName")] public string? ResourceClaimName { get; set; }
}

internal sealed class PlainPodIP
{
    [JsonPropertyName("ip")] public string? Ip { get; set; }
}

internal sealed class PlainHostIP
{
    [JsonPropertyName("ip")] public string? Ip { get; set; }
}

internal sealed class PlainContainerStatus
{
    [JsonPropertyName("allocatedResources")] public Dictionary<string, string>? AllocatedResources { get; set; }
    [JsonPropertyName("allocatedResourcesStatus")] public List<PlainResourceStatus>? AllocatedResourcesStatus { get; set; }
    [JsonPropertyName("containerID")] public string? ContainerID { get; set; }
    [JsonPropertyName("image")] public string? Image { get; set; }
    [JsonPropertyName("imageID")] public string? ImageID { get; set; }
    [JsonPropertyName("lastState")] public PlainContainerState? LastState { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("ready")] public bool? Ready { get; set; }
    [JsonPropertyName("resources")] public PlainResourceRequirements? Resources { get; set; }
    [JsonPropertyName("restartCount")] public int? RestartCount { get; set; }
    [JsonPropertyName("started")] public bool? Started { get; set; }
    [JsonPropertyName("state")] public PlainContainerState? State { get; set; }
    [JsonPropertyName("user")] public PlainContainerUser? User { get; set; }
    [JsonPropertyName("volumeMounts")] public List<PlainVolumeMountStatus>? VolumeMounts { get; set; }
}

internal sealed class PlainVolumeMountStatus
{
    [JsonPropertyName("mountPath")] public string? MountPath { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("recursiveReadOnly")] public string? RecursiveReadOnly { get; set; }
}

internal sealed class PlainContainerUser
{
    [JsonPropertyName("linux")] public PlainLinuxContainerUser? Linux { get; set; }
}

internal sealed class PlainLinuxContainerUser
{
    [JsonPropertyName("gid")] public long? Gid { get; set; }
    [JsonPropertyName("supplementalGroups")] public List<long>? SupplementalGroups { get; set; }
    [JsonPropertyName("uid")] public long? Uid { get; set; }
}

internal sealed class PlainContainerState
{
    [JsonPropertyName("running")] public PlainContainerStateRunning? Running { get; set; }
    [JsonPropertyName("terminated")] public PlainContainerStateTerminated? Terminated { get; set; }
    [JsonPropertyName("waiting")] public PlainContainerStateWaiting? Waiting { get; set; }
}

internal sealed class PlainContainerStateWaiting
{
    [JsonPropertyName("message")] public string? Message { get; set; }
    [JsonPropertyName("reason")] public string? Reason { get; set; }
}

internal sealed class PlainContainerStateTerminated
{
    [JsonPropertyName("containerID")] public string? ContainerID { get; set; }
    [JsonPropertyName("exitCode")] public int? ExitCode { get; set; }
    [JsonPropertyName("finishedAt")] public DateTime? FinishedAt { get; set; }
    [JsonPropertyName("message")] public string? Message { get; set; }
    [JsonPropertyName("reason")] public string? Reason { get; set; }
    [JsonPropertyName("signal")] public int? Signal { get; set; }
    [JsonPropertyName("startedAt")] public DateTime? StartedAt { get; set; }
}

internal sealed class PlainContainerStateRunning
{
    [JsonPropertyName("startedAt")] public DateTime? StartedAt { get; set; }
}

internal sealed class PlainResourceStatus
{
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("resources")] public List<PlainResourceHealth>? Resources { get; set; }
}

internal sealed class PlainResourceHealth
{
    [JsonPropertyName("health")] public string? Health { get; set; }
    [JsonPropertyName("resourceID")] public string? ResourceID { get; set; }
}

internal sealed class PlainPodCondition
{
    [JsonPropertyName("lastProbeTime")] public DateTime? LastProbeTime { get; set; }
    [JsonPropertyName("lastTransitionTime")] public DateTime? LastTransitionTime { get; set; }
    [JsonPropertyName("message")] public string? Message { get; set; }
    [JsonPropertyName("reason")] public string? Reason { get; set; }
    [JsonPropertyName("status")] public string? Status { get; set; }
    [JsonPropertyName("type")] public string? Type { get; set; }
}

internal sealed class PlainPodSpec
{
    [JsonPropertyName("activeDeadlineSeconds")] public long? ActiveDeadlineSeconds { get; set; }
    [JsonPropertyName("affinity")] public PlainAffinity? Affinity { get; set; }
    [JsonPropertyName("automountServiceAccountToken")] public bool? AutomountServiceAccountToken { get; set; }
    [JsonPropertyName("containers")] public List<PlainContainer>? Containers { get; set; }
    [JsonPropertyName("dnsConfig")] public PlainPodDNSConfig? DnsConfig { get; set; }
    [JsonPropertyName("dnsPolicy")] public string? DnsPolicy { get; set; }
    [JsonPropertyName("enableServiceLinks")] public bool? EnableServiceLinks { get; set; }
    [JsonPropertyName("ephemeralContainers")] public List<PlainEphemeralContainer>? EphemeralContainers { get; set; }
    [JsonPropertyName("hostAliases")] public List<PlainHostAlias>? HostAliases { get; set; }
    [JsonPropertyName("hostIPC")] public bool? HostIPC { get; set; }
    [JsonPropertyName("hostNetwork")] public bool? HostNetwork { get; set; }
    [JsonPropertyName("hostPID")] public bool? HostPID { get; set; }
    [JsonPropertyName("hostUsers")] public bool? HostUsers { get; set; }
    [JsonPropertyName("hostname")] public string? Hostname { get; set; }
    [JsonPropertyName("imagePullSecrets")] public List<PlainLocalObjectReference>? ImagePullSecrets { get; set; }
    [JsonPropertyName("initContainers")] public List<PlainContainer>? InitContainers { get; set; }
    [JsonPropertyName("nodeName")] public string? NodeName { get; set; }
    [JsonPropertyName("nodeSelector")] public Dictionary<string, string>? NodeSelector { get; set; }
    [JsonPropertyName("os")] public PlainPodOS? Os { get; set; }
    [JsonPropertyName("overhead")] public Dictionary<string, string>? Overhead { get; set; }
    [JsonPropertyName("preemptionPolicy")] public string? PreemptionPolicy { get; set; }
    [JsonPropertyName("priority")] public int? Priority { get; set; }
    [JsonPropertyName("priorityClassName")] public string? PriorityClassName { get; set; }
    [JsonPropertyName("readinessGates")] public List<PlainPodReadinessGate>? ReadinessGates { get; set; }
    [JsonPropertyName("resourceClaims")] public List<PlainPodResourceClaim>? ResourceClaims { get; set; }
    [JsonPropertyName("resources")] public PlainResourceRequirements? Resources { get; set; }
    [JsonPropertyName("restartPolicy")] public string? RestartPolicy { get; set; }
    [JsonPropertyName("runtimeClassName")] public string? RuntimeClassName { get; set; }
    [JsonPropertyName("schedulerName")] public string? SchedulerName { get; set; }
    [JsonPropertyName("schedulingGates")] public List<PlainPodSchedulingGate>? SchedulingGates { get; set; }
    [JsonPropertyName("securityContext")] public PlainPodSecurityContext? SecurityContext { get; set; }
    [JsonPropertyName("serviceAccount")] public string? ServiceAccount { get; set; }
    [JsonPropertyName("serviceAccountName")] public string? ServiceAccountName { get; set; }
    [JsonPropertyName("setHostnameAsFQDN")] public bool? SetHostnameAsFQDN { get; set; }
    [JsonPropertyName("shareProcessNamespace")] public bool? ShareProcessNamespace { get; set; }
    [JsonPropertyName("subdomain")] public string? Subdomain { get; set; }
    [JsonPropertyName("terminationGracePeriodSeconds")] public long? TerminationGracePeriodSeconds { get; set; }
    [JsonPropertyName("tolerations")] public List<PlainToleration>? Tolerations { get; set; }
    [JsonPropertyName("topologySpreadConstraints")] public List<PlainTopologySpreadConstraint>? TopologySpreadConstraints { get; set; }
    [JsonPropertyName("volumes")] public List<PlainVolume>? Volumes { get; set; }
}

internal sealed class PlainVolume
{
    [JsonPropertyName("awsElasticBlockStore")] public PlainAWSElasticBlockStoreVolumeSource? AwsElasticBlockStore { get; set; }
    [JsonPropertyName("azureDisk")] public PlainAzureDiskVolumeSource? AzureDisk { get; set; }
    [JsonPropertyName("azureFile")] public PlainAzureFileVolumeSource? AzureFile { get; set; }
    [JsonPropertyName("cephfs")] public PlainCephFSVolumeSource? Cephfs { get; set; }
    [JsonPropertyName("cinder")] public PlainCinderVolumeSource? Cinder { get; set; }
    [JsonPropertyName("configMap")] public PlainConfigMapVolumeSource? ConfigMap { get; set; }
    [JsonPropertyName("csi")] public PlainCSIVolumeSource? Csi { get; set; }
    [JsonPropertyName("downwardAPI")] public PlainDownwardAPIVolumeSource? DownwardAPI { get; set; }
    [JsonPropertyName("emptyDir")] public PlainEmptyDirVolumeSource? EmptyDir { get; set; }
    [JsonPropertyName("ephemeral")] public PlainEphemeralVolumeSource? Ephemeral { get; set; }
    [JsonPropertyName("fc")] public PlainFCVolumeSource? Fc { get; set; }
    [JsonPropertyName("flexVolume")] public PlainFlexVolumeSource? FlexVolume { get; set; }
    [JsonPropertyName("flocker")] public PlainFlockerVolumeSource? Flocker { get; set; }
    [JsonPropertyName("gcePersistentDisk")] public PlainGCEPersistentDiskVolumeSource? GcePersistentDisk { get; set; }
    [JsonPropertyName("gitRepo")] public PlainGitRepoVolumeSource? GitRepo { get; set; }
    [JsonPropertyName("glusterfs")] public PlainGlusterfsVolumeSource? Glusterfs { get; set; }
    [JsonPropertyName("hostPath")] public PlainHostPathVolumeSource? HostPath { get; set; }
    [JsonPropertyName("image")] public PlainImageVolumeSource? Image { get; set; }
    [JsonPropertyName("iscsi")] public PlainISCSIVolumeSource? Iscsi { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("nfs")] public PlainNFSVolumeSource? Nfs { get; set; }
    [JsonPropertyName("persistentVolumeClaim")] public PlainPersistentVolumeClaimVolumeSource? PersistentVolumeClaim { get; set; }
    [JsonPropertyName("photonPersistentDisk")] public PlainPhotonPersistentDiskVolumeSource? PhotonPersistentDisk { get; set; }
    [JsonPropertyName("portworxVolume")] public PlainPortworxVolumeSource? PortworxVolume { get; set; }
    [JsonPropertyName("projected")] public PlainProjectedVolumeSource? Projected { get; set; }
    [JsonPropertyName("quobyte")] public PlainQuobyteVolumeSource? Quobyte { get; set; }
    [JsonPropertyName("rbd")] public PlainRBDVolumeSource? Rbd { get; set; }
    [JsonPropertyName("scaleIO")] public PlainScaleIOVolumeSource? ScaleIO { get; set; }
    [JsonPropertyName("secret")] public PlainSecretVolumeSource? Secret { get; set; }
    [JsonPropertyName("storageos")] public PlainStorageOSVolumeSource? Storageos { get; set; }
    [JsonPropertyName("vsphereVolume")] public PlainVsphereVirtualDiskVolumeSource? VsphereVolume { get; set; }
}

internal sealed class PlainVsphereVirtualDiskVolumeSource
{
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("storagePolicyID")] public string? StoragePolicyID { get; set; }
    [JsonPropertyName("storagePolicyName")] public string? StoragePolicyName { get; set; }
    [JsonPropertyName("volumePath")] public string? VolumePath { get; set; }
}

internal sealed class PlainStorageOSVolumeSource
{
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("secretRef")] public PlainLocalObjectReference? SecretRef { get; set; }
    [JsonPropertyName("volumeName")] public string? VolumeName { get; set; }
    [JsonPropertyName("volumeNamespace")] public string? VolumeNamespace { get; set; }
}

internal sealed class PlainSecretVolumeSource
{
    [JsonPropertyName("defaultMode")] public int? DefaultMode { get; set; }
    [JsonPropertyName("items")] public List<PlainKeyToPath>? Items { get; set; }
    [JsonPropertyName("optional")] public bool? Optional { get; set; }
    [JsonPropertyName("secretName")] public string? SecretName { get; set; }
}

internal sealed class PlainScaleIOVolumeSource
{
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("gateway")] public string? Gateway { get; set; }
    [JsonPropertyName("protectionDomain")] public string? ProtectionDomain { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("secretRef")] public PlainLocalObjectReference? SecretRef { get; set; }
    [JsonPropertyName("sslEnabled")] public bool? SslEnabled { get; set; }
    [JsonPropertyName("storageMode")] public string? StorageMode { get; set; }
    [JsonPropertyName("storagePool")] public string? StoragePool { get; set; }
    [JsonPropertyName("system")] public string? System { get; set; }
    [JsonPropertyName("volumeName")] public string? VolumeName { get; set; }
}

internal sealed class PlainRBDVolumeSource
{
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("image")] public string? Image { get; set; }
    [JsonPropertyName("keyring")] public string? Keyring { get; set; }
    [JsonPropertyName("monitors")] public List<string>? Monitors { get; set; }
    [JsonPropertyName("pool")] public string? Pool { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("secretRef")] public PlainLocalObjectReference? SecretRef { get; set; }
    [JsonPropertyName("user")] public string? User { get; set; }
}

internal sealed class PlainQuobyteVolumeSource
{
    [JsonPropertyName("group")] public string? Group { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("registry")] public string? Registry { get; set; }
    [JsonPropertyName("tenant")] public string? Tenant { get; set; }
    [JsonPropertyName("user")] public string? User { get; set; }
    [JsonPropertyName("volume")] public string? Volume { get; set; }
}

internal sealed class PlainProjectedVolumeSource
{
    [JsonPropertyName("defaultMode")] public int? DefaultMode { get; set; }
    [JsonPropertyName("sources")] public List<PlainVolumeProjection>? Sources { get; set; }
}

internal sealed class PlainVolumeProjection
{
    [JsonPropertyName("clusterTrustBundle")] public PlainClusterTrustBundleProjection? ClusterTrustBundle { get; set; }
    [JsonPropertyName("configMap")] public PlainConfigMapProjection? ConfigMap { get; set; }
    [JsonPropertyName("downwardAPI")] public PlainDownwardAPIProjection? DownwardAPI { get; set; }
    [JsonPropertyName("secret")] public PlainSecretProjection? Secret { get; set; }
    [JsonPropertyName("serviceAccountToken")] public PlainServiceAccountTokenProjection? ServiceAccountToken { get; set; }
}

internal sealed class PlainServiceAccountTokenProjection
{
    [JsonPropertyName("audience")] public string? Audience { get; set; }
    [JsonPropertyName("expirationSeconds")] public long? ExpirationSeconds { get; set; }
    [JsonPropertyName("path")] public string? Path { get; set; }
}

internal sealed class PlainSecretProjection
{
    [JsonPropertyName("items")] public List<PlainKeyToPath>? Items { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("optional")] public bool? Optional { get; set; }
}

internal sealed class PlainDownwardAPIProjection
{
    [JsonPropertyName("items")] public List<PlainDownwardAPIVolumeFile>? Items { get; set; }
}

internal sealed class PlainConfigMapProjection
{
    [JsonPropertyName("items")] public List<PlainKeyToPath>? Items { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("optional")] public bool? Optional { get; set; }
}

internal sealed class PlainClusterTrustBundleProjection
{
    [JsonPropertyName("labelSelector")] public PlainLabelSelector? LabelSelector { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("optional")] public bool? Optional { get; set; }
    [JsonPropertyName("path")] public string? Path { get; set; }
    [JsonPropertyName("signerName")] public string? SignerName { get; set; }
}

internal sealed class PlainPortworxVolumeSource
{
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("volumeID")] public string? VolumeID { get; set; }
}

internal sealed class PlainPhotonPersistentDiskVolumeSource
{
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("pdID")] public string? PdID { get; set; }
}

internal sealed class PlainPersistentVolumeClaimVolumeSource
{
    [JsonPropertyName("claimName")] public string? ClaimName { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
}

internal sealed class PlainNFSVolumeSource
{
    [JsonPropertyName("path")] public string? Path { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("server")] public string? Server { get; set; }
}

internal sealed class PlainISCSIVolumeSource
{
    [JsonPropertyName("chapAuthDiscovery")] public bool? ChapAuthDiscovery { get; set; }
    [JsonPropertyName("chapAuthSession")] public bool? ChapAuthSession { get; set; }
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("initiatorName")] public string? InitiatorName { get; set; }
    [JsonPropertyName("iqn")] public string? Iqn { get; set; }
    [JsonPropertyName("iscsiInterface")] public string? IscsiInterface { get; set; }
    [JsonPropertyName("lun")] public int? Lun { get; set; }
    [JsonPropertyName("portals")] public List<string>? Portals { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("secretRef")] public PlainLocalObjectReference? SecretRef { get; set; }
    [JsonPropertyName("targetPortal")] public string? TargetPortal { get; set; }
}

internal sealed class PlainImageVolumeSource
{
    [JsonPropertyName("pullPolicy")] public string? PullPolicy { get; set; }
    [JsonPropertyName("reference")] public string? Reference { get; set; }
}

internal sealed class PlainHostPathVolumeSource
{
    [JsonPropertyName("path")] public string? Path { get; set; }
    [JsonPropertyName("type")] public string? Type { get; set; }
}

internal sealed class PlainGlusterfsVolumeSource
{
    [JsonPropertyName("endpoints")] public string? Endpoints { get; set; }
    [JsonPropertyName("path")] public string? Path { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
}

internal sealed class PlainGitRepoVolumeSource
{
    [JsonPropertyName("directory")] public string? Directory { get; set; }
    [JsonPropertyName("repository")] public string? Repository { get; set; }
    [JsonPropertyName("revision")] public string? Revision { get; set; }
}

internal sealed class PlainGCEPersistentDiskVolumeSource
{
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("partition")] public int? Partition { get; set; }
    [JsonPropertyName("pdName")] public string? PdName { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
}

internal sealed class PlainFlockerVolumeSource
{
    [JsonPropertyName("datasetName")] public string? DatasetName { get; set; }
    [JsonPropertyName("datasetUUID")] public string? DatasetUUID { get; set; }
}

internal sealed class PlainFlexVolumeSource
{
    [JsonPropertyName("driver")] public string? Driver { get; set; }
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("options")] public Dictionary<string, string>? Options { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("secretRef")] public PlainLocalObjectReference? SecretRef { get; set; }
}

internal sealed class PlainFCVolumeSource
{
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("lun")] public int? Lun { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("targetWWNs")] public List<string>? TargetWWNs { get; set; }
    [JsonPropertyName("wwids")] public List<string>? Wwids { get; set; }
}

internal sealed class PlainEphemeralVolumeSource
{
    [JsonPropertyName("volumeClaimTemplate")] public PlainPersistentVolumeClaimTemplate? VolumeClaimTemplate { get; set; }
}

internal sealed class PlainPersistentVolumeClaimTemplate
{
    [JsonPropertyName("metadata")] public PlainObjectMeta? Metadata { get; set; }
    [JsonPropertyName("spec")] public PlainPersistentVolumeClaimSpec? Spec { get; set; }
}

internal sealed class PlainPersistentVolumeClaimSpec
{
    [JsonPropertyName("accessModes")] public List<string>? AccessModes { get; set; }
    [JsonPropertyName("dataSource")] public PlainTypedLocalObjectReference? DataSource { get; set; }
    [JsonPropertyName("dataSourceRef")] public PlainTypedObjectReference? DataSourceRef { get; set; }
    [JsonPropertyName("resources")] public PlainVolumeResourceRequirements? Resources { get; set; }
    [JsonPropertyName("selector")] public PlainLabelSelector? Selector { get; set; }
    [JsonPropertyName("storageClassName")] public string? StorageClassName { get; set; }
    [JsonPropertyName("volumeAttributesClassName")] public string? VolumeAttributesClassName { get; set; }
    [JsonPropertyName("volumeMode")] public string? VolumeMode { get; set; }
    [JsonPropertyName("volumeName")] public string? VolumeName { get; set; }
}

internal sealed class PlainVolumeResourceRequirements
{
    [JsonPropertyName("limits")] public Dictionary<string, string>? Limits { get; set; }
    [JsonPropertyName("requests")] public Dictionary<string, string>? Requests { get; set; }
}

internal sealed class PlainTypedObjectReference
{
    [JsonPropertyName("apiGroup")] public string? ApiGroup { get; set; }
    [JsonPropertyName("kind")] public string? Kind { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("namespace")] public string? NamespaceProperty { get; set; }
}

internal sealed class PlainTypedLocalObjectReference
{
    [JsonPropertyName("apiGroup")] public string? ApiGroup { get; set; }
    [JsonPropertyName("kind")] public string? Kind { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
}

internal sealed class PlainEmptyDirVolumeSource
{
    [JsonPropertyName("medium")] public string? Medium { get; set; }
    [JsonPropertyName("sizeLimit")] public string? SizeLimit { get; set; }
}

internal sealed class PlainDownwardAPIVolumeSource
{
    [JsonPropertyName("defaultMode")] public int? DefaultMode { get; set; }
    [JsonPropertyName("items")] public List<PlainDownwardAPIVolumeFile>? Items { get; set; }
}

internal sealed class PlainDownwardAPIVolumeFile
{
    [JsonPropertyName("fieldRef")] public PlainObjectFieldSelector? FieldRef { get; set; }
    [JsonPropertyName("mode")] public int? Mode { get; set; }
    [JsonPropertyName("path")] public string? Path { get; set; }
    [JsonPropertyName("resourceFieldRef")] public PlainResourceFieldSelector? ResourceFieldRef { get; set; }
}

internal sealed class PlainCSIVolumeSource
{
    [JsonPropertyName("driver")] public string? Driver { get; set; }
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("nodePublishSecretRef")] public PlainLocalObjectReference? NodePublishSecretRef { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("volumeAttributes")] public Dictionary<string, string>? VolumeAttributes { get; set; }
}

internal sealed class PlainConfigMapVolumeSource
{
    [JsonPropertyName("defaultMode")] public int? DefaultMode { get; set; }
    [JsonPropertyName("items")] public List<PlainKeyToPath>? Items { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("optional")] public bool? Optional { get; set; }
}

internal sealed class PlainKeyToPath
{
    [JsonPropertyName("key")] public string? Key { get; set; }
    [JsonPropertyName("mode")] public int? Mode { get; set; }
    [JsonPropertyName("path")] public string? Path { get; set; }
}

internal sealed class PlainCinderVolumeSource
{
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("secretRef")] public PlainLocalObjectReference? SecretRef { get; set; }
    [JsonPropertyName("volumeID")] public string? VolumeID { get; set; }
}

internal sealed class PlainCephFSVolumeSource
{
    [JsonPropertyName("monitors")] public List<string>? Monitors { get; set; }
    [JsonPropertyName("path")] public string? Path { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("secretFile")] public string? SecretFile { get; set; }
    [JsonPropertyName("secretRef")] public PlainLocalObjectReference? SecretRef { get; set; }
    [JsonPropertyName("user")] public string? User { get; set; }
}

internal sealed class PlainAzureFileVolumeSource
{
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("secretName")] public string? SecretName { get; set; }
    [JsonPropertyName("shareName")] public string? ShareName { get; set; }
}

internal sealed class PlainAzureDiskVolumeSource
{
    [JsonPropertyName("cachingMode")] public string? CachingMode { get; set; }
    [JsonPropertyName("diskName")] public string? DiskName { get; set; }
    [JsonPropertyName("diskURI")] public string? DiskURI { get; set; }
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("kind")] public string? Kind { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
}

internal sealed class PlainAWSElasticBlockStoreVolumeSource
{
    [JsonPropertyName("fsType")] public string? FsType { get; set; }
    [JsonPropertyName("partition")] public int? Partition { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("volumeID")] public string? VolumeID { get; set; }
}

internal sealed class PlainTopologySpreadConstraint
{
    [JsonPropertyName("labelSelector")] public PlainLabelSelector? LabelSelector { get; set; }
    [JsonPropertyName("matchLabelKeys")] public List<string>? MatchLabelKeys { get; set; }
    [JsonPropertyName("maxSkew")] public int? MaxSkew { get; set; }
    [JsonPropertyName("minDomains")] public int? MinDomains { get; set; }
    [JsonPropertyName("nodeAffinityPolicy")] public string? NodeAffinityPolicy { get; set; }
    [JsonPropertyName("nodeTaintsPolicy")] public string? NodeTaintsPolicy { get; set; }
    [JsonPropertyName("topologyKey")] public string? TopologyKey { get; set; }
    [JsonPropertyName("whenUnsatisfiable")] public string? WhenUnsatisfiable { get; set; }
}

internal sealed class PlainToleration
{
    [JsonPropertyName("effect")] public string? Effect { get; set; }
    [JsonPropertyName("key")] public string? Key { get; set; }
    [JsonPropertyName("operator")] public string? OperatorProperty { get; set; }
    [JsonPropertyName("tolerationSeconds")] public long? TolerationSeconds { get; set; }
    [JsonPropertyName("value")] public string? Value { get; set; }
}

internal sealed class PlainPodSecurityContext
{
    [JsonPropertyName("appArmorProfile")] public PlainAppArmorProfile? AppArmorProfile { get; set; }
    [JsonPropertyName("fsGroup")] public long? FsGroup { get; set; }
    [JsonPropertyName("fsGroupChangePolicy")] public string? FsGroupChangePolicy { get; set; }
    [JsonPropertyName("runAsGroup")] public long? RunAsGroup { get; set; }
    [JsonPropertyName("runAsNonRoot")] public bool? RunAsNonRoot { get; set; }
    [JsonPropertyName("runAsUser")] public long? RunAsUser { get; set; }
    [JsonPropertyName("seLinuxChangePolicy")] public string? SeLinuxChangePolicy { get; set; }
    [JsonPropertyName("seLinuxOptions")] public PlainSELinuxOptions? SeLinuxOptions { get; set; }
    [JsonPropertyName("seccompProfile")] public PlainSeccompProfile? SeccompProfile { get; set; }
    [JsonPropertyName("supplementalGroups")] public List<long>? SupplementalGroups { get; set; }
    [JsonPropertyName("supplementalGroupsPolicy")] public string? SupplementalGroupsPolicy { get; set; }
    [JsonPropertyName("sysctls")] public List<PlainSysctl>? Sysctls { get; set; }
    [JsonPropertyName("windowsOptions")] public PlainWindowsSecurityContextOptions? WindowsOptions { get; set; }
}

internal sealed class PlainSysctl
{
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("value")] public string? Value { get; set; }
}

internal sealed class PlainPodSchedulingGate
{
    [JsonPropertyName("name")] public string? Name { get; set; }
}

internal sealed class PlainPodResourceClaim
{
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("resourceClaimName")] public string? ResourceClaimName { get; set; }
    [JsonPropertyName("resourceClaimTemplateName")] public string? ResourceClaimTemplateName { get; set; }
}

internal sealed class PlainPodReadinessGate
{
    [JsonPropertyName("conditionType")] public string? ConditionType { get; set; }
}

internal sealed class PlainPodOS
{
    [JsonPropertyName("name")] public string? Name { get; set; }
}

internal sealed class PlainLocalObjectReference
{
    [JsonPropertyName("name")] public string? Name { get; set; }
}

internal sealed class PlainHostAlias
{
    [JsonPropertyName("hostnames")] public List<string>? Hostnames { get; set; }
    [JsonPropertyName("ip")] public string? Ip { get; set; }
}

internal sealed class PlainEphemeralContainer
{
    [JsonPropertyName("args")] public List<string>? Args { get; set; }
    [JsonPropertyName("command")] public List<string>? Command { get; set; }
    [JsonPropertyName("env")] public List<PlainEnvVar>? Env { get; set; }
    [JsonPropertyName("envFrom")] public List<PlainEnvFromSource>? EnvFrom { get; set; }
    [JsonPropertyName("image")] public string? Image { get; set; }
    [JsonPropertyName("imagePullPolicy")] public string? ImagePullPolicy { get; set; }
    [JsonPropertyName("lifecycle")] public PlainLifecycle? Lifecycle { get; set; }
    [JsonPropertyName("livenessProbe")] public PlainProbe? LivenessProbe { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("ports")] public List<PlainContainerPort>? Ports { get; set; }
    [JsonPropertyName("readinessProbe")] public PlainProbe? ReadinessProbe { get; set; }
    [JsonPropertyName("resizePolicy")] public List<PlainContainerResizePolicy>? ResizePolicy { get; set; }
    [JsonPropertyName("resources")] public PlainResourceRequirements? Resources { get; set; }
    [JsonPropertyName("restartPolicy")] public string? RestartPolicy { get; set; }
    [JsonPropertyName("securityContext")] public PlainSecurityContext? SecurityContext { get; set; }
    [JsonPropertyName("startupProbe")] public PlainProbe? StartupProbe { get; set; }
    [JsonPropertyName("stdin")] public bool? Stdin { get; set; }
    [JsonPropertyName("stdinOnce")] public bool? StdinOnce { get; set; }
    [JsonPropertyName("targetContainerName")] public string? TargetContainerName { get; set; }
    [JsonPropertyName("terminationMessagePath")] public string? TerminationMessagePath { get; set; }
    [JsonPropertyName("terminationMessagePolicy")] public string? TerminationMessagePolicy { get; set; }
    [JsonPropertyName("tty")] public bool? Tty { get; set; }
    [JsonPropertyName("volumeDevices")] public List<PlainVolumeDevice>? VolumeDevices { get; set; }
    [JsonPropertyName("volumeMounts")] public List<PlainVolumeMount>? VolumeMounts { get; set; }
    [JsonPropertyName("workingDir")] public string? WorkingDir { get; set; }
}

internal sealed class PlainPodDNSConfig
{
    [JsonPropertyName("nameservers")] public List<string>? Nameservers { get; set; }
    [JsonPropertyName("options")] public List<PlainPodDNSConfigOption>? Options { get; set; }
    [JsonPropertyName("searches")] public List<string>? Searches { get; set; }
}

internal sealed class PlainPodDNSConfigOption
{
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("value")] public string? Value { get; set; }
}

internal sealed class PlainContainer
{
    [JsonPropertyName("args")] public List<string>? Args { get; set; }
    [JsonPropertyName("command")] public List<string>? Command { get; set; }
    [JsonPropertyName("env")] public List<PlainEnvVar>? Env { get; set; }
    [JsonPropertyName("envFrom")] public List<PlainEnvFromSource>? EnvFrom { get; set; }
    [JsonPropertyName("image")] public string? Image { get; set; }
    [JsonPropertyName("imagePullPolicy")] public string? ImagePullPolicy { get; set; }
    [JsonPropertyName("lifecycle")] public PlainLifecycle? Lifecycle { get; set; }
    [JsonPropertyName("livenessProbe")] public PlainProbe? LivenessProbe { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("ports")] public List<PlainContainerPort>? Ports { get; set; }
    [JsonPropertyName("readinessProbe")] public PlainProbe? ReadinessProbe { get; set; }
    [JsonPropertyName("resizePolicy")] public List<PlainContainerResizePolicy>? ResizePolicy { get; set; }
    [JsonPropertyName("resources")] public PlainResourceRequirements? Resources { get; set; }
    [JsonPropertyName("restartPolicy")] public string? RestartPolicy { get; set; }
    [JsonPropertyName("securityContext")] public PlainSecurityContext? SecurityContext { get; set; }
    [JsonPropertyName("startupProbe")] public PlainProbe? StartupProbe { get; set; }
    [JsonPropertyName("stdin")] public bool? Stdin { get; set; }
    [JsonPropertyName("stdinOnce")] public bool? StdinOnce { get; set; }
    [JsonPropertyName("terminationMessagePath")] public string? TerminationMessagePath { get; set; }
    [JsonPropertyName("terminationMessagePolicy")] public string? TerminationMessagePolicy { get; set; }
    [JsonPropertyName("tty")] public bool? Tty { get; set; }
    [JsonPropertyName("volumeDevices")] public List<PlainVolumeDevice>? VolumeDevices { get; set; }
    [JsonPropertyName("volumeMounts")] public List<PlainVolumeMount>? VolumeMounts { get; set; }
    [JsonPropertyName("workingDir")] public string? WorkingDir { get; set; }
}

internal sealed class PlainVolumeMount
{
    [JsonPropertyName("mountPath")] public string? MountPath { get; set; }
    [JsonPropertyName("mountPropagation")] public string? MountPropagation { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("readOnly")] public bool? ReadOnlyProperty { get; set; }
    [JsonPropertyName("recursiveReadOnly")] public string? RecursiveReadOnly { get; set; }
    [JsonPropertyName("subPath")] public string? SubPath { get; set; }
    [JsonPropertyName("subPathExpr")] public string? SubPathExpr { get; set; }
}

internal sealed class PlainVolumeDevice
{
    [JsonPropertyName("devicePath")] public string? DevicePath { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
}

internal sealed class PlainSecurityContext
{
    [JsonPropertyName("allowPrivilegeEscalation")] public bool? AllowPrivilegeEscalation { get; set; }
    [JsonPropertyName("appArmorProfile")] public PlainAppArmorProfile? AppArmorProfile { get; set; }
    [JsonPropertyName("capabilities")] public PlainCapabilities? Capabilities { get; set; }
    [JsonPropertyName("privileged")] public bool? Privileged { get; set; }
    [JsonPropertyName("procMount")] public string? ProcMount { get; set; }
    [JsonPropertyName("readOnlyRootFilesystem")] public bool? ReadOnlyRootFilesystem { get; set; }
    [JsonPropertyName("runAsGroup")] public long? RunAsGroup { get; set; }
    [JsonPropertyName("runAsNonRoot")] public bool? RunAsNonRoot { get; set; }
    [JsonPropertyName("runAsUser")] public long? RunAsUser { get; set; }
    [JsonPropertyName("seLinuxOptions")] public PlainSELinuxOptions? SeLinuxOptions { get; set; }
    [JsonPropertyName("seccompProfile")] public PlainSeccompProfile? SeccompProfile { get; set; }
    [JsonPropertyName("windowsOptions")] public PlainWindowsSecurityContextOptions? WindowsOptions { get; set; }
}

internal sealed class PlainWindowsSecurityContextOptions
{
    [JsonPropertyName("gmsaCredentialSpec")] public string? GmsaCredentialSpec { get; set; }
    [JsonPropertyName("gmsaCredentialSpecName")] public string? GmsaCredentialSpecName { get; set; }
    [JsonPropertyName("hostProcess")] public bool? HostProcess { get; set; }
    [JsonPropertyName("runAsUserName")] public string? RunAsUserName { get; set; }
}

internal sealed class PlainSeccompProfile
{
    [JsonPropertyName("localhostProfile")] public string? LocalhostProfile { get; set; }
    [JsonPropertyName("type")] public string? Type { get; set; }
}

internal sealed class PlainSELinuxOptions
{
    [JsonPropertyName("level")] public string? Level { get; set; }
    [JsonPropertyName("role")] public string? Role { get; set; }
    [JsonPropertyName("type")] public string? Type { get; set; }
    [JsonPropertyName("user")] public string? User { get; set; }
}

internal sealed class PlainCapabilities
{
    [JsonPropertyName("add")] public List<string>? Add { get; set; }
    [JsonPropertyName("drop")] public List<string>? Drop { get; set; }
}

internal sealed class PlainAppArmorProfile
{
    [JsonPropertyName("localhostProfile")] public string? LocalhostProfile { get; set; }
    [JsonPropertyName("type")] public string? Type { get; set; }
}

internal sealed class PlainResourceRequirements
{
    [JsonPropertyName("claims")] public List<PlainResourceClaim>? Claims { get; set; }
    [JsonPropertyName("limits")] public Dictionary<string, string>? Limits { get; set; }
    [JsonPropertyName("requests")] public Dictionary<string, string>? Requests { get; set; }
}

internal sealed class PlainResourceClaim
{
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("request")] public string? Request { get; set; }
}

internal sealed class PlainContainerResizePolicy
{
    [JsonPropertyName("resourceName")] public string? ResourceName { get; set; }
    [JsonPropertyName("restartPolicy")] public string? RestartPolicy { get; set; }
}

internal sealed class PlainContainerPort
{
    [JsonPropertyName("containerPort")] public int? ContainerPort { get; set; }
    [JsonPropertyName("hostIP")] public string? HostIP { get; set; }
    [JsonPropertyName("hostPort")] public int? HostPort { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("protocol")] public string? Protocol { get; set; }
}

internal sealed class PlainProbe
{
    [JsonPropertyName("exec")] public PlainExecAction? Exec { get; set; }
    [JsonPropertyName("failureThreshold")] public int? FailureThreshold { get; set; }
    [JsonPropertyName("grpc")] public PlainGRPCAction? Grpc { get; set; }
    [JsonPropertyName("httpGet")] public PlainHTTPGetAction? HttpGet { get; set; }
    [JsonPropertyName("initialDelaySeconds")] public int? InitialDelaySeconds { get; set; }
    [JsonPropertyName("periodSeconds")] public int? PeriodSeconds { get; set; }
    [JsonPropertyName("successThreshold")] public int? SuccessThreshold { get; set; }
    [JsonPropertyName("tcpSocket")] public PlainTCPSocketAction? TcpSocket { get; set; }
    [JsonPropertyName("terminationGracePeriodSeconds")] public long? TerminationGracePeriodSeconds { get; set; }
    [JsonPropertyName("timeoutSeconds")] public int? TimeoutSeconds { get; set; }
}

internal sealed class PlainGRPCAction
{
    [JsonPropertyName("port")] public int? Port { get; set; }
    [JsonPropertyName("service")] public string? Service { get; set; }
}

internal sealed class PlainLifecycle
{
    [JsonPropertyName("postStart")] public PlainLifecycleHandler? PostStart { get; set; }
    [JsonPropertyName("preStop")] public PlainLifecycleHandler? PreStop { get; set; }
}

internal sealed class PlainLifecycleHandler
{
    [JsonPropertyName("exec")] public PlainExecAction? Exec { get; set; }
    [JsonPropertyName("httpGet")] public PlainHTTPGetAction? HttpGet { get; set; }
    [JsonPropertyName("sleep")] public PlainSleepAction? Sleep { get; set; }
    [JsonPropertyName("tcpSocket")] public PlainTCPSocketAction? TcpSocket { get; set; }
}

internal sealed class PlainTCPSocketAction
{
    [JsonPropertyName("host")] public string? Host { get; set; }
    [JsonPropertyName("port")] public JsonElement? Port { get; set; }
}

internal sealed class PlainSleepAction
{
    [JsonPropertyName("seconds")] public long? Seconds { get; set; }
}

internal sealed class PlainHTTPGetAction
{
    [JsonPropertyName("host")] public string? Host { get; set; }
    [JsonPropertyName("httpHeaders")] public List<PlainHTTPHeader>? HttpHeaders { get; set; }
    [JsonPropertyName("path")] public string? Path { get; set; }
    [JsonPropertyName("port")] public JsonElement? Port { get; set; }
    [JsonPropertyName("scheme")] public string? Scheme { get; set; }
}

internal sealed class PlainHTTPHeader
{
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("value")] public string? Value { get; set; }
}

internal sealed class PlainExecAction
{
    [JsonPropertyName("command")] public List<string>? Command { get; set; }
}

internal sealed class PlainEnvFromSource
{
    [JsonPropertyName("configMapRef")] public PlainConfigMapEnvSource? ConfigMapRef { get; set; }
    [JsonPropertyName("prefix")] public string? Prefix { get; set; }
    [JsonPropertyName("secretRef")] public PlainSecretEnvSource? SecretRef { get; set; }
}

internal sealed class PlainSecretEnvSource
{
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("optional")] public bool? Optional { get; set; }
}

internal sealed class PlainConfigMapEnvSource
{
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("optional")] public bool? Optional { get; set; }
}

internal sealed class PlainEnvVar
{
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("value")] public string? Value { get; set; }
    [JsonPropertyName("valueFrom")] public PlainEnvVarSource? ValueFrom { get; set; }
}

internal sealed class PlainEnvVarSource
{
    [JsonPropertyName("configMapKeyRef")] public PlainConfigMapKeySelector? ConfigMapKeyRef { get; set; }
    [JsonPropertyName("fieldRef")] public PlainObjectFieldSelector? FieldRef { get; set; }
    [JsonPropertyName("resourceFieldRef")] public PlainResourceFieldSelector? ResourceFieldRef { get; set; }
    [JsonPropertyName("secretKeyRef")] public PlainSecretKeySelector? SecretKeyRef { get; set; }
}

internal sealed class PlainSecretKeySelector
{
    [JsonPropertyName("key")] public string? Key { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("optional")] public bool? Optional { get; set; }
}

internal sealed class PlainResourceFieldSelector
{
    [JsonPropertyName("containerName")] public string? ContainerName { get; set; }
    [JsonPropertyName("divisor")] public string? Divisor { get; set; }
    [JsonPropertyName("resource")] public string? Resource { get; set; }
}

internal sealed class PlainObjectFieldSelector
{
    [JsonPropertyName("apiVersion")] public string? ApiVersion { get; set; }
    [JsonPropertyName("fieldPath")] public string? FieldPath { get; set; }
}

internal sealed class PlainConfigMapKeySelector
{
    [JsonPropertyName("key")] public string? Key { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("optional")] public bool? Optional { get; set; }
}

internal sealed class PlainAffinity
{
    [JsonPropertyName("nodeAffinity")] public PlainNodeAffinity? NodeAffinity { get; set; }
    [JsonPropertyName("podAffinity")] public PlainPodAffinity? PodAffinity { get; set; }
    [JsonPropertyName("podAntiAffinity")] public PlainPodAntiAffinity? PodAntiAffinity { get; set; }
}

internal sealed class PlainPodAntiAffinity
{
    [JsonPropertyName("preferredDuringSchedulingIgnoredDuringExecution")] public List<PlainWeightedPodAffinityTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; set; }
    [JsonPropertyName("requiredDuringSchedulingIgnoredDuringExecution")] public List<PlainPodAffinityTerm>? RequiredDuringSchedulingIgnoredDuringExecution { get; set; }
}

internal sealed class PlainPodAffinity
{
    [JsonPropertyName("preferredDuringSchedulingIgnoredDuringExecution")] public List<PlainWeightedPodAffinityTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; set; }
    [JsonPropertyName("requiredDuringSchedulingIgnoredDuringExecution")] public List<PlainPodAffinityTerm>? RequiredDuringSchedulingIgnoredDuringExecution { get; set; }
}

internal sealed class PlainWeightedPodAffinityTerm
{
    [JsonPropertyName("podAffinityTerm")] public PlainPodAffinityTerm? PodAffinityTerm { get; set; }
    [JsonPropertyName("weight")] public int? Weight { get; set; }
}

internal sealed class PlainPodAffinityTerm
{
    [JsonPropertyName("labelSelector")] public PlainLabelSelector? LabelSelector { get; set; }
    [JsonPropertyName("matchLabelKeys")] public List<string>? MatchLabelKeys { get; set; }
    [JsonPropertyName("mismatchLabelKeys")] public List<string>? MismatchLabelKeys { get; set; }
    [JsonPropertyName("namespaceSelector")] public PlainLabelSelector? NamespaceSelector { get; set; }
    [JsonPropertyName("namespaces")] public List<string>? Namespaces { get; set; }
    [JsonPropertyName("topologyKey")] public string? TopologyKey { get; set; }
}

internal sealed class PlainLabelSelector
{
    [JsonPropertyName("matchExpressions")] public List<PlainLabelSelectorRequirement>? MatchExpressions { get; set; }
    [JsonPropertyName("matchLabels")] public Dictionary<string, string>? MatchLabels { get; set; }
}

internal sealed class PlainLabelSelectorRequirement
{
    [JsonPropertyName("key")] public string? Key { get; set; }
    [JsonPropertyName("operator")] public string? OperatorProperty { get; set; }
    [JsonPropertyName("values")] public List<string>? Values { get; set; }
}

internal sealed class PlainNodeAffinity
{
    [JsonPropertyName("preferredDuringSchedulingIgnoredDuringExecution")] public List<PlainPreferredSchedulingTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; set; }
    [JsonPropertyName("requiredDuringSchedulingIgnoredDuringExecution")] public PlainNodeSelector? RequiredDuringSchedulingIgnoredDuringExecution { get; set; }
}

internal sealed class PlainNodeSelector
{
    [JsonPropertyName("nodeSelectorTerms")] public List<PlainNodeSelectorTerm>? NodeSelectorTerms { get; set; }
}

internal sealed class PlainPreferredSchedulingTerm
{
    [JsonPropertyName("preference")] public PlainNodeSelectorTerm? Preference { get; set; }
    [JsonPropertyName("weight")] public int? Weight { get; set; }
}

internal sealed class PlainNodeSelectorTerm
{
    [JsonPropertyName("matchExpressions")] public List<PlainNodeSelectorRequirement>? MatchExpressions { get; set; }
    [JsonPropertyName("matchFields")] public List<PlainNodeSelectorRequirement>? MatchFields { get; set; }
}

internal sealed class PlainNodeSelectorRequirement
{
    [JsonPropertyName("key")] public string? Key { get; set; }
    [JsonPropertyName("operator")] public string? OperatorProperty { get; set; }
    [JsonPropertyName("values")] public List<string>? Values { get; set; }
}

internal sealed class PlainObjectMeta
{
    [JsonPropertyName("annotations")] public Dictionary<string, string>? Annotations { get; set; }
    [JsonPropertyName("creationTimestamp")] public DateTime? CreationTimestamp { get; set; }
    [JsonPropertyName("deletionGracePeriodSeconds")] public long? DeletionGracePeriodSeconds { get; set; }
    [JsonPropertyName("deletionTimestamp")] public DateTime? DeletionTimestamp { get; set; }
    [JsonPropertyName("finalizers")] public List<string>? Finalizers { get; set; }
    [JsonPropertyName("generateName")] public string? GenerateName { get; set; }
    [JsonPropertyName("generation")] public long? Generation { get; set; }
    [JsonPropertyName("labels")] public Dictionary<string, string>? Labels { get; set; }
    [JsonPropertyName("managedFields")] public List<PlainManagedFieldsEntry>? ManagedFields { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("namespace")] public string? NamespaceProperty { get; set; }
    [JsonPropertyName("ownerReferences")] public List<PlainOwnerReference>? OwnerReferences { get; set; }
    [JsonPropertyName("resourceVersion")] public string? ResourceVersion { get; set; }
    [JsonPropertyName("selfLink")] public string? SelfLink { get; set; }
    [JsonPropertyName("uid")] public string? Uid { get; set; }
}

internal sealed class PlainOwnerReference
{
    [JsonPropertyName("apiVersion")] public string? ApiVersion { get; set; }
    [JsonPropertyName("blockOwnerDeletion")] public bool? BlockOwnerDeletion { get; set; }
    [JsonPropertyName("controller")] public bool? Controller { get; set; }
    [JsonPropertyName("kind")] public string? Kind { get; set; }
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("uid")] public string? Uid { get; set; }
}

internal sealed class PlainManagedFieldsEntry
{
    [JsonPropertyName("apiVersion")] public string? ApiVersion { get; set; }
    [JsonPropertyName("fieldsType")] public string? FieldsType { get; set; }
    [JsonPropertyName("fieldsV1")] public JsonElement? FieldsV1 { get; set; }
    [JsonPropertyName("manager")] public string? Manager { get; set; }
    [JsonPropertyName("operation")] public string? Operation { get; set; }
    [JsonPropertyName("subresource")] public string? Subresource { get; set; }
    [JsonPropertyName("time")] public DateTime? Time { get; set; }
}
