using Akka.Hosting;

namespace ActorKube.Cluster;

/// <summary>Kubernetes leases for a host's actor system.</summary>
public static class KubernetesLeaseExtensions
{
    /// <summary>
    /// Writes the configuration section of Kubernetes leases, which Akka's options that take a lease (split-brain resolver, singletons, shards) refer to and do not write themselves.
    /// The actor system needs <c>WithKubernetes</c> too.
    /// </summary>
    /// <param name="akka">The actor system's builder.</param>
    /// <param name="option">The section; null for the defaults. Give the same to the option that takes the lease.</param>
    public static AkkaConfigurationBuilder WithKubernetesLease(this AkkaConfigurationBuilder akka, KubernetesLeaseOption? option = null)
    {
        (option ?? new KubernetesLeaseOption()).Apply(akka);
        return akka;
    }
}
