using System.Buffers;

namespace ActorKube.Transport;

/// <summary>
/// The unread bytes of a stream in one piece, in a pooled array that grows with what must be held at once and shrinks when it was read. Reads from the stream
/// only when asked to. Owned by one reader.
/// </summary>
internal sealed class StreamBuffer(Stream stream, int initialSize, int limit) : IDisposable
{
    byte[] _bytes = ArrayPool<byte>.Shared.Rent(initialSize);
    int _start, _end;
    bool _disposed;

    /// <summary>What was read and not yet consumed.</summary>
    public ReadOnlyMemory<byte> Unread => _bytes.AsMemory(_start, _end - _start);

    public void Consume(int count)
    {
        _start += count;
        if (_start != _end) return;
        _start = _end = 0;
        if (_bytes.Length <= initialSize * 4) return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = ArrayPool<byte>.Shared.Rent(initialSize);
    }

    /// <summary>Reads once from the stream.</summary>
    /// <returns>Whether more has come; false at the stream's end.</returns>
    /// <exception cref="IOException">What must be held at once is larger than the limit, or the connection broke.</exception>
    public async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_end == _bytes.Length) MakeRoom();
        var count = await stream.ReadAsync(_bytes.AsMemory(_end), cancellation).ConfigureAwait(false);
        _end += count;
        return count > 0;
    }

    void MakeRoom()
    {
        var length = _end - _start;
        // Moving is worth it where it frees at least half; else the array doubles.
        if (_start >= _bytes.Length / 2)
        {
            _bytes.AsSpan(_start, length).CopyTo(_bytes);
        }
        else
        {
            if (length >= limit) throw new IOException($"The server sends an object larger than {limit / (1024 * 1024)} MiB; the connection is closed.");
            var larger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
            _bytes.AsSpan(_start, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }
        (_start, _end) = (0, length);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        ArrayPool<byte>.Shared.Return(_bytes);
    }
}
