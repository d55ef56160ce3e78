using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ActorKube.ApiServer;

/// <summary>
/// What is said of a patch whose result is not of its kind. A JSON or merge patch works on text there, and the text that came out is shown; a strategic one works on values, and the patch itself is shown, with what
/// went wrong when its values were made into fields.
/// </summary>
internal static partial class PatchFailures
{
    /// <summary>The order in which Go writes metadata.</summary>
    private static readonly string[] Metadata =
    [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences",
        "finalizers", "managedFields",
    ];

    /// <param name="row">The kind it should have been.</param>
    /// <param name="patch">What was asked.</param>
    /// <param name="result">What came out.</param>
    /// <param name="version">The resourceVersion of the object that was patched.</param>
    /// <param name="wrong">Why it cannot be read.</param>
    /// <param name="ofCustom">Whether it is an object without a Go type; the row says so where this does not.</param>
    public static ApiException Undecodable(ApiResource row, PatchBody patch, JsonNode result, string? version, string wrong, bool? ofCustom = null)
    {
        const string base64 = "illegal base64 data";
        var start = ((string[])["strict decoding error: ", base64, "json:"]).Select(mark => wrong.IndexOf(mark, StringComparison.Ordinal)).FirstOrDefault(at => at >= 0);
        var why = wrong[start..];
        return patch.Type == PatchType.Strategic
            ? Of(GoValues.Text(patch.Body), AsValue().Match(why) is { Success: true } match ? Unfit(match.Groups[1].Value, match.Groups[2].Value)
                : why.StartsWith(base64, StringComparison.Ordinal) ? "error decoding from json: " + why : why)
            : Of(Shown(ofCustom ?? row.Custom is not null, patch, result, version).ToJsonString(Json.Compact), why);
    }

    /// <summary>Metadata that is no object, which nothing else can be read of.</summary>
    public static ApiException NoMetadata(ApiResource row, PatchBody patch, JsonNode result, JsonNode metadata, string? version) => Undecodable(row, patch, result, version,
        $"json: cannot unmarshal {BodyReader.Word(metadata)} into Go struct field {row.Kind}.metadata of type v1.ObjectMeta");

    public static ApiException Of(string shown, string why)
    {
        var errors = new FieldErrors();
        errors.Invalid("patch", shown, why);
        return Errors.Of(422, "Invalid", $" \"\" is invalid: {errors.Joined()}", new JsonObject { ["causes"] = errors.Causes() });
    }

    /// <summary>Why a value of one kind cannot stand in a field of a type of Go's.</summary>
    private static string Unfit(string given, string type)
    {
        var number = given.StartsWith("number", StringComparison.Ordinal);
        var kind = given switch { "object" => "map", "array" => "slice", _ when number => given.Contains('.', StringComparison.Ordinal) ? "float64" : "int64", _ => given };
        var basic = type.TrimStart('*');
        return basic switch
        {
            _ when basic.StartsWith("[]", StringComparison.Ordinal) => $"cannot restore slice from {kind}",
            _ when basic.StartsWith("map[", StringComparison.Ordinal) => $"cannot restore map from {kind}",
            "string" when kind == "int64" => "cannot convert int64 to string",
            "int32" or "int64" or "float64" when number => $"cannot convert {kind} to {basic}",
            "string" or "bool" or "int32" or "int64" or "float64" => $"unrecognized type: {basic}",
            // A type with a name of its own is a struct, or a word: an object or a list could only have been given for a word.
            _ => kind is "map" or "slice" ? "unrecognized type: string" : $"cannot restore struct from: {kind}",
        };
    }

    private static JsonNode Shown(bool custom, PatchBody patch, JsonNode result, string? version)
    {
        if (result is not JsonObject tree)
        {
            return result;
        }
        var shown = tree.Copy();
        if (version is not null && shown["metadata"] is JsonObject { Count: > 0 } meta)
        {
            meta.Default("resourceVersion", version);
        }
        return custom ? Sorted(shown)! : Sorted(shown, patch.Type == PatchType.Json ? Touched(patch.Body as JsonArray ?? []) : patch.Body as JsonObject ?? []);
    }

    /// <summary>What a patch goes through becomes a map, which is written by its keys; the rest stays as it was written.</summary>
    private static JsonObject Sorted(JsonObject tree, JsonObject touched)
    {
        var sorted = new JsonObject();
        foreach (var (name, value) in tree.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            sorted[name] = value is JsonObject map && touched[name] is JsonObject below ? Sorted(map, below) : name == "metadata" && value is JsonObject meta ? InOrder(meta) : value?.DeepClone();
        }
        return sorted;
    }

    /// <summary>The objects that the operations of a JSON patch go through.</summary>
    private static JsonObject Touched(JsonArray operations)
    {
        var touched = new JsonObject();
        foreach (var path in operations.OfType<JsonObject>().SelectMany(o => (string?[])[o.Text("path"), o.Text("from")]))
        {
            var at = touched;
            foreach (var step in path is ['/', ..] ? path.Split('/')[1..^1] : [])
            {
                at = at.Need(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
            }
        }
        return touched;
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private static JsonObject InOrder(JsonObject meta)
    {
        var ordered = new JsonObject();
        foreach (var (name, value) in meta.OrderBy(p => Array.IndexOf(Metadata, p.Key) is var place and >= 0 ? place : Metadata.Length))
        {
            ordered[name] = value?.DeepClone();
        }
        return ordered;
    }

    [GeneratedRegex(@"^json: cannot unmarshal (object|array|string|bool|number(?: \S+)?) into Go (?:struct field \S+|value) of type (\S+)\z")]
    private static partial Regex AsValue();
}
