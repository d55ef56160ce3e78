using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>Reads <see cref="MergeSchema"/>s out of OpenAPI v2 definitions and structural (v3) schemas.</summary>
static class OpenApiMergeSchema
{
    // What every object's metadata has; the same in every version of Kubernetes since server-side apply exists.
    static readonly MergeSchema Metadata = MergeSchema.FromOpenApi(JsonNode.Parse("""
        {
          "type": "object",
          "properties": {
            "annotations": { "type": "object", "additionalProperties": { "type": "string" } },
            "creationTimestamp": { "type": "string" },
            "deletionGracePeriodSeconds": { "type": "integer" },
            "deletionTimestamp": { "type": "string" },
            "finalizers": { "type": "array", "items": { "type": "string" }, "x-kubernetes-list-type": "set", "x-kubernetes-patch-strategy": "merge" },
            "generateName": { "type": "string" },
            "generation": { "type": "integer" },
            "labels": { "type": "object", "additionalProperties": { "type": "string" } },
            "managedFields": { "type": "array", "items": { "type": "object" }, "x-kubernetes-list-type": "atomic" },
            "name": { "type": "string" },
            "namespace": { "type": "string" },
            "ownerReferences": {
              "type": "array",
              "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["uid"],
              "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "uid",
              "items": {
                "type": "object", "x-kubernetes-map-type": "atomic",
                "properties": {
                  "apiVersion": { "type": "string" }, "blockOwnerDeletion": { "type": "boolean" }, "controller": { "type": "boolean" },
                  "kind": { "type": "string" }, "name": { "type": "string" }, "uid": { "type": "string" }
                }
              }
            },
            "resourceVersion": { "type": "string" },
            "selfLink": { "type": "string" },
            "uid": { "type": "string" }
          }
        }
        """)!.AsObject());

    static readonly MergeSchema Schemaless = new(MergeShape.Object, name => Universal(name) ?? MergeSchema.Undeclared);

    public static MergeSchema CustomResource(JsonObject? schema)
    {
        if (schema is null) return Schemaless;
        var read = MergeSchema.FromOpenApi(schema);
        return read.Shape == MergeShape.Object ? new MergeSchema(MergeShape.Object, name => Universal(name) ?? read.Field(name)) : Schemaless;
    }

    /// <param name="schema">The type: its shape, and what it says of itself.</param>
    /// <param name="field">The mention of the type, whose extensions come before the type's own.</param>
    /// <param name="resolve">Finds what a reference names.</param>
    public static MergeSchema Read(JsonObject schema, JsonObject field, Func<string, JsonObject?>? resolve)
    {
        while (Text(schema, "$ref") is { } reference)
        {
            schema = resolve?.Invoke(reference) ?? throw new ArgumentException($"The schema refers to '{reference}', which cannot be found.", nameof(resolve));
        }

        var strategy = (Text(field, "x-kubernetes-patch-strategy") ?? "").Split(',');
        var listType = ListTypeOf(schema, field, strategy);
        var shape = ShapeOf(schema);
        var keepsUnknown = Flag(schema, "x-kubernetes-preserve-unknown-fields");
        var isObject = Flag(schema, "x-kubernetes-embedded-resource");
        return new MergeSchema(
            shape,
            // An object within another has what every object has.
            name => (isObject ? Universal(name) : null) ?? ((schema["properties"] as JsonObject)?[name] is JsonObject declared ? Read(declared, declared, resolve) : keepsUnknown ? MergeSchema.Undeclared : null),
            () => (schema["items"] ?? schema["additionalProperties"]) is JsonObject element ? Read(element, element, resolve) : MergeSchema.Any)
        {
            // A definition that is an object and says no more is any JSON (a RawExtension), which is one value; in a schema of one's own it is a map of anything.
            IsAtomic = (Text(field, "x-kubernetes-map-type") ?? Text(schema, "x-kubernetes-map-type")) == "atomic" || (shape == MergeShape.Any && resolve is not null),
            ListType = listType,
            Keys = listType == MergeListType.Map ? KeysOf(schema, field, resolve) : [],
            PatchMerges = strategy.Contains("merge"),
            PatchReplaces = strategy.Contains("replace"),
            PatchRetainsKeys = strategy.Contains("retainKeys"),
            PatchMergeKey = Text(field, "x-kubernetes-patch-merge-key"),
        };
    }

    /// <summary>What every object has beside its own fields.</summary>
    static MergeSchema? Universal(string name) => name switch
    {
        "apiVersion" or "kind" => MergeSchema.Scalar,
        "metadata" => Metadata,
        _ => null,
    };

    static MergeShape ShapeOf(JsonObject schema)
    {
        if (Flag(schema, "x-kubernetes-int-or-string")) return MergeShape.Scalar;
        if (Flag(schema, "x-kubernetes-embedded-resource")) return MergeShape.Object;
        return Text(schema, "type") switch
        {
            "array" => MergeShape.List,
            "object" or null when schema["properties"] is JsonObject => MergeShape.Object,
            "object" or null when schema["additionalProperties"] is JsonObject => MergeShape.Map,
            "object" or null => MergeShape.Any,
            _ => MergeShape.Scalar,
        };
    }

    static MergeListType ListTypeOf(JsonObject schema, JsonObject field, string[] strategy) =>
        (Text(field, "x-kubernetes-list-type") ?? Text(schema, "x-kubernetes-list-type")) switch
        {
            "set" => MergeListType.Set,
            "map" => MergeListType.Map,
            // Without a list type, an old schema's patch strategy says as much.
            null when strategy.Contains("merge") => field["x-kubernetes-patch-merge-key"] is null ? MergeListType.Set : MergeListType.Map,
            _ => MergeListType.Atomic,
        };

    static IReadOnlyList<MergeKey> KeysOf(JsonObject schema, JsonObject field, Func<string, JsonObject?>? resolve)
    {
        var names = (field["x-kubernetes-list-map-keys"] ?? schema["x-kubernetes-list-map-keys"]) as JsonArray;
        if (names is null) return Text(field, "x-kubernetes-patch-merge-key") is { } single ? [new MergeKey(single)] : [];
        var items = schema["items"] as JsonObject;
        while (items is not null && Text(items, "$ref") is { } reference) items = resolve?.Invoke(reference);
        return [.. names.Select(name => name!.GetValue<string>()).Select(name => new MergeKey(name, Default(name)))];

        JsonNode? Default(string name) => (items?["properties"]?[name] as JsonObject)?["default"] ?? (resolve is null ? null : WellKnownDefault(name));
    }

    // The published schemas of the built-in kinds leave this default out; the server keys ports by it (ContainerPort and ServicePort).
    internal static JsonNode? WellKnownDefault(string key) => key == "protocol" ? JsonValue.Create("TCP") : null;

    static string? Text(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    static bool Flag(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue(out bool flag) && flag;
}
