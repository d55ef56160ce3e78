using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>A server's whole state as YAML: every object as it is stored, one document each, in an order in which they can be put back.</summary>
internal static class ClusterState
{
    public static string Export(ClusterStore cluster) => KubeYaml.SerializeAll<JsonNode>(
        cluster.StoresByResource.OrderBy(s => Order(s.Key)).ThenBy(s => s.Key.Group, StringComparer.Ordinal).ThenBy(s => s.Key.Resource, StringComparer.Ordinal)
            .SelectMany(s => s.Value.Current.Enumerate(null).Where(o => !s.Value.IsFromTheBeginning(o))).Select(o => o.ToTree()).Where(o => !IsRootCa(o) && !ApiServices.IsAutomatic(o)));

    /// <summary>Namespaces hold what comes after them, definitions say what it is.</summary>
    private static int Order(GroupResource resource) => (resource.Group, resource.Resource) switch
    {
        ("", "namespaces") => 0,
        ("apiextensions.k8s.io", "customresourcedefinitions") => 1,
        _ => 2,
    };

    // What a server makes for itself and would be wrong in another: its certificate authority, as config maps carry it.
    private static bool IsRootCa(JsonObject tree) => tree.Text("kind") == "ConfigMap" && tree.Text("apiVersion") == "v1" && tree.Metadata().Text("name") == FirstNamespaces.RootCa;

    /// <summary>Puts objects in place as they are, uids, statuses and all; only resourceVersions are this server's own. Replaces what has the same name.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="FormatException">A document is no object that this server knows; those before it are in place.</exception>
    public static int Import(ObjectService objects, string yaml)
    {
        var count = 0;
        foreach (var document in KubeYaml.ParseNodes(yaml))
        {
            if (document is null)
            {
                continue;
            }
            count++;
            var tree = document as JsonObject ?? throw Wrong(count, "is no object");
            if (!IsRootCa(tree))
            {
                Put(objects, tree, count);
            }
        }
        return count;
    }

    private static void Put(ObjectService objects, JsonObject tree, int number)
    {
        var (version, kind) = (tree.Text("apiVersion") ?? "", tree.Text("kind") ?? "");
        var slash = version.IndexOf('/', StringComparison.Ordinal);
        var row = objects.Table.Current.FindKind(slash < 0 ? "" : version[..slash], version[(slash + 1)..], kind)
            ?? throw Wrong(number, $"has apiVersion '{version}' and kind '{kind}', which this server does not serve (a definition must stand before its objects)");
        var meta = tree.Metadata();
        var name = meta.Text("name") is { Length: > 0 } given ? given : throw Wrong(number, $"({kind}) has no metadata.name");
        if (!row.Namespaced)
        {
            meta.Remove("namespace");
        }
        else if (meta.Text("namespace") is null or "")
        {
            throw Wrong(number, $"({kind} {name}) has no metadata.namespace");
        }
        if (meta.Text("uid") is null or "")
        {
            MetadataRules.PrepareForCreate(meta, row.HasGeneration, objects.Time);
            row.Strategy.Default(tree);
        }
        row.Conversion?.ToStorage(tree);
        while (true)
        {
            var old = row.Store.Current.Get(meta.Text("namespace") ?? "", name);
            var committed = old is null ? objects.Cluster.TryCreate(row.Store, tree) : objects.Cluster.TryUpdate(row.Store, old, tree);
            if (committed is not null)
            {
                row.Strategy.Committed(old is null ? StoreEventType.Added : StoreEventType.Modified, committed);
                return;
            }
        }
    }

    private static FormatException Wrong(int number, string what) => new($"Document {number} of the state {what}.");
}
