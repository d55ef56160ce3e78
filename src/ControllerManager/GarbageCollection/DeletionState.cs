using ActorKube.Models;

namespace ActorKube.ControllerManager;

/// <summary>How far an object's deletion has come.</summary>
/// <param name="IsDeleting">It was asked to go.</param>
/// <param name="WaitsForDependents">It goes after what it owns.</param>
/// <param name="Orphans">It goes, and what it owns shall stay.</param>
internal readonly record struct DeletionState(bool IsDeleting, bool WaitsForDependents, bool Orphans)
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    public static DeletionState Of(KubeObject found) => !found.IsDeleting ? default
        : new DeletionState(true, found.Finalizers.Contains(ForegroundFinalizer), found.Finalizers.Contains(OrphanFinalizer));
}
