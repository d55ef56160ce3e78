using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ActorKube.ApiServer;

/// <summary>
/// Header blocks of SPDY/3.1: name and value pairs, compressed as one zlib stream a direction whose window starts with a dictionary that the protocol fixes.
/// Not thread-safe.
/// </summary>
internal sealed class SpdyHeaders : IDisposable
{
    private const int MaxBlock = 64 * 1024;
    private const string DictionaryWords =
        "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization cache-control connection " +
        "content-base content-encoding content-language content-length content-location content-md5 content-range content-type date etag expect expires from host " +
        "if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization " +
        "range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 " +
        "url public set-cookie keep-alive origin";
    private const string DictionaryTail =
        "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information204 No Content" +
        "301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable" +
        "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif," +
        "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

    private readonly Feed _feed = new();
    private readonly DeflateStream _inflate;
    private bool _reading;
    private bool _writing;

    public SpdyHeaders() => _inflate = new DeflateStream(_feed, CompressionMode.Decompress);

    /// <summary>The dictionary: length-prefixed words, then text.</summary>
    internal static byte[] Dictionary { get; } = MakeDictionary();

    private static byte[] MakeDictionary()
    {
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (var word in DictionaryWords.Split(' '))
        {
            BinaryPrimitives.WriteInt32BigEndian(length, word.Length);
            bytes.Write(length);
            bytes.Write(Encoding.ASCII.GetBytes(word.Replace('_', ' ')));
        }
        bytes.Write(Encoding.ASCII.GetBytes(DictionaryTail));
        return bytes.ToArray();
    }

    /// <summary>Reads a compressed block.</summary>
    /// <exception cref="InvalidDataException">It is none, or beyond all bounds.</exception>
    public Dictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        if (!_reading)
        {
            block = Begin(block);
        }
        _feed.Add(block);
        var pairs = ReadInt();
        if (pairs is < 0 or > 100)
        {
            throw new InvalidDataException($"A SPDY header block claims {pairs} headers.");
        }
        var budget = MaxBlock;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < pairs; i++)
        {
            var name = ReadText(ref budget);
            headers[name] = ReadText(ref budget);
        }
        return headers;
    }

    /// <summary>The zlib header is stepped over; the window is filled with the dictionary by a stored block that carries it.</summary>
    private ReadOnlySpan<byte> Begin(ReadOnlySpan<byte> block)
    {
        if (block.Length < 2 || (block[0] & 0x0F) != 8)
        {
            throw new InvalidDataException("A SPDY header block is no zlib stream.");
        }
        _reading = true;
        if ((block[1] & 0x20) == 0)
        {
            return block[2..];
        }
        if (block.Length < 6)
        {
            throw new InvalidDataException("A SPDY header block ends within its zlib header.");
        }
        _feed.Add(Stored(Dictionary));
        _inflate.ReadExactly(new byte[Dictionary.Length]);
        return block[6..];
    }

    private int ReadInt()
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }

    private string ReadText(ref int budget)
    {
        var length = ReadInt();
        if (length < 0 || (budget -= length) < 0)
        {
            throw new InvalidDataException("A SPDY header block is too long.");
        }
        var bytes = new byte[length];
        Fill(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private void Fill(Span<byte> target)
    {
        if (_inflate.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) < target.Length)
        {
            throw new InvalidDataException("A SPDY header block ends too early.");
        }
    }

    /// <summary>Writes a block. It is not compressed: stored blocks are valid zlib, and what this server says is short.</summary>
    public byte[] Write(IReadOnlyCollection<KeyValuePair<string, string>> headers)
    {
        using var plain = new MemoryStream();
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, headers.Count);
        plain.Write(number);
        foreach (var (name, value) in headers)
        {
            foreach (var text in (string[])[name, value])
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                BinaryPrimitives.WriteInt32BigEndian(number, bytes.Length);
                plain.Write(number);
                plain.Write(bytes);
            }
        }
        // An empty block behind it makes readers hand out what they have (a sync flush).
        byte[] stored = [.. Stored(plain.ToArray()), .. Stored([])];
        if (_writing)
        {
            return stored;
        }
        _writing = true;
        return [0x78, 0x01, .. stored];
    }

    private static byte[] Stored(ReadOnlySpan<byte> content)
    {
        var block = new byte[content.Length + 5];
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(1), (ushort)content.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(3), (ushort)~content.Length);
        content.CopyTo(block.AsSpan(5));
        return block;
    }

    public void Dispose() => _inflate.Dispose();

    /// <summary>What has come and not been inflated yet.</summary>
    private sealed class Feed : MemoryStream
    {
        public void Add(ReadOnlySpan<byte> bytes)
        {
            // Everything before was taken: the inflater reads all there is.
            SetLength(0);
            Write(bytes);
            Position = 0;
        }
    }
}
