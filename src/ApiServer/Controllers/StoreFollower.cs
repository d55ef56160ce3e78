namespace ActorKube.ApiServer;

/// <summary>
/// Runs a server-side controller: hands it the changes of some stores, one after another, and calls it again after a while when it fails
/// or asks for it. A failing step never ends the loop.
/// </summary>
internal abstract class StoreFollower(TimeProvider time, CancellationToken stopping)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(200);

    protected TimeProvider Time => time;

    protected CancellationToken Stopping => stopping;

    /// <summary>Follows a store from its present state on: existing objects count as added.</summary>
    protected async Task FollowAsync(ResourceStore store, Action<StoreEvent> onChange)
    {
        var position = store.Tail;
        foreach (var existing in position.After.Enumerate(null))
        {
            Guarded(new StoreEvent(0, existing.ResourceVersion, StoreEventType.Added, existing, null, position.After), onChange);
        }
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                while (position.Next is { } next)
                {
                    position = next;
                    if (next.Object is not null)
                    {
                        Guarded(next, onChange);
                    }
                }
                await store.NewsAfter(position).WaitAsync(stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>Does a step; a conflict or an object that is gone meanwhile is settled by the next event.</summary>
    protected static void Guarded<T>(T value, Action<T> step)
    {
        try
        {
            step(value);
        }
        catch (ApiException)
        {
            // Overtaken by somebody else's write, whose event comes along.
        }
    }

    /// <summary>Runs a step after a time on the server's clock.</summary>
    protected void Later(TimeSpan delay, Action step)
    {
        ITimer? timer = null;
        timer = time.CreateTimer(_ =>
        {
            timer?.Dispose();
            if (!stopping.IsCancellationRequested)
            {
                Guarded(0, _ => step());
            }
        }, null, delay, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs a step again soon.</summary>
    protected void Again(Action step) => Later(RetryAfter, step);
}
