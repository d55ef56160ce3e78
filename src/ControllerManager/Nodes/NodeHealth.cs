using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>What was last heard of a node, and when, by the controller's own clock. Immutable.</summary>
/// <param name="Beat">The heartbeat in its ready condition.</param>
/// <param name="Renewed">When its lease said that it was renewed.</param>
/// <param name="Heard">When one of both was last seen to change.</param>
/// <param name="IsOverdue">Whether it was late at the last look already.</param>
internal sealed record NodeHealth(DateTime? Beat, DateTime? Renewed, DateTime Heard, bool IsOverdue)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan StartGrace = TimeSpan.FromSeconds(60);

    /// <summary>Looks at a node once more.</summary>
    /// <param name="before">What the last look said; null for the first.</param>
    /// <param name="node">The node.</param>
    /// <param name="lease">Its lease, if there is one.</param>
    /// <param name="now">The time.</param>
    public static NodeHealth Of(NodeHealth? before, V1Node node, V1Lease? lease, DateTime now)
    {
        var ready = NodeTaints.ConditionOf(node, "Ready");
        var (beat, renewed) = (ready?.LastHeartbeatTime, lease?.Spec?.RenewTime);
        // One that never said anything is waited for from when it was made.
        var heard = before is null ? ready is null ? node.Metadata.CreationTimestamp ?? now : now : beat != before.Beat || (renewed is not null && renewed > (before.Renewed ?? DateTime.MinValue)) ? now : before.Heard;
        return new NodeHealth(beat, renewed ?? before?.Renewed, heard, now > heard + (ready is null ? StartGrace : Grace));
    }
}
