using k8s;
using k8s.Models;

namespace Cnat;

[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
public sealed class At : IKubernetesObject<V1ObjectMeta>, ISpec<AtSpec>, IStatus<AtStatus?>
{
    public const string KubeApiVersion = "v1alpha1";
    public const string KubeKind = "At";
    public const string KubeGroup = "cnat.programming-kubernetes.info";
    public const string KubePluralName = "ats";

    public string ApiVersion { get; set; } = $"{KubeGroup}/{KubeApiVersion}";
    public string Kind { get; set; } = KubeKind;
    public V1ObjectMeta Metadata { get; set; } = new();
    public AtSpec Spec { get; set; } = new();
    public AtStatus? Status { get; set; }
}

public sealed class AtSpec
{
    public string? Schedule { get; set; }
    public string? Command { get; set; }
}

public sealed class AtStatus
{
    public string? Phase { get; set; }
    public IList<V1Condition>? Conditions { get; set; }
}
