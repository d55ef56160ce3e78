using System.Collections.Immutable;
using System.Globalization;
using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.Streams;

/// <summary>
/// The decisions of a list+watch loop, without I/O: each input, applied to a state, gives the next state, one action and at most one thing to tell.
/// <code>
///              ┌────────────── Waiting ◄──────────── any error that needs patience
///              ▼                  ▼ (nothing lost: rewatch)
///   Streaming ─┬─ end bookmark ─► Watching ─► clean end: watch again from the last version
///       │      │                  ▲
///       └──────┴─ Listing ────────┘
///   (cannot stream)   pages …
/// </code>
/// </summary>
/// <param name="resource">What is watched; for messages and to know foreign objects.</param>
/// <param name="namespace">Its namespace; null for all.</param>
/// <param name="settings">The numbers.</param>
/// <param name="random">Numbers from 0 to 1 for jitter.</param>
sealed class ReflectorLoop(ResourceDefinition resource, string? @namespace, ListAndWatchSettings settings, Func<double> random)
{
    const string InitialEventsEnd = "k8s.io/initial-events-end";

    readonly Troubles _troubles = new(resource, @namespace);
    readonly string _expectedKind = settings.ExpectedKind ?? resource.Kind.Kind;

    /// <summary>The first step: reads the set.</summary>
    public LoopStep Start(DateTimeOffset now) =>
        Relist(new ReflectorState(new Phase.Waiting(true), settings.StartVersion, settings.Backoff.Start), now);

    /// <summary>The step that an input makes; an input that the phase does not know is a fault of the caller.</summary>
    public LoopStep Step(ReflectorState state, LoopInput input, DateTimeOffset now) => (state.Phase, input.What) switch
    {
        (Phase.Watching watching, LoopInput.Kind.Event) => OnWatchEvent(state, watching, input.Told, now),
        (Phase.Watching watching, LoopInput.Kind.Closed) => OnWatchClosed(state, watching, now),
        (Phase.Watching watching, LoopInput.Kind.Failed) => OnWatchFailed(state, watching, (Exception)input.Body!, now),
        (Phase.Watching, LoopInput.Kind.Overdue) => Rewatch(state, now) with { Tell = Told(_troubles.Silent()) },
        (Phase.Listing listing, LoopInput.Kind.Page) => OnPage(state, listing, (KubeList)input.Body!, now),
        (Phase.Listing listing, LoopInput.Kind.Failed) => OnListFailed(state, listing, (Exception)input.Body!, now),
        (Phase.Streaming streaming, LoopInput.Kind.Event) => OnInitialEvent(state, streaming, input.Told, now),
        (Phase.Streaming, LoopInput.Kind.Closed) => Wait(state, now, true, TroubleKind.NoInitialEvents, delay => _troubles.ClosedBeforeEnd(delay)),
        (Phase.Streaming, LoopInput.Kind.Failed) => OnStreamingFailed(state, (Exception)input.Body!, now),
        (Phase.Streaming streaming, LoopInput.Kind.Slow) => new LoopStep(state, LoopAction.Read.Next, Told(_troubles.SlowBookmark(now - streaming.Opened))),
        (_, LoopInput.Kind.Slow) => new LoopStep(state, LoopAction.Read.Next),
        (Phase.Streaming, LoopInput.Kind.Overdue) => List(state with { NoInitialEvents = true }) with { Tell = Told(_troubles.NoEndBookmark(settings.InitialEventsTimeout)) },
        (Phase.Waiting { ThenRelist: true }, LoopInput.Kind.Elapsed) => Relist(state, now),
        (Phase.Waiting { ThenRelist: false }, LoopInput.Kind.Elapsed) => Rewatch(state, now),
        _ => throw new InvalidOperationException($"A list+watch loop that is {state.Phase.GetType().Name} cannot meet {input.What}."),
    };

    // ---- reading the set ----

    LoopStep Relist(ReflectorState state, DateTimeOffset now) =>
        settings.StreamInitialEvents && !state.NoInitialEvents ? StreamInitial(state, now) : List(state);

    LoopStep List(ReflectorState state)
    {
        // "0" accepts whatever the server's cache has; a known version asks for at least that; none asks for the newest.
        var version = state.VersionUnavailable ? "" : state.Version.Length == 0 ? "0" : state.Version;
        var paged = settings.AlwaysPage || state.PagingProved || version is "" or "0";
        return new LoopStep(
            state with { Phase = new Phase.Listing(version, [], Whole: false) },
            new LoopAction.List(Tweaked(new ListOptions { ResourceVersion = version.Length == 0 ? null : version, Limit = paged ? settings.PageSize : null })));
    }

    LoopStep OnPage(ReflectorState state, Phase.Listing listing, KubeList page, DateTimeOffset now)
    {
        var (items, skipped) = Accept(page.Items);
        var pages = listing.Pages.Add(items);
        if (!string.IsNullOrEmpty(page.Continue))
        {
            return new LoopStep(
                state with { Phase = listing with { Pages = pages } },
                new LoopAction.List(Tweaked(new ListOptions { Limit = settings.PageSize, Continue = page.Continue })),
                skipped is null ? null : Told(skipped));
        }
        var proved = state.PagingProved || (listing.RequestedVersion == "0" && pages.Count > 1);
        return Synced(state with { PagingProved = proved }, pages.Count == 1 ? items : [.. pages.SelectMany(static p => p)], page.ResourceVersion, skipped, now);
    }

    LoopStep Synced(ReflectorState state, IReadOnlyList<KubeObject> objects, string version, ReflectorTrouble? skipped, DateTimeOffset now) =>
        Rewatch(state with { Version = version, VersionUnavailable = false, Missing = 0 }, now) with { Tell = new ReflectorEvent.Replaced(objects, version) { Skipped = skipped } };

    LoopStep OnListFailed(ReflectorState state, Phase.Listing listing, Exception error, DateTimeOffset now)
    {
        var failure = Failure.Of(error);
        if (failure == TroubleKind.Expired && listing.Pages.Count > 0)
        {
            // The continue token expired between two pages: what we have is of no use, one request gets the whole.
            return new LoopStep(
                state with { Phase = new Phase.Listing(listing.RequestedVersion, [], Whole: true) },
                new LoopAction.List(Tweaked(new ListOptions { ResourceVersion = listing.RequestedVersion.Length == 0 ? null : listing.RequestedVersion })),
                Told(_troubles.Of(failure, error, TimeSpan.Zero, relists: true)));
        }
        if (failure is TroubleKind.Expired or TroubleKind.VersionTooLarge && listing.RequestedVersion.Length > 0)
            return List(state with { VersionUnavailable = true }) with { Tell = Told(_troubles.Of(failure, error, TimeSpan.Zero, relists: true)) };
        return WaitAfter(state, failure, error, now, thenRelist: true);
    }

    // ---- reading the set as initial events of a watch ----

    LoopStep StreamInitial(ReflectorState state, DateTimeOffset now)
    {
        var version = state.VersionUnavailable ? "" : state.Version;
        return new LoopStep(
            state with { Phase = new Phase.Streaming(now, null) },
            new LoopAction.Watch(
                WatchOptions(version, WatchTimeout()) with { SendInitialEvents = true, ResourceVersionMatch = ResourceVersionMatch.NotOlderThan },
                settings.InitialEventsTimeout));
    }

    LoopStep OnInitialEvent(ReflectorState state, Phase.Streaming streaming, WatchEvent watchEvent, DateTimeOffset now)
    {
        switch (watchEvent)
        {
            case { Type: WatchEventType.Error } when IsSaidByServer(watchEvent):
                return OnStreamingFailed(state, Failure.From(watchEvent), now);
            case { Type: WatchEventType.Bookmark, Object: { } mark }:
                if (!mark.Annotations.TryGetValue(InitialEventsEnd, out var end) || end != "true")
                    return new LoopStep(state, LoopAction.Read.Next);
                return new LoopStep(
                    state with { Phase = new Phase.Watching(streaming.Opened, Received: true, Synthetic: false), Version = mark.ResourceVersion, VersionUnavailable = false, Missing = 0 },
                    new LoopAction.Read(MaxWatchTimeout + settings.WatchOverrun),
                    new ReflectorEvent.Replaced(InitialEvents.Resolve(streaming.Seen), mark.ResourceVersion));
        }
        if (Malformed(watchEvent, out var kept) is { } trouble)
            return new LoopStep(state, LoopAction.Read.Next, Told(trouble));
        var seen = new InitialEvents(kept, watchEvent.Type == WatchEventType.Deleted, streaming.Seen);
        return new LoopStep(state with { Phase = streaming with { Seen = seen } }, LoopAction.Read.Next);
    }

    LoopStep OnStreamingFailed(ReflectorState state, Exception error, DateTimeOffset now)
    {
        var failure = Failure.Of(error);
        switch (failure)
        {
            case TroubleKind.Expired or TroubleKind.VersionTooLarge when state is { VersionUnavailable: false, Version.Length: > 0 }:
                return StreamInitial(state with { VersionUnavailable = true }, now) with { Tell = Told(_troubles.Of(failure, error, TimeSpan.Zero, relists: true)) };
            case TroubleKind.Expired or TroubleKind.VersionTooLarge:
                return WaitAfter(state, failure, error, now, thenRelist: true);
            case TroubleKind.TooManyRequests or TroubleKind.Unreachable or TroubleKind.MissingKind or TroubleKind.Unauthorized or TroubleKind.Forbidden:
                return WaitAfter(state, failure, error, now, thenRelist: true);
            default:
                // A server without WatchList says that the request is invalid, and will say so each time; after any other error a plain list is the safer next step.
                var unsupported = error is KubernetesException { StatusCode: 400 or 422 };
                return List(state with { NoInitialEvents = unsupported }) with { Tell = Told(_troubles.CannotStream(error)) };
        }
    }

    // ---- watching ----

    LoopStep Rewatch(ReflectorState state, DateTimeOffset now)
    {
        var timeout = WatchTimeout();
        return new LoopStep(
            state with { Phase = new Phase.Watching(now, Received: false, Synthetic: state.Version is "" or "0") },
            new LoopAction.Watch(WatchOptions(state.Version, timeout), TimeSpan.FromSeconds(timeout) + settings.WatchOverrun));
    }

    LoopStep OnWatchEvent(ReflectorState state, Phase.Watching watching, WatchEvent watchEvent, DateTimeOffset now)
    {
        if (watchEvent.Type == WatchEventType.Error && IsSaidByServer(watchEvent))
            return OnWatchFailed(state, watching with { Received = true }, Failure.From(watchEvent), now);
        if (!watching.Received)
            state = state with { Phase = watching = watching with { Received = true } };
        if (watchEvent is { Type: WatchEventType.Bookmark, Object: { } mark })
        {
            return new LoopStep(
                state with { Version = mark.ResourceVersion, Phase = watching.Synthetic ? watching with { Synthetic = false } : watching },
                LoopAction.Read.Next,
                new ReflectorEvent.Bookmarked(mark.ResourceVersion));
        }
        if (Malformed(watchEvent, out var kept) is { } trouble)
            return new LoopStep(state, LoopAction.Read.Next, Told(trouble));
        if (watching.Synthetic)
        {
            if (watchEvent.Type == WatchEventType.Added)
                return new LoopStep(state, LoopAction.Read.Next, new ReflectorEvent.Changed(WatchEventType.Added, kept, null));
            state = state with { Phase = watching with { Synthetic = false } };
        }
        var version = kept.ResourceVersion;
        return new LoopStep(state with { Version = version }, LoopAction.Read.Next, new ReflectorEvent.Changed(watchEvent.Type, kept, version));
    }

    LoopStep OnWatchClosed(ReflectorState state, Phase.Watching watching, DateTimeOffset now) =>
        !watching.Received && now - watching.Opened < settings.VeryShortWatch
            ? Wait(state, now, true, TroubleKind.VeryShortWatch, delay => _troubles.VeryShort(delay))
            : Rewatch(state, now);

    LoopStep OnWatchFailed(ReflectorState state, Phase.Watching watching, Exception error, DateTimeOffset now)
    {
        var failure = Failure.Of(error);
        switch (failure)
        {
            case TroubleKind.TooManyRequests:
                return WaitAfter(state, failure, error, now, thenRelist: false);
            case TroubleKind.Unreachable when watching.Received || now - watching.Opened >= settings.VeryShortWatch:
                return Rewatch(state, now) with { Tell = Told(_troubles.Of(failure, error, TimeSpan.Zero, relists: false)) };
            case TroubleKind.Unreachable:
                return WaitAfter(state, failure, error, now, thenRelist: false);
            case TroubleKind.Failed when error is KubernetesException { IsInternalError: true }:
                state = CountInternalError(state, now);
                return WaitAfter(state, failure, error, now, thenRelist: now - state.InternalErrors!.Value.First >= settings.InternalErrorRetryWindow);
            default:
                return WaitAfter(state, failure, error, now, thenRelist: true);
        }
    }

    ReflectorState CountInternalError(ReflectorState state, DateTimeOffset now) => state with
    {
        InternalErrors = state.InternalErrors is { } before && now - before.Latest < settings.InternalErrorRetryReset ? (before.First, now) : (now, now),
    };

    // ---- waiting ----

    LoopStep WaitAfter(ReflectorState state, TroubleKind failure, Exception error, DateTimeOffset now, bool thenRelist)
    {
        if (failure == TroubleKind.MissingKind)
            return WaitForKind(state with { Missing = state.Missing + 1 }, error, now);
        var asked = (error as KubernetesException)?.SuggestsClientDelay ?? TimeSpan.Zero;
        return Wait(state, now, thenRelist, failure, delay => _troubles.Of(failure, error, delay, thenRelist), asked);
    }

    LoopStep WaitForKind(ReflectorState state, Exception error, DateTimeOffset now)
    {
        var step = settings.BackoffByReason.ContainsKey(TroubleKind.MissingKind)
            ? Wait(state, now, true, TroubleKind.MissingKind, delay => _troubles.Of(TroubleKind.MissingKind, error, delay, relists: true))
            : new LoopStep(
                state with { Phase = new Phase.Waiting(true) },
                new LoopAction.Wait(settings.MissingKindRetry),
                Told(_troubles.Of(TroubleKind.MissingKind, error, settings.MissingKindRetry, relists: true)));
        // Once could be a server that is just starting. Twice, and the kind is gone, and all its objects are: whoever holds them should know.
        return state.Missing != 2 || state.Version.Length == 0 ? step : step with
        {
            State = step.State with { Version = "" },
            Tell = new ReflectorEvent.Replaced([], state.Version) { Skipped = ((ReflectorEvent.Troubled)step.Tell!).Trouble },
        };
    }

    LoopStep Wait(ReflectorState state, DateTimeOffset now, bool thenRelist, TroubleKind reason, Func<TimeSpan, ReflectorTrouble> trouble, TimeSpan atLeast = default)
    {
        TimeSpan delay;
        if (settings.BackoffByReason.TryGetValue(reason, out var own))
        {
            (delay, var place) = own.Next(state.Backoffs.GetValueOrDefault(reason, own.Start), now, random());
            state = state with { Backoffs = state.Backoffs.SetItem(reason, place) };
        }
        else
        {
            (delay, var place) = settings.Backoff.Next(state.Backoff, now, random());
            state = state with { Backoff = place };
        }
        if (delay < atLeast)
            delay = atLeast;
        return new LoopStep(state with { Phase = new Phase.Waiting(thenRelist) }, new LoopAction.Wait(delay), Told(trouble(delay)));
    }

    // ---- details ----

    TimeSpan MaxWatchTimeout => settings.MaxWatchTimeout ?? settings.MinWatchTimeout * 2;

    int WatchTimeout() => (int)(settings.MinWatchTimeout + ((MaxWatchTimeout - settings.MinWatchTimeout) * random())).TotalSeconds;

    ListOptions WatchOptions(string version, int timeout) => Tweaked(new ListOptions
    {
        ResourceVersion = version.Length == 0 ? null : version,
        TimeoutSeconds = timeout,
        AllowWatchBookmarks = true,
    });

    ListOptions Tweaked(ListOptions options) => settings.Tweak?.Invoke(options) ?? options;

    static ReflectorEvent Told(ReflectorTrouble trouble) => new ReflectorEvent.Troubled(trouble);

    // A frame that could not be read at all comes as an error too, but the watch goes on after it.
    static bool IsSaidByServer(in WatchEvent watchEvent) => watchEvent.Status is not null || watchEvent.Malformed is null;

    ReflectorTrouble? Malformed(WatchEvent watchEvent, out KubeObject kept)
    {
        if (watchEvent.Object is { } found && watchEvent.Malformed is null)
            return Accept(found, out kept);
        kept = null!;
        return _troubles.Malformed(watchEvent.Malformed ?? string.Create(CultureInfo.InvariantCulture, $"a {watchEvent.Type} event without an object"));
    }

    (IReadOnlyList<KubeObject> Kept, ReflectorTrouble? Skipped) Accept(IReadOnlyList<KubeObject> items)
    {
        var kept = new List<KubeObject>(items.Count);
        ReflectorTrouble? skipped = null;
        foreach (var item in items)
        {
            if (Accept(item, out var keep) is { } trouble)
                skipped = trouble;
            else
                kept.Add(keep);
        }
        return (kept, skipped);
    }

    /// <returns>Why the object is not believed; null where it is, and <paramref name="kept"/> is what to keep of it.</returns>
    ReflectorTrouble? Accept(KubeObject found, out KubeObject kept)
    {
        kept = found;
        if (found.Kind != _expectedKind)
            return _troubles.Malformed($"an object of kind '{found.Kind}' where '{_expectedKind}' was expected");
        if (found.Name.Length == 0)
            return _troubles.Malformed("an object without a name");
        if (settings.Transform is null)
            return null;
        try
        {
            kept = settings.Transform(found);
            return null;
        }
        catch (Exception error)
        {
            return _troubles.Malformed($"'{found.Key}': the transform threw {error.GetType().Name}: {error.Message}");
        }
    }
}
