namespace ActorKube.Actors;

/// <summary>How a reconcile ended. An error that should be tried again is thrown, not returned.</summary>
public sealed record ReconcileResult
{
    ReconcileResult()
    {
    }

    /// <summary>All is as it should be until something changes.</summary>
    public static ReconcileResult Done { get; } = new();

    /// <summary>When the reconcile asks to be called again; null where only news should.</summary>
    public TimeSpan? After { get; private init; }

    /// <summary>
    /// How urgent the key is when its time has come (see <see cref="ReconcilePriority"/>; any number will do); null for <see cref="ReconcilePriority.Requeue"/>. Of several requests the one that comes
    /// first decides, and news meanwhile is as urgent as ever.
    /// </summary>
    public int? Priority { get; private init; }

    /// <summary>Why no attempt can succeed before something changes; null where nothing is wrong.</summary>
    public string? TerminalReason { get; private init; }

    /// <summary>All is well for now; look again after a time, or sooner where something changes.</summary>
    /// <param name="after">The time; zero or less means at once, behind what waits already.</param>
    /// <param name="priority">How urgent it is then; see <see cref="Priority"/>.</param>
    public static ReconcileResult RequeueAfter(TimeSpan after, int? priority = null) => new() { After = after < TimeSpan.Zero ? TimeSpan.Zero : after, Priority = priority };

    /// <summary>It failed, and would fail again until somebody changes something: counted and logged as an error, not retried.</summary>
    /// <param name="reason">What is wrong and what to do about it.</param>
    public static ReconcileResult Terminal(string reason) => new() { TerminalReason = reason };
}

/// <summary>Thrown by a reconcile that cannot succeed before something changes: the same as returning <see cref="ReconcileResult.Terminal"/>.</summary>
public sealed class TerminalReconcileException(string message, Exception? cause = null) : Exception(message, cause);
