using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// What the namespaces that a server begins with have from their first moment, although controllers give it: a service account, and whom to trust. So nobody sees it come, and a pod can be made at once, also where no
/// controllers run.
/// </summary>
internal static class FirstNamespaces
{
    /// <summary>The config map in which each namespace finds whom to trust.</summary>
    public const string RootCa = "kube-root-ca.crt";

    private static readonly WriteContext Writer = WriteContext.Internal("kube-controller-manager");

    /// <summary>Gives all namespaces that there are what they lack.</summary>
    /// <remarks>It is made without managers, whose machinery nobody needs before the first write.</remarks>
    /// <param name="objects">Where.</param>
    /// <param name="authority">The authority's certificate as PEM.</param>
    public static void Furnish(ObjectService objects, string authority)
    {
        foreach (var space in objects.Table.Current.Find("", "v1", "namespaces")!.Store.Current.Enumerate(null).Where(n => !n.Terminating))
        {
            Make(objects, "serviceaccounts", space.Name, "default", static () => new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } });
            Make(objects, "configmaps", space.Name, RootCa, () => new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = RootCa,
                    ["annotations"] = new JsonObject { ["kubernetes.io/description"] = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters." },
                },
                ["data"] = new JsonObject { ["ca.crt"] = authority },
            });
        }
    }

    private static void Make(ObjectService objects, string plural, string space, string name, Func<JsonObject> tree)
    {
        var row = objects.Table.Current.Find("", "v1", plural)!;
        if (row.Store.Current.Get(space, name) is null)
        {
            objects.CreateOwn(row, space, tree(), Writer, managed: false);
        }
    }
}
