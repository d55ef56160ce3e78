using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>Finds what in an apply configuration does not fit its schema, in the words of the API server.</summary>
static class TypedValidation
{
    public static List<string> Problems(JsonObject value, MergeSchema schema)
    {
        var problems = new List<string>();
        Check(value, schema, "", problems);
        return problems;
    }

    static void Check(JsonNode? value, MergeSchema schema, string path, List<string> problems)
    {
        if (value is null) return;
        switch (schema.Shape)
        {
            case MergeShape.Scalar when value is not JsonValue:
                problems.Add($"{path}: expected scalar, got {KindOf(value)}");
                break;
            case MergeShape.List when value is JsonArray elements:
                CheckElements(elements, schema, path, problems);
                break;
            case MergeShape.List:
                problems.Add($"{path}: expected list, got {KindOf(value)}");
                break;
            case MergeShape.Object or MergeShape.Map when value is JsonObject members:
                foreach (var (name, member) in members)
                {
                    if (schema.Field(name) is { } field) Check(member, field, $"{path}.{name}", problems);
                    else problems.Add($"{path}.{name}: field not declared in schema");
                }
                break;
            case MergeShape.Object or MergeShape.Map:
                problems.Add($"{path}: expected map, got {KindOf(value)}");
                break;
        }
    }

    static void CheckElements(JsonArray elements, MergeSchema schema, string path, List<string> problems)
    {
        var seen = new HashSet<FieldPathElement>();
        for (var i = 0; i < elements.Count; i++)
        {
            if (schema.ListType == MergeListType.Atomic)
            {
                Check(elements[i], schema.Element, $"{path}[{i}]", problems);
                continue;
            }
            var step = TypedValues.StepOf(elements[i], i, schema, out var missingKey);
            if (missingKey is not null)
                problems.Add($"{path}: element {i}: associative list with keys has an element that omits key field \"{missingKey}\" (and doesn't have default value)");
            else if (!seen.Add(step)) problems.Add($"{path}: duplicate entries for key {step}");
            Check(elements[i], schema.Element, path + step, problems);
        }
    }

    static string KindOf(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "map",
        JsonValueKind.Array => "list",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "boolean",
    };
}
