using Akka.Hosting;

namespace ActorKube.Cluster;

/// <summary>Discovery on pods for a host's actor system.</summary>
public static class KubernetesServiceDiscoveryExtensions
{
    /// <summary>Makes <see cref="KubernetesServiceDiscovery"/> the actor system's discovery method.</summary>
    /// <param name="akka">The actor system's builder; it needs <c>WithKubernetes</c> too.</param>
    /// <param name="options">Where pods are found; null for the defaults.</param>
    public static AkkaConfigurationBuilder WithKubernetesServiceDiscovery(this AkkaConfigurationBuilder akka, PodDirectoryOptions? options = null)
    {
        options ??= new PodDirectoryOptions();
        return akka.AddHocon(
            $$"""
            akka.discovery.method = kubernetes
            akka.discovery.kubernetes {
              class = "{{typeof(KubernetesServiceDiscovery).AssemblyQualifiedName}}"
              pod-namespace = "{{options.Namespace}}"
              pod-label-selector = "{{options.LabelSelector}}"
              pod-domain = "{{options.Domain}}"
              use-raw-ip = {{(options.RawIp ? "on" : "off")}}
            }
            """,
            HoconAddMode.Prepend);
    }
}
