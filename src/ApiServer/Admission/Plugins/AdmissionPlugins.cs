using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// The admission plugins that a kube-apiserver has compiled in and on by default, as far as they look at objects: limit ranges, service accounts, priorities, runtime
/// classes, default classes, protection of volumes, quotas. They read the stores and cost one look-up for kinds that they do not concern. Thread-safe.
/// </summary>
internal sealed class AdmissionPlugins(ClusterStore cluster, ResourceTable table, FieldManagement fieldManagement, TimeProvider time, bool tokenVolumes)
{
    private readonly PodAdmission _pods = new(cluster, tokenVolumes);
    private readonly LimitRanger _limits = new(cluster);
    private readonly StorageAdmission _storage = new(cluster);
    private readonly QuotaAdmission _quotas = new(cluster, table, fieldManagement, time);

    /// <summary>Fills in what a new object gets from its surroundings. Comes before webhooks.</summary>
    /// <exception cref="ApiException">403: it may not be made.</exception>
    public void Mutate(ApiResource row, string? @namespace, JsonObject tree)
    {
        switch (row.Group, row.Plural)
        {
            case ("", "pods"):
                _limits.Default(@namespace!, tree);
                _pods.Mutate(row, @namespace!, tree);
                break;
            case ("", "persistentvolumeclaims"):
                _storage.DefaultClass(tree);
                StorageAdmission.Protect(tree, "kubernetes.io/pvc-protection");
                break;
            case ("", "persistentvolumes"):
                StorageAdmission.Protect(tree, "kubernetes.io/pv-protection");
                break;
            case ("networking.k8s.io", "ingresses"):
                _storage.DefaultIngressClass(tree);
                break;
        }
    }

    /// <summary>Fills in a change what the object has from its surroundings: who replaces a pod need not repeat it.</summary>
    public static void MutateChange(ApiResource row, JsonObject tree, JsonObject old)
    {
        if (row is { Group: "", Plural: "pods" })
        {
            PodAdmission.Keep(tree, old);
        }
    }

    /// <summary>Looks at a new object that is whole. Comes before webhooks that validate.</summary>
    /// <exception cref="ApiException">403: it may not be made.</exception>
    public void Validate(ApiResource row, string? @namespace, JsonObject tree)
    {
        switch (row.Group, row.Plural)
        {
            case ("", "pods" or "persistentvolumeclaims"):
                _limits.Check(row, @namespace!, tree);
                break;
            case ("scheduling.k8s.io", "priorityclasses"):
                _pods.CheckPriorityClass(row, tree);
                break;
        }
    }

    /// <summary>Looks at a change.</summary>
    /// <exception cref="ApiException">403: it may not be made.</exception>
    public void ValidateChange(ApiResource row, string? @namespace, JsonObject tree, JsonObject old)
    {
        switch (row.Group, row.Plural)
        {
            case ("", "persistentvolumeclaims"):
                _limits.Check(row, @namespace!, tree);
                _storage.CheckGrowth(row, tree, old);
                break;
            case ("scheduling.k8s.io", "priorityclasses"):
                _pods.CheckPriorityClass(row, tree);
                break;
        }
    }

    /// <summary>Charges quotas for a new object, or for a change of one, last of all.</summary>
    /// <param name="row">What it is.</param>
    /// <param name="namespace">Where it is; what is in no namespace is not charged for.</param>
    /// <param name="tree">The object.</param>
    /// <param name="old">The object as it was; null for a new one.</param>
    /// <param name="dryRun">Quotas are asked, and stay as they are.</param>
    /// <exception cref="ApiException">403: a quota is exhausted.</exception>
    public void Charge(ApiResource row, string? @namespace, JsonObject tree, JsonObject? old, bool dryRun)
    {
        if (row.Namespaced && @namespace is not null)
        {
            _quotas.Charge(row, @namespace, tree, old, dryRun);
        }
    }

    public static ApiException Forbidden(ApiResource row, JsonObject tree, string why) => Errors.Forbidden(row.GroupResource, tree.Metadata().Text("name") ?? "", why);

    /// <summary>Objects of another kind, newest state.</summary>
    public static StoreSnapshot All(ClusterStore cluster, string group, string plural) => cluster.Store(new GroupResource(group, plural)).Current;
}
