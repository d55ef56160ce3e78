namespace ActorKube.Models;

/// <summary>Names a type of object: what <c>apiVersion</c> and <c>kind</c> say together.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, such as <c>v1</c>.</param>
/// <param name="Kind">The kind, such as <c>Deployment</c>.</param>
public readonly record struct GroupVersionKind(string Group, string Version, string Kind)
{
    /// <summary>The kind that an object's <c>apiVersion</c> and <c>kind</c> name.</summary>
    /// <exception cref="FormatException">The <paramref name="apiVersion"/> is not one.</exception>
    public static GroupVersionKind From(string apiVersion, string kind) => GroupVersion.Parse(apiVersion).WithKind(kind);

    /// <summary>Group and version.</summary>
    public GroupVersion GroupVersion => new(Group, Version);

    /// <summary>The same kind whatever its version.</summary>
    public GroupKind GroupKind => new(Group, Kind);

    /// <summary>What an object of this kind has in its <c>apiVersion</c>.</summary>
    public string ApiVersion => GroupVersion.ToString();

    /// <summary>For people: <c>apps/v1, Kind=Deployment</c>.</summary>
    public override string ToString() => $"{GroupVersion}, Kind={Kind}";
}
