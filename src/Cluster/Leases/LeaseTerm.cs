using k8s.Models;

namespace ActorKube.Cluster;

/// <summary>Who holds a lease object, as far as one process can tell; decides what that process may write into it.</summary>
/// <remarks>
/// A lease is free when nobody is named in it, or when it has expired: by its own renew time on this process's clock, or because this process has seen it unchanged for as long as it lasts.
/// The first rule is what lets a lease left behind by a crash be taken at once when it is found much later, as a split-brain resolver must; it trusts the nodes' clocks to agree within a
/// third of the lease's duration, because its holder stops relying on it after two thirds (<see cref="LeaseActor"/>).
/// </remarks>
sealed class LeaseTerm(string owner, TimeSpan duration)
{
    (string? Version, DateTimeOffset At) _seen;

    /// <summary>Who holds the lease; empty for nobody.</summary>
    public static string HolderOf(V1Lease lease) => lease.Spec?.HolderIdentity ?? "";

    /// <summary>Whether this process is named as its holder.</summary>
    public bool IsOurs(V1Lease lease) => HolderOf(lease) == owner;

    /// <summary>Whether this process may write itself into the lease.</summary>
    public bool MayTake(V1Lease lease, DateTimeOffset now)
    {
        if (_seen.Version != lease.Metadata.ResourceVersion)
            _seen = (lease.Metadata.ResourceVersion, now);
        if (HolderOf(lease).Length == 0 || IsOurs(lease))
            return true;
        var lasts = lease.Spec.LeaseDurationSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : duration;
        return now - _seen.At >= lasts || (lease.Spec.RenewTime is { } renewed && now - new DateTimeOffset(DateTime.SpecifyKind(renewed, DateTimeKind.Utc)) >= lasts);
    }

    /// <summary>The lease to create where there is none.</summary>
    public V1Lease Created(DateTimeOffset now) => new() { Metadata = new V1ObjectMeta(), Spec = Held(now, now.UtcDateTime, 0) };

    /// <summary>The lease with this process as its holder, from now on or as before.</summary>
    public V1Lease Taken(V1Lease lease, DateTimeOffset now)
    {
        var transitions = lease.Spec?.LeaseTransitions ?? 0;
        lease.Spec = IsOurs(lease) ? Held(now, lease.Spec!.AcquireTime ?? now.UtcDateTime, transitions) : Held(now, now.UtcDateTime, transitions + 1);
        return lease;
    }

    /// <summary>The lease with nobody as its holder.</summary>
    public static V1Lease Freed(V1Lease lease, DateTimeOffset now)
    {
        lease.Spec = new V1LeaseSpec { HolderIdentity = "", LeaseDurationSeconds = 1, AcquireTime = now.UtcDateTime, RenewTime = now.UtcDateTime, LeaseTransitions = lease.Spec?.LeaseTransitions };
        return lease;
    }

    V1LeaseSpec Held(DateTimeOffset now, DateTime acquired, int transitions) => new()
    {
        HolderIdentity = owner,
        LeaseDurationSeconds = Math.Max(1, (int)duration.TotalSeconds),
        AcquireTime = acquired,
        RenewTime = now.UtcDateTime,
        LeaseTransitions = transitions,
    };
}
