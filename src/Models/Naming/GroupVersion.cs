using System.Diagnostics.CodeAnalysis;

namespace ActorKube.Models;

/// <summary>An API group and a version of it, as <c>apiVersion</c> carries them: <c>apps/v1</c>, or <c>v1</c> for the core group.</summary>
/// <param name="Group">The group's name; empty for the core group.</param>
/// <param name="Version">The version, such as <c>v1</c> or <c>v1beta1</c>.</param>
/// <example><code>GroupVersion.Parse("apps/v1").WithKind("Deployment")   // apps/v1, Kind=Deployment</code></example>
public readonly record struct GroupVersion(string Group, string Version) : IComparable<GroupVersion>
{
    /// <summary>Reads an <c>apiVersion</c>: <c>group/version</c>, or <c>version</c> alone for the core group.</summary>
    /// <exception cref="FormatException">The text is empty or has more than one slash.</exception>
    public static GroupVersion Parse(string apiVersion) => TryParse(apiVersion, out var parsed)
        ? parsed
        : throw new FormatException($"'{apiVersion}' is not an apiVersion: expected 'version' (core group) or 'group/version', such as 'v1' or 'apps/v1'.");

    /// <summary>As <see cref="Parse"/>, but answers false where the text is no <c>apiVersion</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? apiVersion, out GroupVersion parsed)
    {
        parsed = default;
        if (string.IsNullOrEmpty(apiVersion)) return false;
        var slash = apiVersion.IndexOf('/');
        if (slash < 0)
        {
            parsed = new GroupVersion("", apiVersion);
            return true;
        }
        if (slash == 0 || slash == apiVersion.Length - 1 || apiVersion.IndexOf('/', slash + 1) >= 0) return false;
        parsed = new GroupVersion(apiVersion[..slash], apiVersion[(slash + 1)..]);
        return true;
    }

    /// <summary>The kind of this name in this group and version.</summary>
    public GroupVersionKind WithKind(string kind) => new(Group, Version, kind);

    /// <summary>The resource of this (plural) name in this group and version.</summary>
    public GroupVersionResource WithResource(string resource) => new(Group, Version, resource);

    /// <summary>By group, then by <see cref="VersionPriority"/>.</summary>
    public int CompareTo(GroupVersion other) => string.CompareOrdinal(Group, other.Group) is not 0 and var order ? order : VersionPriority.Instance.Compare(Version, other.Version);

    /// <summary>The form that <c>apiVersion</c> has: <c>apps/v1</c>, <c>v1</c>.</summary>
    public override string ToString() => string.IsNullOrEmpty(Group) ? Version ?? "" : $"{Group}/{Version}";
}
