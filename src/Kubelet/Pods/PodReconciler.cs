using System.Text.Json.Nodes;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Kubelet;

/// <summary>
/// Brings one pod on: puts it on the node, runs its containers as <see cref="PodPlan"/> says, tells its status, and lets it go once it is asked to. Called again whenever the pod changes, one of its processes has
/// ended, a probe has news, or the time has come for which it asked.
/// </summary>
internal sealed class PodReconciler(PodSimulatorOptions options, PodRegistry pods, ContainerRuntime runtime, PodEvents events) : IReconciler<V1Pod>
{
    private static readonly ResourceDefinition Pods = ResourceDefinition.For<V1Pod>();
    private readonly RestartBackOff _backOff = new(options.RestartBackOff, options.MaxRestartBackOff);

    private DateTimeOffset Now => runtime.Time.GetUtcNow();

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Pod> context, CancellationToken cancellation)
    {
        if (context.Object is not { } seen)
        {
            pods.Forget(context.Key);
            return ReconcileResult.Done;
        }
        var known = pods.TryFind(context.Key, seen.Metadata.Uid, out var there) ? there : null;
        // The cache may show a binding of our own later than its answer came.
        if (known is { Node.Length: > 0 })
        {
            seen.Spec.NodeName ??= known.Node;
        }

        if (seen.Metadata.DeletionTimestamp is not null)
        {
            return await LetGoAsync(context, seen, known, cancellation).ConfigureAwait(false);
        }
        if (HasEnded(seen) || (!PodPlacement.WaitsForNode(seen) && (string.IsNullOrEmpty(seen.Spec.NodeName) || !PodPlacement.IsOurs(seen, options.NodeName))))
        {
            return ReconcileResult.Done;
        }
        var pod = known ?? pods.Take(context.Key, seen);
        if (pod.ArrivedAt + options.StartDelay is var due && due > Now)
        {
            return ReconcileResult.RequeueAfter(due - Now);
        }
        if (string.IsNullOrEmpty(seen.Spec.NodeName) && !await BindAsync(context, seen, cancellation).ConfigureAwait(false))
        {
            return ReconcileResult.Done;
        }
        pod.Node = seen.Spec.NodeName!;
        return await SyncAsync(context, pod, seen, cancellation).ConfigureAwait(false);
    }

    private static bool HasEnded(V1Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";

    private static bool IsOvertaken(KubernetesException refusal) => refusal.IsNotFound || refusal.IsConflict;

    /// <summary>The scheduler's part.</summary>
    /// <returns>Whether the pod is on a node now; where somebody was faster, that comes as a change.</returns>
    private async Task<bool> BindAsync(ReconcileContext<V1Pod> context, V1Pod seen, CancellationToken cancellation)
    {
        var node = PodPlacement.NodeOf(seen) ?? options.NodeName;
        try
        {
            await context.Client.Resource<V1Pod>(context.Key.Namespace).BindAsync(context.Key.Name, node, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException refusal) when (IsOvertaken(refusal))
        {
            return false;
        }
        events.Scheduled(context.Raw!, node);
        seen.Spec.NodeName = node;
        return true;
    }

    private async Task<ReconcileResult> SyncAsync(ReconcileContext<V1Pod> context, SimulatedPod pod, V1Pod seen, CancellationToken cancellation)
    {
        foreach (var container in pod.Containers)
        {
            container.Life?.TakeExit();
        }
        var plan = PodPlan.Of(pod, seen.Spec.RestartPolicy ?? "Always", _backOff, Now);
        var told = events.Kubelet(pod, context.Raw!);
        foreach (var hold in plan.Holds)
        {
            Hold(pod, hold, told);
        }
        if (plan.Starts.Count > 0)
        {
            pod.Address ??= seen.Status?.PodIP ?? pods.NextAddress();
        }
        foreach (var (container, backOff) in plan.Starts)
        {
            await runtime.StartAsync(pod, container, told, cancellation).ConfigureAwait(false);
            container.BackOff = backOff;
        }
        foreach (var container in plan.Stops)
        {
            await container.Life!.Kill.CancelAsync().ConfigureAwait(false);
        }
        await TellAsync(context, pod, seen, cancellation).ConfigureAwait(false);
        return plan.DueAt is { } due ? ReconcileResult.RequeueAfter(due - Now) : ReconcileResult.Done;
    }

    private static void Hold(SimulatedPod pod, PodPlan.Hold hold, IContainerEvents told)
    {
        var container = hold.Container;
        (container.NotBefore, container.BackOff) = (hold.Until, hold.BackOff);
        if (hold.Until is null)
        {
            var reason = container.Script.Waiting!;
            container.Wait(reason);
            var (said, message) = reason is "ImagePullBackOff" or "ErrImagePull" ? ("Failed", $"Failed to pull image \"{container.Spec.Image}\": the pod's annotation says so") : (reason, "the pod's annotation says so");
            told.Warning(said, message, container.Name);
        }
        else if (hold.Pause is { } pause)
        {
            var whose = $"{pod.Key.Name}_{pod.Key.Namespace}({pod.Uid})";
            container.Wait("CrashLoopBackOff", $"back-off {RestartBackOff.GoDuration(pause)} restarting failed container={container.Name} pod={whose}");
            told.Warning("BackOff", $"Back-off restarting failed container {container.Name} in pod {whose}", container.Name);
        }
    }

    /// <summary>A pod that is asked to go stops within its grace, says how it ended, and is let go.</summary>
    private async Task<ReconcileResult> LetGoAsync(ReconcileContext<V1Pod> context, V1Pod seen, SimulatedPod? known, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(seen.Spec.NodeName) || (known is null && !PodPlacement.IsOurs(seen, options.NodeName)))
        {
            return ReconcileResult.Done;
        }
        var pod = known ?? pods.Take(context.Key, seen);
        if (pod.IsReleased)
        {
            return ReconcileResult.Done;
        }
        pod.Node = seen.Spec.NodeName;
        pod.GoingSince ??= Now;
        var grace = TimeSpan.FromSeconds(seen.Metadata.DeletionGracePeriodSeconds ?? 0);
        if (pod.GoingSince + (options.StopDelay < grace ? options.StopDelay : grace) is { } due && due > Now)
        {
            return ReconcileResult.RequeueAfter(due - Now);
        }
        var told = events.Kubelet(pod, context.Raw!);
        foreach (var container in pod.Containers)
        {
            container.Life?.TakeExit();
            if (container.Phase == ContainerPhase.Running)
            {
                told.Normal("Killing", $"Stopping container {container.Name}", container.Name);
            }
        }
        pod.Kill();
        if (!HasEnded(seen))
        {
            await TellAsync(context, pod, seen, cancellation).ConfigureAwait(false);
        }
        try
        {
            await context.Client.Resource(Pods, context.Key.Namespace).DeleteAsync(context.Key.Name, new DeleteOptions { GracePeriodSeconds = 0, Uid = pod.Uid }, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException refusal) when (IsOvertaken(refusal))
        {
            // It is gone already.
        }
        pod.IsReleased = true;
        return ReconcileResult.Done;
    }

    /// <summary>Tells the pod's status, unless that was told already.</summary>
    private async Task TellAsync(ReconcileContext<V1Pod> context, SimulatedPod pod, V1Pod seen, CancellationToken cancellation)
    {
        var (status, conditions) = PodStatusText.Of(pod, seen, Now);
        var text = status.ToJsonString();
        if (pod.Told?.Text == text)
        {
            return;
        }
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Uid }, ["status"] = status };
        try
        {
            await context.Client.Resource(Pods, context.Key.Namespace).PatchAsync(context.Key.Name, Patch.StrategicMerge(patch), subresource: "status", cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException refusal) when (IsOvertaken(refusal))
        {
            // Another pod has the name by now, or none.
        }
        pod.Told = new ToldStatus(text, conditions);
    }
}
