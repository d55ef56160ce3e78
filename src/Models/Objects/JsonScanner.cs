using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ActorKube.Models;

/// <summary>A range of an object's bytes. Default: there is none.</summary>
internal readonly record struct ByteRange(int Start, int Length)
{
    public bool IsNone => Length == 0;

    public int End => Start + Length;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> bytes) => bytes.Slice(Start, Length);

    public ByteRange Shift(int by) => IsNone ? this : new(Start + by, Length);
}

/// <summary>
/// Walks over JSON without reading what it is not asked for: objects and lists that are skipped are only looked at for quotes and
/// brackets. It therefore finds where values are, and leaves the rest of the grammar to whoever decodes them.
/// </summary>
internal ref struct JsonScanner(ReadOnlySpan<byte> json, int position = 0)
{
    private static readonly SearchValues<byte> AfterScalar = SearchValues.Create(",]} \t\r\n"u8);

    private readonly ReadOnlySpan<byte> _json = json;

    public int Position { get; private set; } = position;

    /// <summary>Steps into the object that follows; false where it is empty.</summary>
    public bool EnterObject()
    {
        Take((byte)'{', "an object");
        if (Peek() != '}') return true;
        Position++;
        return false;
    }

    /// <summary>Steps into the list that follows; false where it is empty.</summary>
    public bool EnterList()
    {
        Take((byte)'[', "a list");
        if (Peek() != ']') return true;
        Position++;
        return false;
    }

    /// <summary>The name of the next field, between its quotes; the scanner then stands before the value.</summary>
    public ReadOnlySpan<byte> Name() => NameRange().Of(_json);

    /// <summary>The same, as a range.</summary>
    public ByteRange NameRange()
    {
        var name = Text();
        Take((byte)':', "':' after a name");
        Peek();
        return name;
    }

    /// <summary>After a value: true if another follows, false at the end of the object or list.</summary>
    public bool Next(byte end)
    {
        switch (Peek())
        {
            case (byte)',':
                Position++;
                if (Peek() == end) throw Fault("a value is missing after ','");
                return true;
            case var found when found == end:
                Position++;
                return false;
            default:
                throw Fault($"expected ',' or '{(char)end}'");
        }
    }

    /// <summary>The next byte that is not white space, without taking it.</summary>
    public byte Peek()
    {
        while (Position < _json.Length)
        {
            var next = _json[Position];
            if (next is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')) return next;
            Position++;
        }
        throw Fault("the input ends in the middle of a value");
    }

    /// <summary>Takes a text: the range between its quotes.</summary>
    public ByteRange Text()
    {
        Take((byte)'"', "text");
        var start = Position;
        while (true)
        {
            var next = _json[Position..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0 || (_json[Position + next] == '\\' && Position + next + 2 > _json.Length)) throw Fault("the input ends inside a text");
            Position += next;
            if (_json[Position] == '"') return new ByteRange(start, Position++ - start);
            Position += 2;
        }
    }

    /// <summary>Takes any value: its range, quotes and brackets included.</summary>
    public ByteRange Value()
    {
        var first = Peek();
        var start = Position;
        switch (first)
        {
            case (byte)'"':
                Text();
                break;
            case (byte)'{' or (byte)'[':
                SkipNested();
                break;
            default:
                var length = _json[Position..].IndexOfAny(AfterScalar);
                Position = length < 0 ? _json.Length : Position + length;
                CheckScalar(_json[start..Position]);
                break;
        }
        return new ByteRange(start, Position - start);
    }

    /// <summary>Takes white space to the end of the input; anything else there is an error.</summary>
    public void End()
    {
        if (_json[Position..].IndexOfAnyExcept(" \t\r\n"u8) is >= 0 and var more)
        {
            Position += more;
            throw Fault("something follows the value");
        }
    }

    public readonly KubeFormatException Fault(string problem) => new($"Not valid JSON: {problem}", Position, JsonPath.At(_json, Position));

    private void SkipNested()
    {
        var end = JsonSkipper.EndOf(_json, Position, KubeJson.MaxDepth);
        if (end == JsonSkipper.TooDeep) throw Fault($"values are nested deeper than {KubeJson.MaxDepth} levels");
        if (end == JsonSkipper.Unfinished)
        {
            Position = _json.Length;
            throw Fault("the input ends inside an object or list");
        }
        Position = end;
    }

    private readonly void CheckScalar(ReadOnlySpan<byte> value)
    {
        if (value.SequenceEqual("true"u8) || value.SequenceEqual("false"u8) || value.SequenceEqual("null"u8)) return;
        if (value.IsEmpty || (value[0] != '-' && !char.IsAsciiDigit((char)value[0])) || value.IndexOfAnyExcept("0123456789+-.eE"u8) >= 0)
            throw Fault("expected a value");
    }

    private void Take(byte expected, string what)
    {
        if (Peek() != expected) throw Fault($"expected {what}");
        Position++;
    }
}

/// <summary>Texts of an object's JSON, read when somebody asks.</summary>
internal static class JsonText
{
    /// <summary>The text whose content, between its quotes, is this range.</summary>
    public static string Read(ReadOnlySpan<byte> json, ByteRange content)
    {
        var bytes = content.Of(json);
        if (!bytes.Contains((byte)'\\')) return Encoding.UTF8.GetString(bytes);
        var reader = new Utf8JsonReader(json.Slice(content.Start - 1, content.Length + 2));
        try
        {
            reader.Read();
            return reader.GetString()!;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new KubeFormatException("Not valid JSON: a text has an escape that means nothing", content.Start, JsonPath.At(json, content.Start));
        }
    }
}
