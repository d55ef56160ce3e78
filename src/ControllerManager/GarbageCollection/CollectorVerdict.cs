using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.ControllerManager;

/// <summary>What is to become of an object that has owners.</summary>
internal abstract record CollectorVerdict
{
    /// <summary>It stays as it is.</summary>
    public sealed record Keep : CollectorVerdict;

    /// <summary>An owner's kind is not served: nothing is done on a guess.</summary>
    public sealed record WaitForKind : CollectorVerdict;

    /// <summary>It stays; these of its owners are gone, or wait for it to go, and are cut off.</summary>
    public sealed record Cut(IReadOnlyList<string> Owners) : CollectorVerdict;

    /// <summary>It goes.</summary>
    /// <param name="Propagation">What becomes of what it owns.</param>
    /// <param name="Unblock">Its owners shall not wait for it: it may own, over others, one that it waits for.</param>
    public sealed record Delete(DeletePropagation Propagation, bool Unblock = false) : CollectorVerdict;

    /// <summary>Decides.</summary>
    /// <param name="latest">The object, as the server has it now.</param>
    /// <param name="owners">Its owners, and how they are.</param>
    /// <param name="dependents">What it owns.</param>
    public static CollectorVerdict Of(KubeObject latest, IReadOnlyList<(string Uid, OwnerState State)> owners, IReadOnlyList<GraphDependent> dependents)
    {
        if (owners.Count == 0)
        {
            return new Keep();
        }
        if (owners.Any(o => o.State == OwnerState.NotServed))
        {
            return new WaitForKind();
        }
        if (owners.Any(o => o.State is OwnerState.Lives or OwnerState.Misplaced))
        {
            // An owner that waits for its dependents has to be cut off as well: it would wait for this one, which stays.
            var cut = owners.Where(o => o.State is not (OwnerState.Lives or OwnerState.Misplaced)).Select(o => o.Uid).ToList();
            return cut.Count == 0 ? new Keep() : new Cut(cut);
        }
        if (owners.Any(o => o.State == OwnerState.WaitsForDependents) && dependents.Count > 0)
        {
            return new Delete(DeletePropagation.Foreground, Unblock: dependents.Any(d => d.WaitsForDependents));
        }
        // Whoever has asked for it already has said how.
        return new Delete(latest.Finalizers.Contains(DeletionState.OrphanFinalizer) ? DeletePropagation.Orphan
            : latest.Finalizers.Contains(DeletionState.ForegroundFinalizer) ? DeletePropagation.Foreground : DeletePropagation.Background);
    }
}

/// <summary>How an owner is, as the server says.</summary>
internal enum OwnerState
{
    /// <summary>It is there.</summary>
    Lives,

    /// <summary>It is not, or another of its name is.</summary>
    Absent,

    /// <summary>It is being deleted, after what it owns.</summary>
    WaitsForDependents,

    /// <summary>It cannot be: its kind lives in namespaces, and what it is to own does not. Nothing is deleted for that.</summary>
    Misplaced,

    /// <summary>Its kind is not served; it may be tomorrow.</summary>
    NotServed,
}
