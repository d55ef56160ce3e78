using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// Probes of a simulated container. An exec probe runs its command; the other kinds succeed, for what listens in a simulated pod always answers. Startup probes hold
/// the others back only for their initial delay.
/// </summary>
internal sealed class ContainerProbes(SimulatedContainer container, SimulatedPods pods, SimulatedPod pod, PodEvents events, Action publish)
{
    /// <summary>Starts what the container asks for.</summary>
    /// <returns>Whether a readiness probe decides when the container is ready.</returns>
    public bool Start(CancellationToken killed)
    {
        if (container.Spec.Child("livenessProbe") is { } liveness && liveness.Child("exec") is not null)
        {
            _ = RunAsync(liveness, "Liveness", killed);
        }
        if (container.Spec.Child("readinessProbe") is not { } readiness)
        {
            return false;
        }
        if (readiness.Child("exec") is null && (readiness["initialDelaySeconds"].AsLong() ?? 0) == 0)
        {
            return false;
        }
        _ = readiness.Child("exec") is null ? ReadyAfterAsync(TimeSpan.FromSeconds(readiness["initialDelaySeconds"].AsLong() ?? 0), killed) : RunAsync(readiness, "Readiness", killed);
        return true;
    }

    public async Task ReadyAfterAsync(TimeSpan delay, CancellationToken killed)
    {
        try
        {
            await pods.Time.WaitAsync(delay, killed).ConfigureAwait(false);
            SetReady(true);
        }
        catch (Exception gone) when (gone is OperationCanceledException or ApiException)
        {
            // The container ended before.
        }
    }

    private void SetReady(bool ready)
    {
        if (container.Ready != ready && container.Phase == ContainerPhase.Running)
        {
            container.Ready = ready;
            publish();
        }
    }

    private async Task RunAsync(JsonObject probe, string kind, CancellationToken killed)
    {
        try
        {
            var period = TimeSpan.FromSeconds(Math.Max(1, probe["periodSeconds"].AsLong() ?? 10));
            var allowed = probe["failureThreshold"].AsLong() ?? 3;
            var failures = 0L;
            // Even without a delay not before the container's start has been told.
            await pods.Time.WaitAsync(TimeSpan.FromSeconds(Math.Max(1, probe["initialDelaySeconds"].AsLong() ?? 0)), killed).ConfigureAwait(false);
            while (true)
            {
                var output = new BoundedOutput(4096);
                var code = await pods.RunAsync(container, new SimulatedProcess
                {
                    Namespace = pod.Namespace, Pod = pod.Name, Container = container.Name, Command = [.. probe.Child("exec")!.List("command").Texts()],
                    Environment = container.Environment, Output = output, Error = output, Time = pods.Time, Killed = killed,
                }).ConfigureAwait(false);
                failures = code is null or 0 ? 0 : failures + 1;
                if (failures > 0)
                {
                    events.Tell("Unhealthy", $"{kind} probe failed: {Encoding.UTF8.GetString(output.ToArray())}", container.Name, warning: true);
                }
                if (kind == "Readiness")
                {
                    SetReady(failures == 0 || (container.Ready && failures < allowed));
                }
                else if (failures >= allowed)
                {
                    events.Tell("Killing", $"Container {container.Name} failed liveness probe, will be restarted", container.Name);
                    await container.Kill.CancelAsync().ConfigureAwait(false);
                    return;
                }
                await pods.Time.WaitAsync(period, killed).ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or ApiException)
        {
            // The container ended.
        }
    }
}
