using System.Text;

namespace ActorKube.Transport;

/// <summary>
/// Cuts the bytes of a log into lines, and lines that are too long into pieces. Reads from the connection only when a line is asked for and is not there yet. Owned by one reader.
/// </summary>
/// <param name="stream">The log.</param>
/// <param name="longest">How many bytes of a line are given at once, at least <see cref="LongestCharacter"/>.</param>
internal sealed class LogLines(Stream stream, int longest) : IDisposable
{
    /// <summary>No character of UTF-8 has more bytes.</summary>
    public const int LongestCharacter = 4;
    /// <summary>The longest piece that may be asked for.</summary>
    public const int LongestPiece = 256 * 1024 * 1024;
    const int BufferSize = 16 * 1024;

    // It holds a line and its end at most, plus what came with them.
    readonly StreamBuffer _buffer = new(stream, BufferSize, LongestPiece * 2);
    int _searched;

    /// <returns>The next line or piece of one; null at the log's end.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (TryTake() is { } line) return line;
            if (!await _buffer.FillAsync(cancellation).ConfigureAwait(false)) return TakeRest();
        }
    }

    string? TryTake()
    {
        var unread = _buffer.Unread.Span;
        // A line of the full length may end in \r\n.
        var within = Math.Min(unread.Length, longest + 2);
        var end = unread[_searched..within].IndexOf((byte)'\n');
        if (end >= 0 && WithoutReturn(unread[..(_searched + end)]) is var length && length <= longest) return Take(length, _searched + end + 1);
        _searched = within;
        return within == longest + 2 ? TakePiece() : null;
    }

    /// <summary>The last line may lack its end.</summary>
    string? TakeRest()
    {
        var rest = _buffer.Unread.Span;
        if (rest.IsEmpty) return null;
        var length = WithoutReturn(rest);
        return length <= longest ? Take(length, rest.Length) : TakePiece();
    }

    string TakePiece()
    {
        var length = CharactersWithin(_buffer.Unread.Span[..longest]);
        return Take(length, length);
    }

    static int WithoutReturn(ReadOnlySpan<byte> line) => line.EndsWith("\r"u8) ? line.Length - 1 : line.Length;

    /// <summary>The bytes up to the last character that is whole; all of them where they are no UTF-8.</summary>
    static int CharactersWithin(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back < LongestCharacter; back++)
        {
            var lead = bytes[^back];
            if ((lead & 0xC0) == 0x80) continue;
            var needs = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
            return needs > back ? bytes.Length - back : bytes.Length;
        }
        return bytes.Length;
    }

    string Take(int length, int consumed)
    {
        var text = Encoding.UTF8.GetString(_buffer.Unread.Span[..length]);
        _buffer.Consume(consumed);
        _searched = 0;
        return text;
    }

    public void Dispose() => _buffer.Dispose();
}
