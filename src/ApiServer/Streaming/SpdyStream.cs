using System.IO.Pipelines;

namespace ActorKube.ApiServer;

/// <summary>One stream of a session: what the client writes is read, what is written goes to the client.</summary>
internal sealed class SpdyStream(SpdySession session, uint id, IReadOnlyDictionary<string, string> headers) : UnseekableStream
{
    private readonly Pipe _incoming = new(new PipeOptions(pauseWriterThreshold: 256 * 1024, resumeWriterThreshold: 128 * 1024, useSynchronizationContext: false));
    private Stream? _reading;
    private int _done;
    private int _localDone;

    public uint Id => id;

    /// <summary>What the stream was opened with.</summary>
    public string? Header(string name) => headers.GetValueOrDefault(name);

    internal async ValueTask ReceiveAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        await _incoming.Writer.WriteAsync(bytes, cancellation).ConfigureAwait(false);

    internal void RemoteDone()
    {
        _incoming.Writer.Complete();
        HalfDone();
    }

    /// <summary>The client has given it up.</summary>
    public bool IsGone { get; private set; }

    internal void RemoteGone()
    {
        IsGone = true;
        _incoming.Writer.Complete();
        Interlocked.Exchange(ref _localDone, 1);
        session.Forget(id);
    }

    private void HalfDone()
    {
        if (Interlocked.Increment(ref _done) == 2)
        {
            session.Forget(id);
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        (_reading ??= _incoming.Reader.AsStream()).ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _localDone) != 0)
        {
            throw new IOException("The stream has been closed.");
        }
        if (!buffer.IsEmpty)
        {
            await session.SendDataAsync(id, buffer, last: false, cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Nothing more comes from this end; the other may go on.</summary>
    public async Task CloseWriteAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _localDone, 1) == 0)
        {
            await session.SendDataAsync(id, default, last: true, cancellation).ConfigureAwait(false);
            HalfDone();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Nobody reads any more: what still comes is dropped instead of holding back the session.
            _incoming.Reader.Complete();
        }
        base.Dispose(disposing);
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Streams of a session are read asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Streams of a session are written asynchronously.");
}
