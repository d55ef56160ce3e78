using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ActorKube.Models;

/// <summary>What plain YAML scalars mean: the tables of YAML 1.1 as go-yaml version 2 has them, which Kubernetes reads with.</summary>
internal static partial class YamlScalars
{
    private static readonly HashSet<string> Nulls = ["", "~", "null", "Null", "NULL"];
    private static readonly HashSet<string> Truths = ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
    private static readonly HashSet<string> Falsehoods = ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];
    private static readonly HashSet<string> NotFinite = [".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"];

    private const int LongestInteger = 128;

    /// <summary>Whether plain text would be read as something else than this text.</summary>
    public static bool IsSpecial(string text) => IsNull(text) || IsBool(text, out _) || NotFinite.Contains(text) || TryNumber(text, out _) || text == "<<" || text == "=";

    public static bool IsNull(string text) => Nulls.Contains(text);

    public static bool IsBool(string text, out bool value)
    {
        value = Truths.Contains(text);
        return value || Falsehoods.Contains(text);
    }

    /// <summary>The value of a plain scalar.</summary>
    /// <exception cref="KubeFormatException">It is a number that JSON does not have.</exception>
    public static JsonNode? Resolve(string text)
    {
        if (IsNull(text)) return null;
        if (IsBool(text, out var truth)) return JsonValue.Create(truth);
        if (NotFinite.Contains(text)) throw new KubeFormatException($"'{text}' has no JSON form");
        return TryNumber(text, out var number) ? number : JsonValue.Create(text);
    }

    /// <summary>The name that a plain scalar gives as a key: JSON has text only, so a truth value is spelt out and a number is written in decimal. Null for null, which cannot be one.</summary>
    public static string? Key(string text)
    {
        if (IsNull(text)) return null;
        if (IsBool(text, out var truth)) return truth ? "true" : "false";
        return TryNumber(text, out var number) ? number!.ToJsonString() : text;
    }

    public static bool TryNumber(string text, out JsonNode? number)
    {
        number = null;
        if (text.Length == 0 || !(char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.')) return false;
        // What begins with a point is no place for underscores.
        var plain = text[0] == '.' ? text : text.Replace("_", "", StringComparison.Ordinal);
        var isInteger = TryInteger(plain, out var integer);
        if (isInteger && integer >= long.MinValue && integer <= long.MaxValue) number = JsonValue.Create((long)integer);
        else if (isInteger && integer > 0 && integer <= ulong.MaxValue && plain[0] != '+') number = JsonValue.Create((ulong)integer);
        // An integer that is too large is a floating point number, and then its digits are decimal, whatever they began with.
        else if (Float().IsMatch(plain)) number = double.Parse(plain, CultureInfo.InvariantCulture) is var real && double.IsFinite(real) ? JsonValue.Create(real) : null;
        else if (isInteger && char.IsAsciiDigit(plain[0])) number = JsonNode.Parse(integer.ToString(CultureInfo.InvariantCulture));
        return number is not null;
    }

    private static bool TryInteger(string text, out BigInteger value)
    {
        value = default;
        var negative = text[0] == '-';
        var digits = negative || text[0] == '+' ? text[1..] : text;
        // What is longer fits no integer in any base, and reading it digit by digit would take forever.
        if (digits.Length is 0 or > LongestInteger || !char.IsAsciiDigit(digits[0])) return false;
        var radix = digits switch
        {
            ['0', 'b' or 'B', ..] => 2,
            ['0', 'x' or 'X', ..] => 16,
            ['0', 'o' or 'O', ..] => 8,
            ['0', >= '0' and <= '9', ..] => 8,
            _ => 10,
        };
        var start = radix == 10 ? 0 : char.IsAsciiDigit(digits[1]) ? 1 : 2;
        if (start == digits.Length) return false;
        foreach (var c in digits.AsSpan(start))
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= radix) return false;
            value = value * radix + digit;
        }
        if (negative) value = -value;
        return true;
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
