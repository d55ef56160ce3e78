using System.Collections.Immutable;
using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.Streams;

/// <summary>All that a list+watch loop remembers between two inputs.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Version">The version of the set that the receiver holds; empty before the first list.</param>
/// <param name="Backoff">The place in the series of waits.</param>
sealed record ReflectorState(Phase Phase, string Version, Backoff Backoff)
{
    /// <summary>The server said that it cannot serve <see cref="Version"/>: ask for its newest.</summary>
    public bool VersionUnavailable { get; init; }

    /// <summary>The first list came in pages although the server could have answered from its cache: it has none, so relists are paged too.</summary>
    public bool PagingProved { get; init; }

    /// <summary>The server does not stream initial state.</summary>
    public bool NoInitialEvents { get; init; }

    /// <summary>The places in the series of waits of those kinds of trouble that have one of their own.</summary>
    public ImmutableDictionary<TroubleKind, Backoff> Backoffs { get; init; } = ImmutableDictionary<TroubleKind, Backoff>.Empty;

    /// <summary>How often in a row the server did not know the kind.</summary>
    public int Missing { get; init; }

    /// <summary>Internal errors in a row: when the first came and the latest.</summary>
    public (DateTimeOffset First, DateTimeOffset Latest)? InternalErrors { get; init; }
}

/// <summary>The named states of the loop.</summary>
abstract record Phase
{
    /// <summary>Reading the set by lists.</summary>
    /// <param name="RequestedVersion">The resourceVersion of the first page's request.</param>
    /// <param name="Pages">The objects of the pages so far.</param>
    /// <param name="Whole">The pages expired under us, and the set is now read in one piece.</param>
    public sealed record Listing(string RequestedVersion, ImmutableList<IReadOnlyList<KubeObject>> Pages, bool Whole) : Phase;

    /// <summary>Reading the set as the initial events of a watch.</summary>
    /// <param name="Opened">When the watch was asked for.</param>
    /// <param name="Seen">The events so far, newest first.</param>
    public sealed record Streaming(DateTimeOffset Opened, InitialEvents? Seen) : Phase;

    /// <summary>Reading a watch.</summary>
    /// <param name="Opened">When it was asked for.</param>
    /// <param name="Received">Whether it brought anything yet.</param>
    /// <param name="Synthetic">It began without a version: its first ADDED events are the initial state in no order, and their versions say nothing about the set's.</param>
    public sealed record Watching(DateTimeOffset Opened, bool Received, bool Synthetic) : Phase;

    /// <summary>Waiting before the next attempt.</summary>
    /// <param name="ThenRelist">Whether the set is read afresh then, or the watch opened again.</param>
    public sealed record Waiting(bool ThenRelist) : Phase;
}

/// <summary>Events of streamed initial state, a chain that shares its tail: adding one is one small allocation, whatever its length.</summary>
sealed record InitialEvents(KubeObject Object, bool Deleted, InitialEvents? Before)
{
    /// <summary>The set that the events leave: for each key its newest event decides.</summary>
    public static List<KubeObject> Resolve(InitialEvents? newest)
    {
        var decided = new HashSet<NamespacedName>();
        var objects = new List<KubeObject>();
        for (var at = newest; at is not null; at = at.Before)
        {
            if (decided.Add(at.Object.Key) && !at.Deleted)
                objects.Add(at.Object);
        }
        objects.Reverse();
        return objects;
    }
}

/// <summary>What happened to the loop.</summary>
readonly record struct LoopInput(LoopInput.Kind What, WatchEvent Told = default, object? Body = null)
{
    public enum Kind { Page, Event, Closed, Failed, Elapsed, Overdue, Slow }

    /// <summary>A page of a list came.</summary>
    public static LoopInput Page(KubeList page) => new(Kind.Page, Body: page);

    /// <summary>A watch brought an event.</summary>
    public static LoopInput Event(in WatchEvent watchEvent) => new(Kind.Event, watchEvent);

    /// <summary>The watch ended in order.</summary>
    public static LoopInput Closed => new(Kind.Closed);

    /// <summary>The list, or the watch, ended with an error.</summary>
    public static LoopInput Failed(Exception error) => new(Kind.Failed, Body: error);

    /// <summary>The wait is over.</summary>
    public static LoopInput Elapsed => new(Kind.Elapsed);

    /// <summary>The initial events take their time; reading goes on meanwhile, and the step's action is what was going on anyway.</summary>
    public static LoopInput Slow => new(Kind.Slow);

    /// <summary>The watch brought nothing for too long, or outlived its end.</summary>
    public static LoopInput Overdue => new(Kind.Overdue);
}

/// <summary>What the loop does next. An open watch is closed by every action but <see cref="Read"/>.</summary>
abstract record LoopAction
{
    /// <summary>Asks for one page.</summary>
    public sealed record List(ListOptions Options) : LoopAction;

    /// <summary>Opens a watch and reads its first event; <see cref="LoopInput.Overdue"/> comes where it is still open after <paramref name="Deadline"/>.</summary>
    public sealed record Watch(ListOptions Options, TimeSpan Deadline) : LoopAction;

    /// <summary>Reads the next event of the open watch; a <paramref name="Deadline"/> replaces the watch's.</summary>
    public sealed record Read(TimeSpan? Deadline = null) : LoopAction
    {
        public static readonly Read Next = new();
    }

    /// <summary>Does nothing for a while.</summary>
    public sealed record Wait(TimeSpan Delay) : LoopAction;
}

/// <summary>One step: the state after it, what to do, and what to tell the receiver first.</summary>
readonly record struct LoopStep(ReflectorState State, LoopAction Do, ReflectorEvent? Tell = null);
