using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ApiServer.Tests.Conformance;

/// <summary>JSON pointers as the recordings use them: with <c>key=value</c> to pick a list's element, <c>*</c> and <c>**</c>.</summary>
internal static partial class Pointers
{
    [GeneratedRegex(@"^(\w+)=(.*)$")]
    private static partial Regex Selector();

    public static string[] Parts(string pointer) => pointer is "" or "/" ? [] : [.. pointer.TrimStart('/').Split('/').Select(p => p.Replace("~1", "/").Replace("~0", "~"))];

    /// <summary>Whether something stands there, and what (which may be null).</summary>
    public static bool TryFind(JsonNode? document, string pointer, out JsonNode? found)
    {
        found = document;
        foreach (var part in Parts(pointer))
        {
            switch (found)
            {
                case JsonObject tree when tree.TryGetPropertyValue(part, out var value):
                    found = value;
                    break;
                case JsonArray list when Selector().Match(part) is { Success: true } match:
                    found = list.FirstOrDefault(e => e is JsonObject o && o[match.Groups[1].Value]?.ToString() == match.Groups[2].Value);
                    if (found is null)
                    {
                        return false;
                    }
                    break;
                case JsonArray list when int.TryParse(part, out var index) && index < list.Count:
                    found = list[index];
                    break;
                default:
                    return false;
            }
        }
        return true;
    }

    public static void Remove(JsonNode? document, ReadOnlySpan<string> parts)
    {
        if (parts.IsEmpty)
        {
            return;
        }
        var head = parts[0];
        var rest = parts[1..];
        if (head == "**")
        {
            Remove(document, rest);
            foreach (var child in Children(document))
            {
                Remove(child, parts);
            }
            return;
        }
        if (document is JsonObject tree)
        {
            foreach (var key in head == "*" ? tree.Select(p => p.Key).ToArray() : tree.ContainsKey(head) ? [head] : [])
            {
                if (rest.IsEmpty)
                {
                    tree.Remove(key);
                }
                else
                {
                    Remove(tree[key], rest);
                }
            }
        }
        else if (document is JsonArray list)
        {
            for (var i = list.Count - 1; i >= 0; i--)
            {
                if (head == "*" || head == i.ToString(System.Globalization.CultureInfo.InvariantCulture))
                {
                    if (rest.IsEmpty)
                    {
                        list.RemoveAt(i);
                    }
                    else
                    {
                        Remove(list[i], rest);
                    }
                }
            }
        }
    }

    private static JsonNode?[] Children(JsonNode? node) => node switch
    {
        JsonObject tree => [.. tree.Select(p => p.Value)],
        JsonArray list => [.. list],
        _ => [],
    };
}
