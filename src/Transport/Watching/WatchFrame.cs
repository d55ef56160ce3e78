using System.Text.Json;

namespace ActorKube.Transport;

/// <summary>Takes the envelope off a watch event: <c>{"type":"ADDED","object":{…}}</c>. The object's bytes are found, not looked into.</summary>
internal static class WatchFrame
{
    /// <param name="frame">One event.</param>
    /// <param name="type">What it says has happened.</param>
    /// <param name="object">Where the object is.</param>
    /// <returns>Null, or what is wrong with the envelope.</returns>
    public static string? Split(ReadOnlySpan<byte> frame, out WatchEventType type, out ReadOnlySpan<byte> @object)
    {
        if (TrySplitUsual(frame, out type, out @object)) return null;
        return SplitAny(frame, out type, out @object);
    }

    /// <summary>The envelope as servers write it. What follows the object, if anything, makes the object's own parser fail, and <see cref="SplitAny"/> says why.</summary>
    static bool TrySplitUsual(ReadOnlySpan<byte> frame, out WatchEventType type, out ReadOnlySpan<byte> @object)
    {
        type = default;
        @object = default;
        var start = "{\"type\":\""u8;
        if (!frame.StartsWith(start)) return false;
        var rest = frame[start.Length..];
        var quote = rest.IndexOf((byte)'"');
        if (quote < 0 || !TryParseType(rest[..quote], out type)) return false;
        rest = rest[quote..];
        var middle = "\",\"object\":"u8;
        if (!rest.StartsWith(middle)) return false;
        rest = rest[middle.Length..].TrimEnd(" \t\r\n"u8);
        if (rest is not [(byte)'{', .., (byte)'}', (byte)'}']) return false;
        @object = rest[..^1];
        // Only the scanner knows whether that brace was the envelope's.
        return new JsonScanner().TryFindEnd(@object, out var length) && length == @object.Length;
    }

    static string? SplitAny(ReadOnlySpan<byte> frame, out WatchEventType type, out ReadOnlySpan<byte> @object)
    {
        type = WatchEventType.Error;
        @object = default;
        try
        {
            var reader = new Utf8JsonReader(frame, new JsonReaderOptions { MaxDepth = 1000 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return "the event is not a JSON object";
            var hasType = false;
            var hasObject = false;
            var isKnown = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("type"u8))
                {
                    reader.Read();
                    if (reader.TokenType != JsonTokenType.String) return "the event's type is not a text";
                    hasType = true;
                    isKnown = TryParseType(reader.HasValueSequence || reader.ValueIsEscaped ? default : reader.ValueSpan, out type);
                }
                else if (reader.ValueTextEquals("object"u8))
                {
                    reader.Read();
                    if (reader.TokenType != JsonTokenType.StartObject) return "the event's object is not a JSON object";
                    var begin = (int)reader.TokenStartIndex;
                    reader.Skip();
                    @object = frame[begin..(int)reader.BytesConsumed];
                    hasObject = true;
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
            while (reader.Read()) { }
            if (!hasType) return "the event has no type";
            if (!isKnown)
            {
                type = WatchEventType.Error;
                return "the event's type is unknown";
            }
            return hasObject ? null : "the event has no object";
        }
        catch (JsonException)
        {
            type = WatchEventType.Error;
            return "the event is not JSON";
        }
    }

    public static bool TryParseType(ReadOnlySpan<byte> text, out WatchEventType type)
    {
        (type, var known) = text switch
        {
            _ when text.SequenceEqual("MODIFIED"u8) => (WatchEventType.Modified, true),
            _ when text.SequenceEqual("ADDED"u8) => (WatchEventType.Added, true),
            _ when text.SequenceEqual("DELETED"u8) => (WatchEventType.Deleted, true),
            _ when text.SequenceEqual("BOOKMARK"u8) => (WatchEventType.Bookmark, true),
            _ when text.SequenceEqual("ERROR"u8) => (WatchEventType.Error, true),
            _ => (WatchEventType.Error, false)
        };
        return known;
    }
}
