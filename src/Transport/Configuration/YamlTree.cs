using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ActorKube.Transport;

/// <summary>A YAML value with the line it stands on, for messages that can say where.</summary>
internal abstract record YamlValue(long Line)
{
    /// <summary>The same as JSON; plain scalars become what YAML 1.2's core schema makes of them.</summary>
    public abstract JsonNode? ToJson();
}

internal sealed record YamlText(string Value, bool IsPlain, long Line) : YamlValue(Line)
{
    public bool IsNull => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";

    public override JsonNode? ToJson()
    {
        if (!IsPlain) return Value;
        if (IsNull) return null;
        if (Value is "true" or "True" or "TRUE") return true;
        if (Value is "false" or "False" or "FALSE") return false;
        if (long.TryParse(Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return whole;
        if (char.IsAsciiDigit(Value[^1]) && double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)) return number;
        return Value;
    }
}

internal sealed record YamlList(IReadOnlyList<YamlValue> Items, long Line) : YamlValue(Line)
{
    public override JsonNode ToJson() => new JsonArray([.. Items.Select(item => item.ToJson())]);
}

internal sealed record YamlMap(IReadOnlyDictionary<string, YamlValue> Entries, long Line) : YamlValue(Line)
{
    public override JsonNode ToJson() =>
        new JsonObject(Entries.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.ToJson())));
}

/// <summary>Why a text is not the YAML expected, and on which line. The message never quotes the text, which may hold secrets, but for keys.</summary>
internal sealed class YamlTreeException(long line, string message) : Exception(message)
{
    public long Line => line;
}

/// <summary>
/// Reads one YAML document into <see cref="YamlValue"/>s. Bounded on purpose, since kubeconfigs come from strangers: nesting no deeper than
/// <see cref="MaxDepth"/> (the parser's own tree builder recurses without a limit), no aliases (so no expansion bombs), one document.
/// </summary>
internal static class YamlTree
{
    public const int MaxDepth = 64;

    /// <summary>Null for a text without a document.</summary>
    /// <exception cref="YamlTreeException">Not YAML, or more than this reader takes.</exception>
    public static YamlValue? Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _)) return null;
            parser.Consume<DocumentStart>();
            var root = ReadValue(parser, 0);
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _)) throw Refuse(parser.Current, "a second document follows");
            return root;
        }
        catch (YamlException error)
        {
            throw new YamlTreeException(error.Start.Line, "not YAML");
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            // What the scanner throws for some broken escapes and code points.
            throw new YamlTreeException(parser.Current?.Start.Line ?? 1, "not YAML");
        }
    }

    static YamlValue ReadValue(Parser parser, int depth)
    {
        if (depth > MaxDepth) throw Refuse(parser.Current, $"nested deeper than {MaxDepth} levels");
        if (parser.TryConsume<Scalar>(out var scalar))
            return new YamlText(scalar.Value, scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty, scalar.Start.Line);
        if (parser.TryConsume<SequenceStart>(out var sequence))
        {
            var items = new List<YamlValue>();
            while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(ReadValue(parser, depth + 1));
            return new YamlList(items, sequence.Start.Line);
        }
        if (parser.TryConsume<MappingStart>(out var mapping))
        {
            var entries = new Dictionary<string, YamlValue>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                if (!parser.TryConsume<Scalar>(out var key)) throw Refuse(parser.Current, "a key is not a plain name");
                if (!entries.TryAdd(key.Value, ReadValue(parser, depth + 1))) throw new YamlTreeException(key.Start.Line, "a key is there twice");
            }
            return new YamlMap(entries, mapping.Start.Line);
        }
        throw Refuse(parser.Current, parser.Current is AnchorAlias ? "aliases (*name) are not supported" : "a value is expected");
    }

    static YamlTreeException Refuse(ParsingEvent? at, string message) => new(at?.Start.Line ?? 1, message);
}
