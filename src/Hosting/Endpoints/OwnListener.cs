using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorKube.Hosting;

/// <summary>A listener that a host has beside all else: Kestrel with nothing around it. It listens from when it is made until it is disposed.</summary>
sealed class OwnListener : IAsyncDisposable
{
    readonly WebApplication _web;

    OwnListener(WebApplication web) => (_web, Address) = (web, new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()));

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Begins to listen.</summary>
    /// <param name="place">The address and the port; port 0 is a free one.</param>
    /// <param name="trouble">What an error begins with.</param>
    /// <param name="option">The setting that names the port, for errors.</param>
    /// <param name="limits">What is taken from whoever connects.</param>
    /// <param name="protocols">What is spoken on a connection.</param>
    /// <param name="answer">Answers all requests.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">The port is somebody else's; says what to do.</exception>
    public static async Task<OwnListener> StartAsync(
        IPEndPoint place, string trouble, string option, Action<KestrelServerLimits> limits, Action<ListenOptions> protocols, RequestDelegate answer, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            limits(kestrel.Limits);
            kestrel.Listen(place, protocols);
        });
        var web = builder.Build();
        try
        {
            web.Run(answer);
            await web.StartAsync(cancellation).ConfigureAwait(false);
            return new OwnListener(web);
        }
        catch (Exception failed)
        {
            await web.DisposeAsync().ConfigureAwait(false);
            if (failed is IOException taken)
                throw new IOException($"{trouble} on {place}: {taken.Message} Choose another {option}; 0 takes a free one.", taken);
            throw;
        }
    }

    /// <summary>Lets requests under way end, and listens no more.</summary>
    /// <param name="cancellation">Waits for them no longer.</param>
    public async Task StopAsync(CancellationToken cancellation)
    {
        await _web.StopAsync(cancellation).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
