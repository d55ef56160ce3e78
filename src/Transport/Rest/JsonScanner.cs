using System.Buffers;

namespace ActorKube.Transport;

/// <summary>
/// Finds where a JSON object or array ends, over bytes that arrive in pieces, looking at each byte once. It looks at quotes and brackets alone: whether what is
/// between them is JSON is for the parser that gets the piece to say.
/// </summary>
internal struct JsonScanner
{
    static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);

    int _scanned;
    int _depth;
    bool _inString;

    /// <param name="bytes">The value from its first byte on: the same start in each call, with more behind.</param>
    /// <param name="length">The value's length, where its end is among the bytes.</param>
    public bool TryFindEnd(ReadOnlySpan<byte> bytes, out int length)
    {
        var at = _scanned;
        while (at < bytes.Length)
        {
            if (_inString)
            {
                var stop = bytes[at..].IndexOfAny((byte)'"', (byte)'\\');
                if (stop < 0)
                {
                    at = bytes.Length;
                    break;
                }
                at += stop;
                if (bytes[at] == '"')
                {
                    _inString = false;
                    at++;
                }
                else if (at + 1 < bytes.Length)
                {
                    at += 2;
                }
                else
                {
                    // The escaped character has not come yet: the next call starts at the backslash again.
                    break;
                }
            }
            else
            {
                var stop = bytes[at..].IndexOfAny(Structure);
                if (stop < 0)
                {
                    at = bytes.Length;
                    break;
                }
                at += stop;
                switch (bytes[at++])
                {
                    case (byte)'"':
                        _inString = true;
                        break;
                    case (byte)'{' or (byte)'[':
                        _depth++;
                        break;
                    default:
                        if (--_depth > 0) break;
                        length = at;
                        this = default;
                        return true;
                }
            }
        }
        _scanned = at;
        length = 0;
        return false;
    }
}
