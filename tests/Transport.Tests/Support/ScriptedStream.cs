using System.Threading.Channels;

namespace Transport.Tests;

/// <summary>
/// A connection whose other end is the test: gives the pieces it is fed, one a read at most, and counts. After its last piece it ends, breaks, or stays silent.
/// </summary>
sealed class ScriptedStream : Stream
{
    readonly Channel<ReadOnlyMemory<byte>> _pieces = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
    readonly TaskCompletionSource _waited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    ReadOnlyMemory<byte> _current;

    public int Reads { get; private set; }
    public long BytesTaken { get; private set; }
    public int Disposals { get; private set; }

    /// <summary>Completes when a reader waits for more than there is.</summary>
    public Task ReaderWaits => _waited.Task;

    public ScriptedStream Feed(ReadOnlyMemory<byte> piece)
    {
        // Reading nothing means the end: an empty piece is none.
        if (!piece.IsEmpty) _pieces.Writer.TryWrite(piece);
        return this;
    }

    public ScriptedStream Feed(string piece) => Feed(System.Text.Encoding.UTF8.GetBytes(piece));

    public ScriptedStream End(Exception? failure = null)
    {
        _pieces.Writer.TryComplete(failure);
        return this;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Reads++;
        cancellationToken.ThrowIfCancellationRequested();
        if (_current.IsEmpty && !_pieces.Reader.TryRead(out _current))
        {
            _waited.TrySetResult();
            if (!await _pieces.Reader.WaitToReadAsync(cancellationToken)) return 0;
            _pieces.Reader.TryRead(out _current);
        }
        var count = Math.Min(buffer.Length, _current.Length);
        _current.Span[..count].CopyTo(buffer.Span);
        _current = _current[count..];
        BytesTaken += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Disposals++;
        base.Dispose(disposing);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing reads a connection synchronously.");
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
