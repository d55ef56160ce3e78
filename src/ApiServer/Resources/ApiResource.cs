using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>What lives below an object's path: <c>status</c>, <c>scale</c>, <c>log</c> …</summary>
internal sealed record ApiSubresource(string Name, string[] Verbs, string? Kind = null, string? Group = null, string? Version = null);

/// <summary>
/// One row of the resource table: a resource in one version, built-in or custom. Handlers know nothing about a kind but its row.
/// </summary>
internal sealed class ApiResource
{
    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Plural { get; init; }

    public required string Singular { get; init; }

    public required string Kind { get; init; }

    public string ListKind { get; init; } = "";

    public bool Namespaced { get; init; } = true;

    public string[] ShortNames { get; init; } = [];

    public string[] Categories { get; init; } = [];

    public string[] Verbs { get; init; } = AllVerbs;

    public ApiSubresource[] Subresources { get; init; } = [];

    /// <summary>Whether metadata.generation counts changes of what the user asks for.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Whether <c>status</c> is written through its subresource only.</summary>
    public bool HasStatus => Subresource("status") is not null;

    /// <summary>What is particular about the kind.</summary>
    public required ResourceStrategy Strategy { get; init; }

    /// <summary>The shape of the kind, for decoding, patches and apply; null where the kind has none to hold on to.</summary>
    public required Func<Schema?> Schema { get; init; }

    public TableColumns Columns { get; init; } = TableColumns.NameAndAge;

    /// <summary>Field selectors that the kind supports, beside metadata.name and metadata.namespace.</summary>
    public SelectableFields Selectable { get; init; } = SelectableFields.None;

    public required ResourceStore Store { get; init; }

    /// <summary>How this version's objects become the stored version's and back; null where they are the same.</summary>
    public IVersionConversion? Conversion { get; init; }

    /// <summary>The definition behind a custom resource; null for built-in kinds.</summary>
    public CustomResource? Custom { get; init; }

    /// <summary>The shape as patches and apply see it.</summary>
    public MergeSchema MergeSchema => Custom is not null
        ? _mergeSchema ??= MergeSchema.ForCustomResource(Custom.OpenApiSchema)
        : MergeSchema.For(new GroupVersionKind(Group, Version, Kind)) ?? MergeSchema.Any;

    private MergeSchema? _mergeSchema;

    public GroupResource GroupResource => new(Group, Plural);

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public bool Has(string verb) => Array.IndexOf(Verbs, verb) >= 0;

    public ApiSubresource? Subresource(string name) => Array.Find(Subresources, s => s.Name == name);

    public static string[] AllVerbs { get; } = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
}

/// <summary>Turns one version's objects into the stored version's and back.</summary>
internal interface IVersionConversion
{
    void ToStorage(JsonObject tree);

    void FromStorage(JsonObject tree);

    /// <summary>A fresh tree of a stored object in this version.</summary>
    JsonObject View(StoredObject stored)
    {
        var tree = stored.ToTree();
        FromStorage(tree);
        return tree;
    }

    /// <summary>Waits until <see cref="View"/> of these objects need not wait for anybody.</summary>
    ValueTask PrepareAsync(IReadOnlyList<StoredObject> objects, CancellationToken cancellation) => ValueTask.CompletedTask;

    ValueTask ToStorageAsync(JsonObject tree, CancellationToken cancellation)
    {
        ToStorage(tree);
        return ValueTask.CompletedTask;
    }

    ValueTask FromStorageAsync(JsonObject tree, CancellationToken cancellation)
    {
        FromStorage(tree);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Field selectors of a kind: their names and where their values stand in an object.</summary>
internal sealed class SelectableFields(params (string Field, Func<JsonObject, string?> Value)[] fields)
{
    /// <summary>Fields that the objects are kept by for another resource that shows them, but that do not select here.</summary>
    public string[] Hidden { get; init; } = [];

    public static SelectableFields None { get; } = new();

    /// <summary>The kind has no fields of its own that select.</summary>
    public bool IsOrdinary => fields.Length == 0;

    /// <summary>Whether a field selects objects of a kind. Kinds with fields of their own know namespaces only where they stand in one.</summary>
    public bool Supports(string field, ApiResource row) => field == "metadata.name"
        || (field == "metadata.namespace" && (row.Namespaced || (row.Custom is null && IsOrdinary))) || (Array.Exists(fields, f => f.Field == field) && Array.IndexOf(Hidden, field) < 0);

    /// <summary>The values of one object; an absent field is "".</summary>
    public IReadOnlyDictionary<string, string> Of(JsonObject tree)
    {
        if (fields.Length == 0)
        {
            return StoredObject.EmptyFields;
        }
        var values = new Dictionary<string, string>(fields.Length, StringComparer.Ordinal);
        foreach (var (field, value) in fields)
        {
            values[field] = value(tree) ?? "";
        }
        return values;
    }

    /// <summary>Fields that stand at their own path, as text.</summary>
    public static SelectableFields At(params string[] paths) =>
        new([.. paths.Select(path => (path, Reader(path.Split('.'))))]);

    private static Func<JsonObject, string?> Reader(string[] path) => tree => tree.At(path) switch
    {
        null => null,
        JsonValue value when value.AsText() is { } text => text,
        JsonValue value when value.AsBool() is { } flag => flag ? "true" : "false",
        JsonValue value when value.AsLong() is { } number => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };
}
