using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>What a watch says of an object.</summary>
public enum WatchEventType
{
    /// <summary>It was created, or is there at the start.</summary>
    Added,
    /// <summary>It has changed.</summary>
    Modified,
    /// <summary>It is gone; the object is its last state.</summary>
    Deleted,
    /// <summary>Nothing has happened up to the object's resource version, which is all the object has.</summary>
    Bookmark,
    /// <summary>The server cannot go on; the status says why.</summary>
    Error
}

/// <summary>One event of a watch, its object as received.</summary>
/// <param name="Type">What happened. <see cref="WatchEventType.Error"/> where the frame could not be understood at all.</param>
/// <param name="Object">The object; null for an error, and where it could not be understood.</param>
/// <param name="Status">What an error says.</param>
/// <param name="Malformed">Why the frame, or the object in it, could not be understood; the stream goes on after it.</param>
public readonly record struct WatchEvent(WatchEventType Type, KubeObject? Object, V1Status? Status = null, string? Malformed = null);

/// <summary>One event of a watch, its object decoded. Errors of the server are thrown, not sent.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object; null where it could not be understood.</param>
/// <param name="Malformed">Why the frame, or the object in it, could not be understood; the stream goes on after it.</param>
public readonly record struct WatchEvent<T>(WatchEventType Type, T? Object, string? Malformed = null) where T : class;
