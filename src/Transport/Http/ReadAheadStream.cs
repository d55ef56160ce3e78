namespace ActorKube.Transport;

/// <summary>
/// A connection without TLS, read in large pieces. .NET's HTTP/1.1 reads an answer in chunks four kilobytes at a time, each with a call to the kernel, which costs more than what is done with the
/// bytes; TLS and HTTP/2 read in larger pieces by themselves. Read by one reader at a time.
/// </summary>
internal sealed class ReadAheadStream(Stream connection) : ConnectionStream(connection)
{
    const int Size = 64 * 1024;

    /// <summary>Not pooled: a connection may be closed while it is read, and lives long.</summary>
    byte[] _ahead = [];
    int _start, _end;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // An empty buffer asks whether there is something to read.
        if (_start < _end) return new(Take(buffer.Span));
        return buffer.Length is 0 or >= Size ? Connection.ReadAsync(buffer, cancellationToken) : ReadAheadAsync(buffer, cancellationToken);
    }

    async ValueTask<int> ReadAheadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (_ahead.Length == 0) _ahead = GC.AllocateUninitializedArray<byte>(Size);
        var count = await Connection.ReadAsync(_ahead, cancellation).ConfigureAwait(false);
        (_start, _end) = (0, count);
        return Take(buffer.Span);
    }

    int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _end - _start);
        _ahead.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }
}
