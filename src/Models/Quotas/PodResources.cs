using k8s.Models;

namespace ActorKube.Models;

/// <summary>What a pod asks for as a whole: what is counted where it is scheduled, limited or put on a quota.</summary>
internal static class PodResources
{
    public static IEnumerable<V1Container> Containers(V1PodSpec? pod) => (pod?.Containers ?? []).Concat(pod?.InitContainers ?? []);

    /// <summary>What it asks for at least, and its overhead.</summary>
    public static Dictionary<string, ResourceQuantity> Requests(V1PodSpec? pod)
    {
        var sum = Sum(pod, static c => c.Resources?.Requests);
        foreach (var (name, amount) in Amounts(pod?.Overhead))
        {
            Add(sum, name, amount);
        }
        return sum;
    }

    /// <summary>What it may use at most, and its overhead where there is such a limit.</summary>
    public static Dictionary<string, ResourceQuantity> Limits(V1PodSpec? pod)
    {
        var sum = Sum(pod, static c => c.Resources?.Limits);
        foreach (var (name, amount) in Amounts(pod?.Overhead).Where(o => sum.TryGetValue(o.Key, out var limit) && !limit.IsZero))
        {
            Add(sum, name, amount);
        }
        return sum;
    }

    /// <summary>Containers and sidecars together, or the init container that needs most beside the sidecars that run by then, whichever is more.</summary>
    private static Dictionary<string, ResourceQuantity> Sum(V1PodSpec? pod, Func<V1Container, IDictionary<string, ResourceQuantity>?> of)
    {
        var sum = new Dictionary<string, ResourceQuantity>(StringComparer.Ordinal);
        var initial = new Dictionary<string, ResourceQuantity>(StringComparer.Ordinal);
        var sidecars = new Dictionary<string, ResourceQuantity>(StringComparer.Ordinal);
        foreach (var (name, amount) in (pod?.Containers ?? []).SelectMany(c => Amounts(of(c))))
        {
            Add(sum, name, amount);
        }
        foreach (var container in pod?.InitContainers ?? [])
        {
            var sidecar = container.RestartPolicy == "Always";
            foreach (var (name, amount) in Amounts(of(container)))
            {
                if (sidecar)
                {
                    Add(sum, name, amount);
                    Add(sidecars, name, amount);
                }
                var at = sidecar ? sidecars[name] : sidecars.TryGetValue(name, out var running) ? running + amount : amount;
                initial[name] = initial.TryGetValue(name, out var most) && most >= at ? most : at;
            }
        }
        foreach (var (name, amount) in initial)
        {
            sum[name] = sum.TryGetValue(name, out var all) && all >= amount ? all : amount;
        }
        return sum;
    }

    private static IEnumerable<KeyValuePair<string, ResourceQuantity>> Amounts(IDictionary<string, ResourceQuantity>? amounts) => (amounts ?? new Dictionary<string, ResourceQuantity>()).Where(static a => a.Value is not null);

    private static void Add(Dictionary<string, ResourceQuantity> to, string name, ResourceQuantity amount) => to[name] = to.TryGetValue(name, out var before) ? before + amount : amount;
}
