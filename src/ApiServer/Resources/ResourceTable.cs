using System.Collections.Immutable;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Everything that is served, built-in and custom, as one immutable table that is replaced whole when a definition comes, changes or
/// goes. Readers take <see cref="Current"/> once for a request.
/// </summary>
internal sealed class ResourceTable(IEnumerable<ApiResource> builtIns)
{
    private readonly Lock _lock = new();
    private readonly ImmutableArray<ApiResource> _builtIns = [.. builtIns];
    private ImmutableDictionary<string, ImmutableArray<ApiResource>> _custom = ImmutableDictionary<string, ImmutableArray<ApiResource>>.Empty;
    private View? _current;

    public View Current => Volatile.Read(ref _current) ?? Rebuild();

    /// <summary>Sets the rows of one definition; none removes it.</summary>
    public void SetCustom(string definition, ImmutableArray<ApiResource> rows)
    {
        lock (_lock)
        {
            _custom = rows.IsDefaultOrEmpty ? _custom.Remove(definition) : _custom.SetItem(definition, rows);
            Rebuild();
        }
    }

    private View Rebuild()
    {
        lock (_lock)
        {
            var view = new View([.. _builtIns, .. _custom.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c => c.Value)]);
            Volatile.Write(ref _current, view);
            return view;
        }
    }

    /// <summary>The table at one moment.</summary>
    internal sealed class View
    {
        /// <summary>Kubernetes' own groups by their priority; others follow.</summary>
        private static readonly string[] GroupOrder =
        [
            "", "apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch", "certificates.k8s.io", "networking.k8s.io", "policy",
            "rbac.authorization.k8s.io", "storage.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io", "node.k8s.io", "discovery.k8s.io",
            "flowcontrol.apiserver.k8s.io",
        ];

        private readonly Dictionary<GroupVersionResource, ApiResource> _rows = [];
        private readonly Dictionary<GroupVersionKind, ApiResource> _kinds = [];

        public View(ImmutableArray<ApiResource> rows)
        {
            Rows = rows;
            foreach (var row in rows)
            {
                _rows.TryAdd(new GroupVersionResource(row.Group, row.Version, row.Plural), row);
                _kinds.TryAdd(new GroupVersionKind(row.Group, row.Version, row.Kind), row);
            }
            Groups = [.. rows.GroupBy(r => r.Group).OrderBy(g => Array.IndexOf(GroupOrder, g.Key) is var at and >= 0 ? at : int.MaxValue).Select(g => new ApiGroup(g.Key, [.. OrderVersions(g.Select(r => r.Version).Distinct(), g.Any(r => r.Custom is not null))], g.Any(r => r.Custom is not null)))];
        }

        public ImmutableArray<ApiResource> Rows { get; }

        public ImmutableArray<ApiGroup> Groups { get; }

        public ApiResource? Find(string group, string version, string plural) => _rows.GetValueOrDefault(new GroupVersionResource(group, version, plural));

        public ApiResource? FindKind(string group, string version, string kind) => _kinds.GetValueOrDefault(new GroupVersionKind(group, version, kind));

        /// <summary>Any version of a kind, the one that is preferred first.</summary>
        public ApiResource? FindKind(string group, string kind) => Rows.FirstOrDefault(r => r.Group == group && r.Kind == kind);

        public ApiGroup? Group(string name) => Groups.FirstOrDefault(g => g.Name == name);

        private static IEnumerable<string> OrderVersions(IEnumerable<string> versions, bool custom) =>
            custom ? versions.OrderByDescending(v => v, VersionOrder.Instance) : versions;
    }
}

/// <summary>A group and its versions, the preferred one first.</summary>
internal sealed record ApiGroup(string Name, ImmutableArray<string> Versions, bool Custom);

/// <summary>Kubernetes' order of versions: general availability before beta before alpha, higher numbers first, other names last.</summary>
internal sealed class VersionOrder : IComparer<string>
{
    public static VersionOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (a, b) = (Rank(x ?? ""), Rank(y ?? ""));
        if (a is null || b is null)
        {
            return a is null == b is null ? string.CompareOrdinal(y, x) : a is null ? -1 : 1;
        }
        return a.Value.CompareTo(b.Value);
    }

    private static (int Stage, int Major, int Minor)? Rank(string version)
    {
        if (version.Length < 2 || version[0] != 'v')
        {
            return null;
        }
        var rest = version.AsSpan(1);
        var digits = rest.IndexOfAnyExceptInRange('0', '9');
        if (digits == 0)
        {
            return null;
        }
        var major = int.TryParse(digits < 0 ? rest : rest[..digits], out var m) ? m : int.MaxValue;
        if (digits < 0)
        {
            return (3, major, 0);
        }
        var stage = rest[digits..];
        foreach (var (name, value) in (ReadOnlySpan<(string, int)>)[("alpha", 1), ("beta", 2)])
        {
            if (stage.StartsWith(name) && int.TryParse(stage[name.Length..], out var minor))
            {
                return (value, major, minor);
            }
        }
        return null;
    }
}
