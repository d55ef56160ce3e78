using Microsoft.Extensions.Hosting;

namespace ActorKube.ApiServer;

/// <summary>
/// The server lives until its caller disposes it. It takes no signals: on Ctrl-C the caller's controllers still need it while they drain.
/// </summary>
internal sealed class CallersLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
