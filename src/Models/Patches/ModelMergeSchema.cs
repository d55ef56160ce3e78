using System.Collections.Concurrent;

namespace ActorKube.Models;

/// <summary>Reads <see cref="MergeSchema"/>s out of the generated types' field tables.</summary>
static class ModelMergeSchema
{
    static readonly ConcurrentDictionary<ModelSchema, MergeSchema> Types = new();

    public static MergeSchema Of(ModelSchema type) =>
        Types.GetOrAdd(type, static type => new MergeSchema(MergeShape.Object, name => type.Field(name) is { } field ? Of(field) : null) { IsAtomic = type.IsAtomic });

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
            // What a field says of its map counts before what the type says. Any JSON (a RawExtension) is one value.
            IsAtomic = patch.MapType is null ? fields is { IsAtomic: true } || field.Shape == FieldShape.Json : patch.MapType == "atomic",
            ListType = patch.ListType switch { "set" => MergeListType.Set, "map" => MergeListType.Map, _ => MergeListType.Atomic },
            Keys = [.. (patch.MapKeys ?? []).Select(key => new MergeKey(key, OpenApiMergeSchema.WellKnownDefault(key)))],
            PatchMerges = strategy.Contains("merge"),
            PatchReplaces = strategy.Contains("replace"),
            PatchRetainsKeys = strategy.Contains("retainKeys"),
            PatchMergeKey = patch.MergeKey,
        };
    }
}
