using System.Runtime.CompilerServices;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>Watches that outlive their connection, and waiting for something to become true.</summary>
public static class ResumingWatch
{
    /// <summary>
    /// What happens after a version, over as many connections as it takes: when one ends or breaks, the next goes on after the last version seen, so no event is
    /// missed or told twice. Ends after an error event whose status is 410 (the version is too old to go on from: list again), which is its last event. Other error
    /// events are not passed on but make the watch resume.
    /// </summary>
    /// <param name="source">What to watch.</param>
    /// <param name="resourceVersion">The version to start after, as a list gave it.</param>
    /// <param name="options">More for each watch; its version is not used.</param>
    /// <param name="time">The clock; null for the machine's.</param>
    /// <param name="cancellation">Ends the watch.</param>
    /// <exception cref="ArgumentException">The version is empty or <c>0</c>: neither is one to go on from.</exception>
    /// <exception cref="KubernetesException">The server does not let this user watch (401, 403).</exception>
    public static IAsyncEnumerable<WatchEvent> ResumeAsync(
        this IListWatch source, string resourceVersion, ListOptions? options = null, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        if (string.IsNullOrEmpty(resourceVersion) || resourceVersion == "0")
            throw new ArgumentException("A watch that resumes starts at a version: list first and take the list's.", nameof(resourceVersion));
        return RunAsync(source, resourceVersion, options ?? new ListOptions { AllowWatchBookmarks = true }, time ?? TimeProvider.System, cancellation);
    }

    static async IAsyncEnumerable<WatchEvent> RunAsync(
        IListWatch source, string version, ListOptions options, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var started = time.GetTimestamp();
            var pause = TimeSpan.Zero;
            await using (var events = source.WatchAsync(options with { ResourceVersion = version }, cancellation).GetAsyncEnumerator(cancellation))
            {
                while (await NextAsync(events, cancellation).ConfigureAwait(false))
                {
                    var current = events.Current;
                    if (current.Status is { } status)
                    {
                        if (status.Code == 410)
                        {
                            yield return current;
                            yield break;
                        }
                        pause = TimeSpan.FromSeconds(Math.Clamp(status.Details?.RetryAfterSeconds ?? 0, 0, 60));
                        break;
                    }
                    if (current.Object?.ResourceVersion is { Length: > 0 } seen) version = seen;
                    yield return current;
                }
            }
            await PauseAsync(source, time, started, pause, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Waits so long that what began then is a <see cref="IListWatch.WatchRestart"/> ago, and not less than the server asked for.</summary>
    static Task PauseAsync(IListWatch source, TimeProvider time, long started, TimeSpan asked, CancellationToken cancellation)
    {
        var wait = source.WatchRestart - time.GetElapsedTime(started);
        if (asked > wait) wait = asked;
        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellation) : Task.CompletedTask;
    }

    /// <returns>False where the connection ended, one way or the other.</returns>
    static async ValueTask<bool> NextAsync(IAsyncEnumerator<WatchEvent> events, CancellationToken cancellation)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (KubernetesException error) when (!error.IsUnauthorized && !error.IsForbidden)
        {
            return false;
        }
        catch (Exception error) when (error is HttpRequestException or IOException && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// Waits until a condition holds for the objects of a source. The condition is asked for each object that is there, then for each change; where the watch cannot go
    /// on it lists again.
    /// </summary>
    /// <param name="source">What to look at; a field selector <c>metadata.name=…</c> narrows it to one object.</param>
    /// <param name="condition">Gets an event; Added for what is there at the start.</param>
    /// <param name="time">The clock; null for the machine's.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The event for which the condition held.</returns>
    /// <exception cref="KubernetesException">The server does not let this user list or watch.</exception>
    public static async Task<WatchEvent> UntilAsync(
        this IListWatch source, Func<WatchEvent, bool> condition, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        time ??= TimeProvider.System;
        while (true)
        {
            var started = time.GetTimestamp();
            var (version, found) = await ListUntilAsync(source, condition, cancellation).ConfigureAwait(false);
            if (found is { } there) return there;
            await foreach (var item in source.ResumeAsync(version, time: time, cancellation: cancellation).ConfigureAwait(false))
                if (item.Object is not null && item.Type != WatchEventType.Bookmark && condition(item)) return item;
            // A server that finds each version too old as soon as it has given it is not stormed.
            await PauseAsync(source, time, started, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Waits until conditions have held one after another for what happens after a version, over as many connections as it takes: client-go's <c>Until</c>. Nothing that happens is passed
    /// over, whereas <see cref="UntilAsync(IListWatch, Func{WatchEvent, bool}, TimeProvider?, CancellationToken)"/> starts at what is there; over a cache, Actors have the same
    /// (<c>informer.UntilAsync</c>).
    /// </summary>
    /// <param name="source">What to look at.</param>
    /// <param name="resourceVersion">The version to start after, as a list or a write gave it.</param>
    /// <param name="conditions">
    /// Get events, bookmarks left out. Each is asked of the event for which the one before it held, then of those that follow. What a condition throws ends the wait.
    /// </param>
    /// <param name="time">The clock; null for the machine's.</param>
    /// <param name="cancellation">Ends the wait; give it a time limit.</param>
    /// <returns>The event for which the last condition held.</returns>
    /// <exception cref="ArgumentException">The version is none to go on from, or there is no condition.</exception>
    /// <exception cref="KubernetesException">The version is too old to go on from (<c>IsResourceExpired</c>), or the server does not let this user watch.</exception>
    /// <example><code>
    /// var pods = client.CoreV1.Pods("shop");
    /// var created = await pods.CreateAsync(pod);
    /// await pods.ListWatch(fieldSelector: "metadata.name=" + name).UntilAsync(created.Metadata.ResourceVersion,
    ///     [seen => seen.Object!.As&lt;V1Pod>().Status.Phase == "Running", seen => seen.Type == WatchEventType.Deleted]);
    /// </code></example>
    public static Task<WatchEvent> UntilAsync(
        this IListWatch source, string resourceVersion, IReadOnlyList<Func<WatchEvent, bool>> conditions, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        var sequence = new ConditionSequence<WatchEvent>(conditions);
        if (sequence.IsDone) throw new ArgumentException("Without a condition there is nothing to wait for.", nameof(conditions));
        return UntilAsync(source.ResumeAsync(resourceVersion, time: time, cancellation: cancellation), sequence);
    }

    static async Task<WatchEvent> UntilAsync(IAsyncEnumerable<WatchEvent> events, ConditionSequence<WatchEvent> conditions)
    {
        await foreach (var item in events.ConfigureAwait(false))
        {
            if (item.Status is { } status) throw new KubernetesException(status);
            if (item.Object is not null && item.Type != WatchEventType.Bookmark && conditions.See(item)) return item;
        }
        throw new InvalidOperationException("A watch that resumes does not end by itself.");
    }

    static async Task<(string Version, WatchEvent? Found)> ListUntilAsync(IListWatch source, Func<WatchEvent, bool> condition, CancellationToken cancellation)
    {
        var options = new ListOptions { Limit = ResourceVerbs<KubeObject>.PageSize };
        while (true)
        {
            var page = await source.ListAsync(options, cancellation).ConfigureAwait(false);
            foreach (var item in page.Items)
            {
                var there = new WatchEvent(WatchEventType.Added, item);
                if (condition(there)) return (page.ResourceVersion, there);
            }
            if (page.Continue.Length == 0) return (page.ResourceVersion, null);
            options = options with { Continue = page.Continue };
        }
    }

    /// <summary>Waits until an object is there and a condition holds for it.</summary>
    /// <param name="client">The resource.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="condition">What must hold.</param>
    /// <param name="cancellation">Ends the wait; give it a time limit.</param>
    /// <returns>The object as it was then.</returns>
    public static async Task<KubeObject> UntilAsync(this IResourceClient client, string name, Func<KubeObject, bool> condition, CancellationToken cancellation = default) =>
        (await client.ListWatch(fieldSelector: "metadata.name=" + name)
            .UntilAsync(item => item.Type != WatchEventType.Deleted && condition(item.Object!), null, cancellation).ConfigureAwait(false)).Object!;

    /// <summary>Waits until an object is there and a condition holds for it.</summary>
    /// <param name="client">The resource.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="condition">What must hold. Its object is decoded without managed fields.</param>
    /// <param name="cancellation">Ends the wait; give it a time limit.</param>
    /// <returns>The object as it was then.</returns>
    /// <example><code>var pod = await client.CoreV1.Pods("shop").UntilAsync("web-0", pod => pod.Status?.Phase == "Running", limit.Token);</code></example>
    public static async Task<T> UntilAsync<T>(this IObjectClient<T> client, string name, Func<T, bool> condition, CancellationToken cancellation = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        T? found = null;
        await client.ListWatch(fieldSelector: "metadata.name=" + name)
            .UntilAsync(item => item.Type != WatchEventType.Deleted && condition(found = item.Object!.As<T>()), null, cancellation).ConfigureAwait(false);
        return found!;
    }

    /// <inheritdoc cref="UntilDeletedAsync(IResourceClient, string, CancellationToken)"/>
    public static Task UntilDeletedAsync<T>(this IObjectClient<T> client, string name, CancellationToken cancellation = default)
        where T : class, IKubernetesObject<V1ObjectMeta> => UntilDeletedAsync(client.ListWatch(fieldSelector: "metadata.name=" + name), cancellation);

    /// <summary>Waits until an object is gone: not there at all, or deleted since.</summary>
    /// <param name="client">The resource.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="cancellation">Ends the wait; give it a time limit.</param>
    public static Task UntilDeletedAsync(this IResourceClient client, string name, CancellationToken cancellation = default) =>
        UntilDeletedAsync(client.ListWatch(fieldSelector: "metadata.name=" + name), cancellation);

    static async Task UntilDeletedAsync(IListWatch source, CancellationToken cancellation)
    {
        while (true)
        {
            var started = TimeProvider.System.GetTimestamp();
            var page = await source.ListAsync(new ListOptions(), cancellation).ConfigureAwait(false);
            if (page.Items.Count == 0) return;
            await foreach (var item in source.ResumeAsync(page.ResourceVersion, cancellation: cancellation).ConfigureAwait(false))
                if (item.Type == WatchEventType.Deleted) return;
            await PauseAsync(source, TimeProvider.System, started, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        }
    }
}
