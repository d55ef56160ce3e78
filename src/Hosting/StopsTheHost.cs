using ActorKube.Actors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting;

/// <summary>A process whose controller could not start stops, with an exit code that says so: whoever started it decides what then, as with controller-runtime.</summary>
sealed class StopsTheHost(IHostApplicationLifetime lifetime, ILogger logger) : IRuntimeObserver
{
    public void StartFailed(string controller, string why)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return;
        logger.LogCritical("The process stops because {Controller} could not start: {Reason}. A controller that should wait for its kinds says KeepTryingToSync", controller, why);
        if (Environment.ExitCode == 0)
            Environment.ExitCode = 1;
        lifetime.StopApplication();
    }
}
