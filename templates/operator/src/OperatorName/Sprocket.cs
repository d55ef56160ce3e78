using System.ComponentModel.DataAnnotations;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace OperatorSpace;

/// <summary>Sprocket keeps a text in a config map.</summary>
[KubernetesEntity(Group = KubeGroup, ApiVersion = KubeApiVersion, Kind = KubeKind, PluralName = KubePluralName)]
//#if (!namespaced)
[EntityScope(EntityScope.Cluster)]
//#endif
[PrinterColumn("Ready", JsonPath = ".status.conditions[?(@.type==\"Ready\")].status", Type = "string")]
[PrinterColumn("Age", JsonPath = ".metadata.creationTimestamp", Type = "date")]
public sealed record Sprocket : IKubernetesObject<V1ObjectMeta>, ISpec<SprocketSpec?>, IStatus<SprocketStatus?>
{
    public const string KubeGroup = "template.example.com";
    public const string KubeApiVersion = "v0template";
    public const string KubeKind = "Sprocket";
    public const string KubePluralName = "sprockets";

    /// <summary>The type of the condition that is True once all is as <c>spec</c> wants it.</summary>
    public const string Ready = "Ready";

    public string ApiVersion { get; set; } = $"{KubeGroup}/{KubeApiVersion}";

    public string Kind { get; set; } = KubeKind;

    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [Required]
    public SprocketSpec? Spec { get; set; }

    /// <summary>What was found, and done.</summary>
    public SprocketStatus? Status { get; set; }
}

/// <summary>What is wanted of a Sprocket.</summary>
public sealed record SprocketSpec
{
    /// <summary>The text.</summary>
    [Required, StringLength(1000, MinimumLength = 1), PrinterColumn("Text")]
    public string? Text { get; set; }
}

/// <summary>How far a Sprocket has come.</summary>
public sealed record SprocketStatus
{
    /// <summary>The generation of the spec that this is about.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>Ready, and why not.</summary>
    [ListType(ListType.Map, "type")]
    public IList<V1Condition>? Conditions { get; set; }
}
