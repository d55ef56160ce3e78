using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.Streams;

/// <summary>What a list+watch source tells about a set of objects, in order. Whoever applies every event in turn holds the set as of <see cref="ResourceVersion"/>.</summary>
public abstract record ReflectorEvent
{
    ReflectorEvent()
    {
    }

    /// <summary>The version of the whole set once this event is applied; null where the event moves nothing.</summary>
    public abstract string? ResourceVersion { get; }

    /// <summary>The whole set was read afresh: what is not in <paramref name="Objects"/> is gone.</summary>
    public sealed record Replaced(IReadOnlyList<KubeObject> Objects, string Version) : ReflectorEvent
    {
        /// <inheritdoc/>
        public override string ResourceVersion => Version;

        /// <summary>The last thing in the list that could not be understood and is missing here, or why nothing is here at all; null where all is well.</summary>
        public ReflectorTrouble? Skipped { get; init; }
    }

    /// <summary>One object was added, modified or deleted; for a deletion the object is its last state.</summary>
    /// <param name="Type">Added, Modified or Deleted. A receiver should judge by what it holds: after a resumed watch, Added may tell of an object it knows.</param>
    /// <param name="Object">The object.</param>
    /// <param name="Version">The version of the set after this event; null where this event does not say (the synthetic start of a watch without a version).</param>
    public sealed record Changed(WatchEventType Type, KubeObject Object, string? Version) : ReflectorEvent
    {
        /// <inheritdoc/>
        public override string? ResourceVersion => Version;
    }

    /// <summary>Nothing changed up to this version.</summary>
    public sealed record Bookmarked(string Version) : ReflectorEvent
    {
        /// <inheritdoc/>
        public override string ResourceVersion => Version;
    }

    /// <summary>Something went wrong; the source goes on by itself and the trouble says how.</summary>
    public sealed record Troubled(ReflectorTrouble Trouble) : ReflectorEvent
    {
        /// <inheritdoc/>
        public override string? ResourceVersion => null;
    }
}

/// <summary>Why a list or watch did not go as hoped.</summary>
public enum TroubleKind
{
    /// <summary>An event or list item could not be understood and was skipped.</summary>
    Malformed,

    /// <summary>The version we had is too old (410); the set is read afresh.</summary>
    Expired,

    /// <summary>The server is ahead of or behind us: it does not know the version yet; the set is read afresh.</summary>
    VersionTooLarge,

    /// <summary>The server asks for patience (429).</summary>
    TooManyRequests,

    /// <summary>No answer: refused, reset, timed out.</summary>
    Unreachable,

    /// <summary>A watch brought nothing for too long and was given up.</summary>
    Silent,

    /// <summary>A watch ended at once, with nothing received.</summary>
    VeryShortWatch,

    /// <summary>The server does not know the kind (404): its CRD is not installed.</summary>
    MissingKind,

    /// <summary>The server does not accept who we are (401).</summary>
    Unauthorized,

    /// <summary>The server does not let us list or watch this (403).</summary>
    Forbidden,

    /// <summary>Streamed initial state is not to be had; lists are used.</summary>
    NoInitialEvents,

    /// <summary>The cache did not hold what the server has at the same version: found by a consistency check; the set is read afresh.</summary>
    Inconsistent,

    /// <summary>Any other error.</summary>
    Failed,
}

/// <summary>One trouble of a list+watch source, for logs, metrics and watch-error handlers.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Message">What happened, to what, and what to do where somebody must do something. No secrets.</param>
/// <param name="RetryIn">After how long the source tries again; zero where it goes on at once.</param>
/// <param name="Relists">Whether the set will be read afresh, or the watch goes on where it was.</param>
/// <param name="Cause">The error behind it, where there is one.</param>
public sealed record ReflectorTrouble(TroubleKind Kind, string Message, TimeSpan RetryIn, bool Relists, Exception? Cause = null);
