using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Reading and writing JSON trees as the server needs it.</summary>
internal static class Json
{
    /// <summary>How deep a body may nest. Deeper ones are refused before they can exhaust a stack.</summary>
    public const int MaxDepth = 400;

    /// <summary>How many mistakes of one body are told, as a kube-apiserver has it.</summary>
    public const int MostProblems = 100;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 1000 };

    private static readonly JsonWriterOptions Pretty =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true, SkipValidation = true, MaxDepth = 1000 };

    public static JsonSerializerOptions Compact { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };

    public static byte[] Bytes(JsonNode tree, bool pretty = false)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, pretty ? Pretty : Plain))
        {
            tree.WriteTo(writer);
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads a whole document into a tree. A property given twice keeps its last value, as Go's decoder does; <paramref name="duplicates"/>
    /// is told in the words of a real server.
    /// </summary>
    /// <param name="utf8">The document.</param>
    /// <param name="duplicates">Is told what is there twice; null for nobody.</param>
    /// <param name="merges">Whether an object that is there twice is both together, as it is where Go decodes into a type of its own.</param>
    /// <exception cref="JsonException">The text is no JSON document, or nests too deep.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, List<string>? duplicates = null, bool merges = false)
    {
        if (!System.Text.Unicode.Utf8.IsValid(utf8))
        {
            throw new JsonException("invalid UTF-8");
        }
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        var path = new StringBuilder();
        var tree = ReadValue(ref reader, path, duplicates, merges);
        while (reader.Read())
        {
            throw new JsonException("invalid character after top-level value");
        }
        return tree;
    }

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, StringBuilder path, List<string>? duplicates, bool merges)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
            {
                var result = new JsonObject();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = Text(ref reader);
                    var length = path.Length;
                    path.Append(length == 0 ? "" : ".").Append(name);
                    if (result.ContainsKey(name))
                    {
                        Note(duplicates, path.ToString());
                    }
                    reader.Read();
                    var value = ReadValue(ref reader, path, duplicates, merges);
                    if (merges && value is JsonObject second && result.TryGetPropertyValue(name, out var before) && before is JsonObject first)
                    {
                        Merge(first, second);
                    }
                    else
                    {
                        result[name] = value;
                    }
                    path.Length = length;
                }
                return result;
            }
            case JsonTokenType.StartArray:
            {
                var result = new JsonArray();
                var index = 0;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    var length = path.Length;
                    path.Append('[').Append(index++).Append(']');
                    result.Add(ReadValue(ref reader, path, duplicates, merges));
                    path.Length = length;
                }
                return result;
            }
            case JsonTokenType.String:
                return JsonValue.Create(Text(ref reader));
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var whole) ? JsonValue.Create(whole) : JsonValue.Create(Number(ref reader));
            case JsonTokenType.True:
                return JsonValue.Create(true);
            case JsonTokenType.False:
                return JsonValue.Create(false);
            default:
                return null;
        }
    }

    /// <summary>Notes what is there twice: each once, and of very many the first.</summary>
    private static void Note(List<string>? duplicates, string path)
    {
        if (duplicates is { Count: < MostProblems } && $"duplicate field {WarningHeaders.Quote(path)}" is var words && !duplicates.Contains(words))
        {
            duplicates.Add(words);
        }
    }

    private static void Merge(JsonObject first, JsonObject second)
    {
        foreach (var (name, value) in second)
        {
            if (value is JsonObject more && first[name] is JsonObject there)
            {
                Merge(there, more);
            }
            else
            {
                first[name] = value?.DeepClone();
            }
        }
    }

    private static double Number(ref Utf8JsonReader reader) =>
        reader.GetDouble() is var number && double.IsFinite(number) ? number : throw new JsonException("a number that is out of range");

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException) when (reader.ValueIsEscaped)
        {
            return Unescaped(Encoding.UTF8.GetString(reader.ValueSpan));
        }
    }

    /// <summary>A text with escapes of which some are half a pair of surrogates: each becomes U+FFFD, as Go's decoder has it.</summary>
    private static string Unescaped(string escaped)
    {
        var text = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                text.Append(escaped[i]);
                continue;
            }
            switch (escaped[++i])
            {
                case 'u':
                    text.Append((char)ushort.Parse(escaped.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    i += 4;
                    break;
                case var c:
                    text.Append(c switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => c });
                    break;
            }
        }
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
