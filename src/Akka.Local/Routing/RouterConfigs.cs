#nullable disable
using Akka.Configuration;
using Akka.Util;

namespace Akka.Routing;

/// <summary>Routers by the names that settings have for them.</summary>
internal static class RouterConfigs
{
    private static readonly Dictionary<string, Func<Config, RouterConfig>> Known = new()
    {
        ["from-code"] = _ => NoRouter.Instance,
        ["round-robin-pool"] = config => new RoundRobinPool(config),
        ["round-robin-group"] = config => new RoundRobinGroup(config),
        ["random-pool"] = config => new RandomPool(config),
        ["random-group"] = config => new RandomGroup(config),
        ["broadcast-pool"] = config => new BroadcastPool(config),
        ["broadcast-group"] = config => new BroadcastGroup(config),
        ["consistent-hashing-pool"] = config => new ConsistentHashingPool(config),
        ["consistent-hashing-group"] = config => new ConsistentHashingGroup(config),
    };

    public static bool IsKnown(string name) => Known.ContainsKey(name);

    public static RouterConfig Read(string path, Config own, Config withDefaults)
    {
        var name = own.GetString("router", "from-code");
        if (Known.TryGetValue(name, out var make))
            return make(withDefaults);
        var type = TypeResolver.Find(name)
            ?? throw new ConfigurationException($"akka.actor.deployment.\"{path}\".router is '{name}', which is no router of this runtime. It has: {string.Join(", ", Known.Keys)}.");
        return (RouterConfig)Activator.CreateInstance(type, withDefaults);
    }
}
