using System.Collections.Concurrent;

namespace ActorKube.Models;

/// <summary>Reads <see cref="MergeSchema"/>s out of the generated types' field tables.</summary>
static class ModelMergeSchema
{
    // The types that the API's OpenAPI document marks with x-kubernetes-map-type: atomic (a test compares).
    static readonly HashSet<string> AtomicTypes = new(StringComparer.Ordinal)
    {
        "Corev1EndpointPort", "Discoveryv1EndpointPort", "Rbacv1Subject", "V1ConfigMapKeySelector", "V1CrossVersionObjectReference", "V1EndpointAddress", "V1LabelSelector",
        "V1LocalObjectReference", "V1MatchResources", "V1NamedRuleWithOperations", "V1NodeSelector", "V1NodeSelectorTerm", "V1ObjectFieldSelector",
        "V1ObjectReference", "V1OwnerReference", "V1ParamKind", "V1ParamRef", "V1ResourceFieldSelector", "V1RoleRef", "V1ScopeSelector",
        "V1SecretKeySelector", "V1SecretReference", "V1ServiceBackendPort", "V1TopologySelectorTerm", "V1TypedLocalObjectReference", "V1Variable",
    };

    static readonly ConcurrentDictionary<ModelSchema, MergeSchema> Types = new();

    public static MergeSchema Of(ModelSchema type) =>
        Types.GetOrAdd(type, static type => new MergeSchema(MergeShape.Object, name => type.Field(name) is { } field ? Of(field) : null) { IsAtomic = IsAtomic(type) });

    static bool IsAtomic(ModelSchema type) => AtomicTypes.Contains(type.Type.Name);

    static MergeSchema Of(ModelField field)
    {
        var (patch, element) = (field.Patch, field.Element);
        var strategy = patch.Strategy?.Split(',') ?? [];
        var shape = field.Shape switch
        {
            FieldShape.Scalar => MergeShape.Scalar,
            FieldShape.Object => MergeShape.Object,
            FieldShape.List => MergeShape.List,
            FieldShape.Map => MergeShape.Map,
            _ => MergeShape.Any,
        };
        var fields = shape == MergeShape.Object ? Of(element!) : null;
        return new MergeSchema(shape, fields is null ? null : fields.Field, () => element is null ? MergeSchema.Any : Of(element))
        {
            // What a field says of its map counts before what the type says.
            IsAtomic = patch.MapType is null ? fields is { IsAtomic: true } : patch.MapType == "atomic",
            ListType = patch.ListType switch { "set" => MergeListType.Set, "map" => MergeListType.Map, _ => MergeListType.Atomic },
            Keys = [.. (patch.MapKeys ?? []).Select(key => new MergeKey(key, OpenApiMergeSchema.WellKnownDefault(key)))],
            PatchMerges = strategy.Contains("merge"),
            PatchReplaces = strategy.Contains("replace"),
            PatchRetainsKeys = strategy.Contains("retainKeys"),
            PatchMergeKey = patch.MergeKey,
        };
    }
}
