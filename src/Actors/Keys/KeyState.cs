namespace ActorKube.Actors;

/// <summary>Where a key stands.</summary>
enum KeyPhase
{
    /// <summary>Nothing to do now; perhaps a timer runs.</summary>
    Idle,

    /// <summary>Waits for the gate.</summary>
    Queued,

    /// <summary>Its reconcile runs.</summary>
    Running,
}

/// <summary>What the key's actor must do after a step.</summary>
enum KeyAction
{
    Nothing,
    AskGate,
    RaiseInGate,
    LeaveGate,
    Run,
}

/// <summary>How a run ended.</summary>
enum RunEnd
{
    Done,
    RequeueAfter,
    Error,
    TerminalError,
}

/// <summary>
/// What is known of one key's work; the contract of client-go's work queue, for one key.
/// News while queued changes nothing but the priority; news while running means one more run; success forgets attempts; the earliest timer wins.
/// <code>
///   Idle ──mark──► Queued ──granted──► Running ──ended──► Idle, or Queued where news came meanwhile
///     ▲ timer marks                        (with writes not yet seen: Idle until they are)
/// </code>
/// </summary>
sealed record KeyState
{
    /// <summary>A key of which nothing is known.</summary>
    public static readonly KeyState New = new();

    public KeyPhase Phase { get; init; }

    /// <summary>There is news that no run has begun after.</summary>
    public bool Dirty { get; init; }

    /// <summary>How urgent the news is.</summary>
    public int Priority { get; init; }

    /// <summary>Failed runs in a row.</summary>
    public int Attempts { get; init; }

    /// <summary>When a reconcile asked to be called again, by the clock of reconciles.</summary>
    public DateTimeOffset? RequeueAt { get; init; }

    /// <summary>How urgent the key is when <see cref="RequeueAt"/> has come.</summary>
    public int RequeuePriority { get; init; } = ReconcilePriority.Requeue;

    /// <summary>When the last failed run is tried again, by the actor system's clock.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The last run wrote what the caches have not shown yet.</summary>
    public bool AwaitsWrites { get; init; }

    /// <summary>No more news is taken; what is dirty is still worked off.</summary>
    public bool Draining { get; init; }

    /// <summary>Whether a timer runs.</summary>
    public bool IsDueLater => RequeueAt is not null || RetryAt is not null;

    /// <summary>The key is another's from now on: nothing begins any more.</summary>
    public bool Leaving { get; init; }

    /// <summary>Nothing would be lost if the key were forgotten.</summary>
    public bool IsAtRest => Phase == KeyPhase.Idle && !Dirty && !IsDueLater && !AwaitsWrites;

    /// <summary>There is news, of some urgency.</summary>
    public (KeyState State, KeyAction Action) Mark(int priority)
    {
        if (Draining)
            return (this, KeyAction.Nothing);
        switch (Phase)
        {
            case KeyPhase.Queued:
                return priority > Priority ? (this with { Priority = priority }, KeyAction.RaiseInGate) : (this, KeyAction.Nothing);
            case KeyPhase.Running:
                return (Dirtied(priority), KeyAction.Nothing);
            default:
                return Dirtied(priority).QueueIfReady();
        }
    }

    /// <summary>Somebody asks for a run at a time; the earliest of all that were asked for wins.</summary>
    public (KeyState State, KeyAction Action) RequeueNoLaterThan(DateTimeOffset due) =>
        (Draining ? this : Requeued(due, null), KeyAction.Nothing);

    /// <summary>A failure was reported from outside: it counts, and the key is tried again after a pause.</summary>
    public (KeyState State, KeyAction Action) FailureReported(DateTimeOffset retryAt) =>
        (Draining ? this : this with { Attempts = Attempts + 1, RetryAt = Earliest(RetryAt, retryAt) }, KeyAction.Nothing);

    /// <summary>Failures are forgotten; what is due stays due.</summary>
    public (KeyState State, KeyAction Action) Forget() => (this with { Attempts = 0 }, KeyAction.Nothing);

    /// <summary>The gate lets the key run.</summary>
    public (KeyState State, KeyAction Action) Granted() =>
        (this with { Phase = KeyPhase.Running, Dirty = false }, KeyAction.Run);

    /// <summary>The run ended.</summary>
    /// <param name="end">How.</param>
    /// <param name="now">When, by the clock that goes with the delay.</param>
    /// <param name="delay">With <see cref="RunEnd.RequeueAfter"/> the asked-for time, with <see cref="RunEnd.Error"/> the pause before the next attempt.</param>
    /// <param name="wrote">Whether writes are to be waited for before the next run.</param>
    /// <param name="priority">With <see cref="RunEnd.RequeueAfter"/>, how urgent it is then; null for the usual.</param>
    public (KeyState State, KeyAction Action) Ended(RunEnd end, DateTimeOffset now, TimeSpan delay = default, bool wrote = false, int? priority = null)
    {
        var next = this with { Phase = KeyPhase.Idle, AwaitsWrites = wrote && !Leaving };
        next = end switch
        {
            RunEnd.Done => next with { Attempts = 0, RetryAt = null },
            RunEnd.RequeueAfter => next.Requeued(now + delay, priority) with { Attempts = 0, RetryAt = null },
            RunEnd.Error => next with { Attempts = Attempts + 1, RetryAt = now + delay },
            _ => next with { RetryAt = null, RequeueAt = null },
        };
        return (Draining ? next.WithoutTimers() : next).QueueIfReady();
    }

    /// <summary>A timer fired: a requeue that is due counts as news.</summary>
    public (KeyState State, KeyAction Action) RequeueFired(DateTimeOffset now) => RequeueAt <= now ? (this with { RequeueAt = null }).Mark(RequeuePriority) : (this, KeyAction.Nothing);

    /// <summary>A timer fired: a retry that is due counts as news.</summary>
    public (KeyState State, KeyAction Action) RetryFired(DateTimeOffset now) => RetryAt <= now ? (this with { RetryAt = null }).Mark(ReconcilePriority.Retry) : (this, KeyAction.Nothing);

    /// <summary>The caches show what the last run wrote, or we waited long enough.</summary>
    public (KeyState State, KeyAction Action) WritesSeen() => (this with { AwaitsWrites = false }).QueueIfReady();

    /// <summary>Takes no more news and forgets timers.</summary>
    public KeyState Drain() => (this with { Draining = true }).WithoutTimers();

    /// <summary>Takes no more news and begins nothing: what waits is forgotten, for whoever owns the key next looks at it. What runs may end.</summary>
    public (KeyState State, KeyAction Action) Leave() => (
        (this with { Draining = true, Leaving = true, Dirty = false, AwaitsWrites = false, Phase = Phase == KeyPhase.Queued ? KeyPhase.Idle : Phase }).WithoutTimers(),
        Phase == KeyPhase.Queued ? KeyAction.LeaveGate : KeyAction.Nothing);

    // The request whose time comes first says how urgent it is.
    KeyState Requeued(DateTimeOffset due, int? priority) =>
        RequeueAt <= due ? this : this with { RequeueAt = due, RequeuePriority = priority ?? ReconcilePriority.Requeue };

    KeyState Dirtied(int priority) => this with { Dirty = true, Priority = Dirty ? Math.Max(Priority, priority) : priority };

    (KeyState State, KeyAction Action) QueueIfReady() =>
        Phase == KeyPhase.Idle && Dirty && !AwaitsWrites ? (this with { Phase = KeyPhase.Queued }, KeyAction.AskGate) : (this, KeyAction.Nothing);

    KeyState WithoutTimers() => !IsDueLater ? this : this with { RequeueAt = null, RetryAt = null };

    static DateTimeOffset Earliest(DateTimeOffset? one, DateTimeOffset other) => one is { } first && first < other ? first : other;
}
