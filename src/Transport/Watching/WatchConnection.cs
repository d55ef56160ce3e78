namespace ActorKube.Transport;

/// <summary>
/// The open answer to a watch: gives its frames one by one, and reads from the connection only when a frame is asked for and is not there yet. Owned by one reader;
/// disposing it closes the answer.
/// </summary>
internal sealed class WatchConnection : IAsyncDisposable
{
    const int BufferSize = 32 * 1024;
    /// <summary>No object comes near this: etcd takes 1.5 MiB.</summary>
    const int MaxFrame = 64 * 1024 * 1024;

    readonly HttpResponseMessage _answer;
    readonly StreamBuffer _buffer;
    readonly TimeSpan _idleTimeout;
    readonly CancellationTokenSource _stop;
    readonly ITimer _idle;
    bool _isIdle;
    int _frameLength, _searched;

    WatchConnection(HttpResponseMessage answer, Stream stream, TimeSpan idleTimeout, TimeProvider time, CancellationToken cancellation)
    {
        _answer = answer;
        _buffer = new StreamBuffer(stream, BufferSize, MaxFrame);
        _idleTimeout = idleTimeout;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _idle = time.CreateTimer(static state => ((WatchConnection)state!).GiveUp(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        IsProtobuf = answer.Content.Headers.ContentType?.MediaType == ContentTypes.Protobuf;
    }

    /// <summary>Whether frames are protobuf; else they are JSON.</summary>
    public bool IsProtobuf { get; }

    /// <summary>The frame read last; gone with the next read.</summary>
    public ReadOnlyMemory<byte> Frame { get; private set; }

    /// <param name="rest">Sends the request.</param>
    /// <param name="call">The request.</param>
    /// <param name="idleTimeout">How long the server may be silent while somebody waits for a frame.</param>
    /// <param name="cancellation">Ends the watch.</param>
    public static async ValueTask<WatchConnection> OpenAsync(RestClient rest, RestCall call, TimeSpan idleTimeout, CancellationToken cancellation)
    {
        var answer = await rest.OpenAsync(call, cancellation).ConfigureAwait(false);
        try
        {
            var stream = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            return new WatchConnection(answer, stream, idleTimeout, rest.Time, cancellation);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    /// <summary>Goes on to the next frame.</summary>
    /// <returns>False where the server has ended the watch.</returns>
    /// <exception cref="IOException">The connection broke, went silent, or sent more than can be an event.</exception>
    public ValueTask<bool> ReadAsync()
    {
        _buffer.Consume(_frameLength);
        _frameLength = 0;
        Frame = default;
        // Events that came together are given without waiting, and without a state machine's cost.
        return TryTakeFrame() ? new(true) : ReadMoreAsync();
    }

    async ValueTask<bool> ReadMoreAsync()
    {
        while (await FillAsync().ConfigureAwait(false))
            if (TryTakeFrame()) return true;

        var rest = _buffer.Unread;
        if (rest.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0) return false;
        // The last line may lack its end; anything else is an event cut in two.
        if (IsProtobuf || !IsWhole(rest.Span)) throw new IOException("The connection of the watch ended in the middle of an event.");
        Frame = rest;
        _frameLength = rest.Length;
        _searched = 0;
        return true;
    }

    ValueTask<bool> FillAsync()
    {
        // What is there already is nothing to wait for.
        var filling = _buffer.FillAsync(_stop.Token);
        return filling.IsCompletedSuccessfully ? filling : WaitForAsync(filling);
    }

    async ValueTask<bool> WaitForAsync(ValueTask<bool> filling)
    {
        _idle.Change(_idleTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            return await filling.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_isIdle)
        {
            throw new IOException($"The server was silent for {_idleTimeout.TotalSeconds:0} s: the connection of the watch is given up as dead.");
        }
        finally
        {
            // Who does not pull must not be told that the server is silent.
            _idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    bool TryTakeFrame() => IsProtobuf ? TryTakeProtobufFrame() : TryTakeLine();

    bool TryTakeLine()
    {
        while (true)
        {
            var unread = _buffer.Unread;
            var at = unread.Span[_searched..].IndexOf((byte)'\n');
            if (at < 0)
            {
                _searched = unread.Length;
                return false;
            }
            var length = _searched + at + 1;
            _searched = 0;
            if (unread.Span[..length].IndexOfAnyExcept(" \t\r\n"u8) < 0)
            {
                _buffer.Consume(length);
                continue;
            }
            Frame = unread[..(length - 1)];
            _frameLength = length;
            return true;
        }
    }

    bool TryTakeProtobufFrame()
    {
        var unread = _buffer.Unread;
        if (unread.Length < sizeof(uint)) return false;
        var length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(unread.Span);
        if (length > MaxFrame) throw new IOException($"The server announces an event of {length} bytes; the connection of the watch is closed.");
        if (unread.Length < sizeof(uint) + length) return false;
        Frame = unread.Slice(sizeof(uint), (int)length);
        _frameLength = sizeof(uint) + (int)length;
        return true;
    }

    static bool IsWhole(ReadOnlySpan<byte> rest)
    {
        rest = rest.Trim(" \t\r\n"u8);
        return rest[0] == '{' && new JsonScanner().TryFindEnd(rest, out var length) && length == rest.Length;
    }

    void GiveUp()
    {
        _isIdle = true;
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The watch ended while the timer fired.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _idle.DisposeAsync().ConfigureAwait(false);
        _answer.Dispose();
        _buffer.Dispose();
        _stop.Dispose();
    }
}
