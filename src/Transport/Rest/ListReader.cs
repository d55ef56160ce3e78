using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>Makes an item of a list from its bytes, which are gone afterwards.</summary>
internal delegate T ItemDecoder<out T>(ReadOnlySpan<byte> item);

/// <summary>A list page: its items, and what its metadata says.</summary>
internal readonly record struct ListPage<T>(List<T> Items, string ResourceVersion, string Continue, long? RemainingItemCount);

/// <summary>
/// Reads a list's JSON item by item as it comes from the connection: held at once are one item's bytes and what was made of the items before. Fields may come in
/// any order, as they do: servers write built-in lists with their metadata first and lists of custom resources sorted by name.
/// </summary>
internal sealed class ListReader : IDisposable
{
    const int BufferSize = 64 * 1024;
    /// <summary>No item comes near this: etcd takes 1.5 MiB.</summary>
    const int MaxValue = 64 * 1024 * 1024;

    readonly StreamBuffer _buffer;
    readonly CancellationToken _cancellation;

    ListReader(Stream stream, CancellationToken cancellation) => (_buffer, _cancellation) = (new StreamBuffer(stream, BufferSize, MaxValue), cancellation);

    /// <exception cref="KubeFormatException">What came is not a list.</exception>
    /// <exception cref="IOException">The answer ended early.</exception>
    public static async ValueTask<ListPage<T>> ReadAsync<T>(Stream stream, ItemDecoder<T> decode, CancellationToken cancellation)
    {
        using var reader = new ListReader(stream, cancellation);
        return await reader.ReadAsync(decode).ConfigureAwait(false);
    }

    async ValueTask<ListPage<T>> ReadAsync<T>(ItemDecoder<T> decode)
    {
        var items = new List<T>();
        var page = new ListPage<T>(items, "", "", null);
        var isList = false;
        await ExpectAsync((byte)'{').ConfigureAwait(false);
        for (var isFirst = true; await PeekAsync().ConfigureAwait(false) != '}'; isFirst = false)
        {
            if (!isFirst) await ExpectAsync((byte)',').ConfigureAwait(false);
            var field = await FieldAsync().ConfigureAwait(false);
            if (field == Field.Items && await PeekAsync().ConfigureAwait(false) == '[')
            {
                await ReadItemsAsync(items, decode).ConfigureAwait(false);
                isList = true;
                continue;
            }
            var length = await ValueAsync().ConfigureAwait(false);
            var value = _buffer.Unread.Span[..length];
            if (field == Field.Metadata) page = ReadMetadata(page, value);
            else if (field == Field.Kind) isList |= value.EndsWith("List\""u8) ? true : throw new KubeFormatException($"The answer is no list but a {Kind(value)}");
            _buffer.Consume(length);
        }
        if (!isList) throw new KubeFormatException("The answer is no list");
        _buffer.Consume(1);
        // Reading to the end gives the connection back to its pool.
        while (await _buffer.FillAsync(_cancellation).ConfigureAwait(false)) _buffer.Consume(_buffer.Unread.Length);
        return page;
    }

    async ValueTask ReadItemsAsync<T>(List<T> items, ItemDecoder<T> decode)
    {
        _buffer.Consume(1);
        for (var isFirst = true; await PeekAsync().ConfigureAwait(false) != ']'; isFirst = false)
        {
            if (!isFirst)
            {
                await ExpectAsync((byte)',').ConfigureAwait(false);
                await PeekAsync().ConfigureAwait(false);
            }
            var length = await ValueAsync().ConfigureAwait(false);
            items.Add(decode(_buffer.Unread.Span[..length]));
            _buffer.Consume(length);
        }
        _buffer.Consume(1);
    }

    /// <summary>The next byte that is no white space, still unread.</summary>
    async ValueTask<byte> PeekAsync()
    {
        while (true)
        {
            var unread = _buffer.Unread.Span;
            var at = unread.IndexOfAnyExcept(" \t\r\n"u8);
            if (at >= 0)
            {
                _buffer.Consume(at);
                return _buffer.Unread.Span[0];
            }
            _buffer.Consume(unread.Length);
            await MoreAsync().ConfigureAwait(false);
        }
    }

    async ValueTask ExpectAsync(byte expected)
    {
        if (await PeekAsync().ConfigureAwait(false) != expected) throw new KubeFormatException($"The answer is no list: '{(char)expected}' was expected");
        _buffer.Consume(1);
    }

    async ValueTask<Field> FieldAsync()
    {
        if (await PeekAsync().ConfigureAwait(false) != '"') throw new KubeFormatException("The answer is no list: a field's name was expected");
        var length = await ValueAsync().ConfigureAwait(false);
        var name = _buffer.Unread.Span[1..(length - 1)];
        var field = name.SequenceEqual("items"u8) ? Field.Items : name.SequenceEqual("metadata"u8) ? Field.Metadata
            : name.SequenceEqual("kind"u8) ? Field.Kind : Field.Other;
        _buffer.Consume(length);
        await ExpectAsync((byte)':').ConfigureAwait(false);
        await PeekAsync().ConfigureAwait(false);
        return field;
    }

    /// <summary>Reads until the value at the front is whole.</summary>
    /// <returns>Its length.</returns>
    async ValueTask<int> ValueAsync()
    {
        var scanner = new JsonScanner();
        var isNested = _buffer.Unread.Span[0] is (byte)'{' or (byte)'[';
        while (true)
        {
            if (isNested ? scanner.TryFindEnd(_buffer.Unread.Span, out var length) : TryFindScalarEnd(_buffer.Unread.Span, out length)) return length;
            await MoreAsync().ConfigureAwait(false);
        }
    }

    static bool TryFindScalarEnd(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes[0] != '"')
        {
            length = bytes.IndexOfAny(",]} \t\r\n"u8);
            if (length == 0) throw new KubeFormatException("The answer is no list: a value was expected");
            return length > 0;
        }
        for (var at = 1; at < bytes.Length; at++)
        {
            if (bytes[at] == '\\') at++;
            else if (bytes[at] == '"')
            {
                length = at + 1;
                return true;
            }
        }
        return false;
    }

    async ValueTask MoreAsync()
    {
        if (!await _buffer.FillAsync(_cancellation).ConfigureAwait(false)) throw new IOException("The server's answer ended in the middle of a list.");
    }

    static ListPage<T> ReadMetadata<T>(ListPage<T> page, ReadOnlySpan<byte> value)
    {
        var metadata = KubeJson.Deserialize<k8s.Models.V1ListMeta>(value);
        return page with
        {
            ResourceVersion = metadata?.ResourceVersion ?? "",
            Continue = metadata?.ContinueProperty ?? "",
            RemainingItemCount = metadata?.RemainingItemCount
        };
    }

    /// <summary>A kind for a message: letters and digits, or nothing of it.</summary>
    static string Kind(ReadOnlySpan<byte> value)
    {
        var name = System.Text.Encoding.UTF8.GetString(value.Trim((byte)'"'));
        return name.Length is > 0 and <= 64 && name.All(char.IsAsciiLetterOrDigit) ? name : "something else";
    }

    public void Dispose() => _buffer.Dispose();

    enum Field { Other, Kind, Metadata, Items }
}
