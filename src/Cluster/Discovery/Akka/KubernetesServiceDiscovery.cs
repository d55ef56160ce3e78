using ActorKube.Actors;
using Akka.Actor;
using Akka.Configuration;
using Akka.Discovery;

namespace ActorKube.Cluster;

/// <summary>
/// Akka's service discovery on pods by label: <see cref="PodDirectory"/> under Akka's contract, chosen by <c>akka.discovery.method = kubernetes</c> and the section <c>akka.discovery.kubernetes</c>,
/// which <see cref="KubernetesServiceDiscoveryExtensions.WithKubernetesServiceDiscovery"/> writes. With the official packages only.
/// </summary>
public sealed class KubernetesServiceDiscovery : ServiceDiscovery
{
    readonly PodDirectory _pods;

    /// <summary>Made by Akka.Discovery.</summary>
    public KubernetesServiceDiscovery(ExtendedActorSystem system, Config config)
    {
        var defaults = new PodDirectoryOptions();
        _pods = new PodDirectory(() => system.Kubernetes().Client, new PodDirectoryOptions
        {
            Namespace = config.GetString("pod-namespace", "") is { Length: > 0 } given ? given : null,
            LabelSelector = config.GetString("pod-label-selector", defaults.LabelSelector),
            Domain = config.GetString("pod-domain", defaults.Domain),
            RawIp = config.GetBoolean("use-raw-ip", defaults.RawIp),
        });
    }

    /// <summary>The pods of a service, now.</summary>
    /// <param name="lookup">The service's name, and the name of a container port where one is wanted.</param>
    /// <param name="resolveTimeout">How long the server may take.</param>
    /// <exception cref="TimeoutException">The server did not answer in time.</exception>
    public override async Task<Resolved> Lookup(Lookup lookup, TimeSpan resolveTimeout)
    {
        using var timeout = new CancellationTokenSource(resolveTimeout);
        try
        {
            var pods = await _pods.FindAsync(lookup.ServiceName, lookup.PortName, timeout.Token).ConfigureAwait(false);
            return new Resolved(lookup.ServiceName, pods.Select(static pod => new ResolvedTarget(pod.Host, pod.Port, pod.Address)));
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new TimeoutException($"The API server did not list the pods of '{lookup.ServiceName}' within {resolveTimeout.TotalSeconds:0.#} s.");
        }
    }
}
