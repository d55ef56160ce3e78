namespace ActorKube.Models;

/// <summary>The names by which quotas limit, and what each of them counts.</summary>
internal static class QuotaNames
{
    public const string ByStorageClass = ".storageclass.storage.k8s.io/";
    public static readonly GroupResource Pods = new("", "pods");
    public static readonly GroupResource Services = new("", "services");
    public static readonly GroupResource Claims = new("", "persistentvolumeclaims");

    /// <summary>The resource whose objects a name counts; null where it counts nothing that is known.</summary>
    public static GroupResource? ResourceOf(string name)
    {
        if (name.StartsWith("count/", StringComparison.Ordinal))
        {
            var (counted, dot) = (name[6..], name.IndexOf('.', StringComparison.Ordinal) - 6);
            return dot < 0 ? new GroupResource("", counted) : new GroupResource(counted[(dot + 1)..], counted[..dot]);
        }
        return name switch
        {
            "services" or "services.nodeports" or "services.loadbalancers" => Services,
            "persistentvolumeclaims" or "requests.storage" => Claims,
            "secrets" or "configmaps" or "replicationcontrollers" or "resourcequotas" => new GroupResource("", name),
            _ when name.EndsWith(ByStorageClass + "persistentvolumeclaims", StringComparison.Ordinal) || name.EndsWith(ByStorageClass + "requests.storage", StringComparison.Ordinal) => Claims,
            "pods" => Pods,
            _ when IsHugePages(name) || Bare(name) is { } requested && (IsCompute(requested) || IsHugePages(requested) || (name.StartsWith("requests.", StringComparison.Ordinal) && IsExtended(requested))) => Pods,
            _ => null,
        };
    }

    /// <summary>The name for the number of objects of a resource.</summary>
    public static string CountOf(GroupResource resource) => $"count/{(resource.Group.Length == 0 ? resource.Resource : $"{resource.Resource}.{resource.Group}")}";

    public static bool IsCompute(string name) => name is "cpu" or "memory" or "ephemeral-storage";

    public static bool IsHugePages(string name) => name.StartsWith("hugepages-", StringComparison.Ordinal);

    /// <summary>Whether a node's resource is nobody's but its vendor's.</summary>
    public static bool IsExtended(string name) => name.Contains('/', StringComparison.Ordinal) && !name.Contains("kubernetes.io/", StringComparison.Ordinal);

    private static string Bare(string name) => name.StartsWith("requests.", StringComparison.Ordinal) ? name[9..] : name.StartsWith("limits.", StringComparison.Ordinal) && IsCompute(name[7..]) ? name[7..] : IsCompute(name) ? name : "";
}
