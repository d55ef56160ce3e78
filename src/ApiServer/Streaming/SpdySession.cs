using System.Buffers.Binary;
using System.Threading.Channels;

namespace ActorKube.ApiServer;

/// <summary>
/// The server's end of a SPDY/3.1 session, as far as Kubernetes' clients use it for exec, attach and port-forward: streams that the client opens, data both
/// ways, half closes, resets and pings. There is no flow control but the connection's own, as in those clients: a stream that nobody reads holds back its session.
/// </summary>
internal sealed class SpdySession : IAsyncDisposable
{
    private const int MaxStreams = 256;
    private const int MaxControlFrame = 64 * 1024;
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(10);
    private const ushort SynStream = 1, SynReply = 2, RstStream = 3, Ping = 6, GoAway = 7;
    private const byte Fin = 1;
    private static readonly KeyValuePair<string, string>[] NoHeaders = [];

    private readonly Stream _connection;
    private readonly SpdyHeaders _headers = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, SpdyStream> _streams = [];
    // Reading waits for whoever takes the streams, also for those that their client has given up: else a client that opens and resets without end would fill the memory.
    private readonly Channel<SpdyStream> _opened = Channel.CreateBounded<SpdyStream>(MaxStreams);
    private readonly CancellationTokenSource _stop;
    private readonly Task _reading;
    private uint _last;

    public SpdySession(Stream connection, CancellationToken cancellation)
    {
        _connection = connection;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _reading = ReadAsync();
    }

    /// <summary>
    /// The streams that the client opens, in order; ends with the session. Whoever takes them goes on taking, or says that it will not (<see cref="RefuseMoreAsync"/>):
    /// a session that is left with its streams is not read any further.
    /// </summary>
    public ChannelReader<SpdyStream> Opened => _opened.Reader;

    /// <summary>Turns away what has been opened and was not taken, and whatever the client still opens; the streams that were taken go on.</summary>
    public async Task RefuseMoreAsync()
    {
        _opened.Writer.TryComplete();
        try
        {
            while (_opened.Reader.TryRead(out var stream))
            {
                await RefuseAsync(stream).ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException or System.Net.WebSockets.WebSocketException)
        {
            // Nobody is there to be turned away.
        }
    }

    /// <summary>Completes when the client is gone.</summary>
    public Task Ended => _reading;

    private async Task ReadAsync()
    {
        var header = new byte[8];
        try
        {
            while (await _connection.ReadAtLeastAsync(header, 8, throwOnEndOfStream: false, _stop.Token).ConfigureAwait(false) == 8)
            {
                var first = BinaryPrimitives.ReadUInt32BigEndian(header);
                var flags = header[4];
                var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)) & 0xFFFFFF);
                if ((first & 0x80000000) == 0)
                {
                    await DataAsync(first, flags, length).ConfigureAwait(false);
                    continue;
                }
                if (length > MaxControlFrame)
                {
                    throw new InvalidDataException($"A SPDY control frame of {length} bytes.");
                }
                var body = new byte[length];
                await _connection.ReadExactlyAsync(body, _stop.Token).ConfigureAwait(false);
                await ControlAsync((ushort)(first & 0xFFFF), flags, body).ConfigureAwait(false);
            }
        }
        catch (InvalidDataException)
        {
            // It says what nobody understands: it is told so, and not listened to any more.
            await ProtocolErrorAsync().ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException or System.Net.WebSockets.WebSocketException)
        {
            // However it went: the client is gone.
        }
        finally
        {
            _opened.Writer.TryComplete();
            SpdyStream[] open;
            lock (_lock)
            {
                open = [.. _streams.Values];
                _streams.Clear();
            }
            foreach (var stream in open)
            {
                stream.RemoteGone();
            }
        }
    }

    private async Task ProtocolErrorAsync()
    {
        try
        {
            await SendControlAsync(GoAway, 0, Numbers(_last, 1)).WaitAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException or TimeoutException or System.Net.WebSockets.WebSocketException)
        {
            // Nobody is there to hear it.
        }
    }

    private async Task DataAsync(uint id, byte flags, int length)
    {
        var stream = Find(id);
        var left = length;
        var buffer = new byte[Math.Min(Math.Max(length, 1), 32 * 1024)];
        while (left > 0)
        {
            var count = await _connection.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), _stop.Token).ConfigureAwait(false);
            if (count == 0)
            {
                throw new IOException("The session ended within a frame.");
            }
            left -= count;
            if (stream is not null)
            {
                await stream.ReceiveAsync(buffer.AsMemory(0, count), _stop.Token).ConfigureAwait(false);
            }
        }
        if ((flags & Fin) != 0)
        {
            stream?.RemoteDone();
        }
    }

    private async Task ControlAsync(ushort type, byte flags, byte[] body)
    {
        switch (type)
        {
            case SynStream when body.Length >= 10:
                var id = BinaryPrimitives.ReadUInt32BigEndian(body) & 0x7FFFFFFF;
                var stream = new SpdyStream(this, id, _headers.Read(body.AsSpan(10)));
                bool refused;
                lock (_lock)
                {
                    refused = _streams.Count >= MaxStreams || !_streams.TryAdd(id, stream);
                    _last = Math.Max(_last, id);
                }
                if (refused)
                {
                    await SendControlAsync(RstStream, 0, Numbers(id, 3)).ConfigureAwait(false);
                    return;
                }
                await SendReplyAsync(id).ConfigureAwait(false);
                if ((flags & Fin) != 0)
                {
                    stream.RemoteDone();
                }
                await OfferAsync(stream).ConfigureAwait(false);
                break;
            case RstStream when body.Length >= 8:
                Find(BinaryPrimitives.ReadUInt32BigEndian(body) & 0x7FFFFFFF)?.RemoteGone();
                break;
            case Ping when body.Length >= 4:
                await SendControlAsync(Ping, 0, body).ConfigureAwait(false);
                break;
            case GoAway:
                _opened.Writer.TryComplete();
                break;
        }
    }

    private async Task OfferAsync(SpdyStream stream)
    {
        while (await _opened.Writer.WaitToWriteAsync(_stop.Token).ConfigureAwait(false))
        {
            if (_opened.Writer.TryWrite(stream))
            {
                return;
            }
        }
        await RefuseAsync(stream).ConfigureAwait(false);
    }

    private async Task RefuseAsync(SpdyStream stream)
    {
        stream.RemoteGone();
        await SendControlAsync(RstStream, 0, Numbers(stream.Id, 3)).ConfigureAwait(false);
    }

    private SpdyStream? Find(uint id)
    {
        lock (_lock)
        {
            return _streams.GetValueOrDefault(id);
        }
    }

    /// <summary>Both ends are through with a stream.</summary>
    internal void Forget(uint id)
    {
        lock (_lock)
        {
            _streams.Remove(id);
        }
    }

    private async Task SendReplyAsync(uint id)
    {
        await _writing.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            // Compressed under the lock: blocks are one stream, in the order in which they are sent.
            await WriteControlAsync(SynReply, 0, [.. Numbers(id), .. _headers.Write(NoHeaders)], _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task SendControlAsync(ushort type, byte flags, byte[] body)
    {
        await _writing.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            await WriteControlAsync(type, flags, body, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task WriteControlAsync(ushort type, byte flags, byte[] body, CancellationToken cancellation)
    {
        await _connection.WriteAsync((byte[])[.. Numbers(0x80030000 | type, ((uint)flags << 24) | (uint)body.Length), .. body], cancellation).ConfigureAwait(false);
        await _connection.FlushAsync(cancellation).ConfigureAwait(false);
    }

    internal async Task SendDataAsync(uint id, ReadOnlyMemory<byte> bytes, bool last, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            do
            {
                var chunk = bytes[..Math.Min(bytes.Length, 32 * 1024)];
                bytes = bytes[chunk.Length..];
                var frame = new byte[8 + chunk.Length];
                BinaryPrimitives.WriteUInt32BigEndian(frame, id);
                BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (last && bytes.IsEmpty ? (uint)Fin << 24 : 0) | (uint)chunk.Length);
                chunk.CopyTo(frame.AsMemory(8));
                await _connection.WriteAsync(frame, cancellation).ConfigureAwait(false);
            }
            while (!bytes.IsEmpty);
            await _connection.FlushAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static byte[] Numbers(params ReadOnlySpan<uint> numbers)
    {
        var bytes = new byte[numbers.Length * 4];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * 4), numbers[i]);
        }
        return bytes;
    }

    /// <summary>
    /// Says goodbye and waits for the client to hang up: a client that has not read what was sent last loses it with its connection. Clients hang up at once, unless their machine is busy with other things.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await SendControlAsync(GoAway, 0, Numbers(_last, 0)).ConfigureAwait(false);
            await _reading.WaitAsync(Goodbye, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException or TimeoutException or System.Net.WebSockets.WebSocketException)
        {
            // Nobody is there to hear it, or nobody hangs up.
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _headers.Dispose();
        _stop.Dispose();
    }
}
