using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Remote.Hosting;

namespace Cnat;

/// <summary>This process as one node of several that share the work: each At is one node's at a time.</summary>
public sealed record CnatCluster
{
    /// <summary>The name of the actor system; nodes of one cluster have the same.</summary>
    public const string System = "cnat";

    /// <summary>How many slices the work is divided into; the same on all nodes.</summary>
    public const int Shards = 32;

    /// <summary>The host that the node listens on and is known by.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port that it listens on.</summary>
    public int Port { get; init; } = 4053;

    /// <summary>The node to join by, as <c>HOST:PORT</c>; null for the one that begins a cluster.</summary>
    public string? Seed { get; init; }

    internal AkkaConfigurationBuilder Join(AkkaConfigurationBuilder akka) => akka
        .WithRemoting(Host, Port)
        .WithClustering(new ClusterOptions { SeedNodes = [$"akka.tcp://{System}@{Seed ?? $"{Host}:{Port}"}"] });
}
