using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>How one step of a <see cref="FieldPath"/> finds its way.</summary>
public enum FieldPathElementKind
{
    /// <summary>By a member's name: <c>f:spec</c>.</summary>
    Field,

    /// <summary>By the keys of a list's element: <c>k:{"name":"main"}</c>.</summary>
    Key,

    /// <summary>By a scalar that stands in a list: <c>v:"a"</c>.</summary>
    Value,

    /// <summary>By place in a list: <c>i:0</c>.</summary>
    Index,
}

/// <summary>One step into an object or list, as <c>managedFields</c> writes it. Immutable, compared by value.</summary>
/// <remarks>The form is described in <c>structured-merge-diff/fieldpath/serialize-pe.go</c>.</remarks>
public readonly record struct FieldPathElement : IComparable<FieldPathElement>
{
    FieldPathElement(FieldPathElementKind kind, string text) => (Kind, Text) = (kind, text);

    /// <summary>How the step finds its way.</summary>
    public FieldPathElementKind Kind { get; }

    /// <summary>A member's name, or the JSON of keys (sorted by name), value or index.</summary>
    public string Text { get; }

    /// <summary>A member of an object.</summary>
    public static FieldPathElement Field(string name) => new(FieldPathElementKind.Field, name);

    /// <summary>The element of a list that has these keys.</summary>
    /// <example><code>FieldPathElement.Key([KeyValuePair.Create("name", (JsonNode?)"web")]).ToFieldsV1();   // k:{"name":"web"}</code></example>
    public static FieldPathElement Key(IEnumerable<KeyValuePair<string, JsonNode?>> keys)
    {
        var sorted = keys.OrderBy(key => key.Key, StringComparer.Ordinal).Select(key => KeyValuePair.Create(key.Key, key.Value?.DeepClone()));
        return new FieldPathElement(FieldPathElementKind.Key, Print(new JsonObject(sorted)));
    }

    /// <summary>The element of a list that is this scalar.</summary>
    public static FieldPathElement Value(JsonNode? value) => new(FieldPathElementKind.Value, Print(value));

    /// <summary>The element at this place of a list.</summary>
    public static FieldPathElement Index(int index) => new(FieldPathElementKind.Index, index.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads a step as <c>managedFields</c> writes it, such as <c>f:spec</c> or <c>k:{"name":"main"}</c>.</summary>
    /// <exception cref="FormatException">The text is no step.</exception>
    public static FieldPathElement Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rest = text.Length >= 2 && text[1] == ':' ? text[2..] : throw Malformed(text);
        try
        {
            return text[0] switch
            {
                'f' => Field(rest),
                'k' when JsonNode.Parse(rest) is JsonObject keys => Key(keys),
                'v' => Value(JsonNode.Parse(rest)),
                'i' when int.TryParse(rest, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) => Index(index),
                _ => throw Malformed(text),
            };
        }
        catch (Exception unreadable) when (unreadable is JsonException or ArgumentException)
        {
            throw Malformed(text);
        }
    }

    /// <summary>The keys of a <see cref="FieldPathElementKind.Key"/> step, sorted by name.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonNode?>> Keys => Kind == FieldPathElementKind.Key ? [.. JsonNode.Parse(Text)!.AsObject()] : [];

    /// <summary>The step as <c>managedFields</c> writes it.</summary>
    public string ToFieldsV1() => Kind switch
    {
        FieldPathElementKind.Field => "f:" + Text,
        FieldPathElementKind.Key => "k:" + Text,
        FieldPathElementKind.Value => "v:" + Text,
        _ => "i:" + Text,
    };

    /// <inheritdoc/>
    public int CompareTo(FieldPathElement other) => Kind != other.Kind ? Kind.CompareTo(other.Kind) : string.CompareOrdinal(Text, other.Text);

    /// <summary>For people, as conflicts name fields: <c>.spec</c>, <c>[name="main"]</c>, <c>[="a"]</c>, <c>[0]</c>.</summary>
    public override string ToString() => Kind switch
    {
        FieldPathElementKind.Field => "." + Text,
        FieldPathElementKind.Key => $"[{string.Join(',', Keys.Select(key => $"{key.Key}={Print(key.Value)}"))}]",
        FieldPathElementKind.Value => $"[={Text}]",
        _ => $"[{Text}]",
    };

    // Go escapes less than .NET does; both forms are the same JSON, but conflicts show it to people.
    static string Print(JsonNode? value) => value?.ToJsonString(Readable) ?? "null";

    static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static FormatException Malformed(string text) =>
        new($"'{text}' is not a step of a field path: expected f:name, k:{{\"key\":value}}, v:value or i:index.");
}
