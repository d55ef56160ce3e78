using System.Diagnostics.CodeAnalysis;

namespace ActorKube.Models;

/// <summary>Names a type of object: what <c>apiVersion</c> and <c>kind</c> say together.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, such as <c>v1</c>.</param>
/// <param name="Kind">The kind, such as <c>Deployment</c>.</param>
public readonly record struct GroupVersionKind(string Group, string Version, string Kind) : IComparable<GroupVersionKind>
{
    /// <summary>The kind that an object's <c>apiVersion</c> and <c>kind</c> name.</summary>
    /// <exception cref="FormatException">The <paramref name="apiVersion"/> is not one.</exception>
    public static GroupVersionKind From(string apiVersion, string kind) => GroupVersion.Parse(apiVersion).WithKind(kind);

    /// <summary>Reads what a command line names: <c>Deployment.v1.apps</c>. False for what names no version and group, such as <c>Deployment.apps</c>.</summary>
    public static bool TryParseArgument([NotNullWhen(true)] string? text, out GroupVersionKind kind)
    {
        kind = default;
        if (text?.Split('.', 3) is not [{ Length: > 0 } name, { Length: > 0 } version, var group]) return false;
        kind = new GroupVersionKind(group, version, name);
        return true;
    }

    /// <summary>Group and version.</summary>
    public GroupVersion GroupVersion => new(Group, Version);

    /// <summary>The same kind whatever its version.</summary>
    public GroupKind GroupKind => new(Group, Kind);

    /// <summary>What an object of this kind has in its <c>apiVersion</c>.</summary>
    public string ApiVersion => GroupVersion.ToString();

    /// <summary>By group, then kind, then <see cref="VersionPriority"/>.</summary>
    public int CompareTo(GroupVersionKind other) =>
        string.CompareOrdinal(Group, other.Group) is not 0 and var byGroup ? byGroup
        : string.CompareOrdinal(Kind, other.Kind) is not 0 and var byKind ? byKind
        : VersionPriority.Instance.Compare(Version, other.Version);

    /// <summary>For people: <c>apps/v1, Kind=Deployment</c>.</summary>
    public override string ToString() => $"{GroupVersion}, Kind={Kind}";
}
