using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace ActorKube.Transport;

/// <summary>
/// A WebSocket that carries several streams, as Kubernetes' channel protocols have it: the first byte of each message says which. What arrives waits in one bounded
/// pipe a channel: a channel that nobody reads holds back the connection, not this process's memory.
/// </summary>
internal sealed class ChannelSocket : IAsyncDisposable
{
    public const string V5 = "v5.channel.k8s.io";
    public const string V4 = "v4.channel.k8s.io";
    /// <summary>In version 5, closes the channel that its message names.</summary>
    const byte CloseChannel = 255;
    const int ChunkSize = 32 * 1024;
    static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    readonly WebSocket _socket;
    readonly HttpResponseMessage _answer;
    readonly SemaphoreSlim _sending = new(1, 1);
    readonly CancellationTokenSource _stop = new();
    readonly Dictionary<byte, Pipe> _channels = [];
    Task _receiving = Task.CompletedTask;

    ChannelSocket(WebSocket socket, HttpResponseMessage answer, string protocol, RestClient rest) =>
        (_socket, _answer, Protocol, TimeLimit, Time) = (socket, answer, protocol, rest.Configuration.Timeout, rest.Time);

    /// <summary>How long one step of an opening may take, and on which clock.</summary>
    public TimeSpan TimeLimit { get; }

    public TimeProvider Time { get; }

    /// <summary>The subprotocol the server has chosen.</summary>
    public string Protocol { get; }

    public static async Task<ChannelSocket> OpenAsync(RestClient rest, RestCall call, string key, IReadOnlyList<string> protocols, CancellationToken cancellation)
    {
        var answer = await rest.OpenAsync(call, cancellation).ConfigureAwait(false);
        try
        {
            var expected = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
            var chosen = Header(answer, "Sec-WebSocket-Protocol");
            if (Header(answer, "Sec-WebSocket-Accept") != expected || chosen is null || !protocols.Contains(chosen))
            {
                throw new HttpRequestException(HttpRequestError.InvalidResponse,
                    $"The API server opened a connection in a protocol that was not asked for; {string.Join(" or ", protocols)} was.");
            }
            var stream = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var settings = rest.Configuration.Connections;
            var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { SubProtocol = chosen, KeepAliveInterval = settings.ReadIdleTimeout, KeepAliveTimeout = settings.PingTimeout });
            return new ChannelSocket(socket, answer, chosen, rest);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>What comes on a channel; ends with the channel or the connection. Ask before <see cref="Start"/>.</summary>
    public PipeReader Reader(byte channel)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 256 * 1024, resumeWriterThreshold: 128 * 1024, useSynchronizationContext: false));
        _channels.Add(channel, pipe);
        return pipe.Reader;
    }

    public void Start() => _receiving = ReceiveAsync();

    async Task ReceiveAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        Exception? failure = null;
        try
        {
            var channel = -1;
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), _stop.Token).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close) return;
                var bytes = buffer.AsMemory(0, part.Count);
                if (channel < 0 && bytes.Length > 0)
                {
                    channel = bytes.Span[0];
                    bytes = bytes[1..];
                }
                if (channel == CloseChannel && Protocol == V5)
                {
                    foreach (var closed in bytes.ToArray())
                        if (_channels.TryGetValue(closed, out var ended)) await ended.Writer.CompleteAsync().ConfigureAwait(false);
                }
                else if (channel >= 0 && bytes.Length > 0 && _channels.TryGetValue((byte)channel, out var pipe))
                {
                    await pipe.Writer.WriteAsync(bytes, _stop.Token).ConfigureAwait(false);
                }
                if (part.EndOfMessage) channel = -1;
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
        catch (Exception error) when (error is WebSocketException or IOException or InvalidOperationException)
        {
            failure = new IOException("The connection to the pod broke.", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            foreach (var pipe in _channels.Values) await pipe.Writer.CompleteAsync(failure).ConfigureAwait(false);
        }
    }

    /// <summary>Sends bytes on a channel, in messages of bounded size.</summary>
    public async ValueTask SendAsync(byte channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation).ConfigureAwait(false);
        var message = ArrayPool<byte>.Shared.Rent(Math.Min(bytes.Length, ChunkSize) + 1);
        try
        {
            message[0] = channel;
            do
            {
                var chunk = bytes[..Math.Min(bytes.Length, ChunkSize)];
                chunk.CopyTo(message.AsMemory(1));
                await _socket.SendAsync(message.AsMemory(0, chunk.Length + 1), WebSocketMessageType.Binary, true, cancellation).ConfigureAwait(false);
                bytes = bytes[chunk.Length..];
            }
            while (bytes.Length > 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
            _sending.Release();
        }
    }

    /// <summary>Tells the other end that nothing more comes on a channel, where the protocol can say so.</summary>
    public ValueTask CloseAsync(byte channel, CancellationToken cancellation) =>
        Protocol == V5 && _socket.State == WebSocketState.Open ? SendAsync(CloseChannel, new[] { channel }, cancellation) : default;

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(Goodbye);
            if (_socket.State == WebSocketState.Open) await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The other end is gone: there is nobody to say goodbye to.
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
        _socket.Dispose();
        _answer.Dispose();
        _stop.Dispose();
    }
}

/// <summary>A channel as a stream: what is written goes out, what comes in is read; either may be missing.</summary>
internal sealed class ChannelStream(ChannelSocket socket, byte channel, PipeReader? reader, bool canWrite) : Stream
{
    readonly Stream? _reading = reader?.AsStream();
    bool _closed;

    public override bool CanRead => _reading is not null;
    public override bool CanSeek => false;
    public override bool CanWrite => canWrite && !_closed;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        (_reading ?? throw new NotSupportedException("This end of the channel only writes.")).ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!canWrite) throw new NotSupportedException("This end of the channel only reads.");
        ObjectDisposedException.ThrowIf(_closed, this);
        return buffer.IsEmpty ? default : socket.SendAsync(channel, buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Closes the channel, where the protocol can say so.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_closed) return;
        _closed = true;
        if (canWrite) await socket.CloseAsync(channel, CancellationToken.None).ConfigureAwait(false);
        if (_reading is not null) await _reading.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    public override void Flush() { }
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Channels are read asynchronously.");
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Channels are written asynchronously.");
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
