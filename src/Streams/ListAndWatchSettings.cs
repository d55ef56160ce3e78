using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.Streams;

/// <summary>How a list+watch source behaves. Every number is client-go's or controller-runtime's default unless its remark says otherwise.</summary>
public sealed record ListAndWatchSettings
{
    /// <summary>Waits between attempts after errors.</summary>
    public BackoffPolicy Backoff { get; init; } = new();

    /// <summary>Waits after errors of one kind, each a series of its own, in place of <see cref="Backoff"/> (and of <see cref="MissingKindRetry"/>). Kinds that are not named share one series.</summary>
    public IReadOnlyDictionary<TroubleKind, BackoffPolicy> BackoffByReason { get; init; } = new Dictionary<TroubleKind, BackoffPolicy>();

    /// <summary>A watch is asked to end after a time drawn evenly from this to <see cref="MaxWatchTimeout"/>, so that watches do not all end at once.</summary>
    public TimeSpan MinWatchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest time that a watch is asked to last; null for twice <see cref="MinWatchTimeout"/>.</summary>
    public TimeSpan? MaxWatchTimeout { get; init; }

    /// <summary>How long after its asked-for end a watch may still be open before its connection counts as dead. (ActorKube's own; client-go leans on HTTP/2 pings.)</summary>
    public TimeSpan WatchOverrun { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A watch that brings no frame, not even a bookmark, for this long while we wait for one counts as dead and is opened again; null leaves it to <see cref="WatchOverrun"/>.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>A watch that ends sooner than this with nothing received counts as an error.</summary>
    public TimeSpan VeryShortWatch { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Objects a page where lists are paged.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Pages every list, relists too. By default a relist at a known version asks for all at once, which the server answers from its cache and not from etcd.</summary>
    public bool AlwaysPage { get; init; }

    /// <summary>Asks the server to stream the initial state over the watch (WatchList); falls back to lists where it cannot.</summary>
    public bool StreamInitialEvents { get; init; } = true;

    /// <summary>How long streamed initial state may take to its end bookmark before lists are used instead. (ActorKube's own: client-go waits for ever.)</summary>
    public TimeSpan InitialEventsTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often it is said aloud that streamed initial state has not come to its end bookmark yet.</summary>
    public TimeSpan InitialEventsWarning { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For how long internal errors of a watch are retried without listing anew; zero (client-go's default) never does.</summary>
    public TimeSpan InternalErrorRetryWindow { get; init; } = TimeSpan.Zero;

    /// <summary>Internal errors further apart than this do not belong to one window.</summary>
    public TimeSpan InternalErrorRetryReset { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How often a kind that the server does not know is looked for again. A set that was read before is empty once its kind was missing twice in a row: its definition was
    /// deleted, and its objects with it.
    /// </summary>
    public TimeSpan MissingKindRetry { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Rewrites each object before it goes on: drop what is not needed, keep memory small. It must return an object with the same key and version. Null keeps objects as they came.</summary>
    public Func<KubeObject, KubeObject>? Transform { get; init; }

    /// <summary>Changes what is asked of the server in each list and watch: selectors above all, where the list and watch has none of its own. Versions and continue tokens are the loop's and must stay. Null asks as it is.</summary>
    public Func<ListOptions, ListOptions>? Tweak { get; init; }

    /// <summary>The <c>kind</c> that objects must have to be believed; null means the resource's own. Metadata-only watches set <c>PartialObjectMetadata</c>.</summary>
    public string? ExpectedKind { get; init; }

    /// <summary>Where to start: the version that the receiver already holds; empty for a first list.</summary>
    public string StartVersion { get; init; } = "";

    /// <exception cref="ArgumentOutOfRangeException">A number makes no sense; the message says which and why.</exception>
    public void Validate()
    {
        Positive(MinWatchTimeout, nameof(MinWatchTimeout));
        Positive(WatchOverrun, nameof(WatchOverrun));
        Positive(InitialEventsTimeout, nameof(InitialEventsTimeout));
        Positive(InitialEventsWarning, nameof(InitialEventsWarning));
        Positive(MissingKindRetry, nameof(MissingKindRetry));
        if (MaxWatchTimeout < MinWatchTimeout)
            throw new ArgumentOutOfRangeException(nameof(MaxWatchTimeout), MaxWatchTimeout, $"The longest watch cannot be shorter than MinWatchTimeout ({MinWatchTimeout}).");
        NotNegative(VeryShortWatch, nameof(VeryShortWatch));
        NotNegative(InternalErrorRetryWindow, nameof(InternalErrorRetryWindow));
        NotNegative(InternalErrorRetryReset, nameof(InternalErrorRetryReset));
        Check(Backoff, nameof(Backoff));
        foreach (var (reason, policy) in BackoffByReason)
            Check(policy, $"BackoffByReason[{reason}]");
        if (IdleTimeout is { } idle)
            Positive(idle, nameof(IdleTimeout));
        if (PageSize <= 0)
            throw new ArgumentOutOfRangeException(nameof(PageSize), PageSize, "A page holds at least one object.");
    }

    static void Check(BackoffPolicy policy, string name)
    {
        Positive(policy.Initial, name + ".Initial");
        // Written so that what is no number is refused too.
        if (!(policy.Factor >= 1))
            throw new ArgumentOutOfRangeException(name + ".Factor", policy.Factor, "Waits must not shrink: this is 1 or more.");
        if (!(policy.Jitter >= 0))
            throw new ArgumentOutOfRangeException(name + ".Jitter", policy.Jitter, "Waits are stretched, not shortened: this is 0 or more.");
        if (policy.Cap < policy.Initial)
            throw new ArgumentOutOfRangeException(name + ".Cap", policy.Cap, $"The longest wait cannot be shorter than the first, Initial ({policy.Initial}).");
        NotNegative(policy.ResetAfter, name + ".ResetAfter");
    }

    static void NotNegative(TimeSpan value, string name)
    {
        if (value < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(name, value, "This cannot be less than zero.");
    }

    static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(name, value, "This must be longer than zero.");
    }
}
