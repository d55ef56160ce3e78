namespace ActorKube.Models;

/// <summary>Names an object that owns another: when the last owner goes, the garbage collector deletes what it owned.</summary>
/// <param name="ApiVersion">The owner's <c>apiVersion</c>.</param>
/// <param name="Kind">The owner's kind.</param>
/// <param name="Name">The owner's name; it is in the same namespace, or in none.</param>
/// <param name="Uid">The owner's uid.</param>
/// <param name="Controller">Whether the owner manages the object; at most one does.</param>
/// <param name="BlockOwnerDeletion">Whether a foreground deletion of the owner waits for this object.</param>
public readonly record struct OwnerReference(string ApiVersion, string Kind, string Name, string Uid, bool Controller, bool BlockOwnerDeletion);
