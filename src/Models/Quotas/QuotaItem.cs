using k8s.Models;

namespace ActorKube.Models;

/// <summary>An object as quotas see it: what it uses by the names that they have for it, and whether their scopes mean it. What an API server charges and what a controller counts must be one sum.</summary>
/// <remarks>Source: kube-apiserver's evaluators for pods, services and claims; anything else is counted alone.</remarks>
internal sealed class QuotaItem
{
    private static readonly string[] MustSay = ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];
    private static readonly ResourceQuantity One = "1";

    private readonly GroupResource _resource;
    private readonly V1Pod? _pod;
    private readonly V1Service? _service;
    private readonly V1PersistentVolumeClaim? _claim;

    /// <param name="resource">What it is.</param>
    /// <param name="value">The object; of what is counted alone nobody looks at it.</param>
    public QuotaItem(GroupResource resource, KubeObject? value = null)
    {
        _resource = resource;
        _pod = resource == QuotaNames.Pods ? value?.As<V1Pod>() : null;
        _service = resource == QuotaNames.Services ? value?.As<V1Service>() : null;
        _claim = resource == QuotaNames.Claims ? value?.As<V1PersistentVolumeClaim>() : null;
    }

    /// <summary>Whether its use depends on more than that it is there.</summary>
    public static bool IsLookedAt(GroupResource resource) => resource == QuotaNames.Pods || resource == QuotaNames.Services || resource == QuotaNames.Claims;

    /// <summary>Whether a pod has run its course, or should have: it uses nothing but its place.</summary>
    public static bool HasEnded(V1Pod pod, DateTime now) => pod.Status?.Phase is "Succeeded" or "Failed"
        || (pod.Metadata is { DeletionTimestamp: { } deleted, DeletionGracePeriodSeconds: { } grace } && now > deleted.AddSeconds(grace));

    /// <summary>Its use, amounts of zero left out.</summary>
    public Dictionary<string, ResourceQuantity> Usage(DateTime now)
    {
        var usage = new Dictionary<string, ResourceQuantity>(StringComparer.Ordinal) { [QuotaNames.CountOf(_resource)] = One };
        if (_resource.Group.Length == 0 && QuotaNames.ResourceOf(_resource.Resource) is not null && !(_pod is not null && HasEnded(_pod, now)))
        {
            usage[_resource.Resource] = One;
        }
        if (_pod is not null && !HasEnded(_pod, now))
        {
            OfPod(_pod.Spec, usage);
        }
        if (_service is not null)
        {
            OfService(_service.Spec, usage);
        }
        if (_claim is not null)
        {
            OfClaim(_claim, usage);
        }
        return usage.Where(static u => !u.Value.IsZero).ToDictionary(StringComparer.Ordinal);
    }

    private static void OfPod(V1PodSpec? pod, Dictionary<string, ResourceQuantity> usage)
    {
        foreach (var (name, amount) in PodResources.Requests(pod))
        {
            if (QuotaNames.IsCompute(name) || QuotaNames.IsHugePages(name))
            {
                usage[name] = usage["requests." + name] = amount;
            }
            else if (QuotaNames.IsExtended(name))
            {
                usage["requests." + name] = amount;
            }
        }
        foreach (var (name, amount) in PodResources.Limits(pod).Where(static l => QuotaNames.IsCompute(l.Key)))
        {
            usage["limits." + name] = amount;
        }
    }

    private static void OfService(V1ServiceSpec? service, Dictionary<string, ResourceQuantity> usage)
    {
        var ports = service?.Ports ?? [];
        if (service?.Type is "NodePort" or "LoadBalancer")
        {
            usage["services.nodeports"] = service is { Type: "LoadBalancer", AllocateLoadBalancerNodePorts: false } ? ports.Count(static p => p.NodePort > 0) : (decimal)ports.Count;
        }
        if (service?.Type == "LoadBalancer")
        {
            usage["services.loadbalancers"] = One;
        }
    }

    private static void OfClaim(V1PersistentVolumeClaim claim, Dictionary<string, ResourceQuantity> usage)
    {
        var storage = claim.Spec?.Resources?.Requests?.TryGetValue("storage", out var asked) is true ? asked.RoundUp(0) : null;
        // What it was given counts until it is given less.
        if (storage is not null && claim.Status?.AllocatedResources?.TryGetValue("storage", out var given) is true && given > storage)
        {
            storage = given.RoundUp(0);
        }
        var storageClass = claim.GetAnnotation("volume.beta.kubernetes.io/storage-class") ?? claim.Spec?.StorageClassName;
        if (!string.IsNullOrEmpty(storageClass))
        {
            usage[$"{storageClass}{QuotaNames.ByStorageClass}persistentvolumeclaims"] = One;
        }
        if (storage is null)
        {
            return;
        }
        usage["requests.storage"] = storage;
        if (!string.IsNullOrEmpty(storageClass))
        {
            usage[$"{storageClass}{QuotaNames.ByStorageClass}requests.storage"] = storage;
        }
    }

    /// <summary>Containers that must say what they need because a quota counts it; null when all do.</summary>
    /// <param name="hard">What the quota limits.</param>
    public string? Missing(IEnumerable<string> hard)
    {
        var missing = new List<string>();
        foreach (var name in hard.Where(h => _pod is not null && Array.IndexOf(MustSay, h) >= 0).Order(StringComparer.Ordinal))
        {
            var (limit, resource) = name.StartsWith("limits.", StringComparison.Ordinal) ? (true, name[7..]) : (false, name[(name.LastIndexOf('.') + 1)..]);
            var without = PodResources.Containers(_pod!.Spec).Where(c => (limit ? c.Resources?.Limits : c.Resources?.Requests)?.ContainsKey(resource) is not true).Select(static c => c.Name).Distinct().Order(StringComparer.Ordinal).ToList();
            if (without.Count > 0)
            {
                missing.Add($"{name} for: {string.Join(",", without)}");
            }
        }
        return missing.Count == 0 ? null : $"must specify {string.Join("; ", missing)}";
    }

    /// <summary>Whether a quota's scopes let it count the object. Scopes speak of pods only.</summary>
    public bool IsMeantBy(V1ResourceQuotaSpec? quota)
    {
        var (scopes, selected) = (quota?.Scopes ?? [], quota?.ScopeSelector?.MatchExpressions ?? []);
        return (scopes.Count == 0 && selected.Count == 0)
            || (_pod is { } pod && scopes.All(s => IsMeant(pod, s, "Exists", [])) && selected.All(s => IsMeant(pod, s.ScopeName, s.OperatorProperty, s.Values ?? [])));
    }

    private static bool IsMeant(V1Pod pod, string scope, string symbol, IList<string> values) => scope switch
    {
        "Terminating" => pod.Spec?.ActiveDeadlineSeconds >= 0,
        "NotTerminating" => !(pod.Spec?.ActiveDeadlineSeconds >= 0),
        "BestEffort" => IsBestEffort(pod),
        "NotBestEffort" => !IsBestEffort(pod),
        "CrossNamespacePodAffinity" => LooksBeyond(pod.Spec?.Affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, pod.Spec?.Affinity?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution)
            || LooksBeyond(pod.Spec?.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, pod.Spec?.Affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution),
        "PriorityClass" => (pod.Spec?.PriorityClassName ?? "") is var priority && symbol switch
        {
            "In" => values.Contains(priority),
            "NotIn" => !values.Contains(priority),
            "DoesNotExist" => priority.Length == 0,
            _ => priority.Length > 0,
        },
        _ => false,
    };

    private static bool IsBestEffort(V1Pod pod) => pod.Status?.QosClass is { Length: > 0 } told ? told == "BestEffort"
        : !PodResources.Containers(pod.Spec).SelectMany(static c => (c.Resources?.Requests ?? Nothing).Concat(c.Resources?.Limits ?? Nothing)).Any(static a => a.Key is "cpu" or "memory" && a.Value is { Sign: > 0 });

    private static readonly Dictionary<string, ResourceQuantity> Nothing = [];

    private static bool LooksBeyond(IList<V1PodAffinityTerm>? required, IList<V1WeightedPodAffinityTerm>? preferred) =>
        (required ?? []).Concat((preferred ?? []).Select(static p => p.PodAffinityTerm)).Any(static t => t is { Namespaces.Count: > 0 } or { NamespaceSelector: not null });
}
