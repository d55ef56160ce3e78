using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What CEL expressions of admission see.</summary>
internal static class AdmissionVariables
{
    private static readonly string[] OfNamespaces =
        ["name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "finalizers"];

    /// <summary><c>object</c>, <c>oldObject</c>, <c>request</c> and <c>authorizer</c>.</summary>
    public static Dictionary<string, object?> Of(JsonObject review, AdmissionAttributes request, IAuthorizer? authorizer)
    {
        var rest = review.Copy();
        rest.Remove("object");
        rest.Remove("oldObject");
        var variables = new Dictionary<string, object?>
        {
            ["object"] = CelValues.From(review["object"], null),
            ["oldObject"] = CelValues.From(review["oldObject"], null),
            ["request"] = CelValues.From(rest, null),
            ["namespaceObject"] = null,
        };
        if (authorizer is not null)
        {
            variables["authorizer"] = new CelAuthorizer(request.Context.User, authorizer);
            variables["authorizer.requestResource"] = CelAuthorizer.OfRequest(request, authorizer);
        }
        return variables;
    }

    /// <summary>What expressions see of a namespace: not who manages or owns it.</summary>
    public static object? Namespace(StoredObject stored)
    {
        var tree = stored.ToTree();
        var meta = tree.Metadata();
        foreach (var field in meta.Select(m => m.Key).Where(k => Array.IndexOf(OfNamespaces, k) < 0).ToList())
        {
            meta.Remove(field);
        }
        tree.Remove("apiVersion");
        tree.Remove("kind");
        return CelValues.From(tree, null);
    }
}
