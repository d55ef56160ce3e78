using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// What client-side <c>kubectl apply</c> remembers of an object in its annotation <c>kubectl.kubernetes.io/last-applied-configuration</c>, and how
/// server-side apply treats it: as <c>k8s.io/apimachinery/pkg/util/managedfields</c> does for the manager <c>kubectl</c>.
/// </summary>
public static class LastApplied
{
    /// <summary>The annotation.</summary>
    public const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    // apimachinery's api/validation, TotalAnnotationSizeLimitB.
    private const long LargestAnnotations = 256 * 1024;

    /// <summary>The manager whose server-side applies keep the annotation up to date.</summary>
    public const string Kubectl = "kubectl";

    /// <summary>The manager of kubectl's client-side applies.</summary>
    public const string KubectlClientSide = "kubectl-client-side-apply";

    /// <summary>The configuration that was last applied to an object; null where there is none or it cannot be read.</summary>
    /// <example><code>var patch = StrategicMergePatch.ThreeWayDiff(LastApplied.Of(stored) ?? [], configuration, stored, schema);</code></example>
    public static JsonObject? Of(JsonObject live)
    {
        ArgumentNullException.ThrowIfNull(live);
        if (Annotations(live)?[Annotation] is not JsonValue value || !value.TryGetValue(out string? text) || text.Length == 0) return null;
        try
        {
            return KubeJson.ParseNode(System.Text.Encoding.UTF8.GetBytes(text)) as JsonObject;
        }
        catch (KubeFormatException)
        {
            return null;
        }
    }

    /// <summary>Writes the annotation into an object: the configuration, itself without the annotation.</summary>
    public static void Write(JsonObject target, JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(configuration);
        var kept = FieldOwnership.Bare(configuration);
        Annotations(kept)?.Remove(Annotation);
        if (target["metadata"] is not JsonObject metadata) target["metadata"] = metadata = [];
        if (metadata["annotations"] is not JsonObject annotations) metadata["annotations"] = annotations = [];
        // kubectl writes one line and ends it.
        annotations[Annotation] = KubeJson.SerializeToString(Ordered(kept)) + "\n";
        // What would make the object invalid is better forgotten.
        if (annotations.Sum(entry => (long)entry.Key.Length + (entry.Value?.ToJsonString().Length ?? 0)) > LargestAnnotations) annotations.Remove(Annotation);
    }

    /// <summary>The fields that client-side apply set and that still have the value it gave them: kubectl may take them over without force.</summary>
    internal static FieldSet Unchanged(JsonObject live, MergeSchema schema)
    {
        if (Of(live) is not { } last) return FieldSet.Empty;
        last = FieldOwnership.Bare(last);
        var comparison = TypedComparison.Of(last, FieldOwnership.Bare(live), schema);
        return TypedFieldSet.Of(last, schema).Difference(comparison.Modified).Difference(comparison.Added).Difference(comparison.Removed);
    }

    internal static bool IsIn(JsonObject live) => Annotations(live)?[Annotation] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0;

    private static JsonNode? Ordered(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, Ordered(entry.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Ordered)]),
        _ => node?.DeepClone(),
    };

    private static JsonObject? Annotations(JsonObject value) => (value["metadata"] as JsonObject)?["annotations"] as JsonObject;
}
