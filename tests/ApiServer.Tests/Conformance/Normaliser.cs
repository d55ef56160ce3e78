using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ApiServer.Tests.Conformance;

/// <summary>Makes two servers' answers comparable: what each draws or counts for itself becomes a placeholder.</summary>
internal sealed partial class Normaliser(Dictionary<string, string> variables, DateTimeOffset now)
{
    [GeneratedRegex(@"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Stamp();

    [GeneratedRegex(@"^[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}$")]
    private static partial Regex Jwt();

    [GeneratedRegex(@"^(\d+[dhms])+$")]
    private static partial Regex Age();

    public string Text(string text)
    {
        if (variables.TryGetValue("NS", out var space))
        {
            text = text.Replace(space, "{{NS}}");
        }
        if (variables.TryGetValue("HOOK", out var hook))
        {
            text = text.Replace(hook, "{{HOOK}}").Replace(variables["CABUNDLE"], "{{CABUNDLE}}");
        }
        text = Uuid().Replace(text, "<uid>");
        text = Stamp().Replace(text, match =>
            DateTime.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) &&
            Math.Abs((at - now.UtcDateTime).TotalHours) <= 3 ? match.Groups[2].Success ? "<microtime>" : "<time>" : match.Value);
        text = Regex.Replace(text, @"(ResourceVersion in (?:precondition|object meta): )\d+", "$1<rv>");
        text = Regex.Replace(text, @"(ResourceVersion in (?:the )?(?:precondition|record) \()\d+", "$1<rv>");
        text = Regex.Replace(text, @"(too old resource version: )\d+ \(\d+\)", "$1<rv> (<rv>)");
        text = Regex.Replace(text, @"(Too large resource version: \d+, current: )\d+", "$1<rv>");
        return Jwt().IsMatch(text) ? "<jwt>" : text;
    }

    public JsonNode? Value(JsonNode? node, bool managedFields, bool remaining, string? key = null)
    {
        switch (node)
        {
            case JsonValue value when value.TryGetValue<string>(out var text):
                return key switch
                {
                    "resourceVersion" when text.Length > 0 => "<rv>",
                    "uid" when text.Length > 0 => Uuid().IsMatch(text) ? "<uid>" : Text(text),
                    "continue" when text.Length > 0 => "<continue>",
                    "creationTimestamp" or "deletionTimestamp" => "<time>",
                    _ => Text(text),
                };
            case JsonArray list:
                return new JsonArray([.. list.Select(i => Value(i, managedFields, remaining, key))]);
            case JsonObject tree:
                return Object(tree, managedFields, remaining);
            default:
                return key == "remainingItemCount" && !remaining ? "<count>" : node?.DeepClone();
        }
    }

    private JsonObject Object(JsonObject tree, bool managedFields, bool remaining)
    {
        var result = new JsonObject();
        foreach (var (key, value) in tree)
        {
            if (key == "selfLink")
            {
                continue;
            }
            if (key == "managedFields" && value is JsonArray entries)
            {
                if (managedFields)
                {
                    result[key] = ManagedFields(entries, remaining);
                }
                continue;
            }
            result[Text(key)] = Value(value, managedFields, remaining, key);
        }
        if (result["metadata"] is JsonObject meta && (string?)meta["generateName"] is { } prefix && meta["name"] is JsonValue nameNode && nameNode.TryGetValue<string>(out var name) &&
            name.StartsWith(prefix, StringComparison.Ordinal) && Regex.IsMatch(name[prefix.Length..], "^[a-z0-9]{5}$"))
        {
            meta["name"] = prefix + "<suffix>";
        }
        if (Kind(result) == "Table")
        {
            foreach (var column in (result["columnDefinitions"] as JsonArray ?? []).OfType<JsonObject>())
            {
                column.Remove("description");
            }
            foreach (var row in (result["rows"] as JsonArray ?? []).OfType<JsonObject>())
            {
                if (row["cells"] is JsonArray cells)
                {
                    row["cells"] = new JsonArray([.. cells.Select(c => c is JsonValue v && v.TryGetValue<string>(out var t) && Age().IsMatch(t) ? "<age>" : c?.DeepClone())]);
                }
            }
        }
        SortCauses(result);
        if (result["serverRelativeURL"] is JsonValue url)
        {
            result["serverRelativeURL"] = Regex.Replace(url.ToString(), "hash=[0-9A-Fa-f]+", "hash=<hash>");
        }
        return result;
    }

    private JsonArray ManagedFields(JsonArray entries, bool remaining)
    {
        var rows = entries.Select(e =>
        {
            var entry = e!.DeepClone().AsObject();
            if (entry["time"] is not null)
            {
                entry["time"] = "<time>";
            }
            return Object(entry, false, remaining);
        });
        return new JsonArray([.. rows.OrderBy(e => $"{e["operation"]}\0{e["manager"]}\0{e["subresource"]}\0{e["apiVersion"]}", StringComparer.Ordinal)]);
    }

    private static void SortCauses(JsonObject result)
    {
        if (Kind(result) != "Status" || (result["details"] as JsonObject)?["causes"] is not JsonArray causes)
        {
            return;
        }
        result["details"]!["causes"] = new JsonArray([.. causes.Select(c => c?.DeepClone())
            .OrderBy(c => JsonSerializer.Serialize(new[] { (string?)c?["field"], (string?)c?["reason"], (string?)c?["message"] }), StringComparer.Ordinal)]);
        if (causes.Count > 1 && (string?)result["message"] is { } message)
        {
            if (message.IndexOf(" is invalid: [", StringComparison.Ordinal) is var at and >= 0 && message.EndsWith(']'))
            {
                result["message"] = message[..(at + 14)] + "<causes>]";
            }
            else if (message.StartsWith("Apply failed with ", StringComparison.Ordinal))
            {
                result["message"] = message.Split(':')[0] + ": <causes>";
            }
        }
    }

    private static string? Kind(JsonObject tree) => tree["kind"] is JsonValue value && value.TryGetValue<string>(out var kind) ? kind : null;
}
