using ActorKube.Actors;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActorKube.Hosting;

/// <summary>The runtime's health for hosts that gather health checks of their own; <c>/livez</c> and <c>/readyz</c> need none of this.</summary>
public static class KubernetesHealthChecks
{
    /// <summary>Adds <c>actorkube-live</c> (tag <c>live</c>: no reconcile and no reflector is stuck) and <c>actorkube-ready</c> (tag <c>ready</c>: every cache has been read once, and webhooks can be asked).</summary>
    public static IHealthChecksBuilder AddKubernetes(this IHealthChecksBuilder checks) =>
        checks.AddCheck<Live>("actorkube-live", tags: ["live", RuntimeChecks.Tag]).AddCheck<Ready>("actorkube-ready", tags: ["ready", RuntimeChecks.Tag]);

    static Task<HealthCheckResult> Result(IEnumerable<(string Name, string? Problem)> told)
    {
        var problems = string.Join("; ", told.Select(static t => t.Problem).Where(static p => p is not null));
        return Task.FromResult(problems.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(problems));
    }

    sealed class Live(ActorSystem system) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Result(RuntimeChecks.Live(system));
    }

    sealed class Ready(ActorSystem system, IServiceProvider services) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Result(RuntimeChecks.Ready(system, services));
    }
}
