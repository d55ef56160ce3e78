using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting;

/// <summary>A worker's own small listener: Kestrel with nothing around it, begun before anything else of the host and ended after it.</summary>
sealed class EndpointListener(IServiceProvider services, KubernetesEndpointOptions options, PrometheusMetrics metrics, ILogger<EndpointListener> logger) : IHostedLifecycleService, IKubernetesEndpoints
{
    OwnListener? _listener;

    public Uri? Address => _listener?.Address;

    // Before other services start: metrics count from the beginning, and a kubelet that asks early is told what is missing.
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!IPAddress.TryParse(options.Address, out var address))
            throw new InvalidOperationException($"KubernetesEndpointOptions.Address: '{options.Address}' is not an IP address, such as 127.0.0.1 or 0.0.0.0.");
        if (options.Port is < 0 or > 65535)
            throw new InvalidOperationException($"KubernetesEndpointOptions.Port: {options.Port} is not a port; 0 takes a free one.");
        _listener = await OwnListener.StartAsync(
            new IPEndPoint(address, options.Port), "Health and metrics cannot be told", "KubernetesEndpointOptions.Port",
            static limits => (limits.MaxRequestBodySize, limits.MaxConcurrentConnections) = (0, 100),
            static listen => listen.Protocols = HttpProtocols.Http1,
            new EndpointAnswers(services, metrics).AnswerAsync, cancellationToken).ConfigureAwait(false);
        logger.LogInformation("Health and metrics are told on {Address}: {Paths}", Address, string.Join(", ", EndpointAnswers.Paths.Select(static p => p.Path)));
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => _listener?.StopAsync(cancellationToken) ?? Task.CompletedTask;
}

/// <summary>The listener of <see cref="KubernetesEndpointExtensions.AddKubernetesEndpoints(IServiceCollection, Action{KubernetesEndpointOptions}?)"/>, for who needs to know its port.</summary>
public interface IKubernetesEndpoints
{
    /// <summary>Where it listens; null before the host starts.</summary>
    Uri? Address { get; }
}
