using ActorKube.Actors;
using Akka.Actor;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActorKube.Hosting;

/// <summary>Ready: every cache has been read once, and every controller that should reconcile does.</summary>
sealed class ReadyCheck(ActorSystem system) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var waiting = system.Kubernetes().Health.Caches.Where(static c => !c.HasSynced).ToArray();
        return Task.FromResult(waiting.Length == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("Not read yet: " + string.Join("; ", waiting.Select(static c => c.Trouble is { } trouble ? $"{c.Spec}: {trouble.Message}" : c.Spec.ToString()))));
    }
}

/// <summary>Live: no reconcile is stuck, that is, took too long and did not leave when it was asked to.</summary>
sealed class LiveCheck(ActorSystem system) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var stuck = system.Kubernetes().Health.Controllers.SelectMany(static c => c.Stuck.Select(s => $"{c.Name} {s.Key} since {s.Value:u}")).ToArray();
        return Task.FromResult(stuck.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Stuck: " + string.Join("; ", stuck)));
    }
}
