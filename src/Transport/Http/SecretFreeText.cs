using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActorKube.Transport;

/// <summary>
/// Makes texts that a log may show: what is a secret by the name that it stands under, by the shape of the text around it, or as data of a Secret wherever one turns up
/// (in another object's annotation, for example) is replaced. What cannot be taken apart is not shown at all.
/// </summary>
internal static partial class SecretFreeText
{
    public const string Hidden = "<hidden>";
    const int MaxDepth = 256;

    static readonly string[] Telling =
        ["password", "passwd", "passphrase", "token", "secret", "privatekey", "keydata", "credential", "apikey", "authorization", "cookie"];

    /// <summary>Names that end so say where a secret is, or how long it lives, not what it is.</summary>
    static readonly string[] Pointing = ["name", "namespace", "ref", "seconds", "path", "kind", "type"];

    static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth };

    /// <summary>Whether what stands under this name is nobody's business.</summary>
    public static bool IsTelling(string name)
    {
        var plain = name.Replace("-", "").Replace("_", "").Replace(".", "");
        return Telling.Any(word => plain.Contains(word, StringComparison.OrdinalIgnoreCase))
            && !Pointing.Any(end => plain.EndsWith(end, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>A JSON document without its secrets; for anything else how long it is.</summary>
    public static string OfBody(ReadOnlySpan<byte> body)
    {
        if (body.StartsWith("k8s\0"u8)) return $"<{body.Length} bytes of protobuf>";
        try
        {
            return OfJson(body.ToArray());
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second is what a text gives that is not UTF-8.
            return $"<{body.Length} bytes that are not JSON>";
        }
    }

    /// <summary>An address without what its query tells: programs' arguments and tokens.</summary>
    public static string OfAddress(string address) => address.Contains('?') ? TellingParameter().Replace(address, "$1" + Hidden) : address;

    static string OfJson(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output, Relaxed)) Write(document.RootElement, writer, isHidden: false);
        return Encoding.UTF8.GetString(output.GetBuffer(), 0, (int)output.Length);
    }

    static void Write(JsonElement element, Utf8JsonWriter writer, bool isHidden)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                var isSecret = TextOf(element, "kind") == "Secret";
                // An environment variable, a header, a parameter: its name is another member's value.
                var isNamedSo = TextOf(element, "name") is { } name && IsTelling(name);
                foreach (var member in element.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(member.Value, writer, isHidden || IsTelling(member.Name)
                        || (isSecret && member.Name is ("data" or "stringData")) || (isNamedSo && member.Name == "value"));
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray()) Write(item, writer, isHidden);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String when !isHidden:
                writer.WriteStringValue(OfString(element.GetString()!));
                break;
            case JsonValueKind.String or JsonValueKind.Number when isHidden:
                writer.WriteStringValue(Hidden);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    /// <summary>A text may be a document of its own, as kubectl's annotation of what was applied last is.</summary>
    static string OfString(string text)
    {
        if (text.AsSpan().TrimStart() is ['{' or '[', ..])
        {
            try
            {
                return OfJson(Encoding.UTF8.GetBytes(text));
            }
            catch (JsonException)
            {
                // Not a document after all.
            }
        }
        return TellingText().Replace(text, "$1" + Hidden);
    }

    static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>What follows <c>password:</c>, <c>--token=</c>, <c>Bearer </c>, or stands before the <c>@</c> of an address.</summary>
    [GeneratedRegex("""((?:passw(?:or)?d|passphrase|token|secret|private-?_?key|api-?_?key|credential)[\w.\-]*["']?\s*[:=]\s*|\bBearer\s+|\bBasic\s+|://[^\s/:@]{0,256}:)(?:"[^"]*"|'[^']*'|[^\s"']+)""", RegexOptions.IgnoreCase)]
    private static partial Regex TellingText();

    [GeneratedRegex("([?&](?:command|token|access_token|password)=)[^&]*", RegexOptions.IgnoreCase)]
    private static partial Regex TellingParameter();
}
