using System.Globalization;

namespace ActorKube.Kubelet;

/// <summary>The kubelet's pauses between the lives of a container: none before the second, then one that doubles with each, and none again after a life that was long.</summary>
internal sealed record RestartBackOff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>A container that ran for so long starts afresh: its next end is restarted at once.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(10);

    /// <param name="pause">What was kept from the life before.</param>
    /// <param name="ran">How long this life took.</param>
    /// <returns>How long to wait now, and what to keep for the next life.</returns>
    public (TimeSpan Now, TimeSpan Next) After(TimeSpan pause, TimeSpan ran)
    {
        var now = ran > Settled ? TimeSpan.Zero : pause;
        return (now, now == TimeSpan.Zero ? First : now * 2 < Longest ? now * 2 : Longest);
    }

    /// <summary>A time as Go prints it: <c>10s</c>, <c>1m20s</c>.</summary>
    public static string GoDuration(TimeSpan time) => time.TotalSeconds < 60 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds}s") : $"{(int)time.TotalMinutes}m{time.Seconds}s";
}
