using System.Text.Json.Nodes;
using ActorKube.Models;
using FsCheck;
using FsCheck.Fluent;

namespace Models.Tests;

/// <summary>Objects that fit a schema: each field there or not, keys of lists without repetition, values out of few.</summary>
static class ObjectGenerators
{
    static readonly string[] WorkloadFields =
    [
        "metadata", "spec", "status", "name", "labels", "finalizers", "replicas", "selector", "strategy", "type", "rollingUpdate", "maxSurge", "args", "replaced", "free",
        "containers", "image", "env", "value", "ports", "containerPort", "protocol", "volumes", "emptyDir", "hostPath", "path", "phase", "conditions", "matchLabels",
    ];

    public static Gen<JsonObject> Workloads { get; } = Of(Schemas.Workload, 7).Select(node => node!.AsObject());

    /// <param name="schema">What the value must fit.</param>
    /// <param name="depth">How deep it may go.</param>
    /// <param name="key">The name of the field it is in.</param>
    static Gen<JsonNode?> Of(MergeSchema schema, int depth, string key = "") => depth == 0 ? Scalar(key) : schema.Shape switch
    {
        MergeShape.Object => Members(WorkloadFields.Where(name => schema.Field(name) is not null), schema, depth),
        MergeShape.Map => Members(["x", "y", "z"], schema, depth),
        MergeShape.List => List(schema, depth),
        MergeShape.Any => JsonGenerators.Objects(nulls: false, 2).Select(o => (JsonNode?)o),
        _ => Scalar(key),
    };

    static Gen<JsonNode?> Members(IEnumerable<string> names, MergeSchema schema, int depth) =>
        names.Aggregate(Gen.Constant(new JsonObject()), (so, name) =>
            from members in so
            from there in Gen.Choose(0, 2)
            from value in there == 0 ? Gen.Constant<JsonNode?>(null) : Of(schema.Field(name)!, depth - 1, name)
            select With(members, name, value)).Select(members => (JsonNode?)members);

    static JsonObject With(JsonObject members, string name, JsonNode? value)
    {
        var copy = (JsonObject)members.DeepClone();
        if (value is not null) copy[name] = value.DeepClone();
        return copy;
    }

    static Gen<JsonNode?> List(MergeSchema schema, int depth) =>
        from length in Gen.Choose(0, 3)
        from elements in Of(schema.Element, depth - 1).ArrayOf(length)
        from keys in Gen.Shuffle(new[] { 1, 2, 3, 4 })
        select (JsonNode?)new JsonArray([.. elements.Select((element, i) => Keyed(schema, element, keys[i])).DistinctBy(e => e?.ToJsonString())]);

    // Every element gets a key of its own, as the server would insist on.
    static JsonNode? Keyed(MergeSchema schema, JsonNode? element, int key)
    {
        var keyed = element?.DeepClone();
        if (keyed is not JsonObject members) return keyed;
        foreach (var part in schema.Keys.Where(part => part.Default is null)) members[part.Name] = part.Name.EndsWith("Port", StringComparison.Ordinal) ? key : $"k{key}";
        return members;
    }

    static Gen<JsonNode?> Scalar(string key) => key is "replicas" or "containerPort"
        ? Gen.Choose(1, 3).Select(number => (JsonNode?)JsonValue.Create(number))
        : Gen.Elements("u", "v", "w").Select(text => (JsonNode?)JsonValue.Create(text));
}
