using System.Buffers.Text;

namespace ActorKube.Transport;

/// <summary>A connection of HTTP/1.1 on whose way out each <see cref="Mark"/> in a request's head becomes a line end. Bodies pass as they are.</summary>
internal sealed class HeaderLineStream(Stream connection) : ConnectionStream(connection)
{
    /// <summary>A character that no header's value holds.</summary>
    public const char Mark = '\u0001';

    readonly MemoryStream _head = new();
    /// <summary>How much of the current request's body is still to come; all that ever comes, once the connection is another protocol's.</summary>
    long _body;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (_body > 0)
            {
                var part = buffer[..(int)Math.Min(_body, buffer.Length)];
                await Connection.WriteAsync(part, cancellationToken).ConfigureAwait(false);
                if (_body != long.MaxValue) _body -= part.Length;
                buffer = buffer[part.Length..];
                continue;
            }
            var known = (int)_head.Length;
            _head.Write(buffer.Span);
            var from = Math.Max(0, known - 3);
            var end = _head.GetBuffer().AsSpan(from, (int)_head.Length - from).IndexOf("\r\n\r\n"u8);
            if (end < 0) return;
            var length = from + end + 4;
            buffer = buffer[(length - known)..];
            var head = _head.GetBuffer().AsMemory(0, length);
            _body = BodyOf(head.Span);
            await Connection.WriteAsync(Split(head.Span), cancellationToken).ConfigureAwait(false);
            _head.SetLength(0);
        }
    }

    static byte[] Split(ReadOnlySpan<byte> head)
    {
        var lines = new byte[head.Length + head.Count((byte)Mark)];
        var length = 0;
        foreach (var octet in head)
        {
            if (octet == Mark) lines[length++] = (byte)'\r';
            lines[length++] = octet == Mark ? (byte)'\n' : octet;
        }
        return lines;
    }

    static long BodyOf(ReadOnlySpan<byte> head)
    {
        foreach (var range in head.Split("\r\n"u8))
        {
            var line = head[range];
            if (Value(line, "Upgrade:"u8) is { IsEmpty: false }) return long.MaxValue;
            if (Value(line, "Content-Length:"u8) is { IsEmpty: false } value && Utf8Parser.TryParse(value, out long length, out _)) return length;
        }
        return 0;
    }

    static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length > name.Length && System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name) ? line[name.Length..].Trim((byte)' ') : default;
}
