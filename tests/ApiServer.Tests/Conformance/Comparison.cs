using System.Text.Json;
using System.Text.Json.Nodes;

namespace ApiServer.Tests.Conformance;

/// <summary>Differences between what was recorded and what came back.</summary>
internal static class Comparison
{
    private static readonly HashSet<string> Loose = ["resources", "groups", "versions", "subresources", "paths", "conditions", "serverAddressByClientCIDRs"];
    private static readonly string[] Keys = ["name", "groupVersion", "resource", "subresource", "type", "version", "clientCIDR"];

    public static void Compare(JsonNode? want, JsonNode? got, bool subset, string path, List<string> differences, bool loose = false)
    {
        switch (want, got)
        {
            case (JsonObject w, JsonObject g):
                foreach (var (key, value) in w)
                {
                    if (!g.TryGetPropertyValue(key, out var found))
                    {
                        differences.Add($"{path}/{key}: missing, expected {Short(value)}");
                        continue;
                    }
                    var inner = Loose.Contains(key) || (key == "items" && w["kind"]?.ToString() == "APIGroupDiscoveryList");
                    Compare(value, found, subset, $"{path}/{key}", differences, inner);
                }
                if (!subset)
                {
                    differences.AddRange(g.Where(p => !w.ContainsKey(p.Key)).Select(p => $"{path}/{p.Key}: not expected, got {Short(p.Value)}"));
                }
                break;
            case (JsonArray w, JsonArray g) when subset && loose:
                foreach (var element in w)
                {
                    var key = ElementKey(element);
                    var match = g.FirstOrDefault(e => ElementKey(e) == key)
                        ?? (path == "/items" && element?["metadata"]?["name"] is null ? g.FirstOrDefault(e => e?["metadata"]?["name"] is null) : null);
                    if (match is null)
                    {
                        differences.Add($"{path}[{key}]: missing");
                    }
                    else
                    {
                        Compare(element, match, subset, $"{path}[{key}]", differences);
                    }
                }
                break;
            case (JsonArray w, JsonArray g):
                if (w.Count != g.Count)
                {
                    differences.Add($"{path}: {g.Count} elements, expected {w.Count}");
                }
                for (var i = 0; i < Math.Min(w.Count, g.Count); i++)
                {
                    Compare(w[i], g[i], subset, $"{path}/{i}", differences);
                }
                break;
            default:
                if (!Same(want, got))
                {
                    differences.Add($"{path}: expected {Short(want)}, got {Short(got)}");
                }
                break;
        }
    }

    /// <summary>What of a Status is compared where its words are Go's own.</summary>
    public static JsonNode? StatusView(JsonNode? body, bool message)
    {
        if (body is not JsonObject tree)
        {
            return body;
        }
        var view = new JsonObject();
        foreach (var key in (string[])["kind", "apiVersion", "status", "reason", "code"])
        {
            if (tree[key] is { } value)
            {
                view[key] = value.DeepClone();
            }
        }
        if (tree["details"] is JsonObject details)
        {
            var shown = new JsonObject();
            foreach (var key in (string[])["kind", "name", "group"])
            {
                if (details[key] is { } value)
                {
                    shown[key] = value.DeepClone();
                }
            }
            if (details["causes"] is JsonArray causes)
            {
                shown["causes"] = new JsonArray([.. causes.Select(c => message || c is not JsonObject cause ? c?.DeepClone()
                    : new JsonObject(cause.Where(p => p.Key is "reason" or "field").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))))]);
            }
            view["details"] = shown;
        }
        if (message && tree["message"] is { } text)
        {
            view["message"] = text.DeepClone();
        }
        return view;
    }

    public static string Short(JsonNode? node)
    {
        var text = node?.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) ?? "null";
        return text.Length <= 240 ? text : text[..237] + "...";
    }

    private static bool Same(JsonNode? want, JsonNode? got)
    {
        if (want?.GetValueKind() == JsonValueKind.Number && got?.GetValueKind() == JsonValueKind.Number)
        {
            return double.Parse(want.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture).Equals(double.Parse(got.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture));
        }
        return JsonNode.DeepEquals(want, got);
    }

    private static string ElementKey(JsonNode? element)
    {
        if (element is JsonObject tree)
        {
            if (tree["metadata"] is JsonObject meta && meta["name"] is { } name)
            {
                return $"metadata.name={name}";
            }
            foreach (var key in Keys)
            {
                if (tree.TryGetPropertyValue(key, out var value))
                {
                    return $"{key}={value}";
                }
            }
        }
        return element?.ToJsonString() ?? "null";
    }
}
