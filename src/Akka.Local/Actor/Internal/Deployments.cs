#nullable disable
using Akka.Configuration;
using Akka.Routing;
using Akka.Util;

namespace Akka.Actor.Internal;

/// <summary>What <c>akka.actor.deployment</c> says about actors below <c>/user</c>, by path; a part of a path may be a wildcard.</summary>
internal static class Deployments
{
    private static readonly string[] Settings =
    [
        "dispatcher", "mailbox", "stash-capacity", "router", "nr-of-instances", "virtual-nodes-factor", "routees", "pool-dispatcher", "resizer",
    ];

    public static Dictionary<string, Deploy> Read(Config config)
    {
        var found = new Dictionary<string, Deploy>();
        var section = config.GetConfig("akka.actor.deployment");
        if (section is null)
            return found;
        var defaults = section.GetConfig("default");
        foreach (var (path, value) in section.AsEnumerable())
        {
            if (path == "default" || !value.IsObject())
                continue;
            if (!path.StartsWith('/'))
                throw new ConfigurationException($"akka.actor.deployment has the key '{path}': a key is an actor's path below /user, and starts with '/'.");
            var own = value.ToConfig();
            // A router of one's own may have settings of its own.
            if (RouterConfigs.IsKnown(own.GetString("router", "from-code")))
                KnownSettings.CheckKeys(value.GetObject(), Settings, $"akka.actor.deployment.\"{path}\"");
            var deploy = own.WithFallback(defaults);
            found[path] = new Deploy(
                path,
                deploy,
                RouterConfigs.Read(path, own, deploy),
                Deploy.NoScopeGiven,
                deploy.GetString("dispatcher", ""),
                deploy.GetString("mailbox", ""),
                deploy.GetInt("stash-capacity", Deploy.NoStashSize));
        }

        return found;
    }

    public static Deploy Find(Dictionary<string, Deploy> deployments, ActorPath path)
    {
        var elements = path.Elements;
        if (elements.Count < 2 || elements[0] != "user")
            return null;
        var relative = "/" + string.Join("/", elements.Skip(1));
        if (deployments.TryGetValue(relative, out var exact))
            return exact;
        foreach (var (pattern, deploy) in deployments)
        {
            if (!pattern.Contains('*'))
                continue;
            var parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var actual = elements.Skip(1).ToArray();
            if (parts.Length == actual.Length && parts.Zip(actual).All(p => WildcardMatch.Like(p.Second, p.First, caseSensitive: true)))
                return deploy;
        }

        return null;
    }
}
