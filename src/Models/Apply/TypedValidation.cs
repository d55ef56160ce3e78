using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>Finds what in an apply configuration does not fit its schema, in the words of the API server.</summary>
/// <remarks>A real server goes through an object's fields in no order and stops at the first that is not declared; here it is the document's order, so that of several such fields of one object the first is told.</remarks>
static class TypedValidation
{
    /// <param name="value">The configuration.</param>
    /// <param name="schema">What it should be.</param>
    /// <param name="scalars">Whether lists and objects in a scalar's place are told; who knows the scalars' types has words of their own for them.</param>
    public static List<string> Problems(JsonObject value, MergeSchema schema, bool scalars = true)
    {
        var problems = new List<string>();
        Check(value, schema, "", problems, scalars);
        return problems;
    }

    static void Check(JsonNode? value, MergeSchema schema, string path, List<string> problems, bool scalars)
    {
        if (value is null) return;
        switch (schema.Shape)
        {
            case MergeShape.Scalar when scalars && value is not JsonValue:
                problems.Add($"{path}: expected any scalar, got &{{{GoPrint.Plain(value)}}}");
                break;
            case MergeShape.List when value is JsonArray elements:
                CheckElements(elements, schema, path, problems, scalars);
                break;
            case MergeShape.List:
                problems.Add($"{path}: expected list, got &{{{GoPrint.Plain(value)}}}");
                break;
            case MergeShape.Object or MergeShape.Map when value is JsonObject members:
                foreach (var (name, member) in members)
                {
                    if (schema.Field(name) is not { } field)
                    {
                        problems.Add($"{path}.{name}: field not declared in schema");
                        break;
                    }
                    Check(member, field, $"{path}.{name}", problems, scalars);
                }
                break;
            case MergeShape.Object or MergeShape.Map:
                problems.Add($"{path}: expected map, got &{{{GoPrint.Plain(value)}}}");
                break;
        }
    }

    static void CheckElements(JsonArray elements, MergeSchema schema, string path, List<string> problems, bool scalars)
    {
        var seen = new HashSet<FieldPathElement>();
        for (var i = 0; i < elements.Count; i++)
        {
            if (schema.ListType == MergeListType.Atomic)
            {
                Check(elements[i], schema.Element, $"{path}[{i}]", problems, scalars);
                continue;
            }
            var step = TypedValues.StepOf(elements[i], i, schema, out var missingKey);
            if (Unnamed(elements[i], schema, missingKey) is { } problem)
            {
                // What cannot be named cannot be spoken of, nor what comes after it.
                problems.Add($"{path}{ElementMark}{i}: {problem}");
                return;
            }
            if (!seen.Add(step)) problems.Add($"{path}: duplicate entries for key {step}");
            Check(elements[i], schema.Element, path + step, problems, scalars);
        }
    }

    /// <summary>What stands between a list's path and the number of an element that ended its check.</summary>
    public const string ElementMark = ": element ";

    /// <summary>Why an element cannot be told from others.</summary>
    static string? Unnamed(JsonNode? element, MergeSchema list, string? missingKey) => (list.ListType, element) switch
    {
        (MergeListType.Set, null) => "associative list without keys has an element that's an explicit null",
        (MergeListType.Set, JsonObject) => "associative list without keys has an element that's a map type",
        (MergeListType.Set, JsonArray) => "not supported: associative list with lists as elements",
        (MergeListType.Map, null) => "associative list with keys may not have a null element",
        (MergeListType.Map, not JsonObject) => "associative list with keys may not have non-map elements",
        _ => missingKey is null ? null : $"associative list with keys has an element that omits key field \"{missingKey}\" (and doesn't have default value)",
    };
}
