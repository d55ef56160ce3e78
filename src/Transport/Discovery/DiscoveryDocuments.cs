using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>Between what a server offers and the documents that say so: those of servers without aggregated discovery, which are also those kubectl keeps on disk.</summary>
internal static class DiscoveryDocuments
{
    public static DiscoveredResource[] ToResources(V1APIResourceList list, GroupVersion groupVersion)
    {
        var all = list.Resources ?? [];
        var parts = all.Where(resource => resource.Name?.Contains('/') == true).ToLookup(resource => resource.Name[..resource.Name.IndexOf('/')], StringComparer.Ordinal);
        return
        [
            .. all.Where(resource => !string.IsNullOrEmpty(resource.Name) && !resource.Name.Contains('/')).Select(resource => new DiscoveredResource(
                new ResourceDefinition(KindOf(resource, groupVersion), resource.Name, resource.Namespaced), resource.SingularName ?? "",
                [.. resource.ShortNames ?? []], [.. resource.Categories ?? []], [.. resource.Verbs ?? []],
                [
                    .. parts[resource.Name].Select(part => new DiscoveredSubresource(
                        part.Name[(resource.Name.Length + 1)..], KindOf(part, groupVersion), [.. part.Verbs ?? []]))
                ]))
        ];
    }

    public static V1APIResourceList ToList(DiscoveredVersion version)
    {
        var list = new V1APIResourceList { Kind = "APIResourceList", ApiVersion = "v1", GroupVersion = version.GroupVersion.ToString(), Resources = [] };
        foreach (var resource in version.Resources)
        {
            list.Resources.Add(Entry(resource.Definition.Plural, resource.Definition.Kind, resource, resource.Verbs, version.GroupVersion));
            foreach (var part in resource.Subresources)
            {
                var entry = Entry($"{resource.Definition.Plural}/{part.Name}", part.Kind, resource, part.Verbs, version.GroupVersion);
                (entry.SingularName, entry.ShortNames, entry.Categories) = ("", null, null);
                list.Resources.Add(entry);
            }
        }
        return list;
    }

    public static V1APIGroupList ToGroups(IEnumerable<DiscoveredGroup> groups) => new()
    {
        Kind = "APIGroupList",
        ApiVersion = "v1",
        Groups =
        [
            .. groups.Select(group => new V1APIGroup
            {
                Name = group.Name,
                Versions = [.. group.Versions.Select(version => Named(version.GroupVersion))],
                PreferredVersion = Named(new GroupVersion(group.Name, group.PreferredVersion))
            })
        ]
    };

    static V1GroupVersionForDiscovery Named(GroupVersion groupVersion) => new() { GroupVersion = groupVersion.ToString(), Version = groupVersion.Version };

    static V1APIResource Entry(string name, GroupVersionKind kind, DiscoveredResource resource, IReadOnlyList<string> verbs, GroupVersion groupVersion) => new()
    {
        Name = name,
        SingularName = resource.Singular,
        Namespaced = resource.Definition.Namespaced,
        Kind = kind.Kind,
        // Left out where they are the list's own, as servers do.
        Group = kind.GroupVersion == groupVersion ? null : kind.Group,
        Version = kind.GroupVersion == groupVersion ? null : kind.Version,
        Verbs = [.. verbs],
        ShortNames = resource.ShortNames.Count == 0 ? null : [.. resource.ShortNames],
        Categories = resource.Categories.Count == 0 ? null : [.. resource.Categories]
    };

    /// <summary>A resource's kind is of the list's group and version unless it says otherwise.</summary>
    static GroupVersionKind KindOf(V1APIResource resource, GroupVersion groupVersion) =>
        string.IsNullOrEmpty(resource.Version) ? groupVersion.WithKind(resource.Kind ?? "") : new GroupVersionKind(resource.Group ?? "", resource.Version, resource.Kind ?? "");
}
