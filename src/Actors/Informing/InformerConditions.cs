using ActorKube.Transport;

namespace ActorKube.Actors;

/// <summary>Waiting for something to be so, over a shared cache. Without a cache, Transport's <c>UntilAsync</c> waits over lists and watches. Thread-safe.</summary>
public static class InformerConditions
{
    /// <summary>Waits until a condition holds for all that a cache has.</summary>
    /// <param name="informer">Whose cache to look at.</param>
    /// <param name="condition">
    /// Gets the cache's content, first when the set has been read once, then after each change; not every state in between, and never twice at a time. What it throws ends the wait.
    /// </param>
    /// <param name="cancellation">Ends the wait; give it a time limit.</param>
    /// <returns>The content for which the condition held.</returns>
    /// <example><code>
    /// await using var pods = await system.Kubernetes().InformerAsync&lt;V1Pod>("shop");
    /// await pods.UntilAsync(now => now.List(labels: LabelSelector.Parse("app=web")).Count == 3, cancellation);
    /// </code></example>
    public static async Task<CacheSnapshot> UntilAsync(this Informer informer, Func<CacheSnapshot, bool> condition, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(informer);
        ArgumentNullException.ThrowIfNull(condition);
        var turn = new Lock();
        var held = new TaskCompletionSource<CacheSnapshot>(TaskCreationOptions.RunContinuationsAsynchronously);
        var registration = informer.AddHandler(_ => Look());
        await using var removes = registration.ConfigureAwait(false);
        await informer.WaitForSyncAsync(cancellation).ConfigureAwait(false);
        // Where the set is empty, or all of it was told before it was complete, no change makes anybody look.
        Look();
        return await held.Task.WaitAsync(cancellation).ConfigureAwait(false);

        void Look()
        {
            lock (turn)
            {
                var now = informer.Cache.Snapshot;
                if (held.Task.IsCompleted || !now.HasSynced)
                    return;
                try
                {
                    if (condition(now))
                        held.TrySetResult(now);
                }
                catch (Exception error)
                {
                    held.TrySetException(error);
                }
            }
        }
    }

    /// <summary>Waits until conditions have held one after another for what a cache tells: client-go's <c>UntilWithSync</c>.</summary>
    /// <param name="informer">Whose cache to look at.</param>
    /// <param name="precondition">Gets the content once the set has been read; where it holds there is nothing to wait for. Null asks nothing.</param>
    /// <param name="conditions">
    /// Get the changes: first all objects that are there as <see cref="CacheChange.Added"/>, then what happens, where an object's changes in quick succession may be told as one. Each is asked
    /// of the change for which the one before it held, then of those that follow. What a condition throws ends the wait.
    /// </param>
    /// <param name="cancellation">Ends the wait; give it a time limit.</param>
    /// <returns>The change for which the last condition held; null where the precondition did, or where there are no conditions.</returns>
    public static async Task<CacheChange?> UntilAsync(
        this Informer informer, Func<CacheSnapshot, bool>? precondition, IReadOnlyList<Func<CacheChange, bool>> conditions, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(informer);
        var sequence = new ConditionSequence<CacheChange>(conditions);
        if (precondition is not null)
        {
            await informer.WaitForSyncAsync(cancellation).ConfigureAwait(false);
            if (precondition(informer.Cache.Snapshot))
                return null;
        }
        if (sequence.IsDone)
            return null;
        var held = new TaskCompletionSource<CacheChange>(TaskCreationOptions.RunContinuationsAsynchronously);
        var registration = informer.AddHandler(See);
        await using var removes = registration.ConfigureAwait(false);
        return await held.Task.WaitAsync(cancellation).ConfigureAwait(false);

        void See(CacheChange change)
        {
            try
            {
                if (!held.Task.IsCompleted && sequence.See(change))
                    held.TrySetResult(change);
            }
            catch (Exception error)
            {
                held.TrySetException(error);
            }
        }
    }

    /// <summary>The same over a cache that is acquired for the time of the wait; shared with whoever has it already.</summary>
    /// <inheritdoc cref="UntilAsync(Informer, Func{CacheSnapshot, bool}?, IReadOnlyList{Func{CacheChange, bool}}, CancellationToken)"/>
    public static async Task<CacheChange?> UntilAsync(
        this Kubernetes kubernetes, CacheSpec spec, Func<CacheSnapshot, bool>? precondition, IReadOnlyList<Func<CacheChange, bool>> conditions, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(kubernetes);
        var informer = await kubernetes.InformerAsync(spec).ConfigureAwait(false);
        await using var lets = informer.ConfigureAwait(false);
        return await informer.UntilAsync(precondition, conditions, cancellation).ConfigureAwait(false);
    }
}
