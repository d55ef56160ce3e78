namespace ActorKube.Tests.Shared;

/// <summary>Wakes whoever waits for something to become so each time something has happened: no test looks at a clock for that.</summary>
sealed class News
{
    TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Something has happened; whoever waits looks again.</summary>
    public void Happened() => Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Ends once something is so.</summary>
    /// <param name="holds">Asked at once and after each news.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task UntilAsync(Func<bool> holds, CancellationToken cancellation)
    {
        while (true)
        {
            // Taken before the look: what happens after it ends this wait.
            var next = Volatile.Read(ref _next).Task;
            if (holds())
                return;
            await next.WaitAsync(cancellation);
        }
    }
}
