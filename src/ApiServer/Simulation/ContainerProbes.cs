using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// Probes of a simulated container. An exec probe runs its command; the other kinds succeed, for what listens in a simulated pod always answers. A startup probe holds
/// the others back until it succeeds.
/// </summary>
internal sealed class ContainerProbes(SimulatedContainer container, SimulatedPods pods, SimulatedPod pod, PodEvents events, Action publish)
{
    /// <summary>Starts what the container asks for.</summary>
    /// <returns>Whether probes decide when the container is ready.</returns>
    public bool Start(CancellationToken killed)
    {
        if (container.Spec.Child("startupProbe") is not { } startup || (startup.Child("exec") is null && (startup["initialDelaySeconds"].AsLong() ?? 0) == 0))
        {
            return StartOthers(killed);
        }
        container.Started = false;
        _ = StartupAsync(startup, killed);
        return true;
    }

    private async Task StartupAsync(JsonObject startup, CancellationToken killed)
    {
        if (await RunAsync(startup, "Startup", killed).ConfigureAwait(false))
        {
            container.Started = true;
            container.Ready = !StartOthers(killed);
            publish();
        }
    }

    private bool StartOthers(CancellationToken killed)
    {
        if (container.Spec.Child("livenessProbe") is { } liveness && liveness.Child("exec") is not null)
        {
            _ = RunAsync(liveness, "Liveness", killed);
        }
        if (container.Spec.Child("readinessProbe") is not { } readiness || (readiness.Child("exec") is null && (readiness["initialDelaySeconds"].AsLong() ?? 0) == 0))
        {
            return false;
        }
        _ = RunAsync(readiness, "Readiness", killed);
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

    /// <summary>Probes until the container ends, is to be ended, or (a startup probe) has started.</summary>
    /// <returns>Whether the last probe of a startup succeeded.</returns>
    private async Task<bool> RunAsync(JsonObject probe, string kind, CancellationToken killed)
    {
        try
        {
            var period = TimeSpan.FromSeconds(Math.Max(1, probe["periodSeconds"].AsLong() ?? 10));
            var (allowed, wanted) = (probe["failureThreshold"].AsLong() ?? 3, probe["successThreshold"].AsLong() ?? 1);
            var (failures, successes) = (0L, 0L);
            // Even without a delay not before the container's start has been told.
            await pods.Time.WaitAsync(TimeSpan.FromSeconds(Math.Max(1, probe["initialDelaySeconds"].AsLong() ?? 0)), killed).ConfigureAwait(false);
            while (true)
            {
                var output = new BoundedOutput(4096);
                var succeeded = probe.Child("exec") is not { } exec || await ProbeAsync(exec, output, killed).ConfigureAwait(false);
                (failures, successes) = succeeded ? (0L, successes + 1) : (failures + 1, 0L);
                if (!succeeded)
                {
                    events.Tell("Unhealthy", $"{kind} probe failed: {Encoding.UTF8.GetString(output.ToArray())}", container.Name, warning: true);
                }
                if (kind == "Readiness")
                {
                    SetReady(container.Ready ? failures < allowed : successes >= wanted);
                }
                else if (kind == "Startup" && succeeded)
                {
                    return true;
                }
                else if (failures >= allowed)
                {
                    events.Tell("Killing", $"Container {container.Name} failed {(kind == "Startup" ? "startup" : "liveness")} probe, will be restarted", container.Name);
                    await container.Kill.CancelAsync().ConfigureAwait(false);
                    return false;
                }
                await pods.Time.WaitAsync(period, killed).ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or ApiException)
        {
            // The container ended.
            return false;
        }
    }

    private async Task<bool> ProbeAsync(JsonObject exec, Stream output, CancellationToken killed) =>
        await pods.RunAsync(container, new SimulatedProcess
        {
            Namespace = pod.Namespace, Pod = pod.Name, Container = container.Name, Command = [.. exec.List("command").Texts()],
            Environment = container.Environment, Output = output, Error = output, Time = pods.Time, Killed = killed,
        }).ConfigureAwait(false) is null or 0;
}
