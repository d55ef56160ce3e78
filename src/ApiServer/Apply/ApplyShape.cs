using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Holds an apply configuration to its kind's shape, as the typed form does that kube-apiserver reads it into: what is declared, lists and maps, and the types of scalars.</summary>
internal static class ApplyShape
{
    /// <exception cref="ApiException">500, as the real server has it: a value is of another type.</exception>
    public static void Check(ApiResource row, JsonObject configuration)
    {
        if ((row.Custom is { } custom ? custom.Schema : row.Schema()) is not { } schema)
        {
            return;
        }
        if (row.Custom is null)
        {
            FillKeys(configuration, schema);
        }
        var problems = TypedValidation.Problems(configuration, row.MergeSchema, scalars: false);
        // A list whose elements cannot be told apart is not looked into.
        var closed = problems.Where(p => p.Contains(TypedValidation.ElementMark, StringComparison.Ordinal)).Select(p => p[..p.IndexOf(TypedValidation.ElementMark, StringComparison.Ordinal)] + "[").ToList();
        var mistyped = new List<string>();
        Walk(configuration, schema, "", mistyped);
        problems.AddRange(mistyped.Where(p => !closed.Exists(list => p.StartsWith(list, StringComparison.Ordinal))));
        if (problems.Count == 0)
        {
            return;
        }
        var meta = configuration.Metadata();
        throw Errors.Unforeseen($"failed to create typed patch object ({meta.Text("namespace")}/{meta.Text("name")}; {row.Group}/{row.Version}, Kind={row.Kind}): "
            + (problems.Count == 1 ? problems[0] : "errors:\n" + string.Join('\n', problems.Select(p => "  " + p))));
    }

    /// <summary>In built-in kinds a key that an element does not have is the zero of its type: what is wrong with that is validation's to say.</summary>
    private static void FillKeys(JsonNode? value, Schema schema)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, child) in map.ToArray())
                {
                    if (child is JsonObject or JsonArray && (schema.Properties.TryGetValue(name, out var field) ? field : schema.AdditionalProperties) is { } below)
                    {
                        FillKeys(child, below);
                    }
                }
                break;
            case JsonArray list when schema.Items is { } items:
                foreach (var item in list)
                {
                    if (item is JsonObject element && schema.ListType == "map")
                    {
                        foreach (var key in schema.ListMapKeys)
                        {
                            if (key != "protocol" && !element.ContainsKey(key) && items.Properties.TryGetValue(key, out var field))
                            {
                                element[key] = field.Type switch { "string" => "", "integer" => 0, _ => null };
                            }
                        }
                    }
                    FillKeys(item, items);
                }
                break;
        }
    }

    private static void Walk(JsonNode? value, Schema schema, string path, List<string> problems)
    {
        if (value is not null && Mismatch(value, schema) is { } problem)
        {
            problems.Add($"{path}: {problem}");
            return;
        }
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, child) in map)
                {
                    if ((schema.Properties.TryGetValue(name, out var field) ? field : schema.AdditionalProperties) is { } below)
                    {
                        Walk(child, below, $"{path}.{name}", problems);
                    }
                }
                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                {
                    Walk(list[i], items, $"{path}[{Element(list[i], schema, i)}]", problems);
                }
                break;
        }
    }

    private static string Element(JsonNode? element, Schema list, int index) => element is JsonObject item && list.ListType == "map" && list.ListMapKeys.Length > 0
        ? string.Join(',', list.ListMapKeys.Where(k => item[k] is not null).Select(k => $"{k}={item[k]!.ToJsonString(Json.Compact)}"))
        : index.ToString(CultureInfo.InvariantCulture);

    private static string? Mismatch(JsonNode value, Schema schema)
    {
        // Quantities and times have no type in the typed form.
        if (schema.IntOrString || schema.TypeName is "Quantity" or "Time" or "MicroTime")
        {
            return value is JsonValue ? null : $"expected any scalar, got &{{{GoPrint.Plain(value)}}}";
        }
        var kind = value.GetValueKind();
        return schema.Type switch
        {
            "string" when kind != JsonValueKind.String => $"expected string, got &value.valueUnstructured{{Value:{GoPrint.Syntax(value)}}}",
            "integer" or "number" when kind != JsonValueKind.Number => $"expected numeric (int or float), got {GoPrint.TypeOf(value)}",
            "boolean" when kind is not (JsonValueKind.True or JsonValueKind.False) => $"expected boolean, got &{{{GoPrint.Plain(value)}}}",
            _ => null,
        };
    }
}
