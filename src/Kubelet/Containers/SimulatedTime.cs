namespace ActorKube.Kubelet;

/// <summary>
/// Waits on the server's clock. Unlike <see cref="Task.Delay(TimeSpan, TimeProvider, CancellationToken)"/> it goes on within the clock's own callback, whatever context that runs in: a test that
/// moves its clock finds everything done that was due.
/// </summary>
internal static class SimulatedTime
{
    public static async Task WaitAsync(this TimeProvider time, TimeSpan delay, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var due = new TaskCompletionSource();
        await using var timer = time.CreateTimer(static state =>
        {
            var context = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(null);
            try
            {
                ((TaskCompletionSource)state!).TrySetResult();
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(context);
            }
        }, due, delay, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        await using var registration = cancellation.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), due).ConfigureAwait(false);
        await due.Task.ConfigureAwait(false);
    }
}
