using k8s.Models;

namespace ActorKube.Actors;

/// <summary>A moment as a candidate knows it.</summary>
/// <param name="Local">By a clock that only ever goes on at its pace, whatever is done to the time of day: what decisions are made by.</param>
/// <param name="Wall">The time of day: what is written into the lease, for people.</param>
readonly record struct LeaseInstant(TimeSpan Local, DateTimeOffset Wall);

/// <summary>
/// Decides what a candidate writes into a lease it read; client-go's algorithm. Others' clocks are never believed: a lease counts as held for as long as its
/// record has been seen unchanged, by this process's own clock, for less than the duration it names.
/// </summary>
sealed class LeaseElection(LeaderElectionOptions options)
{
    LeaseRecord? _seen;
    TimeSpan _seenAt;

    /// <summary>Who holds the lease as far as is known; empty where nobody.</summary>
    public string Holder => _seen?.Holder ?? "";

    /// <summary>Takes note of the lease as it is.</summary>
    public void Observe(V1Lease lease, LeaseInstant now)
    {
        var record = LeaseRecord.Of(lease);
        if (record == _seen)
            return;
        _seen = record;
        _seenAt = now.Local;
    }

    /// <summary>The lease to create where there is none.</summary>
    public V1Lease ToCreate(LeaseInstant now) => new()
    {
        Metadata = new V1ObjectMeta { Name = options.LeaseName, NamespaceProperty = options.LeaseNamespace },
        Spec = Spec(now, now.Wall.UtcDateTime, 0),
    };

    /// <summary>What to write over the lease that was observed; null where another holds it.</summary>
    public V1Lease? ToUpdate(V1Lease lease, LeaseInstant now)
    {
        var ours = _seen!.Holder == options.Identity;
        if (!ours && _seen.Holder.Length > 0 && _seenAt + TimeSpan.FromSeconds(_seen.DurationSeconds) > now.Local)
            return null;
        var transitions = lease.Spec?.LeaseTransitions ?? 0;
        lease.Spec = ours ? Spec(now, lease.Spec!.AcquireTime ?? now.Wall.UtcDateTime, transitions) : Spec(now, now.Wall.UtcDateTime, transitions + 1);
        return lease;
    }

    /// <summary>What to write to give the lease back; null where it is not ours.</summary>
    public V1Lease? ToRelease(V1Lease lease, LeaseInstant now)
    {
        if (lease.Spec?.HolderIdentity != options.Identity)
            return null;
        lease.Spec = new V1LeaseSpec
        {
            HolderIdentity = "",
            LeaseDurationSeconds = (int)options.ReleasedDuration.TotalSeconds,
            AcquireTime = now.Wall.UtcDateTime,
            RenewTime = now.Wall.UtcDateTime,
            LeaseTransitions = lease.Spec.LeaseTransitions,
        };
        return lease;
    }

    V1LeaseSpec Spec(LeaseInstant now, DateTime acquired, int transitions) => new()
    {
        HolderIdentity = options.Identity,
        LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds,
        AcquireTime = acquired,
        RenewTime = now.Wall.UtcDateTime,
        LeaseTransitions = transitions,
    };

    sealed record LeaseRecord(string Holder, int DurationSeconds, DateTime? Acquired, DateTime? Renewed, int Transitions)
    {
        public static LeaseRecord Of(V1Lease lease) =>
            new(lease.Spec?.HolderIdentity ?? "", lease.Spec?.LeaseDurationSeconds ?? 0, lease.Spec?.AcquireTime, lease.Spec?.RenewTime, lease.Spec?.LeaseTransitions ?? 0);
    }
}
