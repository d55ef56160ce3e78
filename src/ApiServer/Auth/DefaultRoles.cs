using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// The roles and bindings that a cluster begins with, as a real 1.32 makes them (<c>bootstrap-rbac.json</c>): those of people, of the control plane's parts and of each of its
/// controllers.
/// </summary>
internal static class DefaultRoles
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <summary>What people count on where nobody is held to roles: those who administer and look, what these are put together of, and what everybody may ask.</summary>
    private static readonly HashSet<string> ForPeople =
    [
        "cluster-admin", "admin", "edit", "view", "system:aggregate-to-admin", "system:aggregate-to-edit", "system:aggregate-to-view", "system:basic-user", "system:discovery",
        "system:service-account-issuer-discovery", "system:public-info-viewer",
    ];

    private static readonly Lazy<JsonElement> All = new(() => JsonDocument.Parse(BuiltInSchemas.Resource("bootstrap-rbac.json")).RootElement);

    /// <param name="objects">Where they go.</param>
    /// <param name="writer">Who makes them.</param>
    /// <param name="everything">Also those of the control plane, of which there are over a hundred: they mean something where roles are enforced, and cost every start.</param>
    public static void Furnish(ObjectService objects, WriteContext writer, bool everything)
    {
        foreach (var element in All.Value.EnumerateArray())
        {
            var metadata = element.GetProperty("metadata");
            if (!everything && !ForPeople.Contains(metadata.GetProperty("name").GetString()!))
            {
                continue;
            }
            var tree = JsonObject.Create(element)!.Copy();
            tree.Metadata()["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" };
            tree.Metadata().Need("labels")["kubernetes.io/bootstrapping"] = "rbac-defaults";
            var row = objects.Table.Current.Find(Group, "v1", tree.Text("kind")!.ToLowerInvariant() + "s")!;
            objects.CreateOwn(row, tree.Metadata().Text("namespace"), tree, writer, managed: false);
        }
    }
}
