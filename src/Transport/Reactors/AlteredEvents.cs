using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.Transport;

/// <summary>A watch's JSON lines with each event's object changed; reads from the server only as far as it is read.</summary>
internal sealed class AlteredEvents(Stream events, Action<JsonObject> change) : Stream
{
    readonly StreamReader _lines = new(events);
    ReadOnlyMemory<byte> _line;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_line.IsEmpty)
        {
            if (await _lines.ReadLineAsync(cancellationToken).ConfigureAwait(false) is not { } line) return 0;
            if (JsonNode.Parse(line) is JsonObject root)
            {
                if (root["object"] is JsonObject value) change(value);
                line = root.ToJsonString();
            }
            _line = Encoding.UTF8.GetBytes(line + "\n");
        }
        var count = Math.Min(buffer.Length, _line.Length);
        _line[..count].CopyTo(buffer);
        _line = _line[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        // Disposes the stream below too, and so tells the server that nobody reads any more.
        if (disposing) _lines.Dispose();
        base.Dispose(disposing);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Events are read asynchronously.");
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
