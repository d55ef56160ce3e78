using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>
/// An object without a class: JSON that can be read and changed by path, for kinds that are only known when the program runs.
/// Mutable, and like all mutable objects for one thread at a time.
/// </summary>
/// <remarks>The rules are those of apimachinery's <c>unstructured</c>: what is on a path and has another shape than expected is an error; what is missing is not.</remarks>
/// <example><code>
/// var at = new Unstructured("example.com/v1", "At") { Name = "later", Namespace = "default" };
/// at.Set("2030-01-01T00:00:00Z", "spec", "schedule");
/// string? schedule = at.GetString("spec", "schedule");
/// </code></example>
[JsonConverter(typeof(UnstructuredConverter))]
public sealed partial class Unstructured
{
    /// <summary>An object with nothing in it.</summary>
    public Unstructured() : this(new JsonObject())
    {
    }

    /// <summary>An object that says only what it is.</summary>
    public Unstructured(string apiVersion, string kind) : this()
    {
        ApiVersion = apiVersion;
        Kind = kind;
    }

    /// <summary>Takes JSON as its own: what changes there changes here.</summary>
    public Unstructured(JsonObject root) => Root = root;

    /// <summary>The object itself.</summary>
    public JsonObject Root { get; }

    /// <summary>Group and version; empty where the object does not say.</summary>
    public string ApiVersion
    {
        get => GetString("apiVersion") ?? "";
        set => SetText(value, "apiVersion");
    }

    /// <summary>The kind; empty where the object does not say.</summary>
    public string Kind
    {
        get => GetString("kind") ?? "";
        set => SetText(value, "kind");
    }

    /// <summary>Group, version and kind together.</summary>
    /// <exception cref="FormatException">On reading: the object's <c>apiVersion</c> is not one.</exception>
    public GroupVersionKind GroupVersionKind
    {
        get => GroupVersionKind.From(ApiVersion, Kind);
        set => (ApiVersion, Kind) = (value.ApiVersion, value.Kind);
    }

    /// <summary>Whether the object is a list.</summary>
    public bool IsList => Root["items"] is JsonArray;

    /// <summary>The objects of a list; each shares its JSON with the list. Empty for what is no list.</summary>
    public IEnumerable<Unstructured> Items => Root["items"] is JsonArray items ? items.OfType<JsonObject>().Select(item => new Unstructured(item)) : [];

    /// <summary>Reads JSON.</summary>
    /// <exception cref="KubeFormatException">The bytes are not a JSON object.</exception>
    public static Unstructured Parse(ReadOnlySpan<byte> utf8) =>
        KubeJson.ParseNode(utf8) is JsonObject root ? new Unstructured(root) : throw new KubeFormatException("Expected an object", 0);

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte})"/>
    public static Unstructured Parse(string json) => Parse(System.Text.Encoding.UTF8.GetBytes(json));

    /// <summary>What a typed object is as JSON; the two share nothing.</summary>
    public static Unstructured From<T>(T typed) where T : class => KubeObject.From(typed).ToUnstructured();

    /// <summary>What is at a path; null where nothing is. The node belongs to this object.</summary>
    /// <param name="path">Field names from the outside in; an element of a list is named by its index, such as <c>"0"</c>.</param>
    /// <exception cref="KubeFormatException">Something on the way is neither an object nor a list.</exception>
    public JsonNode? Get(params ReadOnlySpan<string> path)
    {
        JsonNode? node = Root;
        for (var i = 0; i < path.Length; i++)
        {
            switch (node)
            {
                case null:
                    return null;
                case JsonObject map:
                    node = map[path[i]];
                    break;
                case JsonArray list when int.TryParse(path[i], out var index):
                    node = index >= 0 && index < list.Count ? list[index] : null;
                    break;
                default:
                    throw Shape(node, "an object", path[..i]);
            }
        }
        return node;
    }

    /// <summary>Text at a path; null where nothing is.</summary>
    /// <exception cref="KubeFormatException">Something else is there.</exception>
    public string? GetString(params ReadOnlySpan<string> path) => Value<string>(path, "text");

    /// <summary>A truth value at a path; null where nothing is.</summary>
    /// <exception cref="KubeFormatException">Something else is there.</exception>
    public bool? GetBool(params ReadOnlySpan<string> path) => Struct<bool>(path, "true or false");

    /// <summary>A whole number at a path; null where nothing is.</summary>
    /// <exception cref="KubeFormatException">Something else is there.</exception>
    public long? GetInt64(params ReadOnlySpan<string> path)
    {
        var node = Get(path);
        if (node is null) return null;
        if (node is JsonValue value)
        {
            if (value.TryGetValue(out long whole)) return whole;
            if (value.TryGetValue(out int small)) return small;
            if (value.TryGetValue(out double real) && Math.Floor(real) == real && Math.Abs(real) < 1L << 53) return (long)real;
        }
        throw Shape(node, "a whole number", path);
    }

    /// <summary>A number at a path; null where nothing is.</summary>
    /// <exception cref="KubeFormatException">Something else is there.</exception>
    public double? GetDouble(params ReadOnlySpan<string> path)
    {
        var node = Get(path);
        if (node is null) return null;
        if (node is JsonValue value && value.GetValueKind() == JsonValueKind.Number)
            return double.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);
        throw Shape(node, "a number", path);
    }

    /// <summary>A point in time at a path; null where nothing is.</summary>
    /// <exception cref="KubeFormatException">Something else is there.</exception>
    public DateTimeOffset? GetTime(params ReadOnlySpan<string> path)
    {
        var text = GetString(path);
        if (string.IsNullOrEmpty(text)) return null;
        return KubeTime.TryParse(text, out var time) ? time : throw new KubeFormatException("The text is not a point in time as RFC 3339 has it", -1, Print(path));
    }

    /// <summary>The object at a path; null where nothing is. It belongs to this object.</summary>
    /// <exception cref="KubeFormatException">Something else is there.</exception>
    public JsonObject? GetMap(params ReadOnlySpan<string> path) => Get(path) switch
    {
        null => null,
        JsonObject map => map,
        var other => throw Shape(other, "an object", path),
    };

    /// <summary>The list at a path; null where nothing is. It belongs to this object.</summary>
    /// <exception cref="KubeFormatException">Something else is there.</exception>
    public JsonArray? GetList(params ReadOnlySpan<string> path) => Get(path) is { } node ? List(node, path) : null;

    /// <summary>A copy of the map of texts at a path; null where nothing is.</summary>
    /// <exception cref="KubeFormatException">Something else is there, or a value is no text.</exception>
    public Dictionary<string, string>? GetStringMap(params ReadOnlySpan<string> path)
    {
        if (GetMap(path) is not { } map) return null;
        var copy = new Dictionary<string, string>(map.Count);
        foreach (var (name, value) in map)
            copy[name] = value is null ? "" : value is JsonValue text && text.TryGetValue(out string? content) ? content : throw Shape(value, "text", [.. path, name]);
        return copy;
    }

    /// <summary>A copy of the list of texts at a path; null where nothing is.</summary>
    /// <exception cref="KubeFormatException">Something else is there, or an element is no text.</exception>
    public List<string>? GetStringList(params ReadOnlySpan<string> path)
    {
        if (GetList(path) is not { } list) return null;
        var copy = new List<string>(list.Count);
        foreach (var value in list)
            copy.Add(value is JsonValue text && text.TryGetValue(out string? content) ? content : throw Shape(value, "text", path));
        return copy;
    }

    /// <summary>A part of the object as a class; null where nothing is.</summary>
    /// <exception cref="KubeFormatException">What is there is no <typeparamref name="T"/>.</exception>
    /// <example><code>var template = widget.Get&lt;V1PodTemplateSpec>("spec", "template");</code></example>
    public T? Get<T>(params ReadOnlySpan<string> path) where T : class => Get(path) is { } node ? KubeJson.Deserialize<T>(KubeJson.Serialize(node)) : null;

    /// <summary>Puts a value at a path, making the objects on the way; null removes what is there.</summary>
    /// <param name="value">JSON, text, a truth value, a number, or an object that KubeJson can write.</param>
    /// <param name="path">Field names from the outside in; an element of a list is named by its index, at most one past the end.</param>
    /// <exception cref="KubeFormatException">Something on the way is neither an object nor a list.</exception>
    /// <example><code>widget.Set("nginx:2", "spec", "containers", "0", "image");</code></example>
    public void Set(object? value, params ReadOnlySpan<string> path)
    {
        if (path.IsEmpty) throw new ArgumentException("A path has at least one field.", nameof(path));
        if (value is null)
        {
            Remove(path);
            return;
        }
        JsonNode node = Root;
        for (var i = 0; i < path.Length - 1; i++)
        {
            if (Child(node, path, i) is { } next)
            {
                node = next;
                continue;
            }
            var made = new JsonObject();
            Put(node, made, path, i);
            node = made;
        }
        Put(node, Node(value), path, path.Length - 1);
    }

    /// <summary>Removes what is at a path.</summary>
    /// <returns>Whether something was there.</returns>
    /// <exception cref="KubeFormatException">Something on the way is neither an object nor a list.</exception>
    public bool Remove(params ReadOnlySpan<string> path)
    {
        if (path.IsEmpty) throw new ArgumentException("A path has at least one field.", nameof(path));
        switch (Get(path[..^1]))
        {
            case null:
                return false;
            case JsonObject map:
                return map.Remove(path[^1]);
            case JsonArray list when int.TryParse(path[^1], out var index) && index >= 0 && index < list.Count:
                list.RemoveAt(index);
                return true;
            case JsonArray:
                return false;
            case var other:
                throw Shape(other, "an object", path[..^1]);
        }
    }

    /// <summary>The object as a class; the two share nothing.</summary>
    /// <exception cref="KubeFormatException">The object is no <typeparamref name="T"/>.</exception>
    public T As<T>() => KubeJson.Deserialize<T>(KubeJson.Serialize(Root));

    /// <summary>A copy that shares nothing.</summary>
    public Unstructured DeepCopy() => new((JsonObject)Root.DeepClone());

    /// <summary>The object as JSON text.</summary>
    public string ToJson() => KubeJson.SerializeToString(Root);

    /// <summary>For logs: kind and key; never content.</summary>
    public override string ToString() => $"{Kind} {Key}";

    private void SetText(string value, params ReadOnlySpan<string> path) => Set(string.IsNullOrEmpty(value) ? null : value, path);

    private void SetMap(IReadOnlyDictionary<string, string> value, params ReadOnlySpan<string> path) =>
        Set(value.Count == 0 ? null : new JsonObject(value.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)JsonValue.Create(entry.Value)))), path);

    private T? Value<T>(ReadOnlySpan<string> path, string expected) where T : class => Get(path) switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out T? content) => content,
        var other => throw Shape(other, expected, path),
    };

    private T? Struct<T>(ReadOnlySpan<string> path, string expected) where T : struct => Get(path) switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out T content) => content,
        var other => throw Shape(other, expected, path),
    };

    private static JsonArray List(JsonNode node, ReadOnlySpan<string> path) => node as JsonArray ?? throw Shape(node, "a list", path);

    private static JsonNode? Child(JsonNode node, ReadOnlySpan<string> path, int at) => node switch
    {
        JsonObject map => map[path[at]],
        JsonArray list when int.TryParse(path[at], out var index) => index >= 0 && index < list.Count ? list[index] : null,
        _ => throw Shape(node, "an object", path[..at]),
    };

    private static void Put(JsonNode node, JsonNode? value, ReadOnlySpan<string> path, int at)
    {
        switch (node)
        {
            case JsonObject map:
                map[path[at]] = value;
                break;
            case JsonArray list when int.TryParse(path[at], out var index) && index >= 0 && index <= list.Count:
                if (index == list.Count) list.Add(value);
                else list[index] = value;
                break;
            case JsonArray list:
                throw new KubeFormatException($"A list of {list.Count} has no place '{path[at]}'", -1, Print(path[..at]));
            default:
                throw Shape(node, "an object", path[..at]);
        }
    }

    private static JsonNode? Node(object value) => value switch
    {
        // A node can be at one place only; one that is somewhere else already is copied.
        JsonNode { Parent: null } node => node,
        JsonNode node => node.DeepClone(),
        string text => JsonValue.Create(text),
        bool truth => JsonValue.Create(truth),
        int number => JsonValue.Create((long)number),
        long number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        DateTimeOffset time => JsonValue.Create(KubeTime.Format(time)),
        _ => KubeJson.ParseNode(AnyJson.ToRaw(value)),
    };

    private static KubeFormatException Shape(JsonNode? node, string expected, ReadOnlySpan<string> path) =>
        new($"Expected {expected} but found {node?.GetValueKind().ToString().ToLowerInvariant() ?? "null"}", -1, Print(path));

    private static string Print(ReadOnlySpan<string> path)
    {
        var text = new System.Text.StringBuilder();
        foreach (var part in path) text.Append('.').Append(part);
        return text.Length == 0 ? "." : text.ToString();
    }
}
