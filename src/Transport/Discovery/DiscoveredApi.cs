using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>All that a server offers. Immutable.</summary>
/// <param name="Groups">The groups, in the server's order of preference; the core group, if any, is first.</param>
/// <param name="Failures">Versions that could not be asked, and why.</param>
public sealed record DiscoveredApi(IReadOnlyList<DiscoveredGroup> Groups, IReadOnlyDictionary<GroupVersion, string> Failures)
{
    /// <summary>Every resource of every version.</summary>
    public IEnumerable<DiscoveredResource> Resources => Groups.SelectMany(group => group.Versions).SelectMany(version => version.Resources);

    /// <summary>Every resource once: of the group's preferred version, or of the first that has it.</summary>
    public IReadOnlyList<DiscoveredResource> PreferredResources
    {
        get
        {
            var found = new List<DiscoveredResource>();
            foreach (var group in Groups)
            {
                var seen = new HashSet<string>(StringComparer.Ordinal);
                foreach (var version in group.Versions.OrderByDescending(version => version.GroupVersion.Version == group.PreferredVersion))
                    found.AddRange(version.Resources.Where(resource => seen.Add(resource.Definition.Plural)));
            }
            return found;
        }
    }
}

/// <summary>A group of resources.</summary>
/// <param name="Name">The group's name; empty for the core group.</param>
/// <param name="PreferredVersion">The version the server prefers.</param>
/// <param name="Versions">Its versions, in the server's order.</param>
public sealed record DiscoveredGroup(string Name, string PreferredVersion, IReadOnlyList<DiscoveredVersion> Versions);

/// <summary>A version of a group.</summary>
/// <param name="GroupVersion">Group and version.</param>
/// <param name="Resources">What it has; empty where it could not be asked.</param>
public sealed record DiscoveredVersion(GroupVersion GroupVersion, IReadOnlyList<DiscoveredResource> Resources);

/// <summary>A resource as the server describes it.</summary>
/// <param name="Definition">Kind, plural and scope: what a client needs.</param>
/// <param name="Singular">Its name for one; empty where the server has none.</param>
/// <param name="ShortNames">Its names for people in a hurry, such as <c>po</c>.</param>
/// <param name="Categories">Groups of resources it belongs to, such as <c>all</c>.</param>
/// <param name="Verbs">What can be done with it: <c>get</c>, <c>list</c>, <c>watch</c> …</param>
/// <param name="Subresources">Its parts that can be asked for alone.</param>
public sealed record DiscoveredResource(
    ResourceDefinition Definition, string Singular, IReadOnlyList<string> ShortNames, IReadOnlyList<string> Categories,
    IReadOnlyList<string> Verbs, IReadOnlyList<DiscoveredSubresource> Subresources);

/// <summary>A part of a resource that can be asked for alone.</summary>
/// <param name="Name">Its name, such as <c>status</c>.</param>
/// <param name="Kind">The kind that is sent and received, such as <c>autoscaling/v1 Scale</c>.</param>
/// <param name="Verbs">What can be done with it.</param>
public sealed record DiscoveredSubresource(string Name, GroupVersionKind Kind, IReadOnlyList<string> Verbs);
