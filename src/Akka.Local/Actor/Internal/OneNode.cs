using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Remote.Hosting;

namespace Akka.Actor.Internal;

/// <summary>What was said about the one node that this runtime's cluster consists of; it rides along as one of the system's setups.</summary>
internal sealed class OneNode : Setup.Setup
{
    public RemoteOptions Remote { get; set; } = new();

    public IReadOnlyCollection<string> Roles { get; set; } = [];

    public static OneNode Of(AkkaConfigurationBuilder builder)
    {
        if (builder.Setups.OfType<OneNode>().FirstOrDefault() is { } there)
            return there;
        var node = new OneNode();
        builder.Setups.Add(node);
        return node;
    }

    public static IReadOnlyCollection<string> RolesOf(ActorSystem system) =>
        system.Settings.Setup.Get<OneNode>() is { HasValue: true } node ? node.Value.Roles : [];

    /// <exception cref="ConfigurationException">A seed node is another process.</exception>
    public void CheckSeeds(string system, IEnumerable<string> seeds)
    {
        foreach (var seed in seeds)
        {
            if (!IsSelf(system, Address.Parse(seed)))
            {
                throw new ConfigurationException(
                    $"The seed node '{seed}' is another process, and this runtime's cluster has one node: leave the seed out to run alone, or build with -p:ActorRuntime=akka for a cluster of several.");
            }
        }
    }

    private bool IsSelf(string system, Address seed) =>
        seed.System == system
        && seed.Host == (Remote.PublicHostName ?? Remote.HostName)
        && seed.Port == (Remote.PublicPort ?? Remote.Port);
}
