using System.IO.Pipelines;
using System.Text.Json;

namespace Informer;

/// <summary>
/// What sockets and bytes cost by themselves: one pipe reader, a scan that stops after an object's metadata, its bytes copied into a dictionary. No promise of a
/// controller runtime is kept here; it is the limit to be close to.
/// </summary>
internal static class BareReader
{
    public static async Task RunAsync(Uri server)
    {
        var figures = new Figures();
        using var http = new HttpClient { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        var objects = new Dictionary<(string Namespace, string Name), Kept>();

        await using (var stream = await http.GetStreamAsync("/api/v1/pods"))
            await ReadListAsync(PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024)), objects);
        figures.PrintSync(objects.Count);

        await using (var stream = await http.GetStreamAsync("/api/v1/pods?watch=true"))
            figures.PrintWatch(await ReadWatchAsync(PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024)), objects), 0);
    }

    /// <summary>Items are found by counting brackets, so that none is looked at twice.</summary>
    static async Task ReadListAsync(PipeReader reader, Dictionary<(string, string), Kept> objects)
    {
        var inItems = false;
        while (true)
        {
            var read = await reader.ReadAsync();
            var bytes = Contiguous(read);
            var consumed = 0;
            if (!inItems && bytes.Span.IndexOf("\"items\":["u8) is >= 0 and var at) (inItems, consumed) = (true, at + "\"items\":["u8.Length);
            while (inItems && TryEnd(bytes.Span[consumed..], out var start, out var end))
            {
                Keep(bytes.Span.Slice(consumed + start, end - start), objects);
                consumed += end;
            }
            if (read.IsCompleted) return;
            reader.AdvanceTo(read.Buffer.GetPosition(consumed), read.Buffer.End);
        }
    }

    static async Task<long> ReadWatchAsync(PipeReader reader, Dictionary<(string, string), Kept> objects)
    {
        var updates = 0L;
        while (true)
        {
            var read = await reader.ReadAsync();
            var bytes = Contiguous(read);
            var consumed = 0;
            while (bytes.Span[consumed..].IndexOf((byte)'\n') is >= 0 and var length)
            {
                var line = bytes.Span.Slice(consumed, length);
                consumed += length + 1;
                var value = line[(line.IndexOf("\"object\":"u8) + "\"object\":"u8.Length)..^1];
                if (Keep(value, objects) == "sentinel") return updates;
                updates++;
            }
            if (read.IsCompleted) throw new EndOfStreamException("The watch ended before its sentinel.");
            reader.AdvanceTo(read.Buffer.GetPosition(consumed), read.Buffer.End);
        }
    }

    static string Keep(ReadOnlySpan<byte> value, Dictionary<(string, string), Kept> objects)
    {
        var (name, @namespace, version) = ("", "", "");
        var reader = new Utf8JsonReader(value);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth > 2) continue;
            if (reader.CurrentDepth == 1)
            {
                // Servers write the metadata before the rest.
                if (name.Length > 0) break;
                if (reader.ValueTextEquals("metadata"u8)) reader.Read();
                else reader.Skip();
                continue;
            }
            if (reader.ValueTextEquals("name"u8)) name = Text(ref reader);
            else if (reader.ValueTextEquals("namespace"u8)) @namespace = Text(ref reader);
            else if (reader.ValueTextEquals("resourceVersion"u8)) version = Text(ref reader);
            else reader.Skip();
        }
        objects[(@namespace, name)] = new Kept(value.ToArray(), version);
        return name;
    }

    static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString()!;
    }

    static bool TryEnd(ReadOnlySpan<byte> bytes, out int start, out int end)
    {
        (start, end) = (bytes.IndexOf((byte)'{'), 0);
        if (start < 0) return false;
        var (depth, inText) = (0, false);
        for (var at = start; at < bytes.Length; at++)
        {
            var stop = inText ? bytes[at..].IndexOfAny((byte)'"', (byte)'\\') : bytes[at..].IndexOfAny((byte)'"', (byte)'{', (byte)'}');
            if (stop < 0) return false;
            at += stop;
            switch (bytes[at])
            {
                case (byte)'\\':
                    at++;
                    break;
                case (byte)'"':
                    inText = !inText;
                    break;
                case (byte)'{':
                    depth++;
                    break;
                default:
                    if (--depth == 0)
                    {
                        end = at + 1;
                        return true;
                    }
                    break;
            }
        }
        return false;
    }

    static ReadOnlyMemory<byte> Contiguous(ReadResult read) => read.Buffer.IsSingleSegment ? read.Buffer.First : System.Buffers.BuffersExtensions.ToArray(read.Buffer);

    readonly record struct Kept(byte[] Bytes, string Version);
}
