using System.Text;
using k8s.Models;

namespace ActorKube.Kubelet;

/// <summary>
/// Probes of one life of a container. An exec probe runs its command; the other kinds succeed, for what listens in a simulated pod always answers. A startup probe holds
/// the others back until it succeeds. What they find is told to the pod's reconcile.
/// </summary>
internal sealed class ContainerProbes(ContainerRuntime runtime, SimulatedPod pod, SimulatedContainer container, ContainerLife life, IContainerEvents events)
{
    /// <summary>Starts what the container asks for.</summary>
    /// <returns>Whether probes decide when the container is ready.</returns>
    public bool Start(CancellationToken killed)
    {
        if (!Matters(container.Spec.StartupProbe))
        {
            return StartOthers(killed);
        }
        life.SetStarted(false);
        _ = StartupAsync(container.Spec.StartupProbe, killed);
        return true;
    }

    public async Task ReadyAfterAsync(TimeSpan delay, CancellationToken killed)
    {
        try
        {
            await runtime.Time.WaitAsync(delay, killed).ConfigureAwait(false);
            SetReady(true);
        }
        catch (OperationCanceledException)
        {
            // The container ended before.
        }
    }

    private static bool Matters(V1Probe? probe) => probe is not null && (probe.Exec is not null || probe.InitialDelaySeconds > 0);

    private async Task StartupAsync(V1Probe startup, CancellationToken killed)
    {
        if (await RunAsync(startup, ProbeKind.Startup, killed).ConfigureAwait(false))
        {
            life.SetStarted(true);
            if (!StartOthers(killed))
            {
                life.SetReady(true);
            }
            runtime.Changed(pod.Key);
        }
    }

    private bool StartOthers(CancellationToken killed)
    {
        if (container.Spec.LivenessProbe is { Exec: not null } liveness)
        {
            _ = RunAsync(liveness, ProbeKind.Liveness, killed);
        }
        if (!Matters(container.Spec.ReadinessProbe))
        {
            return false;
        }
        _ = RunAsync(container.Spec.ReadinessProbe, ProbeKind.Readiness, killed);
        return true;
    }

    private void SetReady(bool ready)
    {
        if (life.SetReady(ready))
        {
            runtime.Changed(pod.Key);
        }
    }

    /// <summary>Probes until the container ends, is to be ended, or (a startup probe) has started.</summary>
    /// <returns>Whether the last probe of a startup succeeded.</returns>
    private async Task<bool> RunAsync(V1Probe probe, ProbeKind kind, CancellationToken killed)
    {
        try
        {
            var tally = new ProbeTally(kind, probe.FailureThreshold ?? 3, probe.SuccessThreshold ?? 1);
            // Even without a delay not before the container's start has been told.
            await runtime.Time.WaitAsync(TimeSpan.FromSeconds(Math.Max(1, probe.InitialDelaySeconds ?? 0)), killed).ConfigureAwait(false);
            while (true)
            {
                var output = new BoundedOutput(4096);
                var succeeded = probe.Exec is not { } exec || await ProbeAsync(exec, output, killed).ConfigureAwait(false);
                if (!succeeded)
                {
                    events.Warning("Unhealthy", $"{kind} probe failed: {Encoding.UTF8.GetString(output.ToArray())}", container.Name);
                }
                switch (tally.Add(succeeded, life.IsReady))
                {
                    case ProbeVerdict.Ready:
                        SetReady(true);
                        break;
                    case ProbeVerdict.Unready:
                        SetReady(false);
                        break;
                    case ProbeVerdict.Started:
                        return true;
                    case ProbeVerdict.Restart:
                        events.Normal("Killing", $"Container {container.Name} failed {(kind == ProbeKind.Startup ? "startup" : "liveness")} probe, will be restarted", container.Name);
                        await life.Kill.CancelAsync().ConfigureAwait(false);
                        return false;
                }
                await runtime.Time.WaitAsync(TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds ?? 10)), killed).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The container ended.
            return false;
        }
    }

    private async Task<bool> ProbeAsync(V1ExecAction exec, Stream output, CancellationToken killed) =>
        await runtime.RunAsync(pod, container, life, new SimulatedProcess
        {
            Namespace = pod.Key.Namespace, Pod = pod.Key.Name, Container = container.Name, Command = [.. exec.Command ?? []],
            Environment = life.Environment, Output = output, Error = output, Time = runtime.Time, Killed = killed,
        }).ConfigureAwait(false) is null or 0;
}
