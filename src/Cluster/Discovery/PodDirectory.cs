using System.Globalization;
using System.Net;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Cluster;

/// <summary>Where pods are found, and what of them is told.</summary>
public sealed record PodDirectoryOptions
{
    /// <summary>The pods' namespace; null for the client's own, which in a pod is the pod's.</summary>
    public string? Namespace { get; init; }

    /// <summary>Which pods belong to a service: a label selector in which <c>{0}</c> stands for the service's name.</summary>
    public string LabelSelector { get; init; } = "app={0}";

    /// <summary>The cluster's domain, for the pods' names in DNS; unused with <see cref="RawIp"/>.</summary>
    public string Domain { get; init; } = "cluster.local";

    /// <summary>Tells pods by their addresses instead of their names in DNS.</summary>
    public bool RawIp { get; init; } = true;
}

/// <summary>One pod that can be reached.</summary>
/// <param name="Host">Its address, or its name in DNS.</param>
/// <param name="Port">The port that was asked for; null where none was.</param>
/// <param name="Address">Its address.</param>
public sealed record PodTarget(string Host, int? Port, IPAddress? Address);

/// <summary>Finds the pods of a service by their labels. Thread-safe. It needs the right to list pods.</summary>
/// <remarks>Pods that are not ready are told too: nodes that form a cluster are not ready before they have found each other.</remarks>
public sealed class PodDirectory(Func<IKubernetesClient> client, PodDirectoryOptions options)
{
    /// <summary>The pods of a service that run, are not on their way out and have an address.</summary>
    /// <param name="service">The service's name; it goes into <see cref="PodDirectoryOptions.LabelSelector"/>.</param>
    /// <param name="port">The name of a container port, of which only pods that have it are told; null for pods as such.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="ActorKube.Models.KubernetesException">The server refused.</exception>
    public async Task<IReadOnlyList<PodTarget>> FindAsync(string service, string? port = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(service);
        var cluster = client();
        var selector = string.Format(CultureInfo.InvariantCulture, options.LabelSelector, service);
        var pods = await cluster.Resource<V1Pod>(options.Namespace ?? cluster.Configuration.Namespace).ListAsync(new ListOptions { LabelSelector = selector }, cancellation).ConfigureAwait(false);
        return [.. pods.Items.SelectMany(pod => Targets(pod, port))];
    }

    /// <summary>What one pod contributes.</summary>
    internal IEnumerable<PodTarget> Targets(V1Pod pod, string? port)
    {
        if (pod.Metadata.DeletionTimestamp is not null || pod.Status is not { Phase: "Running", PodIP: { Length: > 0 } ip } || !IPAddress.TryParse(ip, out var address))
            yield break;
        var @namespace = pod.Metadata.NamespaceProperty ?? options.Namespace;
        var host = options.RawIp ? ip : $"{ip.Replace('.', '-').Replace(':', '-')}.{@namespace}.pod.{options.Domain}";
        if (port is null)
        {
            yield return new PodTarget(host, null, address);
            yield break;
        }
        foreach (var container in pod.Spec?.Containers ?? [])
        {
            foreach (var open in container.Ports ?? [])
            {
                if (open.Name == port)
                    yield return new PodTarget(host, open.ContainerPort, address);
            }
        }
    }
}
