using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorKube.Hosting;

/// <summary>What a kubelet asks an operator.</summary>
public static class KubernetesHealthExtensions
{
    const string Ready = "actorkube-ready";
    const string Live = "actorkube-live";

    /// <summary>Adds the checks: ready where caches are read and controllers have started, live where no reconcile is stuck.</summary>
    public static IHealthChecksBuilder AddKubernetes(this IHealthChecksBuilder checks) =>
        checks.AddCheck<ReadyCheck>(Ready, tags: [Ready]).AddCheck<LiveCheck>(Live, tags: [Live]);

    /// <summary>Maps <c>/healthz</c> and <c>/livez</c> to the live check and <c>/readyz</c> to the ready check; <see cref="AddKubernetes"/> must have added them.</summary>
    public static IEndpointRouteBuilder MapKubernetesHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks("/healthz", Tagged(Live));
        endpoints.MapHealthChecks("/livez", Tagged(Live));
        endpoints.MapHealthChecks("/readyz", Tagged(Ready));
        return endpoints;
    }

    static HealthCheckOptions Tagged(string tag) => new()
    {
        Predicate = check => check.Tags.Contains(tag),
        // The reason is for people who look: a probe reads the code alone.
        ResponseWriter = static async (context, report) =>
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            foreach (var entry in report.Entries)
                await context.Response.WriteAsync(entry.Value.Description is { } why ? $"{entry.Key}: {why}\n" : $"{entry.Key}: ok\n").ConfigureAwait(false);
        },
    };
}
