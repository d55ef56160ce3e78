using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>Amounts of resources, by name: what containers ask for, what limit ranges and quotas speak of.</summary>
internal static class ResourceValidation
{
    private static readonly HashSet<string> ForContainers = new(["cpu", "memory", "ephemeral-storage"], StringComparer.Ordinal);

    private static readonly HashSet<string> ForQuotas = new(
    [
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage",
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps", "services.nodeports", "services.loadbalancers",
    ], StringComparer.Ordinal);

    private static readonly HashSet<string> Whole =
        new(["pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"], StringComparer.Ordinal);

    /// <summary>Requests and limits of a container.</summary>
    public static void OfContainer(JsonObject? resources, string path, FieldErrors errors)
    {
        if (resources is null)
        {
            return;
        }
        var (limits, requests) = (resources.Child("limits") ?? [], resources.Child("requests") ?? []);
        foreach (var (name, value) in limits)
        {
            ContainerName(name, $"{path}.limits[{name}]", errors);
            Amount(name, value, $"{path}.limits[{name}]", errors);
        }
        foreach (var (name, value) in requests)
        {
            var at = $"{path}.requests[{name}]";
            ContainerName(name, at, errors);
            Amount(name, value, at, errors);
            if (limits[name] is not { } limit)
            {
                if (!MayOvercommit(name))
                {
                    errors.Required($"{path}.limits", "Limit must be set for non overcommitable resources");
                }
            }
            else if (Quantity(value) is { } asked && Quantity(limit) is { } most)
            {
                if (asked != most && !MayOvercommit(name))
                {
                    errors.Invalid($"{path}.requests", value!.ToString(), $"must be equal to {name} limit of {limit}");
                }
                else if (asked > most)
                {
                    errors.Invalid($"{path}.requests", value!.ToString(), $"must be less than or equal to {name} limit of {limit}");
                }
            }
        }
        var names = limits.Concat(requests).Select(p => p.Key).ToList();
        if (names.Exists(IsHugePages) && !names.Exists(n => n is "cpu" or "memory"))
        {
            errors.Forbidden(path, "HugePages require cpu or memory");
        }
    }

    /// <summary>What a name in a quota must be.</summary>
    public static void QuotaName(string name, string at, FieldErrors errors)
    {
        BaseName(name, at, errors);
        if (!name.Contains('/', StringComparison.Ordinal) && !ForQuotas.Contains(name) && !IsHugePages(name) && !name.StartsWith("requests.hugepages-", StringComparison.Ordinal))
        {
            errors.InvalidShown(at, name, "must be a standard resource for quota");
        }
    }

    public static void ContainerName(string name, string at, FieldErrors errors)
    {
        if (!BaseName(name, at, errors))
        {
            if (!name.Contains('/', StringComparison.Ordinal) && !ForContainers.Contains(name) && !IsHugePages(name))
            {
                errors.InvalidShown(at, name, "must be a standard resource for containers");
            }
            return;
        }
        if (!name.Contains('/', StringComparison.Ordinal))
        {
            if (!ForContainers.Contains(name) && !IsHugePages(name))
            {
                errors.InvalidShown(at, name, "must be a standard resource for containers");
            }
        }
        else if (name.StartsWith("requests.", StringComparison.Ordinal))
        {
            errors.InvalidShown(at, name, "doesn't follow extended resource name standard");
        }
    }

    /// <summary>A name that anything may have; answers whether it is one.</summary>
    public static bool BaseName(string name, string at, FieldErrors errors)
    {
        var problems = ActorKube.Models.NameRules.CheckQualifiedName(name);
        foreach (var problem in problems)
        {
            errors.InvalidShown(at, name, problem);
        }
        if (problems.Count > 0)
        {
            return false;
        }
        if (!name.Contains('/', StringComparison.Ordinal) && !ForContainers.Contains(name) && !ForQuotas.Contains(name) && !IsHugePages(name) && name is not "storage"
            && !name.StartsWith("requests.hugepages-", StringComparison.Ordinal))
        {
            errors.InvalidShown(at, name, "must be a standard resource type or fully qualified");
            return false;
        }
        return true;
    }

    /// <summary>An amount: none below nothing, and whole ones of what can be counted only.</summary>
    public static void Amount(string name, JsonNode? value, string at, FieldErrors errors)
    {
        if (Quantity(value) is not { } quantity)
        {
            return;
        }
        if (quantity.Sign < 0)
        {
            errors.Invalid(at, value!.ToString(), "must be greater than or equal to 0");
        }
        var counted = Whole.Contains(name) || (name.Contains('/', StringComparison.Ordinal) && !name.StartsWith("requests.", StringComparison.Ordinal) && !name.Contains("kubernetes.io/", StringComparison.Ordinal));
        if (counted && quantity.ToMilli() % 1000 != 0)
        {
            errors.InvalidShown(at, GoValues.Quantity(value), "must be an integer");
        }
    }

    public static ResourceQuantity? Quantity(JsonNode? value) => value is not null && ResourceQuantity.TryParse(value.ToString(), out var quantity) ? quantity : null;

    private static bool IsHugePages(string name) => name.StartsWith("hugepages-", StringComparison.Ordinal);

    private static bool MayOvercommit(string name) => !IsHugePages(name) && (!name.Contains('/', StringComparison.Ordinal) || name.Contains("kubernetes.io/", StringComparison.Ordinal));
}
