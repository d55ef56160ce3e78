using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Keeps what an autoscaler scales within its bounds, and says why it does no more: a server without metrics has none to scale by. What a cluster's autoscaler says without a metrics server, this says.
/// </summary>
internal sealed class AutoscalerReconciler(ClusterControllersOptions options) : IReconciler<V2HorizontalPodAutoscaler>
{
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V2HorizontalPodAutoscaler> context, CancellationToken cancellation)
    {
        var scaler = context.Object!;
        var status = new AutoscalerStatus(scaler, options.Time.GetUtcNow().UtcDateTime);
        await ScaleAsync(context, scaler, status, cancellation).ConfigureAwait(false);
        if (!status.Value.SemanticallyEquals(scaler.Status))
        {
            scaler.Status = status.Value;
            await context.Client.Resource<V2HorizontalPodAutoscaler>(context.Key.Namespace).UpdateStatusAsync(scaler, cancellation: cancellation).ConfigureAwait(false);
        }
        return ReconcileResult.RequeueAfter(options.AutoscalerPeriod);
    }

    private static async Task ScaleAsync(ReconcileContext<V2HorizontalPodAutoscaler> context, V2HorizontalPodAutoscaler scaler, AutoscalerStatus status, CancellationToken cancellation)
    {
        var target = scaler.Spec.ScaleTargetRef;
        V1Scale scale;
        ResourceDefinition resource;
        try
        {
            (scale, resource) = await ScaleTargets.GetAsync(context.Client, target.ApiVersion, target.Kind, context.Key.Namespace, target.Name, cancellation).ConfigureAwait(false)
                ?? throw new KubernetesException(new V1Status { Code = 404, Reason = "NotFound", Message = $"no matches for kind \"{target.Kind}\" in group \"{GroupVersion.Parse(target.ApiVersion).Group}\"" });
        }
        catch (KubernetesException missing)
        {
            context.Events.Warning("FailedGetScale", missing.Message);
            status.Set("AbleToScale", "False", "FailedGetScale", $"the HPA controller was unable to get the target's current scale: {missing.Message}");
            return;
        }
        status.Set("AbleToScale", "True", "SucceededGetScale", "the HPA controller was able to get the target's current scale");
        var (current, least) = (scale.Spec?.Replicas ?? 0, scaler.Spec.MinReplicas ?? 1);
        var (desired, why) = current == 0 && least != 0 ? (0, "")
            : current > scaler.Spec.MaxReplicas ? (scaler.Spec.MaxReplicas, "Current number of replicas above Spec.MaxReplicas")
            : current < least ? (least, "Current number of replicas below Spec.MinReplicas") : (current, "");
        if (current == 0 && least != 0)
        {
            status.Set("ScalingActive", "False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero");
            status.Count(current, desired, scaled: false);
        }
        else if (desired != current)
        {
            (scale.Spec ??= new V1ScaleSpec()).Replicas = desired;
            await ScaleTargets.SetAsync(context.Client, resource, scale, cancellation).ConfigureAwait(false);
            status.Set("AbleToScale", "True", "SucceededRescale", $"the HPA controller was able to update the target scale to {desired}");
            context.Events.Normal("SuccessfulRescale", $"New size: {desired}; reason: {why}");
            status.Count(current, desired, scaled: true);
        }
        else
        {
            status.Unmeasured(current, Measure(context, scaler, scale, status));
        }
    }

    /// <summary>Says that there is no metric to be had.</summary>
    /// <returns>How many were asked for.</returns>
    private static int Measure(ReconcileContext<V2HorizontalPodAutoscaler> context, V2HorizontalPodAutoscaler scaler, V1Scale scale, AutoscalerStatus status)
    {
        if (scale.Status?.Selector is not { Length: > 0 } text || !LabelSelector.TryParse(text, out _))
        {
            Fail("InvalidSelector", "the HPA target's scale is missing a selector", "selector is required");
            return 0;
        }
        var rivals = context.Cache<V2HorizontalPodAutoscaler>().List(context.Key.Namespace).Where(o => Same(o.Spec.ScaleTargetRef, scaler.Spec.ScaleTargetRef)).Select(o => $"{context.Key.Namespace}/{o.Metadata.Name}")
            .Order(StringComparer.Ordinal).ToList();
        if (rivals.Count > 1)
        {
            var message = $"pods by selector {text} are controlled by multiple HPAs: [{string.Join(' ', rivals)}]";
            Fail("AmbiguousSelector", message, message);
            return 0;
        }
        var metrics = scaler.Spec.Metrics ?? [];
        if (metrics.Count == 0)
        {
            return 0;
        }
        var missing = metrics.Select(m => MissingMetric.Of(m, context.Key.Namespace)).ToList();
        foreach (var metric in missing)
        {
            context.Events.Warning(metric.Reason, metric.Message);
        }
        status.Set("ScalingActive", "False", missing[0].Reason, $"the HPA was unable to compute the replica count: {missing[0].Message}");
        context.Events.Warning("FailedComputeMetricsReplicas", $"invalid metrics ({missing.Count} invalid out of {metrics.Count}), first error is: {missing[0].What}: {missing[0].Inner}");
        return metrics.Count;

        void Fail(string reason, string message, string told)
        {
            status.Set("ScalingActive", "False", reason, message);
            context.Events.Warning(reason, told);
            context.Events.Warning("FailedComputeMetricsReplicas", told);
        }
    }

    private static bool Same(V2CrossVersionObjectReference one, V2CrossVersionObjectReference other) => one.Kind == other.Kind && one.Name == other.Name && one.ApiVersion == other.ApiVersion;
}
