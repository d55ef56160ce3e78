using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>The <c>format</c>s of structural schemas that are checked; others say nothing.</summary>
internal static class Formats
{
    public static bool Holds(string format, string text) => format switch
    {
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "date-time" or "datetime" => IsDateTime(text),
        "duration" => IsDuration(text),
        "uuid" or "uuid3" or "uuid4" or "uuid5" => Guid.TryParseExact(text, "D", out _) || Guid.TryParseExact(text, "N", out _),
        "ipv4" => text.Count(c => c == '.') == 3 && IPAddress.TryParse(text, out var v4) && v4.AddressFamily == AddressFamily.InterNetwork,
        "ipv6" => IPAddress.TryParse(text, out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6,
        "cidr" => text.Contains('/', StringComparison.Ordinal) && IPNetwork.TryParse(text, out _),
        "uri" => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _) && text.Length > 0 && (text.Contains(':', StringComparison.Ordinal) || text[0] == '/'),
        "email" => System.Net.Mail.MailAddress.TryCreate(text, out _),
        "hostname" => NameRules.CheckDns1123Subdomain(text.ToLowerInvariant()).Count == 0,
        "byte" => Convert.TryFromBase64String(text, new byte[text.Length], out _),
        "mac" => IsMac(text),
        _ => true,
    };

    private static bool IsDateTime(string text) =>
        text.Length >= 20 && text[10] is 'T' or 't' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _) &&
        (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-');

    private static bool IsDuration(string text)
    {
        var rest = text.AsSpan().TrimStart('-').TrimStart('+');
        if (rest.Length == 0)
        {
            return false;
        }
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0)
            {
                return rest.SequenceEqual("0");
            }
            rest = rest[digits..];
            var unit = rest.IndexOfAny("0123456789");
            var name = (unit < 0 ? rest : rest[..unit]).Trim();
            if (name is not ("ns" or "us" or "µs" or "ms" or "s" or "m" or "h" or "d" or "w"))
            {
                return false;
            }
            rest = unit < 0 ? [] : rest[unit..];
        }
        return true;
    }

    private static bool IsMac(string text)
    {
        var parts = text.Split(':', '-');
        return parts.Length is 6 or 8 && Array.TrueForAll(parts, p => p.Length == 2 && byte.TryParse(p, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _));
    }
}
