#nullable disable
namespace Akka.Actor.Internal;

/// <summary>What a parent keeps of a name: a child, or that the name is being taken.</summary>
public interface IChildStats;

/// <summary>The name is taken by a child that is just being made.</summary>
public class ChildNameReserved : IChildStats
{
    private ChildNameReserved() { }

    public static ChildNameReserved Instance { get; } = new();

    public override string ToString() => "Name";
}

/// <summary>A child, and how often it was restarted of late.</summary>
public class ChildRestartStats(IInternalActorRef child, uint maxNrOfRetriesCount = 0, long restartTimeWindowStartTicks = 0) : IChildStats
{
    public long Uid => Child.Path.Uid;

    public IInternalActorRef Child { get; } = child;

    public uint MaxNrOfRetriesCount { get; private set; } = maxNrOfRetriesCount;

    public long RestartTimeWindowStartTicks { get; private set; } = restartTimeWindowStartTicks;

    /// <summary>Counts a restart and says whether the limits allow it.</summary>
    /// <param name="maxNrOfRetries">How many; negative for any number, 0 for none.</param>
    /// <param name="withinTimeMilliseconds">Within what time; 0 or less for the child's whole life.</param>
    public bool RequestRestartPermission(int maxNrOfRetries, int withinTimeMilliseconds)
    {
        if (maxNrOfRetries == 0)
            return false;
        if (withinTimeMilliseconds <= 0)
            return maxNrOfRetries < 0 || ++MaxNrOfRetriesCount <= maxNrOfRetries;
        // A window without a number of retries allows one restart in it.
        var allowed = maxNrOfRetries < 0 ? 1u : (uint)maxNrOfRetries;
        var now = System.Diagnostics.Stopwatch.GetTimestamp() / (System.Diagnostics.Stopwatch.Frequency / 1000.0) * TimeSpan.TicksPerMillisecond;
        var windowStart = RestartTimeWindowStartTicks == 0 ? (long)now : RestartTimeWindowStartTicks;
        var inWindow = now - windowStart <= TimeSpan.TicksPerMillisecond * (double)withinTimeMilliseconds;
        MaxNrOfRetriesCount = inWindow ? MaxNrOfRetriesCount + 1 : 1;
        RestartTimeWindowStartTicks = inWindow ? windowStart : (long)now;
        return !inWindow || MaxNrOfRetriesCount <= allowed;
    }
}
