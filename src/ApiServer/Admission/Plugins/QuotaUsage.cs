using System.Text.Json.Nodes;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>What one object uses of a quota, by the names that quotas have for it.</summary>
internal static class QuotaUsage
{
    private static readonly HashSet<string> CountedByName =
        new(["pods", "services", "secrets", "configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas"], StringComparer.Ordinal);

    private static readonly string[] Compute = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

    /// <summary>An object's use. What has ended uses nothing but its place.</summary>
    public static Dictionary<string, ResourceQuantity> Of(GroupResource resource, JsonObject tree)
    {
        var usage = new Dictionary<string, ResourceQuantity>(StringComparer.Ordinal);
        ResourceQuantity one = "1";
        usage[$"count/{(resource.Group.Length == 0 ? resource.Resource : $"{resource.Resource}.{resource.Group}")}"] = one;
        if (resource.Group.Length > 0)
        {
            return usage;
        }
        var counted = resource.Resource != "pods" || !HasEnded(tree);
        if (counted && CountedByName.Contains(resource.Resource))
        {
            usage[resource.Resource] = one;
        }
        switch (resource.Resource)
        {
            case "pods" when counted:
                Pod(tree, usage);
                break;
            case "services":
                Service(tree, usage);
                break;
            case "persistentvolumeclaims":
                Claim(tree, usage);
                break;
        }
        return usage;
    }

    /// <summary>Whether a pod has run its course.</summary>
    public static bool HasEnded(JsonObject pod) => pod.TextAt("status", "phase") is "Succeeded" or "Failed";

    private static void Pod(JsonObject pod, Dictionary<string, ResourceQuantity> usage)
    {
        foreach (var list in (string[])["requests", "limits"])
        {
            foreach (var (name, value) in PodResources.Sum(pod, list))
            {
                var amount = ResourceValidation.Quantity(value)!;
                usage[$"{list}.{name}"] = amount;
                if (list == "requests" && !name.Contains('/', StringComparison.Ordinal))
                {
                    usage[name] = amount;
                }
            }
        }
    }

    private static void Service(JsonObject service, Dictionary<string, ResourceQuantity> usage)
    {
        var ports = (long)((service.At("spec", "ports") as JsonArray)?.Count ?? 0);
        var type = service.TextAt("spec", "type");
        if (type == "LoadBalancer")
        {
            usage["services.loadbalancers"] = "1";
            ports = service.At("spec", "allocateLoadBalancerNodePorts").AsBool() != false ? ports : (service.At("spec", "ports") as JsonArray).Objects().Count(p => p["nodePort"].AsLong() > 0);
        }
        if (type is "NodePort" or "LoadBalancer")
        {
            usage["services.nodeports"] = (decimal)ports;
        }
    }

    private static void Claim(JsonObject claim, Dictionary<string, ResourceQuantity> usage)
    {
        var amount = ResourceValidation.Quantity(claim.At("spec", "resources", "requests", "storage"));
        if (amount is not null)
        {
            usage["requests.storage"] = amount;
        }
        if (claim.TextAt("spec", "storageClassName") is not { Length: > 0 } name)
        {
            return;
        }
        usage[$"{name}.storageclass.storage.k8s.io/persistentvolumeclaims"] = "1";
        if (amount is not null)
        {
            usage[$"{name}.storageclass.storage.k8s.io/requests.storage"] = amount;
        }
    }

    /// <summary>Containers that must say what they need because a quota counts it; null when all do.</summary>
    public static string? Missing(JsonObject pod, IEnumerable<string> hard)
    {
        var counted = hard.Where(h => Array.IndexOf(Compute, h) >= 0).Order(StringComparer.Ordinal).ToList();
        var missing = new List<string>();
        foreach (var name in counted)
        {
            var (list, resource) = name.StartsWith("limits.", StringComparison.Ordinal) ? ("limits", name[7..]) : ("requests", name[(name.LastIndexOf('.') + 1)..]);
            var without = PodResources.Containers(pod).Where(c => c.At("resources", list, resource) is null).Select(c => c.Text("name")).Order(StringComparer.Ordinal).ToList();
            if (without.Count > 0)
            {
                missing.Add($"{name} for: {string.Join(",", without)}");
            }
        }
        return missing.Count == 0 ? null : $"must specify {string.Join("; ", missing)}";
    }

    /// <summary>Whether a quota's scopes let it count an object. Scopes speak of pods only.</summary>
    public static bool Matches(JsonObject quota, GroupResource resource, JsonObject tree)
    {
        var scopes = (quota.At("spec", "scopes") as JsonArray).Texts().Select(s => (Name: s, Operator: "Exists", Values: (IReadOnlyList<string>)[]))
            .Concat((quota.At("spec", "scopeSelector", "matchExpressions") as JsonArray).Objects()
                .Select(e => (Name: e.Text("scopeName") ?? "", Operator: e.Text("operator") ?? "", Values: (IReadOnlyList<string>)e.List("values").Texts().ToList()))).ToList();
        return scopes.Count == 0 || (resource is { Group: "", Resource: "pods" } && scopes.TrueForAll(s => PodMatches(tree, s.Name, s.Operator, s.Values)));
    }

    private static bool PodMatches(JsonObject pod, string scope, string symbol, IReadOnlyList<string> values)
    {
        var ends = pod.At("spec", "activeDeadlineSeconds") is not null;
        var bestEffort = !PodResources.Containers(pod).Any(c => c.At("resources", "requests") is JsonObject { Count: > 0 } || c.At("resources", "limits") is JsonObject { Count: > 0 });
        var priority = pod.TextAt("spec", "priorityClassName") ?? "";
        return scope switch
        {
            "Terminating" => ends,
            "NotTerminating" => !ends,
            "BestEffort" => bestEffort,
            "NotBestEffort" => !bestEffort,
            "PriorityClass" => symbol switch
            {
                "In" => values.Contains(priority),
                "NotIn" => !values.Contains(priority),
                "DoesNotExist" => priority.Length == 0,
                _ => priority.Length > 0,
            },
            _ => false,
        };
    }
}
