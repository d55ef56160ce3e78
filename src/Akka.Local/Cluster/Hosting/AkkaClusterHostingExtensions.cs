using Akka.Actor.Internal;
using Akka.Hosting;

namespace Akka.Cluster.Hosting;

/// <summary>A host's actor system as a member of a cluster. In this runtime the cluster is the process itself.</summary>
public static class AkkaClusterHostingExtensions
{
    /// <summary>Makes the actor system a cluster of one node.</summary>
    /// <param name="builder">The actor system's builder.</param>
    /// <param name="options">The node's roles; its own address may be its seed. A seed that is another process keeps the host from starting.</param>
    public static AkkaConfigurationBuilder WithClustering(this AkkaConfigurationBuilder builder, ClusterOptions? options = null)
    {
        var node = OneNode.Of(builder);
        node.Roles = options?.Roles ?? [];
        options?.SplitBrainResolver?.Apply(builder);
        return builder.StartActors((system, _) => node.CheckSeeds(system.Name, options?.SeedNodes ?? []));
    }
}
