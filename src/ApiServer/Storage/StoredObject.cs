using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// One object as it stands in the store at one resourceVersion: immutable, safe to share. The JSON is written once, when it is
/// committed; lists and watches copy these bytes and never serialize again.
/// </summary>
internal sealed class StoredObject
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = 1000,
    };

    private StoredObject(string @namespace, string name, string uid, long resourceVersion, ReadOnlyMemory<byte> json, int typeMetaEnd,
        IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> fields, bool terminating, string apiVersion)
    {
        ApiVersion = apiVersion;
        Namespace = @namespace;
        Name = name;
        Uid = uid;
        ResourceVersion = resourceVersion;
        Json = json;
        TypeMetaEnd = typeMetaEnd;
        Labels = labels;
        Fields = fields;
        Terminating = terminating;
    }

    /// <summary>The version that the object was stored in.</summary>
    public string ApiVersion { get; }

    /// <summary>Namespace, or "" for a cluster-scoped object.</summary>
    public string Namespace { get; }

    public string Name { get; }

    public string Uid { get; }

    public long ResourceVersion { get; }

    /// <summary>The whole object as UTF-8 JSON; <c>kind</c> and <c>apiVersion</c> come first.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>Offset of the first property after <c>kind</c> and <c>apiVersion</c>: what a typed list's item starts with.</summary>
    public int TypeMetaEnd { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>What field selectors of this kind can ask for, without <c>metadata.name</c> and <c>metadata.namespace</c>.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; }

    /// <summary>Whether deletionTimestamp is set.</summary>
    public bool Terminating { get; }

    /// <summary>A fresh tree that the caller may change.</summary>
    public JsonObject ToTree() => JsonNode.Parse(Json.Span)!.AsObject();

    public string? Field(string path) => path switch
    {
        "metadata.name" => Name,
        "metadata.namespace" => Namespace,
        _ => Fields.TryGetValue(path, out var value) ? value : null,
    };

    /// <summary>Writes <paramref name="tree"/> as it shall be stored; its metadata.resourceVersion has been set already.</summary>
    public static StoredObject From(JsonObject tree, long resourceVersion, Func<JsonObject, IReadOnlyDictionary<string, string>> fieldsOf)
    {
        var meta = tree.Metadata();
        var (json, typeMetaEnd) = Serialize(tree);
        return new StoredObject(meta.Text("namespace") ?? "", meta.Text("name") ?? "", meta.Text("uid") ?? "", resourceVersion, json, typeMetaEnd,
            LabelsOf(meta), fieldsOf(tree), meta.ContainsKey("deletionTimestamp"), tree.Text("apiVersion") ?? "");
    }

    /// <summary>An object with <c>kind</c> and <c>apiVersion</c> first, <c>metadata</c> next, and where the type's part ends.</summary>
    internal static (ReadOnlyMemory<byte> Json, int TypeMetaEnd) Serialize(JsonObject tree)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("kind"u8, tree.Text("kind"));
        writer.WriteString("apiVersion"u8, tree.Text("apiVersion"));
        writer.Flush();
        var end = buffer.WrittenCount + 1;
        if (tree["metadata"] is { } metadata)
        {
            writer.WritePropertyName("metadata"u8);
            metadata.WriteTo(writer);
        }
        foreach (var (name, value) in tree)
        {
            if (name is "kind" or "apiVersion" or "metadata")
            {
                continue;
            }
            writer.WritePropertyName(name);
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                value.WriteTo(writer);
            }
        }
        writer.WriteEndObject();
        writer.Flush();
        return (buffer.WrittenMemory.ToArray(), end);
    }

    private static IReadOnlyDictionary<string, string> LabelsOf(JsonObject meta)
    {
        if (meta["labels"] is not JsonObject { Count: > 0 } labels)
        {
            return EmptyFields;
        }
        var result = new Dictionary<string, string>(labels.Count, StringComparer.Ordinal);
        foreach (var (key, value) in labels)
        {
            result[key] = value is JsonValue text && text.TryGetValue<string>(out var s) ? s : "";
        }
        return result;
    }

    public static IReadOnlyDictionary<string, string> EmptyFields { get; } = new Dictionary<string, string>();
}
