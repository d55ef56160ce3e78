using System.Globalization;
using Akka.Configuration;

namespace ActorKube.Cluster;

/// <summary>How long a node may go on owning slices without having run, and how long it waits before it owns any again.</summary>
/// <remarks>
/// Others start a silent node's slices no sooner than <c>stable-after</c> after they last heard of it (that long the split-brain resolver watches) and <c>down-removal-margin</c> after it was removed.
/// A node that has not run for half of the shorter of the two may still count on its slices; one that has not run for longer may have been removed without knowing. If it was, its own
/// resolver ends it once it has found that nobody answers (<c>acceptable-heartbeat-pause</c>) and has watched that for <c>stable-after</c>: only a node that has run through that time
/// as a member owns its slices after all.
/// </remarks>
/// <param name="Patience">How long a node's slices are its own without a sign that the node runs.</param>
/// <param name="Probation">How long a node that was silent for longer owns nothing.</param>
sealed record OwnershipClock(TimeSpan Patience, TimeSpan Probation)
{
    // Officially these are there whenever the cluster is.
    static readonly TimeSpan DefaultStableAfter = TimeSpan.FromSeconds(20);
    static readonly TimeSpan DefaultHeartbeatPause = TimeSpan.FromSeconds(3);

    /// <summary>How often a node gives the sign.</summary>
    public TimeSpan Interval => Patience / 10;

    /// <summary>What the cluster's settings say; null where nobody decides that another node is gone, since nobody takes a living node's slices then.</summary>
    public static OwnershipClock? Of(Config config)
    {
        if (config.GetString("akka.cluster.downing-provider-class", "").Length == 0)
            return null;
        var stable = Positive(config.GetTimeSpan("akka.cluster.split-brain-resolver.stable-after", DefaultStableAfter), DefaultStableAfter);
        var pause = Positive(config.GetTimeSpan("akka.cluster.failure-detector.acceptable-heartbeat-pause", DefaultHeartbeatPause), DefaultHeartbeatPause);
        var margin = config.GetString("akka.cluster.down-removal-margin", "off") is "off" or "false" or "no" or "" ? stable : Positive(config.GetTimeSpan("akka.cluster.down-removal-margin", stable), stable);
        return new OwnershipClock((stable < margin ? stable : margin) / 2, pause + stable + (stable / 2));
    }

    static TimeSpan Positive(TimeSpan given, TimeSpan otherwise) => given > TimeSpan.Zero ? given : otherwise;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Patience.TotalSeconds:0.#} s, then {Probation.TotalSeconds:0.#} s");
}
