using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Tool;

/// <summary>Pieces of C# source.</summary>
internal static class ClassSource
{
    private static readonly HashSet<string> Keywords = new(StringComparer.Ordinal)
    {
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal", "default", "delegate", "do",
        "double", "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto", "if", "implicit", "in", "int", "interface",
        "internal", "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out", "override", "params", "private", "protected", "public", "readonly", "ref",
        "return", "sbyte", "sealed", "short", "sizeof", "stackalloc", "static", "string", "struct", "switch", "this", "throw", "true", "try", "typeof", "uint", "ulong",
        "unchecked", "unsafe", "ushort", "using", "virtual", "void", "volatile", "while",
    };

    /// <summary>Whether text can be the name of a namespace, dots included.</summary>
    public static bool IsNamespace(string text) => text.Split('.').All(part =>
        part.Length > 0 && (char.IsLetter(part[0]) || part[0] == '_') && part.All(c => char.IsLetterOrDigit(c) || c == '_') && !Keywords.Contains(part));

    /// <summary>A text as a literal.</summary>
    public static string Literal(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (var c in text)
        {
            literal.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => c.ToString(),
            });
        }
        return literal.Append('"').ToString();
    }

    /// <summary>Texts as literals, separated by commas.</summary>
    public static string Literals(IEnumerable<string> texts) => string.Join(", ", texts.Select(Literal));

    /// <summary>JSON as a literal, its fields in ordinal order.</summary>
    public static string Json(JsonNode node)
    {
        var json = Ordered(node)!.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 });
        return json.Contains("\"\"\"", StringComparison.Ordinal) || json.EndsWith('"') || json != Line(json) ? Literal(json) : $"\"\"\"{json}\"\"\"";
    }

    /// <summary>Text for one line of a comment: what would end the line, or may not be in XML, is a blank. Descriptions and names come from whoever wrote a definition, and must not become code.</summary>
    public static string Line(string text) => string.Create(text.Length, text, static (line, text) =>
    {
        for (var i = 0; i < line.Length; i++)
        {
            var isPair = char.IsHighSurrogate(text[i]) ? i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) : i > 0 && char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1]);
            line[i] = char.IsControl(text[i]) || text[i] is '\u2028' or '\u2029' or '\ufffe' or '\uffff' || (char.IsSurrogate(text[i]) && !isPair) ? ' ' : text[i];
        }
    });

    /// <summary>A description as it comes back from a summary: trimmed lines, blanks and blank lines drawn together.</summary>
    public static string Paragraphs(string? text) =>
        string.Join('\n', (text ?? "").Split('\n').Select(Line).Select(line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).Where(line => line.Length > 0));

    /// <summary>Gives what is made of a class or property the description that its summary is.</summary>
    public static void Describe(JsonObject produced, JsonObject schema)
    {
        if (Paragraphs((string?)schema["description"]) is { Length: > 0 } text) produced["description"] = text;
        else produced.Remove("description");
    }

    /// <summary>A summary; lines of the text become paragraphs, which is what the compiler's XML file keeps of them.</summary>
    public static void Summary(StringBuilder source, string indent, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return;
        var lines = text.Split('\n').Select(line => Escape(Line(line)).Trim()).Where(line => line.Length > 0).ToList();
        if (lines.Count == 0) return;
        if (lines.Count == 1)
        {
            source.Append($"{indent}/// <summary>{lines[0]}</summary>\n");
            return;
        }
        source.Append($"{indent}/// <summary>\n{indent}/// {string.Join($"\n{indent}///\n{indent}/// ", lines)}\n{indent}/// </summary>\n");
    }

    private static JsonNode? Ordered(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, Ordered(entry.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Ordered)]),
        _ => node?.DeepClone(),
    };

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
