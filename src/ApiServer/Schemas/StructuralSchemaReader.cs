using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Reads a CRD's <c>openAPIV3Schema</c>, which validation has accepted, into a <see cref="Schema"/>.</summary>
internal static class StructuralSchemaReader
{
    public static Schema Read(JsonObject tree)
    {
        var properties = new Dictionary<string, Schema>(StringComparer.Ordinal);
        foreach (var (name, value) in tree.Child("properties") ?? [])
        {
            if (value is JsonObject child)
            {
                properties[name] = Read(child);
            }
        }
        var items = tree.Child("items") is { } itemTree ? Read(itemTree) : null;
        var additional = tree.Child("additionalProperties") is { } additionalTree ? Read(additionalTree) : null;
        var intOrString = tree["x-kubernetes-int-or-string"].AsBool() == true;
        var rules = tree.List("x-kubernetes-validations").Objects().Select(Rule).ToArray();
        var hasDefault = tree["default"] is not null;
        var below = properties.Values.Concat((Schema?[])[items, additional]).OfType<Schema>().ToList();
        return new Schema
        {
            Type = tree.Text("type"),
            Format = tree.Text("format"),
            Nullable = tree["nullable"].AsBool() == true,
            IntOrString = intOrString,
            PreserveUnknownFields = tree["x-kubernetes-preserve-unknown-fields"].AsBool() == true,
            EmbeddedResource = tree["x-kubernetes-embedded-resource"].AsBool() == true,
            HasDefault = hasDefault,
            Default = tree["default"]?.DeepClone(),
            Properties = properties,
            AdditionalProperties = additional,
            AnyProperties = tree["additionalProperties"].AsBool() == true,
            NoOtherProperties = tree["additionalProperties"].AsBool() == false,
            Items = items,
            Required = [.. tree.List("required").Texts()],
            Enum = tree.List("enum")?.DeepClone().AsArray(),
            Pattern = tree.Text("pattern"),
            Minimum = Number(tree["minimum"]),
            Maximum = Number(tree["maximum"]),
            ExclusiveMinimum = tree["exclusiveMinimum"].AsBool() == true,
            ExclusiveMaximum = tree["exclusiveMaximum"].AsBool() == true,
            MultipleOf = Number(tree["multipleOf"]),
            MinLength = tree["minLength"].AsLong(),
            MaxLength = tree["maxLength"].AsLong(),
            MinItems = tree["minItems"].AsLong(),
            MaxItems = tree["maxItems"].AsLong(),
            UniqueItems = tree["uniqueItems"].AsBool() == true,
            MinProperties = tree["minProperties"].AsLong(),
            MaxProperties = tree["maxProperties"].AsLong(),
            AllOf = [.. tree.List("allOf").Objects().Select(Read)],
            AnyOf = [.. tree.List("anyOf").Objects().Select(Read)],
            OneOf = [.. tree.List("oneOf").Objects().Select(Read)],
            Not = tree.Child("not") is { } not ? Read(not) : null,
            ListType = tree.Text("x-kubernetes-list-type"),
            ListMapKeys = [.. tree.List("x-kubernetes-list-map-keys").Texts()],
            MapType = tree.Text("x-kubernetes-map-type"),
            Rules = rules,
            HasDefaultsBelow = hasDefault || below.Exists(s => s.HasDefaultsBelow),
            HasEmbeddedBelow = tree["x-kubernetes-embedded-resource"].AsBool() == true || below.Exists(s => s.HasEmbeddedBelow),
            HasRulesBelow = rules.Length > 0 || below.Exists(s => s.HasRulesBelow),
        };
    }

    private static ValidationRule Rule(JsonObject tree) => new(tree.Text("rule") ?? "", tree.Text("message"), tree.Text("messageExpression"),
        tree.Text("reason"), tree.Text("fieldPath"), tree["optionalOldSelf"].AsBool() == true);

    private static double? Number(JsonNode? node) => node is JsonValue value
        ? value.TryGetValue<double>(out var real) ? real : node.AsLong() is { } whole ? whole : null
        : null;
}
