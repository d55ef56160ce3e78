using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>
/// From names that people and files use to resources: kinds, plurals, singulars and short names, with or without group and version. Filled by hand or from what a
/// server offers; earlier groups go before later ones, a group's preferred version before its others. Immutable once made; thread-safe.
/// </summary>
public sealed class RestMapper : IRestMapper
{
    readonly List<Entry> _entries = [];
    readonly bool _ranks;

    sealed record Entry(ResourceDefinition Definition, string Singular, IReadOnlySet<string> Names, bool IsPreferred, int Group);

    RestMapper(bool ranks) => _ranks = ranks;

    /// <summary>A mapper of these resources. None goes before another: a name that fits two groups is ambiguous.</summary>
    /// <param name="resources">The resources; singular names are made from kinds.</param>
    public static RestMapper Of(params IEnumerable<ResourceDefinition> resources) => Filled(resources, ranks: false);

    /// <summary>A mapper of these resources, the groups named earlier before those named later: a name that fits two is the earlier one's.</summary>
    /// <param name="resources">The resources; singular names are made from kinds. Of a kind's versions, the first is preferred.</param>
    public static RestMapper InOrder(params IEnumerable<ResourceDefinition> resources) => Filled(resources, ranks: true);

    static RestMapper Filled(IEnumerable<ResourceDefinition> resources, bool ranks)
    {
        var mapper = new RestMapper(ranks);
        var groups = new List<string>();
        foreach (var resource in resources)
        {
            if (!groups.Contains(resource.Kind.Group)) groups.Add(resource.Kind.Group);
            var isFirst = mapper._entries.All(entry => entry.Definition.Kind.GroupKind != resource.Kind.GroupKind);
            var singular = resource.Kind.Kind.ToLowerInvariant();
            mapper._entries.Add(new Entry(resource, singular, Names(resource, singular, []), isFirst, ranks ? groups.IndexOf(resource.Kind.Group) : 0));
        }
        return mapper;
    }

    /// <summary>A mapper of all that a server offers.</summary>
    public static RestMapper From(DiscoveredApi api)
    {
        var mapper = new RestMapper(ranks: true);
        for (var group = 0; group < api.Groups.Count; group++)
        {
            foreach (var version in api.Groups[group].Versions)
            {
                var isPreferred = version.GroupVersion.Version == api.Groups[group].PreferredVersion;
                foreach (var resource in version.Resources)
                {
                    var singular = resource.Singular.Length > 0 ? resource.Singular : resource.Definition.Kind.Kind.ToLowerInvariant();
                    mapper._entries.Add(new Entry(resource.Definition, singular, Names(resource.Definition, singular, resource.ShortNames), isPreferred, group));
                }
            }
        }
        return mapper;
    }

    static HashSet<string> Names(ResourceDefinition resource, string singular, IEnumerable<string> shortNames) =>
        new([resource.Plural, singular, .. shortNames], StringComparer.OrdinalIgnoreCase);

    /// <summary>All resources that a name, possibly without group or version, may mean; the best first.</summary>
    public IReadOnlyList<ResourceDefinition> Find(GroupVersionResource partial)
    {
        var exact = _entries.Where(entry => entry.Names.Contains(partial.Resource)
            && (string.IsNullOrEmpty(partial.Group) || entry.Definition.Kind.Group == partial.Group)
            && (string.IsNullOrEmpty(partial.Version) || entry.Definition.Kind.Version == partial.Version));
        // A group may be said by its beginning, as "deployments.apps" or "certificates.cert".
        var found = exact.ToList();
        if (found.Count == 0 && !string.IsNullOrEmpty(partial.Group))
        {
            found = [.. _entries.Where(entry => entry.Names.Contains(partial.Resource) && entry.Definition.Kind.Group.StartsWith(partial.Group, StringComparison.Ordinal)
                && (string.IsNullOrEmpty(partial.Version) || entry.Definition.Kind.Version == partial.Version))];
        }
        return [.. Ranked(found)];
    }

    /// <summary>All resources of a kind, in these versions or, with none given, in all; the best first.</summary>
    public IReadOnlyList<ResourceDefinition> Find(GroupKind kind, params IReadOnlyList<string> versions)
    {
        var found = _entries.Where(entry => entry.Definition.Kind.GroupKind == kind).ToList();
        return versions.Count == 0 ? [.. Ranked(found)]
            : [.. versions.SelectMany(version => found.Where(entry => entry.Definition.Kind.Version == version)).Select(entry => entry.Definition)];
    }

    static IEnumerable<ResourceDefinition> Ranked(IEnumerable<Entry> entries) =>
        entries.OrderBy(entry => entry.Group).ThenByDescending(entry => entry.IsPreferred).Select(entry => entry.Definition);

    /// <inheritdoc/>
    public ValueTask<ResourceDefinition> ResourceForAsync(GroupVersionResource partial, CancellationToken cancellation = default)
    {
        var found = Find(partial);
        if (found.Count == 0) throw new NoResourceMatchException($"The server has no resource \"{Spoken(partial)}\".");
        // Versions of one resource are no ambiguity: the preferred one is meant. Groups are, unless their order decides.
        var groups = found.Select(resource => resource.Kind.Group).Distinct().ToArray();
        if (!_ranks && groups.Length > 1) throw new AmbiguousResourceException(Spoken(partial), found);
        return new(found[0]);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ResourceDefinition>> ResourcesForAsync(GroupVersionResource partial, CancellationToken cancellation = default)
    {
        var found = Find(partial);
        return found.Count > 0 ? new(found) : throw new NoResourceMatchException($"The server has no resource \"{Spoken(partial)}\".");
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ResourceDefinition>> MappingsAsync(GroupKind kind, IReadOnlyList<string>? versions = null, CancellationToken cancellation = default) =>
        new(Mappings(kind, versions));

    IReadOnlyList<ResourceDefinition> Mappings(GroupKind kind, IReadOnlyList<string>? versions)
    {
        var found = Find(kind, versions ?? []);
        return found.Count > 0 ? found
            : throw new NoResourceMatchException($"The server has no kind \"{kind}\"{(versions is { Count: > 0 } ? $" in version {string.Join(" or ", versions)}" : "")}. "
                + "If it is a custom one, install its CustomResourceDefinition.");
    }

    /// <inheritdoc/>
    public async ValueTask<string> SingularForAsync(GroupVersionResource partial, CancellationToken cancellation = default)
    {
        var definition = await ResourceForAsync(partial, cancellation).ConfigureAwait(false);
        return _entries.First(entry => entry.Definition == definition).Singular;
    }

    /// <inheritdoc/>
    public ValueTask<ResourceDefinition> MappingAsync(GroupKind kind, IReadOnlyList<string>? versions = null, CancellationToken cancellation = default)
    {
        var found = Mappings(kind, versions);
        var sameVersion = found.Where(resource => resource.Kind.Version == found[0].Kind.Version).ToArray();
        return sameVersion.Length == 1 ? new(found[0]) : throw new AmbiguousResourceException(kind.ToString(), sameVersion);
    }

    static string Spoken(GroupVersionResource partial)
    {
        var parts = new[] { partial.Resource, partial.Version, partial.Group }.Where(part => !string.IsNullOrEmpty(part));
        return string.Join('.', parts);
    }
}
