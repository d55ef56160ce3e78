using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorKube.Hosting;

/// <summary>Health and metrics over HTTP: <c>/healthz</c>, <c>/livez</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
public static class KubernetesEndpointExtensions
{
    /// <summary>For workers: a small listener of its own, on loopback unless said otherwise.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Where to listen, and what more to tell.</param>
    public static IServiceCollection AddKubernetesEndpoints(this IServiceCollection services, Action<KubernetesEndpointOptions>? configure = null)
    {
        var options = new KubernetesEndpointOptions();
        configure?.Invoke(options);
        return services.AddKubernetesEndpoints(options);
    }

    /// <summary>The same, where an operator may say in the host's configuration where to listen.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="section">Such as <c>builder.Configuration.GetSection("Endpoints")</c>, with the keys <c>Address</c> and <c>Port</c>. What it says wins over <paramref name="configure"/>.</param>
    /// <param name="configure">Where to listen, and what more to tell.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A key is unknown, or its value makes no sense; the message names it.</exception>
    public static IServiceCollection AddKubernetesEndpoints(this IServiceCollection services, IConfiguration section, Action<KubernetesEndpointOptions>? configure = null)
    {
        var options = new KubernetesEndpointOptions();
        configure?.Invoke(options);
        options.Read(section);
        return services.AddKubernetesEndpoints(options);
    }

    static IServiceCollection AddKubernetesEndpoints(this IServiceCollection services, KubernetesEndpointOptions options)
    {
        services.AddSingleton(new PrometheusMetrics(options.Meters));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<EndpointListener>(provider, options));
        services.AddSingleton<IKubernetesEndpoints>(static provider => provider.GetRequiredService<EndpointListener>());
        services.AddHostedService(static provider => provider.GetRequiredService<EndpointListener>());
        return services;
    }

    /// <summary>For ASP.NET hosts: the same paths among the host's own.</summary>
    /// <param name="endpoints">The host's endpoints.</param>
    /// <param name="meters">Meters to tell of beside ActorKube's own, see <see cref="PrometheusMetrics(IEnumerable{string})"/>.</param>
    /// <returns>To add conventions to all of them, such as <c>RequireHost("*:8080")</c>.</returns>
    public static IEndpointConventionBuilder MapKubernetesEndpoints(this IEndpointRouteBuilder endpoints, params string[] meters)
    {
        var metrics = endpoints.ServiceProvider.GetService<PrometheusMetrics>();
        if (metrics is null)
        {
            metrics = new PrometheusMetrics(meters);
            endpoints.ServiceProvider.GetService<IHostApplicationLifetime>()?.ApplicationStopped.Register(metrics.Dispose);
        }
        var answers = new EndpointAnswers(endpoints.ServiceProvider, metrics);
        var group = endpoints.MapGroup("");
        foreach (var (path, meaning) in EndpointAnswers.Paths)
            group.Map(path, (RequestDelegate)(http => answers.AnswerAsync(http, meaning)));
        return group;
    }
}
