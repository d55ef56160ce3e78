using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>
/// Reads a list's protobuf item by item as it comes from the connection, as <see cref="ListReader"/> does for JSON: the magic number, an envelope whose second field is
/// the list, in it the metadata (1) and the items (2). Numbers from apimachinery's <c>generated.proto</c>.
/// </summary>
internal sealed class ProtobufListReader : IDisposable
{
    const int BufferSize = 64 * 1024;
    const int MaxValue = 64 * 1024 * 1024;
    const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    readonly StreamBuffer _buffer;
    readonly CancellationToken _cancellation;
    long _position;

    ProtobufListReader(Stream stream, CancellationToken cancellation) => (_buffer, _cancellation) = (new StreamBuffer(stream, BufferSize, MaxValue), cancellation);

    /// <exception cref="KubeFormatException">What came is not a list.</exception>
    /// <exception cref="IOException">The answer ended early.</exception>
    public static async ValueTask<ListPage<T>> ReadAsync<T>(Stream stream, ItemDecoder<T> decode, CancellationToken cancellation)
    {
        using var reader = new ProtobufListReader(stream, cancellation);
        return await reader.ReadAsync(decode).ConfigureAwait(false);
    }

    async ValueTask<ListPage<T>> ReadAsync<T>(ItemDecoder<T> decode)
    {
        var page = new ListPage<T>([], "", "", null);
        await NeedAsync(4).ConfigureAwait(false);
        if (!_buffer.Unread.Span.StartsWith("k8s\0"u8)) throw new KubeFormatException("The answer is not Kubernetes' protobuf");
        Take(4);
        while (await HasMoreAsync().ConfigureAwait(false))
        {
            var tag = await VarintAsync().ConfigureAwait(false);
            // The list's length is not to be held in memory: its fields are read one by one.
            if (tag == (2 << 3 | Bytes)) page = await ReadListAsync(page, (long)await VarintAsync().ConfigureAwait(false), decode).ConfigureAwait(false);
            else await SkipAsync(tag).ConfigureAwait(false);
        }
        return page;
    }

    async ValueTask<ListPage<T>> ReadListAsync<T>(ListPage<T> page, long length, ItemDecoder<T> decode)
    {
        var end = _position + length;
        while (_position < end)
        {
            var tag = await VarintAsync().ConfigureAwait(false);
            if (tag is not (1 << 3 | Bytes) and not (2 << 3 | Bytes))
            {
                await SkipAsync(tag).ConfigureAwait(false);
                continue;
            }
            var size = await SizeAsync().ConfigureAwait(false);
            await NeedAsync(size).ConfigureAwait(false);
            if (tag == (2 << 3 | Bytes)) page.Items.Add(decode(_buffer.Unread.Span[..size]));
            else page = ReadMetadata(page, _buffer.Unread.Span[..size]);
            Take(size);
        }
        return page;
    }

    /// <summary>ListMeta: resourceVersion 2, continue 3, remainingItemCount 4.</summary>
    static ListPage<T> ReadMetadata<T>(ListPage<T> page, ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty)
        {
            var tag = TakeVarint(ref message);
            var value = TakeVarint(ref message);
            if ((tag & 7) == Varint)
            {
                if (tag >> 3 == 4) page = page with { RemainingItemCount = (long)value };
                continue;
            }
            if ((tag & 7) != Bytes || value > (ulong)message.Length) throw Broken();
            var text = message[..(int)value];
            if (tag >> 3 == 2) page = page with { ResourceVersion = System.Text.Encoding.UTF8.GetString(text) };
            if (tag >> 3 == 3) page = page with { Continue = System.Text.Encoding.UTF8.GetString(text) };
            message = message[(int)value..];
        }
        return page;
    }

    static ulong TakeVarint(ref ReadOnlySpan<byte> bytes)
    {
        if (!TryVarint(bytes, out var value, out var length)) throw Broken();
        bytes = bytes[length..];
        return value;
    }

    async ValueTask SkipAsync(ulong tag)
    {
        var left = (tag & 7) switch
        {
            Varint => (long)(await VarintAsync().ConfigureAwait(false) & 0),
            Fixed64 => 8,
            Fixed32 => 4,
            Bytes => await SizeAsync().ConfigureAwait(false),
            _ => throw Broken()
        };
        while (left > 0)
        {
            if (_buffer.Unread.IsEmpty) await MoreAsync().ConfigureAwait(false);
            var count = (int)Math.Min(left, _buffer.Unread.Length);
            Take(count);
            left -= count;
        }
    }

    async ValueTask<int> SizeAsync()
    {
        var size = await VarintAsync().ConfigureAwait(false);
        return size <= MaxValue ? (int)size : throw Broken();
    }

    async ValueTask<ulong> VarintAsync()
    {
        while (true)
        {
            if (TryVarint(_buffer.Unread.Span, out var value, out var length))
            {
                Take(length);
                return value;
            }
            await MoreAsync().ConfigureAwait(false);
        }
    }

    static bool TryVarint(ReadOnlySpan<byte> bytes, out ulong value, out int length)
    {
        value = 0;
        for (length = 0; length < bytes.Length; length++)
        {
            if (length == 10) throw Broken();
            value |= (ulong)(bytes[length] & 0x7F) << (7 * length);
            if ((bytes[length] & 0x80) != 0) continue;
            length++;
            return true;
        }
        return false;
    }

    async ValueTask NeedAsync(int count)
    {
        while (_buffer.Unread.Length < count) await MoreAsync().ConfigureAwait(false);
    }

    async ValueTask<bool> HasMoreAsync() => !_buffer.Unread.IsEmpty || await _buffer.FillAsync(_cancellation).ConfigureAwait(false);

    async ValueTask MoreAsync()
    {
        if (!await _buffer.FillAsync(_cancellation).ConfigureAwait(false)) throw new IOException("The server's answer ended in the middle of a list.");
    }

    void Take(int count)
    {
        _buffer.Consume(count);
        _position += count;
    }

    static KubeFormatException Broken() => new("The answer is not valid protobuf");

    public void Dispose() => _buffer.Dispose();
}
