using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Default classes of claims and ingresses, finalizers that protect volumes in use, and claims that grow.</summary>
internal sealed class StorageAdmission(ClusterStore cluster)
{
    private const string OldClass = "volume.beta.kubernetes.io/storage-class";

    /// <summary>Adds the finalizer that keeps a volume or claim while it is used.</summary>
    public static void Protect(JsonObject tree, string finalizer)
    {
        var meta = tree.Metadata();
        var finalizers = meta.List("finalizers").Texts().ToList();
        if (!finalizers.Contains(finalizer))
        {
            finalizers.Add(finalizer);
            meta["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode)f)]);
        }
    }

    public void DefaultClass(JsonObject tree)
    {
        var spec = tree.Need("spec");
        if (spec["storageClassName"] is null && tree.TextAt("metadata", "annotations", OldClass) is null && Default("storage.k8s.io", "storageclasses", "storageclass.kubernetes.io/is-default-class") is { } name)
        {
            spec["storageClassName"] = name;
        }
    }

    public void DefaultIngressClass(JsonObject tree)
    {
        var spec = tree.Need("spec");
        if (spec["ingressClassName"] is null && tree.TextAt("metadata", "annotations", "kubernetes.io/ingress.class") is null
            && Default("networking.k8s.io", "ingressclasses", "ingressclass.kubernetes.io/is-default-class") is { } name)
        {
            spec["ingressClassName"] = name;
        }
    }

    /// <summary>The class that is marked as default: the newest of several, then the first by name.</summary>
    private string? Default(string group, string plural, string annotation)
    {
        var classes = AdmissionPlugins.All(cluster, group, plural);
        return classes.Count == 0 ? null : classes.Enumerate(null).Select(c => c.ToTree()).Where(c => c.TextAt("metadata", "annotations", annotation) == "true")
            .OrderByDescending(c => c.Metadata().Text("creationTimestamp"), StringComparer.Ordinal).ThenBy(c => c.Metadata().Text("name"), StringComparer.Ordinal).FirstOrDefault()?.Metadata().Text("name");
    }

    /// <summary>Claims grow where their class lets them.</summary>
    public void CheckGrowth(ApiResource row, JsonObject tree, JsonObject old)
    {
        var (now, before) = (ResourceValidation.Quantity(tree.At("spec", "resources", "requests", "storage")), ResourceValidation.Quantity(old.At("spec", "resources", "requests", "storage")));
        if (now is null || before is null || now <= before)
        {
            return;
        }
        if (old.TextAt("status", "phase") != "Bound")
        {
            throw AdmissionPlugins.Forbidden(row, tree, "Only bound persistent volume claims can be expanded");
        }
        var name = tree.TextAt("metadata", "annotations", OldClass) ?? tree.TextAt("spec", "storageClassName") ?? "";
        if (name.Length == 0 || AdmissionPlugins.All(cluster, "storage.k8s.io", "storageclasses").Get("", name)?.ToTree()["allowVolumeExpansion"].AsBool() != true)
        {
            throw AdmissionPlugins.Forbidden(row, tree, "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
        }
    }
}
