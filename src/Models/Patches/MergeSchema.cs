using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>What kind of value a <see cref="MergeSchema"/> describes.</summary>
public enum MergeShape
{
    /// <summary>A string, number or boolean: set whole.</summary>
    Scalar,

    /// <summary>An object with declared fields.</summary>
    Object,

    /// <summary>An object with free keys, whose values all have one schema.</summary>
    Map,

    /// <summary>A list, whose elements all have one schema.</summary>
    List,

    /// <summary>Anything: nothing is declared. Objects merge by key, lists and scalars are set whole.</summary>
    Any,
}

/// <summary>How server-side apply sees a list.</summary>
public enum MergeListType
{
    /// <summary>One value, owned and replaced whole.</summary>
    Atomic,

    /// <summary>Scalars without repetition, each owned on its own.</summary>
    Set,

    /// <summary>Objects, each found by its keys and owned field by field.</summary>
    Map,
}

/// <summary>A field that tells the elements of a list apart.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Default">What it counts as where an element leaves it out; null where it must be given.</param>
public sealed record MergeKey(string Name, JsonNode? Default = null);

/// <summary>
/// What merging must know of a value: its shape, whether it is replaced whole, and what tells a list's elements apart. Strategic merge patches and
/// server-side apply are driven by it. Immutable and thread-safe; parts are worked out when first asked for, so that recursive types are no problem.
/// </summary>
/// <remarks>The extensions it stands for (<c>x-kubernetes-list-type</c>, <c>x-kubernetes-patch-strategy</c> and their like) are described under
/// "Merge strategy" in Kubernetes' documentation of server-side apply, and in its API conventions.</remarks>
/// <example><code>MergeSchema.For&lt;V1Pod>().Field("spec")!.Field("containers")!.PatchMergeKey   // name</code></example>
public sealed class MergeSchema
{
    readonly Func<string, MergeSchema?>? _declared;
    readonly Func<MergeSchema>? _makeElement;
    readonly ConcurrentDictionary<string, MergeSchema?>? _fields;
    MergeSchema? _element;

    internal MergeSchema(MergeShape shape, Func<string, MergeSchema?>? fields = null, Func<MergeSchema>? element = null)
    {
        (Shape, _declared, _makeElement) = (shape, fields, element);
        if (fields is not null) _fields = new ConcurrentDictionary<string, MergeSchema?>(StringComparer.Ordinal);
    }

    /// <summary>A string, number or boolean.</summary>
    public static MergeSchema Scalar { get; } = new(MergeShape.Scalar);

    /// <summary>Anything, and anything within it.</summary>
    public static MergeSchema Any { get; } = new(MergeShape.Any);

    /// <summary>What an object that keeps unknown fields has beside the declared ones.</summary>
    internal static MergeSchema Undeclared { get; } = new(MergeShape.Any);

    /// <summary>The kind of value.</summary>
    public MergeShape Shape { get; }

    /// <summary>Whether server-side apply takes the value as one, although it has parts.</summary>
    public bool IsAtomic { get; internal init; }

    /// <summary>How server-side apply sees a list.</summary>
    public MergeListType ListType { get; internal init; }

    /// <summary>The fields that tell the elements of a <see cref="MergeListType.Map"/> apart.</summary>
    public IReadOnlyList<MergeKey> Keys { get; internal init; } = [];

    /// <summary>Whether a strategic merge patch merges into a list; else it replaces it. Objects are merged unless <see cref="PatchReplaces"/>.</summary>
    public bool PatchMerges { get; internal init; }

    /// <summary>Whether a strategic merge patch replaces an object whole.</summary>
    public bool PatchReplaces { get; internal init; }

    /// <summary>Whether a strategic merge patch names the fields to keep, so that those of another variant vanish.</summary>
    public bool PatchRetainsKeys { get; internal init; }

    /// <summary>The field that tells the elements of a list apart in a strategic merge patch; null for lists of scalars.</summary>
    public string? PatchMergeKey { get; internal init; }

    /// <summary>The schema of an element of a list, or of a map's values.</summary>
    public MergeSchema Element => _element ??= _makeElement?.Invoke() ?? Any;

    /// <summary>The schema of a member: a declared field's, a map's values', or anything's. Null where an object declares no such field.</summary>
    public MergeSchema? Field(string name) => Shape switch
    {
        MergeShape.Object => _fields!.GetOrAdd(name, static (name, declared) => declared(name), _declared!),
        MergeShape.Map => Element,
        MergeShape.Any => Any,
        _ => null,
    };

    /// <summary>Whether an object declares this field; a map's keys are never declared.</summary>
    internal bool Declares(string name) => Shape == MergeShape.Object && Field(name) is { } field && field != Undeclared;

    /// <summary>The schema of a built-in kind; null for kinds that are not built in.</summary>
    public static MergeSchema? For(GroupVersionKind kind) => ModelSchema.For(kind) is { } model ? ModelMergeSchema.Of(model) : null;

    /// <summary>The schema of a class: a built-in kind's, or that of the definition that <see cref="CustomResource"/> would make of it.</summary>
    /// <exception cref="ArgumentException">The class names no kind, or is one that no definition can have.</exception>
    public static MergeSchema For<T>() => ClassMergeSchema.Of(typeof(T));

    /// <summary>
    /// The schema that an OpenAPI document or a custom resource's structural schema states, extensions included.
    /// </summary>
    /// <param name="schema">The schema object. It must not change any more.</param>
    /// <param name="resolve">Finds what a <c>$ref</c> names; may be null where the schema has none.</param>
    public static MergeSchema FromOpenApi(JsonObject schema, Func<string, JsonObject?>? resolve = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return OpenApiMergeSchema.Read(schema, schema, resolve);
    }

    /// <summary>
    /// The schema of a custom resource: its structural schema with <c>apiVersion</c>, <c>kind</c> and the fields of <c>metadata</c> that every object has.
    /// </summary>
    /// <param name="schema">The <c>openAPIV3Schema</c> of one of the definition's versions; null where the definition has none, so that nothing is known.</param>
    public static MergeSchema ForCustomResource(JsonObject? schema) => OpenApiMergeSchema.CustomResource(schema);
}
