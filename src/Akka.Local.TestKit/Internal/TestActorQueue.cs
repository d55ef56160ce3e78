namespace Akka.TestKit.Internal;

/// <summary>
/// The messages a test has yet to look at. One test reads, any thread writes. A test may wait on its own thread, so that
/// a synchronous expectation needs no thread-pool thread to finish, or asynchronously.
/// </summary>
sealed class TestActorQueue
{
    // A Monitor, not a Lock: the blocking wait needs Pulse.
    readonly object _gate = new();
    readonly Queue<MessageEnvelope> _messages = new();
    TaskCompletionSource? _arrival;

    public int Count
    {
        get
        {
            lock (_gate)
                return _messages.Count;
        }
    }

    public void Add(MessageEnvelope envelope)
    {
        TaskCompletionSource? arrival;
        lock (_gate)
        {
            _messages.Enqueue(envelope);
            Monitor.PulseAll(_gate);
            arrival = _arrival;
            _arrival = null;
        }

        arrival?.SetResult();
    }

    public bool TryTake(bool remove, out MessageEnvelope envelope)
    {
        lock (_gate)
            return (remove ? _messages.TryDequeue(out envelope!) : _messages.TryPeek(out envelope!));
    }

    /// <summary>Waits on the calling thread until there is a message; false after <paramref name="timeout"/>.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public bool WaitForMessage(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var wake = cancellationToken.Register(static gate =>
        {
            lock (gate!)
                Monitor.PulseAll(gate);
        }, _gate);
        var deadline = Deadline.In(timeout);
        lock (_gate)
        {
            while (_messages.Count == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (deadline.IsOver)
                    return false;
                Monitor.Wait(_gate, deadline.Wait);
            }
        }

        return true;
    }

    /// <summary>The same without holding a thread.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async Task<bool> WaitForMessageAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var deadline = Deadline.In(timeout);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task arrival;
            lock (_gate)
            {
                if (_messages.Count > 0)
                    return true;
                _arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrival = _arrival.Task;
            }

            if (deadline.IsOver)
                return false;
            using var delay = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(arrival, Task.Delay(deadline.Wait, delay.Token)).ConfigureAwait(false);
            await delay.CancelAsync().ConfigureAwait(false);
        }
    }
}
