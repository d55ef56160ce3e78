using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>JSON values as Go's fmt writes the maps, slices and scalars that it reads them into: API servers' messages show them so.</summary>
static class GoPrint
{
    /// <summary>As <c>%v</c> has it: <c>map[a:1 b:[x y]]</c>, by key.</summary>
    public static string Plain(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonObject members => $"map[{string.Join(' ', members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"{member.Key}:{Plain(member.Value)}"))}]",
        JsonArray elements => $"[{string.Join(' ', elements.Select(Plain))}]",
        _ => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : Scalar(value),
    };

    /// <summary>As <c>%#v</c> has it: with types, and quoted.</summary>
    public static string Syntax(JsonNode? value) => value switch
    {
        null => "interface {}(nil)",
        JsonObject members => $"map[string]interface {{}}{{{string.Join(", ", members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"{Quoted(member.Key)}:{Syntax(member.Value)}"))}}}",
        JsonArray elements => $"[]interface {{}}{{{string.Join(", ", elements.Select(Syntax))}}}",
        _ => value.GetValueKind() == JsonValueKind.String ? Quoted(value.GetValue<string>()) : Scalar(value),
    };

    /// <summary>As <c>%T</c> has it.</summary>
    public static string TypeOf(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonObject => "map[string]interface {}",
        JsonArray => "[]interface {}",
        _ => value.GetValueKind() switch { JsonValueKind.String => "string", JsonValueKind.Number => IsWhole(value) ? "int64" : "float64", _ => "bool" },
    };

    static bool IsWhole(JsonNode number) => long.TryParse(number.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    static string Scalar(JsonNode value) => value.ToJsonString();

    static string Quoted(string text) => JsonValue.Create(text).ToJsonString(Unescaped);

    static readonly JsonSerializerOptions Unescaped = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
