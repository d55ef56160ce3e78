using System.Net;

namespace ActorKube.Hosting;

/// <summary>Where a worker tells of its health and its metrics.</summary>
public sealed class KubernetesEndpointOptions
{
    /// <summary>The address to listen on. Loopback unless said: a pod whose kubelet is to ask needs <see cref="IPAddress.Any"/> (or <c>0.0.0.0</c> in configuration).</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; set; } = 8080;

    /// <summary>Meters to tell of beside ActorKube's own, see <see cref="PrometheusMetrics(IEnumerable{string})"/>.</summary>
    public IList<string> Meters { get; } = [];
}
