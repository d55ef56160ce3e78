using System.Globalization;
using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>What is to be said of an object.</summary>
/// <param name="Kind">The object's kind.</param>
/// <param name="Key">The object.</param>
/// <param name="Uid">Its uid; empty where it is gone.</param>
/// <param name="ResourceVersion">The version it had; empty where unknown.</param>
/// <param name="Type"><c>Normal</c> or <c>Warning</c>.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">A sentence.</param>
/// <param name="At">When it happened.</param>
sealed record EventFacts(GroupVersionKind Kind, NamespacedName Key, string Uid, string ResourceVersion, string Type, string Reason, string Message, DateTimeOffset At)
{
    /// <summary>Who says so, where it is not the process.</summary>
    public string? Component { get; init; }

    /// <summary>Where it is told from, where it is not this machine.</summary>
    public string? Host { get; init; }

    /// <summary>The part of the object that it is about; null for the whole.</summary>
    public string? FieldPath { get; init; }

    /// <summary>Whom it is about, and who tells it.</summary>
    public string Subject => $"{Component}|{Host}|{Kind}|{Key}|{Uid}|{FieldPath}";

    /// <summary>What tells it from all others of its time, in nanoseconds.</summary>
    public int Nanoseconds { get; init; }

    /// <summary>The name of a new event that says it, as client-go makes it: the object's name and the time in nanoseconds.</summary>
    public string NewName => string.Create(CultureInfo.InvariantCulture, $"{Key.Name}.{((At.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100) + Nanoseconds:x}");
}

/// <summary>What becomes of it: a new event, or more of an event that exists.</summary>
/// <param name="Name">The event's name.</param>
/// <param name="Facts">What it says, the message perhaps generalised.</param>
/// <param name="Count">How often it happened.</param>
/// <param name="First">When it happened first.</param>
sealed record CorrelatedEvent(string Name, EventFacts Facts, int Count, DateTimeOffset First)
{
    /// <summary>It is on the server already, and only its count, message and time change.</summary>
    public bool IsRepeat => Count > 1;

    /// <summary>The server lost an event that we count on (events expire): it is told anew.</summary>
    public CorrelatedEvent Anew() => this with { Count = 1, First = Facts.At };
}

/// <summary>Keeps events few. Not thread-safe: one actor owns it.</summary>
interface IEventCorrelator
{
    /// <returns>What to tell now; null where nothing.</returns>
    CorrelatedEvent? Correlate(EventFacts facts);

    /// <summary>How often <see cref="Tick"/> wants to be called; null for never.</summary>
    TimeSpan? TickEvery { get; }

    /// <summary>What is to be told because time has passed.</summary>
    IReadOnlyList<CorrelatedEvent> Tick(DateTimeOffset now);
}
