using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting;

/// <summary>A worker's own small listener: Kestrel with nothing around it, begun before anything else of the host and ended after it.</summary>
sealed class EndpointListener(IServiceProvider services, KubernetesEndpointOptions options, PrometheusMetrics metrics, ILogger<EndpointListener> logger) : IHostedLifecycleService, IKubernetesEndpoints
{
    WebApplication? _web;

    public Uri? Address { get; private set; }

    // Before other services start: metrics count from the beginning, and a kubelet that asks early is told what is missing.
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!IPAddress.TryParse(options.Address, out var address))
            throw new InvalidOperationException($"KubernetesEndpointOptions.Address: '{options.Address}' is not an IP address, such as 127.0.0.1 or 0.0.0.0.");
        if (options.Port is < 0 or > 65535)
            throw new InvalidOperationException($"KubernetesEndpointOptions.Port: {options.Port} is not a port; 0 takes a free one.");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 100;
            kestrel.Listen(address, options.Port, static listen => listen.Protocols = HttpProtocols.Http1);
        });
        _web = builder.Build();
        _web.Run(new EndpointAnswers(services, metrics).AnswerAsync);
        try
        {
            await _web.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException taken)
        {
            throw new IOException($"Health and metrics cannot be told on {options.Address}:{options.Port}: {taken.Message} Choose another KubernetesEndpointOptions.Port; 0 takes a free one.", taken);
        }
        Address = new Uri(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        logger.LogInformation("Health and metrics are told on {Address}: {Paths}", Address, string.Join(", ", EndpointAnswers.Paths.Select(static p => p.Path)));
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_web is null)
            return;
        await _web.StopAsync(cancellationToken).ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>The listener of <see cref="KubernetesEndpointExtensions.AddKubernetesEndpoints(IServiceCollection, Action{KubernetesEndpointOptions}?)"/>, for who needs to know its port.</summary>
public interface IKubernetesEndpoints
{
    /// <summary>Where it listens; null before the host starts.</summary>
    Uri? Address { get; }
}
