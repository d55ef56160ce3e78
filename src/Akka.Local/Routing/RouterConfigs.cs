#nullable disable
using Akka.Configuration;
using Akka.Util;

namespace Akka.Routing;

/// <summary>Routers by the names that settings have for them.</summary>
internal static class RouterConfigs
{
    public static RouterConfig Read(string path, Config own, Config withDefaults)
    {
        var name = own.GetString("router", "from-code");
        switch (name)
        {
            case "from-code":
                return NoRouter.Instance;
            default:
                var type = TypeResolver.Find(name)
                    ?? throw new ConfigurationException($"akka.actor.deployment.\"{path}\".router is '{name}', which is no router of this runtime. docs/akka-local.md lists those there are.");
                return (RouterConfig)Activator.CreateInstance(type, withDefaults);
        }
    }
}
