using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// JSON patches as kube-apiserver carries them out, which takes more than RFC 6902 says: a value that is not given is null, a field that is not there can be
/// replaced, copied and tested for null, and places in lists are counted from the end where they are negative.
/// </summary>
internal static class ServerJsonPatch
{
    private const long MostCopied = 3 * 1024 * 1024;

    /// <summary>What a document becomes.</summary>
    /// <param name="document">The document, which is changed.</param>
    /// <param name="operations">The patch, of which nothing is shared with the result.</param>
    /// <exception cref="ApiException">422: an operation does not apply.</exception>
    public static JsonNode Apply(JsonObject document, JsonArray operations)
    {
        JsonNode root = document;
        var copied = 0L;
        foreach (var node in operations)
        {
            var operation = node as JsonObject ?? [];
            var path = operation.Text("path");
            switch (operation.Text("op"))
            {
                case "add":
                    Add(root, path, operation["value"]?.DeepClone());
                    break;
                case "remove":
                    Remove(root, path);
                    break;
                case "replace" when path == "":
                    root = operation["value"] is { } whole and (JsonObject or JsonArray) ? whole.DeepClone() : root;
                    break;
                case "replace":
                    Replace(root, path, operation["value"]?.DeepClone());
                    break;
                case "move":
                    var moved = Get(root, operation.Text("from"));
                    Remove(root, operation.Text("from"));
                    Add(root, path, moved);
                    break;
                case "copy":
                    var copy = Get(root, operation.Text("from"))?.DeepClone();
                    copied += copy?.ToJsonString().Length ?? 4;
                    if (copied > MostCopied)
                    {
                        throw Errors.UnprocessablePatch();
                    }
                    Add(root, path, copy);
                    break;
                case "test":
                    if (!JsonNode.DeepEquals(path == "" ? root : Get(root, path), operation["value"]))
                    {
                        throw Errors.UnprocessablePatch();
                    }
                    break;
                default:
                    throw Errors.UnprocessablePatch();
            }
        }
        return root;
    }

    /// <summary>What a path's last step is taken in, and that step.</summary>
    private static (JsonNode Container, string Key) Find(JsonNode root, string? path)
    {
        var steps = path?.Split('/') ?? [];
        if (steps.Length < 2)
        {
            throw Errors.UnprocessablePatch();
        }
        var at = root;
        foreach (var step in steps.AsSpan(1, steps.Length - 2))
        {
            at = Get(at, Decoded(step), strict: false) is { } next and (JsonObject or JsonArray) ? next : throw Errors.UnprocessablePatch();
        }
        return (at, Decoded(steps[^1]));
    }

    private static string Decoded(string step) => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static JsonNode? Get(JsonNode root, string? path)
    {
        var (container, key) = Find(root, path);
        return Get(container, key, strict: true);
    }

    private static JsonNode? Get(JsonNode container, string key, bool strict) => container switch
    {
        JsonObject members => members[key],
        JsonArray elements when Index(key, elements.Count) is { } index && index < elements.Count => elements[index],
        _ => strict ? throw Errors.UnprocessablePatch() : null,
    };

    private static void Add(JsonNode root, string? path, JsonNode? value)
    {
        switch (Find(root, path))
        {
            case (JsonObject members, var key):
                members[key] = value;
                break;
            case (JsonArray elements, "-"):
                elements.Add(value);
                break;
            case (JsonArray elements, var key) when Index(key, elements.Count + 1) is { } index && index <= elements.Count:
                elements.Insert(index, value);
                break;
            default:
                throw Errors.UnprocessablePatch();
        }
    }

    private static void Remove(JsonNode root, string? path)
    {
        switch (Find(root, path))
        {
            case (JsonObject members, var key) when members.Remove(key):
                break;
            case (JsonArray elements, var key) when Index(key, elements.Count) is { } index && index < elements.Count:
                elements.RemoveAt(index);
                break;
            default:
                throw Errors.UnprocessablePatch();
        }
    }

    private static void Replace(JsonNode root, string? path, JsonNode? value)
    {
        switch (Find(root, path))
        {
            case (JsonObject members, var key):
                members[key] = value;
                break;
            case (JsonArray elements, var key) when Index(key, elements.Count) is { } index && index < elements.Count:
                elements[index] = value;
                break;
            default:
                throw Errors.UnprocessablePatch();
        }
    }

    /// <summary>A place in a list of that length, counted from its end where it is negative; null where it is before the list, or no number.</summary>
    private static int? Index(string key, int length)
    {
        if (!int.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
        {
            return null;
        }
        return index >= 0 ? index : index < -length ? null : index + length;
    }
}
