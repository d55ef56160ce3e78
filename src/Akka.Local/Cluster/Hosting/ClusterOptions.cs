using Akka.Cluster.Hosting.SBR;

namespace Akka.Cluster.Hosting;

/// <summary>What a cluster's member is, and how it finds the others.</summary>
public sealed class ClusterOptions
{
    /// <summary>What the node is there for.</summary>
    public string[]? Roles { get; set; }

    /// <summary>The addresses to join by. This runtime's cluster has one node, so only its own is accepted.</summary>
    public string[]? SeedNodes { get; set; }

    /// <summary>Who survives a partition; null for the default. One node never has to decide.</summary>
    public SplitBrainResolverOption? SplitBrainResolver { get; set; }
}
