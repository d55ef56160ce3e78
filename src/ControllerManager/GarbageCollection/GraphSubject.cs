namespace ActorKube.ControllerManager;

/// <summary>What the graph of owners knows of one object at a moment.</summary>
/// <param name="Identity">Which; as somebody names it, where it has not been seen.</param>
/// <param name="IsSeen">Whether it has been seen, or is only named.</param>
/// <param name="Deletion">How far its deletion has come.</param>
/// <param name="Dependents">What names it as an owner.</param>
internal sealed record GraphSubject(ObjectIdentity Identity, bool IsSeen, DeletionState Deletion, IReadOnlyList<GraphDependent> Dependents);

/// <summary>An object that names another as its owner.</summary>
/// <param name="Identity">Which.</param>
/// <param name="Blocks">Whether a foreground deletion of its owner waits for it.</param>
/// <param name="WaitsForDependents">Whether it is being deleted in the foreground itself.</param>
internal sealed record GraphDependent(ObjectIdentity Identity, bool Blocks, bool WaitsForDependents);
