using System.Diagnostics.CodeAnalysis;

namespace ActorKube.Models;

/// <summary>Names an endpoint: the plural, lower-case name under which a server serves a kind.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, such as <c>v1</c>.</param>
/// <param name="Resource">The plural name, such as <c>deployments</c>.</param>
public readonly record struct GroupVersionResource(string Group, string Version, string Resource) : IComparable<GroupVersionResource>
{
    /// <summary>
    /// Reads what a command line names: <c>deployments.v1.apps</c>. False for what names no version and group, such as <c>deployments.apps</c>,
    /// which <see cref="GroupResource.Parse"/> reads. As <c>foo.bar.baz</c> may be either, callers try this first and ask the server.
    /// </summary>
    /// <example><code>if (GroupVersionResource.TryParseArgument("deployments.v1.apps", out var resource)) …   // apps/v1/deployments</code></example>
    public static bool TryParseArgument([NotNullWhen(true)] string? text, out GroupVersionResource resource)
    {
        resource = default;
        if (text?.Split('.', 3) is not [{ Length: > 0 } name, { Length: > 0 } version, var group]) return false;
        resource = new GroupVersionResource(group, version, name);
        return true;
    }

    /// <summary>Reads the printed form: <c>apps/v1/deployments</c>, <c>v1/pods</c>.</summary>
    /// <exception cref="FormatException">The text is not one.</exception>
    public static GroupVersionResource Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.LastIndexOf('/');
        return slash > 0 && slash < text.Length - 1 && GroupVersion.TryParse(text[..slash], out var version)
            ? version.WithResource(text[(slash + 1)..])
            : throw new FormatException($"'{text}' is not a resource: expected 'version/resource' (core group) or 'group/version/resource', such as 'v1/pods' or 'apps/v1/deployments'.");
    }

    /// <summary>Group and version.</summary>
    public GroupVersion GroupVersion => new(Group, Version);

    /// <summary>The same resource whatever its version.</summary>
    public GroupResource GroupResource => new(Group, Resource);

    /// <summary>By group, then resource, then <see cref="VersionPriority"/>.</summary>
    public int CompareTo(GroupVersionResource other) =>
        string.CompareOrdinal(Group, other.Group) is not 0 and var byGroup ? byGroup
        : string.CompareOrdinal(Resource, other.Resource) is not 0 and var byResource ? byResource
        : VersionPriority.Instance.Compare(Version, other.Version);

    /// <summary>For people and logs: <c>apps/v1/deployments</c>, <c>v1/pods</c>.</summary>
    public override string ToString() => $"{GroupVersion}/{Resource}";
}
