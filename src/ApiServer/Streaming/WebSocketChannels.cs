using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// The server's end of Kubernetes' channel protocols: messages of a WebSocket whose first byte says which stream they belong to. Version 5 can close a stream
/// that the client writes; the versions before cannot.
/// </summary>
internal sealed class WebSocketChannels : IAsyncDisposable
{
    public const string V5 = "v5.channel.k8s.io";
    public const string V4 = "v4.channel.k8s.io";
    public const string V1 = "channel.k8s.io";
    private const byte CloseChannel = 255;
    private const int ChunkSize = 32 * 1024;

    private readonly WebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _gone = new();
    private readonly Dictionary<byte, Pipe> _incoming;
    private readonly Task _receiving;

    /// <param name="socket">Accepted already.</param>
    /// <param name="protocol">What was agreed to.</param>
    /// <param name="read">The channels that the client writes.</param>
    /// <param name="cancellation">Ends everything.</param>
    public WebSocketChannels(WebSocket socket, string protocol, IEnumerable<byte> read, CancellationToken cancellation)
    {
        (_socket, Protocol) = (socket, protocol);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _incoming = read.ToDictionary(c => c, _ => new Pipe(new PipeOptions(pauseWriterThreshold: 256 * 1024, resumeWriterThreshold: 128 * 1024, useSynchronizationContext: false)));
        Gone = _gone.Token;
        _receiving = ReceiveAsync();
    }

    public string Protocol { get; }

    /// <summary>Cancelled when the client is gone.</summary>
    public CancellationToken Gone { get; }

    public Stream Reader(byte channel) => _incoming[channel].Reader.AsStream();

    public Stream Writer(byte channel) => new ChannelWriter(this, channel);

    private async Task ReceiveAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            var channel = -1;
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), _stop.Token).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }
                var bytes = buffer.AsMemory(0, part.Count);
                if (channel < 0 && bytes.Length > 0)
                {
                    channel = bytes.Span[0];
                    bytes = bytes[1..];
                }
                if (channel == CloseChannel && Protocol == V5)
                {
                    foreach (var closed in bytes.ToArray())
                    {
                        _incoming.GetValueOrDefault(closed)?.Writer.Complete();
                    }
                }
                else if (bytes.Length > 0 && _incoming.TryGetValue((byte)channel, out var pipe))
                {
                    await pipe.Writer.WriteAsync(bytes, _stop.Token).ConfigureAwait(false);
                }
                if (part.EndOfMessage)
                {
                    channel = -1;
                }
            }
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The client left without a word, the server stops, or a closed channel was written to.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            foreach (var pipe in _incoming.Values)
            {
                await pipe.Writer.CompleteAsync().ConfigureAwait(false);
            }
            await _gone.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends bytes on a channel, in messages of bounded size; an empty message where there are none.</summary>
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
            while (!bytes.IsEmpty);
        }
        catch (WebSocketException broken)
        {
            throw new IOException("The client is gone.", broken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
            _sending.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // What the client still sends is dropped, so that its goodbye is heard behind it.
        foreach (var pipe in _incoming.Values)
        {
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
        }
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            limit.CancelAfter(TimeSpan.FromSeconds(1));
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token).ConfigureAwait(false);
            }
            await _receiving.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // There is nobody to say goodbye to, or nobody who answers.
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
        _socket.Dispose();
        _stop.Dispose();
        _gone.Dispose();
    }

    private sealed class ChannelWriter(WebSocketChannels channels, byte channel) : UnseekableStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            buffer.IsEmpty ? default : channels.SendAsync(channel, buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override bool CanRead => false;

        public override bool CanWrite => true;

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Channels are written asynchronously.");
    }
}

/// <summary>A process's streams over WebSocket channels.</summary>
internal sealed class WebSocketRemoteStreams : IRemoteStreams
{
    private const byte InputChannel = 0, OutputChannel = 1, ErrorChannel = 2, StatusChannel = 3;
    private readonly WebSocketChannels _channels;

    private WebSocketRemoteStreams(WebSocketChannels channels, RemoteStreamOptions options)
    {
        _channels = channels;
        Input = options.Input ? channels.Reader(InputChannel) : Stream.Null;
        Output = options.Output ? channels.Writer(OutputChannel) : Stream.Null;
        Error = options.Error ? channels.Writer(ErrorChannel) : Stream.Null;
    }

    public Stream Input { get; }

    public Stream Output { get; }

    public Stream Error { get; }

    public CancellationToken Gone => _channels.Gone;

    public static async Task<WebSocketRemoteStreams> AcceptAsync(WebSocket socket, string protocol, RemoteStreamOptions options, CancellationToken cancellation)
    {
        var streams = new WebSocketRemoteStreams(new WebSocketChannels(socket, protocol, options.Input ? [InputChannel] : [], cancellation), options);
        // An empty message on the first channel that is written says that the process can be spoken to.
        await streams._channels.SendAsync(options.Output ? OutputChannel : options.Error ? ErrorChannel : StatusChannel, default, cancellation).ConfigureAwait(false);
        return streams;
    }

    public async Task CompleteAsync(JsonObject status)
    {
        var (text, failed) = (status.ToJsonString(), status.Text("status") != "Success");
        if (_channels.Protocol != WebSocketChannels.V1)
        {
            await _channels.SendAsync(StatusChannel, Encoding.UTF8.GetBytes(text), Gone).ConfigureAwait(false);
        }
        else if (failed)
        {
            await _channels.SendAsync(StatusChannel, Encoding.UTF8.GetBytes(status.Text("message") ?? text), Gone).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _channels.DisposeAsync();
}
