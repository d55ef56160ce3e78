namespace ActorKube.Models;

/// <summary>What the API's own OpenAPI document says of one of its kinds.</summary>
internal sealed class BuiltInKind(string group, string version, string kind, string? plural, bool namespaced, Func<KubeModel> create)
{
    public GroupVersionKind Kind { get; } = new(group, version, kind);

    /// <summary>The name the server serves it under; null for kinds without one: lists, statuses, and what only subresources take.</summary>
    public string? Plural { get; } = plural;

    public bool Namespaced { get; } = namespaced;

    public ModelSchema Schema => create().FieldTable;

    public KubeModel New() => create();
}

/// <summary>The kinds built into the API.</summary>
internal static partial class BuiltInKinds
{
    private static readonly Dictionary<GroupVersionKind, BuiltInKind> ByKind = All.ToDictionary(kind => kind.Kind);

    public static BuiltInKind? Find(GroupVersionKind kind) => ByKind.GetValueOrDefault(kind);
}
