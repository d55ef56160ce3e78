using Microsoft.Extensions.Hosting;

namespace ActorKube.Hosting;

/// <summary>The host decides when a listener ends; signals are none of its business.</summary>
sealed class CallersLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
