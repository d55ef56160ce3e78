using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// The empty object that a creation is compared with. Go writes a struct's embedded structs even where they are empty, and times and lists that
/// are not <c>omitempty</c> as null, so the server takes those containers as there before the first write, and nobody owns them.
/// </summary>
static class ZeroObject
{
    // Fields that are structs (not pointers), or times or lists without omitempty, within the kinds' specs, as k8s.io/api declares them.
    static readonly Dictionary<string, string[]> AlwaysThere = new(StringComparer.Ordinal)
    {
        ["V1ObjectMeta"] = ["creationTimestamp"],
        ["V1PodSpec"] = ["containers"],
        ["V1PodTemplateSpec"] = ["metadata", "spec"],
        ["V1PodTemplate"] = ["template"],
        ["V1DeploymentSpec"] = ["selector", "template", "strategy"],
        ["V1DaemonSetSpec"] = ["selector", "template", "updateStrategy"],
        ["V1StatefulSetSpec"] = ["selector", "serviceName", "template", "updateStrategy"],
        ["V1ReplicaSetSpec"] = ["selector", "template"],
        ["V1JobSpec"] = ["template"],
        ["V1JobTemplateSpec"] = ["metadata", "spec"],
        ["V1CronJobSpec"] = ["jobTemplate"],
        ["V1PersistentVolumeClaimSpec"] = ["resources"],
        ["V2HorizontalPodAutoscalerSpec"] = ["scaleTargetRef"],
        ["V1HorizontalPodAutoscalerSpec"] = ["scaleTargetRef"],
        ["V1NetworkPolicySpec"] = ["podSelector"],
        ["V1CustomResourceDefinitionSpec"] = ["names", "versions"],
        ["V1VolumeAttachmentSpec"] = ["source"],
        ["V1CSINodeSpec"] = ["drivers"],
        ["V1TokenRequestSpec"] = ["boundObjectRef"],
        ["V1LimitRangeSpec"] = ["limits"],
        ["V1FlowSchemaSpec"] = ["priorityLevelConfiguration", "matchingPrecedence"],
        ["V1Role"] = ["rules"],
        ["V1ClusterRole"] = ["rules"],
        ["V1RoleBinding"] = ["roleRef"],
        ["V1ClusterRoleBinding"] = ["roleRef"],
        ["V1EndpointSlice"] = ["endpoints", "ports"],
        ["Corev1Event"] = ["involvedObject", "source", "firstTimestamp", "lastTimestamp", "eventTime", "reportingComponent", "reportingInstance"],
        ["Eventsv1Event"] = ["eventTime", "regarding", "deprecatedSource", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"],
        ["V1NodeStatus"] = ["daemonEndpoints", "nodeInfo"],
        ["V1ServiceStatus"] = ["loadBalancer"],
        ["V1IngressStatus"] = ["loadBalancer"],
        ["V1CustomResourceDefinitionStatus"] = ["acceptedNames"],
    };

    // Texts that Go writes where they are empty.
    static readonly string[] EmptyTexts = ["reportingComponent", "reportingInstance", "serviceName"];

    static readonly string[] OfEveryKind = ["metadata", "spec", "status"];

    public static JsonObject Of(JsonObject written)
    {
        var apiVersion = StrategicDirectives.Text(written["apiVersion"]);
        var kind = StrategicDirectives.Text(written["kind"]);
        return GroupVersion.TryParse(apiVersion, out var version) && ModelSchema.For(version.WithKind(kind)) is { } schema
            ? Of(schema, [.. OfEveryKind, .. AlwaysThere.GetValueOrDefault(schema.Type.Name) ?? []]) : [];
    }

    static JsonObject Of(ModelSchema type, string[] fields)
    {
        var zero = new JsonObject();
        foreach (var name in fields)
        {
            if (type.Field(name) is not { } field) continue;
            zero[name] = field.Shape == FieldShape.Object ? Of(field.Element!, AlwaysThere.GetValueOrDefault(field.Element!.Type.Name) ?? [])
                : Array.IndexOf(EmptyTexts, name) >= 0 ? "" : name == "matchingPrecedence" ? 0 : null;
        }
        return zero;
    }
}
