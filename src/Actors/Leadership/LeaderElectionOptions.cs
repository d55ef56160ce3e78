namespace ActorKube.Actors;

/// <summary>How processes agree which of them acts: one holds a Lease and renews it. A Go candidate and this one can share a lease.</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>The lease's name; the same for all candidates.</summary>
    public required string LeaseName { get; init; }

    /// <summary>The lease's namespace.</summary>
    public required string LeaseNamespace { get; init; }

    /// <summary>Who this process is; no two candidates may share it.</summary>
    public string Identity { get; init; } = $"{Environment.MachineName}_{Guid.NewGuid():N}";

    /// <summary>How long others wait after they saw the last renewal before they take over.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the leader tries to renew before it stops leading.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long between attempts.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>By how much candidates that wait stretch <see cref="RetryPeriod"/> at most: 1.2 makes 2 s anything from 2 to 4.4 s.</summary>
    public double AcquireJitter { get; init; } = 1.2;

    /// <summary>How long a lease that was given back still names as its duration, for candidates that know no empty holder. At least a second.</summary>
    public TimeSpan ReleasedDuration { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gives the lease back when the process stops, so that another need not wait.</summary>
    public bool ReleaseOnStop { get; init; } = true;

    /// <exception cref="ArgumentException">The options cannot work; the message says which and why.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(LeaseName) || string.IsNullOrWhiteSpace(LeaseNamespace) || string.IsNullOrWhiteSpace(Identity))
            throw new ArgumentException("Leader election needs a LeaseName, a LeaseNamespace and an Identity.");
        if (RetryPeriod <= TimeSpan.Zero)
            throw OutOfOrder(nameof(RetryPeriod));
        if (RenewDeadline <= RetryPeriod * 1.2)
            throw OutOfOrder(nameof(RenewDeadline));
        if (LeaseDuration <= RenewDeadline)
            throw OutOfOrder(nameof(LeaseDuration));
        if (!(AcquireJitter >= 0))
            throw new ArgumentException("An AcquireJitter is 0 or more.", nameof(AcquireJitter));
        if (LeaseDuration < TimeSpan.FromSeconds(1))
            throw new ArgumentException("A LeaseDuration is at least a second.", nameof(LeaseDuration));
        if (ReleasedDuration < TimeSpan.FromSeconds(1))
            throw new ArgumentException("A ReleasedDuration is at least a second.", nameof(ReleasedDuration));
    }

    ArgumentException OutOfOrder(string option) =>
        new($"Leader election needs LeaseDuration ({LeaseDuration}) > RenewDeadline ({RenewDeadline}) > 1.2 × RetryPeriod ({RetryPeriod}) > 0: a leader must stop before others may begin.", option);
}
