using ActorKube.Transport;

namespace ActorKube.Streams;

/// <summary>One open watch, read one event at a time and closed exactly once, also where a read is under way.</summary>
sealed class OpenWatch(IListWatch listWatch, ListOptions options)
{
    readonly CancellationTokenSource _cancellation = new();
    IAsyncEnumerator<WatchEvent>? _events;
    Task _reading = Task.CompletedTask;
    bool _closed;

    /// <summary>Reads the next event; <see cref="LoopInput.Closed"/> or <see cref="LoopInput.Failed"/> at the end. One read at a time.</summary>
    public ValueTask<LoopInput> ReadAsync()
    {
        try
        {
            _events ??= listWatch.WatchAsync(options, _cancellation.Token).GetAsyncEnumerator(_cancellation.Token);
            var moving = _events.MoveNextAsync();
            if (moving.IsCompletedSuccessfully)
                return ValueTask.FromResult(Input(moving.Result));
            var reading = FinishAsync(moving);
            _reading = reading;
            return new ValueTask<LoopInput>(reading);
        }
        catch (Exception error)
        {
            return ValueTask.FromResult(LoopInput.Failed(error));
        }
    }

    /// <summary>Ends the request. A read under way ends early, and the response is released after it.</summary>
    public void Close()
    {
        if (_closed)
            return;
        _closed = true;
        _ = ReleaseAsync();
    }

    async Task<LoopInput> FinishAsync(ValueTask<bool> moving)
    {
        try
        {
            return Input(await moving.ConfigureAwait(false));
        }
        catch (Exception error)
        {
            return LoopInput.Failed(error);
        }
    }

    LoopInput Input(bool moved) => moved ? LoopInput.Event(_events!.Current) : LoopInput.Closed;

    async Task ReleaseAsync()
    {
        await _cancellation.CancelAsync().ConfigureAwait(false);
        // An enumerator must not be disposed while it moves; the reads never throw.
        await _reading.ConfigureAwait(false);
        try
        {
            if (_events is not null)
                await _events.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The watch is given up: how its connection ends is nobody's concern any more.
        }
        finally
        {
            _cancellation.Dispose();
        }
    }
}
