using ActorKube.Hosting;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;

namespace Cnat;

/// <summary>A run of cnat: the ground it stands on, the operator, and the demo.</summary>
internal static class CnatApp
{
    /// <summary>Runs until it is cancelled or the demo has settled.</summary>
    /// <returns>The exit code: 0 for a good end, 1 for an end with a reason, which was written to the errors.</returns>
    public static Task<int> RunAsync(CnatOptions options, CancellationToken cancellation) => RunAsync(options, Console.Out, Console.Error, cancellation);

    /// <inheritdoc cref="RunAsync(CnatOptions, CancellationToken)"/>
    internal static async Task<int> RunAsync(CnatOptions options, TextWriter output, TextWriter errors, CancellationToken cancellation)
    {
        try
        {
            await using var embedded = options.IsRealCluster ? null : await EmbeddedCluster.StartAsync(options, cancellation);
            if (embedded is not null)
            {
                await output.WriteLineAsync($"An API server listens on {embedded.Uri}. Look at it with:");
                await output.WriteLineAsync($"  kubectl --kubeconfig {embedded.Kubeconfig} get ats -w");
            }
            var configuration = embedded?.Configuration ?? Load(options);
            using var host = Build(options, services => services.AddKubernetesClient(configuration));
            return await RunAsync(host, options, errors, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception error) when (!options.Verbose)
        {
            await errors.WriteLineAsync($"cnat: {Explain(error)}");
            return 1;
        }
    }

    static async Task<int> RunAsync(IHost host, CnatOptions options, TextWriter errors, CancellationToken cancellation)
    {
        var client = host.Services.GetRequiredService<IKubernetesClient>();
        if (!options.IsRealCluster || options.InstallCrd) await AtDefinition.InstallAsync(client, cancellation);
        await host.StartAsync(cancellation);
        try
        {
            if (options.Demo)
            {
                var demo = ActivatorUtilities.CreateInstance<Demo>(host.Services);
                await demo.CreateAsync(cancellation);
                if (options.ExitWhenDone)
                {
                    if (await demo.WaitAsync(options.Timeout, cancellation) is not { } missing) return 0;
                    await errors.WriteLineAsync($"cnat: {missing}");
                    return 1;
                }
            }
            await host.WaitForShutdownAsync(cancellation);
            return 0;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>The operator as a host.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="addClient">Registers the client of the cluster to run against.</param>
    internal static IHost Build(CnatOptions options, Action<IServiceCollection> addClient)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddSerilog(new LoggerConfiguration()
            .MinimumLevel.Is(options.Verbose ? LogEventLevel.Debug : LogEventLevel.Information)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .WriteTo.Console(outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}" + (options.Verbose ? "{Exception}" : ""))
            .CreateLogger(), dispose: true);
        // A node that leaves its cluster hands its work over first.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.Cluster is null ? 4 : 30));
        builder.Services.AddSingleton(TimeProvider.System);
        addClient(builder.Services);
        if (options.HealthPort is { } port) builder.Services.AddKubernetesEndpoints(endpoints => endpoints.Port = port);
        builder.Services.AddAkka(CnatCluster.System, akka => akka.WithCnat(options.Flavour, options.Cluster));
        return builder.Build();
    }

    static KubernetesClientConfiguration Load(CnatOptions options) =>
        options.InCluster ? KubernetesClientConfiguration.InCluster() : KubernetesClientConfiguration.FromKubeconfig(options.Kubeconfig!, options.Context);

    /// <summary>One sentence for a person: what went wrong, where, and what to do.</summary>
    static string Explain(Exception error) => error switch
    {
        KubernetesException { IsUnauthorized: true } => $"the API server does not accept these credentials (401): {error.Message}. Check the user of the kubeconfig's context, or name another with --context.",
        KubernetesException { IsForbidden: true } => $"the API server does not allow this (403): {error.Message}. Use credentials with more rights, or have this right granted.",
        _ => error.Message,
    };
}
