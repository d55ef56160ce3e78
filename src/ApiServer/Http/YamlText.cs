using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// Writes YAML letter by letter as Go's YAML library does, which a real server answers with: lists stand below their key without a further indent, lines are folded after 80 columns, keys are in their order.
/// </summary>
internal sealed class YamlText
{
    private const int Width = 80;
    private const int LongestSimpleKey = 128;

    private readonly StringBuilder _text = new();
    private int _column;

    public static byte[] Of(JsonNode? root)
    {
        var writer = new YamlText();
        writer.Write(root, indent: 0, inline: false, isItem: false);
        if (writer._column > 0)
        {
            writer.Break();
        }
        return Encoding.UTF8.GetBytes(writer._text.ToString());
    }

    /// <param name="node">What is written.</param>
    /// <param name="indent">Where its lines begin.</param>
    /// <param name="inline">Whether it stands behind a key, which wants a blank or a line of its own.</param>
    /// <param name="isItem">Whether it stands behind an item's dash, where it begins on the same line.</param>
    private void Write(JsonNode? node, int indent, bool inline, bool isItem)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } map:
                Map(map, indent, sameLine: isItem || !inline);
                return;
            case JsonArray { Count: > 0 } list:
                List(list, inline ? indent - 2 : indent, sameLine: isItem || !inline);
                return;
        }
        if (inline)
        {
            Put(' ');
        }
        switch (node)
        {
            case JsonObject:
                Put("{}");
                break;
            case JsonArray:
                Put("[]");
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                Text(value.GetValue<string>(), inline || isItem ? indent : indent + 2, isKey: false);
                break;
            default:
                Put(node is null ? "null" : Number(node));
                break;
        }
    }

    private static string Number(JsonNode node) => node.GetValueKind() == JsonValueKind.Number && node.AsLong() is null ? FieldErrors.GoNumber(node.GetValue<double>()) : node.ToJsonString();

    private void Map(JsonObject map, int indent, bool sameLine)
    {
        foreach (var (key, value) in map.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (!sameLine)
            {
                Indent(indent);
            }
            sameLine = false;
            if (Encoding.UTF8.GetByteCount(key) > LongestSimpleKey)
            {
                Put("? ");
                Text(key, indent + 2, isKey: false);
                Indent(indent);
                Put(':');
            }
            else
            {
                Text(key, indent + 2, isKey: true);
                Put(':');
            }
            Write(value, indent + 2, inline: true, isItem: false);
        }
    }

    private void List(JsonArray list, int indent, bool sameLine)
    {
        foreach (var item in list)
        {
            if (!sameLine)
            {
                Indent(indent);
            }
            sameLine = false;
            Put("- ");
            Write(item, indent + 2, inline: false, isItem: true);
        }
    }

    private void Text(string text, int indent, bool isKey)
    {
        switch (YamlScalarText.Choose(text, isKey))
        {
            case YamlScalarText.Style.Literal:
                Literal(text, indent);
                break;
            case YamlScalarText.Style.DoubleQuoted:
                DoubleQuoted(text, indent, !isKey);
                break;
            case YamlScalarText.Style.SingleQuoted:
                Put('\'');
                Folded(text.Replace("'", "''", StringComparison.Ordinal), indent, !isKey, quoted: true);
                Put('\'');
                break;
            default:
                Folded(text, indent, !isKey, quoted: false);
                break;
        }
    }

    /// <summary>A text that may go on below at a single blank, once its line is full.</summary>
    private void Folded(string text, int indent, bool mayFold, bool quoted)
    {
        var (spaces, breaks) = (false, false);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ' ')
            {
                if (mayFold && !spaces && _column > Width && (!quoted || (i > 0 && i < text.Length - 1)) && !(i + 1 < text.Length && text[i + 1] == ' '))
                {
                    Indent(indent);
                }
                else
                {
                    Put(' ');
                }
                spaces = true;
                continue;
            }
            PutOnLines(text, ref i, indent, ref breaks);
            spaces &= breaks;
        }
    }

    private void DoubleQuoted(string text, int indent, bool mayFold)
    {
        Put('"');
        var spaces = false;
        for (var i = 0; i < text.Length; i++)
        {
            var rune = char.IsSurrogatePair(text, i) ? char.ConvertToUtf32(text, i) : text[i];
            if (!YamlScalarText.IsPrintable(rune) || YamlScalarText.IsBreak(rune) || rune is '"' or '\\')
            {
                Put(Escaped(rune));
                i += rune > 0xffff ? 1 : 0;
                spaces = false;
            }
            else if (rune == ' ')
            {
                if (mayFold && !spaces && _column > Width && i > 0 && i < text.Length - 1)
                {
                    Indent(indent);
                    if (text[i + 1] == ' ')
                    {
                        Put('\\');
                    }
                }
                else
                {
                    Put(' ');
                }
                spaces = true;
            }
            else
            {
                PutRune(text, ref i);
                spaces = false;
            }
        }
        Put('"');
    }

    private static string Escaped(int rune) => rune switch
    {
        0 => "\\0", 7 => "\\a", 8 => "\\b", 9 => "\\t", 10 => "\\n", 11 => "\\v", 12 => "\\f", 13 => "\\r", 0x1b => "\\e", '"' => "\\\"", '\\' => "\\\\", 0x85 => "\\N", 0xa0 => "\\_", 0x2028 => "\\L", 0x2029 => "\\P",
        <= 0xff => string.Create(CultureInfo.InvariantCulture, $"\\x{rune:X2}"),
        <= 0xffff => string.Create(CultureInfo.InvariantCulture, $"\\u{rune:X4}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\U{rune:X8}"),
    };

    private void Literal(string text, int indent)
    {
        Put('|');
        if (text[0] == ' ' || YamlScalarText.IsBreak(text[0]))
        {
            Put('2');
        }
        if (!YamlScalarText.IsBreak(text[^1]))
        {
            Put('-');
        }
        else if (text.Length == 1 || YamlScalarText.IsBreak(text[^2]))
        {
            Put('+');
        }
        Break();
        var breaks = true;
        for (var i = 0; i < text.Length; i++)
        {
            PutOnLines(text, ref i, indent, ref breaks);
        }
    }

    /// <summary>Writes one character of a text of several lines: breaks as they are, what comes after one behind its line's indentation.</summary>
    private void PutOnLines(string text, ref int i, int indent, ref bool breaks)
    {
        if (YamlScalarText.IsBreak(text[i]))
        {
            _text.Append(text[i]);
            (_column, breaks) = (0, true);
            return;
        }
        if (breaks)
        {
            Pad(indent);
        }
        PutRune(text, ref i);
        breaks = false;
    }

    private void PutRune(string text, ref int at)
    {
        _text.Append(text[at]);
        if (char.IsSurrogatePair(text, at))
        {
            _text.Append(text[++at]);
        }
        _column++;
    }

    private void Put(char letter)
    {
        _text.Append(letter);
        _column++;
    }

    private void Put(string letters)
    {
        _text.Append(letters);
        _column += letters.Length;
    }

    private void Break()
    {
        _text.Append('\n');
        _column = 0;
    }

    /// <summary>Begins a line, unless one has just begun.</summary>
    private void Indent(int indent)
    {
        if (_column > 0)
        {
            Break();
        }
        Pad(indent);
    }

    private void Pad(int indent)
    {
        while (_column < indent)
        {
            Put(' ');
        }
    }
}
