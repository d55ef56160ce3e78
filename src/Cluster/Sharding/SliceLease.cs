using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;

namespace ActorKube.Cluster;

/// <summary>What a slice's actor must hold in order to own the slice: the node's own right to own slices, and with <see cref="ShardedControllerOptions.Lease"/> the slice's lease too.</summary>
/// <remarks>Thread-safe. Its look before each write is at a clock: the lease's where there is one, else the node's.</remarks>
sealed class SliceLease : Lease
{
    // The node decides at once, but for the time at its start until all slices have said how many they are.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    static readonly TimeoutSettings NoServer = new(TimeSpan.Zero, TimeSpan.Zero, Patience);

    readonly int _slice;
    readonly IActorRef _node;
    readonly LeaseHold? _hold;
    readonly Lease? _lease;

    /// <param name="name">What logs call it.</param>
    /// <param name="owner">Who holds it.</param>
    /// <param name="slice">The slice.</param>
    /// <param name="node">The node's <see cref="OwnershipActor"/>.</param>
    /// <param name="hold">Whether the node owns slices at this moment; null where time takes nothing away.</param>
    /// <param name="lease">The slice's own lease; null for none.</param>
    public SliceLease(string name, string owner, int slice, IActorRef node, LeaseHold? hold, Lease? lease)
        : base(lease?.Settings ?? new LeaseSettings(name, owner, NoServer, Config.Empty))
    {
        _slice = slice;
        _node = node;
        _hold = hold;
        _lease = lease;
    }

    public override Task<bool> Acquire() => Acquire(static _ => { });

    /// <exception cref="OwnershipSuspendedException">The node may not own it now.</exception>
    public override async Task<bool> Acquire(Action<Exception?> leaseLostCallback)
    {
        OwnershipActor.Decision decision;
        try
        {
            decision = await _node.Ask<OwnershipActor.Decision>(new OwnershipActor.Claim(_slice, leaseLostCallback), Patience).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            throw new OwnershipSuspendedException("not all slices have said yet how many they are");
        }
        if (!decision.May)
            throw new OwnershipSuspendedException(decision.Why);
        return _lease is null || await _lease.Acquire(leaseLostCallback).ConfigureAwait(false);
    }

    public override Task<bool> Release()
    {
        _node.Tell(new OwnershipActor.Forget(_slice), ActorRefs.NoSender);
        return _lease?.Release() ?? Task.FromResult(true);
    }

    public override bool CheckLease() => _lease?.CheckLease() ?? _hold?.IsHeld ?? true;
}
