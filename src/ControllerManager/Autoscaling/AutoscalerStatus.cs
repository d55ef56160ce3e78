using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>An autoscaler's status as it is to be written.</summary>
internal sealed class AutoscalerStatus
{
    private readonly DateTime _now;

    public AutoscalerStatus(V2HorizontalPodAutoscaler scaler, DateTime now)
    {
        _now = now;
        Value = scaler.Status?.DeepCopy() ?? new V2HorizontalPodAutoscalerStatus { DesiredReplicas = 0 };
    }

    public V2HorizontalPodAutoscalerStatus Value { get; }

    public void Set(string type, string status, string reason, string message)
    {
        var conditions = Value.Conditions ??= [];
        var known = conditions.FirstOrDefault(c => c.Type == type);
        if (known is null)
        {
            conditions.Add(known = new V2HorizontalPodAutoscalerCondition { Type = type });
        }
        if (known.Status != status)
        {
            known.LastTransitionTime = _now;
        }
        (known.Status, known.Reason, known.Message) = (status, reason, message);
    }

    public void Count(int current, int desired, bool scaled)
    {
        (Value.CurrentReplicas, Value.DesiredReplicas, Value.CurrentMetrics) = (current, desired, null);
        if (scaled)
        {
            Value.LastScaleTime = _now;
        }
    }

    /// <summary>There are so many, and of no metric is anything known.</summary>
    public void Unmeasured(int current, int metrics)
    {
        Value.CurrentReplicas = current;
        Value.CurrentMetrics = metrics == 0 ? null : [.. Enumerable.Range(0, metrics).Select(static _ => new V2MetricStatus { Type = "" })];
    }
}
