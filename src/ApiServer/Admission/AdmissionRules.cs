using System.Text.Json.Nodes;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Which requests something is asked about: rules over resources and operations, a selector over namespaces and one over objects. The form that
/// webhooks and admission policies share. Read once from a stored configuration; immutable.
/// </summary>
internal sealed class AdmissionRules
{
    private readonly Rule[] _rules;
    private readonly Rule[] _excluded;
    private readonly bool _equivalent;
    private readonly LabelSelector _namespaces;
    private readonly LabelSelector _objects;

    public AdmissionRules(JsonObject tree, string rules = "rules")
    {
        _rules = [.. tree.List(rules).Objects().Select(Rule.Read)];
        _excluded = [.. tree.List("excludeResourceRules").Objects().Select(Rule.Read)];
        _equivalent = tree.Text("matchPolicy") != "Exact";
        _namespaces = Selector(tree.Child("namespaceSelector"));
        _objects = Selector(tree.Child("objectSelector"));
    }

    /// <summary>The row in whose version the request shall be shown; null when the rules do not mean it.</summary>
    public ApiResource? Match(AdmissionAttributes request, ResourceTable.View table, ClusterStore cluster)
    {
        if (!Selects(request, cluster))
        {
            return null;
        }
        if (Array.Exists(_excluded, r => r.Covers(request, request.Row)))
        {
            return null;
        }
        if (Array.Exists(_rules, r => r.Covers(request, request.Row)))
        {
            return request.Row;
        }
        // A rule may name another version of the same objects: the request is converted to that one.
        if (!_equivalent || request.OtherKind is not null)
        {
            return null;
        }
        return table.Rows.FirstOrDefault(other => !ReferenceEquals(other, request.Row) && ReferenceEquals(other.Store, request.Row.Store)
            && Array.Exists(_rules, r => r.Covers(request, other)));
    }

    private bool Selects(AdmissionAttributes request, ClusterStore cluster)
    {
        if (!_namespaces.IsEverything && NamespaceLabels(request, cluster) is { } labels && !_namespaces.Matches(labels))
        {
            return false;
        }
        // Options of a session have no labels to select by.
        return _objects.IsEverything || (request.Operation != "CONNECT" && (Labeled(request.Object) || Labeled(request.OldObject)));

        bool Labeled(JsonObject? tree) => tree is not null && _objects.Matches(LabelsOf(tree));
    }

    /// <summary>Labels of the namespace that a request is about; null for what lies in none.</summary>
    private static IReadOnlyDictionary<string, string>? NamespaceLabels(AdmissionAttributes request, ClusterStore cluster)
    {
        if (request.Row is { Group: "", Plural: "namespaces" })
        {
            return LabelsOf(request.Object ?? request.OldObject ?? []);
        }
        return request.Namespace is null ? null
            : cluster.Store(new GroupResource("", "namespaces")).Current.Get("", request.Namespace)?.Labels ?? StoredObject.EmptyFields;
    }

    private static Dictionary<string, string> LabelsOf(JsonObject tree) => (tree.Child("metadata")?.Child("labels") ?? [])
        .ToDictionary(l => l.Key, l => l.Value.AsText() ?? "", StringComparer.Ordinal);

    private static LabelSelector Selector(JsonObject? tree) => tree is not { Count: > 0 } ? LabelSelector.Everything
        : LabelSelector.From(KubeJson.Deserialize<V1LabelSelector>(Json.Bytes(tree)));

    private sealed record Rule(string[] Groups, string[] Versions, string[] Resources, string[] Operations, string[] Names, string Scope)
    {
        public static Rule Read(JsonObject tree) => new([.. tree.List("apiGroups").Texts()], [.. tree.List("apiVersions").Texts()], [.. tree.List("resources").Texts()],
            [.. tree.List("operations").Texts()], [.. tree.List("resourceNames").Texts()], tree.Text("scope") ?? "*");

        public bool Covers(AdmissionAttributes request, ApiResource row) =>
            Has(Operations, request.Operation) && Has(Groups, row.Group) && Has(Versions, row.Version)
            && (Names.Length == 0 || Array.IndexOf(Names, request.Name) >= 0)
            && Scope switch
            {
                // A namespace itself lies in none.
                "Namespaced" => row.Namespaced,
                "Cluster" => !row.Namespaced,
                _ => true,
            }
            && Array.Exists(Resources, r => Resource(r, row.Plural, request.Subresource));

        private static bool Resource(string pattern, string plural, string? subresource)
        {
            var slash = pattern.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0)
            {
                return subresource is null && (pattern == "*" || pattern == plural);
            }
            var (resource, below) = (pattern[..slash], pattern[(slash + 1)..]);
            return (resource == "*" || resource == plural) && (below == "*" || below == subresource);
        }

        private static bool Has(string[] values, string value) => Array.Exists(values, v => v == "*" || v == value);
    }
}
