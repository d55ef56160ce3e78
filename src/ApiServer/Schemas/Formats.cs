using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace ActorKube.ApiServer;

/// <summary>The <c>format</c>s of structural schemas that are checked; others say nothing.</summary>
internal static partial class Formats
{
    private static readonly FrozenSet<string> Known = new[]
    {
        "bsonobjectid", "uri", "email", "hostname", "ipv4", "ipv6", "cidr", "mac", "uuid", "uuid3", "uuid4", "uuid5", "isbn", "isbn10", "isbn13",
        "creditcard", "ssn", "hexcolor", "rgbcolor", "byte", "password", "date", "duration", "datetime",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a format is one that is checked, whatever dashes it is written with.</summary>
    public static bool IsKnown(string format) => Known.Contains(format) || Known.Contains(format.Replace("-", "", StringComparison.Ordinal));

    public static bool Holds(string format, string text) => format.Replace("-", "", StringComparison.Ordinal) switch
    {
        "date" => IsDate(text),
        "datetime" => IsDateTime(text),
        "duration" => IsDuration(text),
        "uuid" => Uuid().IsMatch(text),
        "uuid3" => Uuid().IsMatch(text) && Bare(text)[12] == '3',
        "uuid4" => Uuid().IsMatch(text) && Bare(text)[12] == '4' && "89abAB".Contains(Bare(text)[16], StringComparison.Ordinal),
        "uuid5" => Uuid().IsMatch(text) && Bare(text)[12] == '5' && "89abAB".Contains(Bare(text)[16], StringComparison.Ordinal),
        "ipv4" => text.Contains('.', StringComparison.Ordinal) && ParseAddress(text) is not null,
        "ipv6" => text.Contains(':', StringComparison.Ordinal) && ParseAddress(text) is not null,
        "cidr" => IsCidr(text),
        "uri" => IsRequestUri(text),
        "email" => System.Net.Mail.MailAddress.TryCreate(text, out _),
        "hostname" => Hostname().IsMatch(text) && text.Length <= 255 && Array.TrueForAll(text.Split('.'), p => p.Length <= 63),
        "byte" => Base64().IsMatch(text),
        "mac" => IsMac(text),
        "bsonobjectid" => text.Length == 24 && text.All(char.IsAsciiHexDigit),
        "isbn" => IsIsbn10(text) || IsIsbn13(text),
        "isbn10" => IsIsbn10(text),
        "isbn13" => IsIsbn13(text),
        "creditcard" => IsCreditCard(text),
        "ssn" => text.Length == 11 && SocialSecurity().IsMatch(text),
        "hexcolor" => HexColor().IsMatch(text),
        "rgbcolor" => RgbColor().IsMatch(text),
        _ => true,
    };

    [GeneratedRegex("^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\\z")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})\z", RegexOptions.NonBacktracking)]
    private static partial Regex Hostname();

    [GeneratedRegex("^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})\\z")]
    private static partial Regex Base64();

    [GeneratedRegex(@"^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}\z")]
    private static partial Regex SocialSecurity();

    [GeneratedRegex("^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\\z")]
    private static partial Regex HexColor();

    [GeneratedRegex(@"^rgb\(\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*,\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*,\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*\)\z")]
    private static partial Regex RgbColor();

    [GeneratedRegex("^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11})\\z")]
    private static partial Regex Card();

    [GeneratedRegex(@"([0-9]+)\s*([A-Za-zµ]+)")]
    private static partial Regex Spans();

    private static string Bare(string uuid) => uuid.Replace("-", "", StringComparison.Ordinal);

    private static bool IsDate(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>A date, a T, and a time that has a zone; hours to 23.</summary>
    private static bool IsDateTime(string text)
    {
        var parts = text.ToLowerInvariant().Split('t');
        return parts.Length >= 2 && IsDate(parts[0]) && TimeOfDay().Match(parts[1]) is { Success: true } time &&
            string.CompareOrdinal(time.Groups[1].Value, "23") <= 0 && string.CompareOrdinal(time.Groups[2].Value, "59") <= 0 && string.CompareOrdinal(time.Groups[3].Value, "59") <= 0;
    }

    [GeneratedRegex(@"^([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})\z")]
    private static partial Regex TimeOfDay();

    /// <summary>Addresses with leading zeros are taken, as they always were.</summary>
    private static IPAddress? ParseAddress(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return !text.Contains('%', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal) && IPAddress.TryParse(text, out var six) && six.AddressFamily == AddressFamily.InterNetworkV6 ? six : null;
        }
        var parts = text.Split('.');
        return parts.Length == 4 && Array.TrueForAll(parts, p => p.Length > 0 && p.All(char.IsAsciiDigit) && p.TrimStart('0').Length <= 3 && int.Parse(p, CultureInfo.InvariantCulture) <= 255)
            ? new IPAddress([.. parts.Select(p => byte.Parse(p, CultureInfo.InvariantCulture))]) : null;
    }

    private static bool IsCidr(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && ParseAddress(text[..slash]) is { } address && text[(slash + 1)..] is { Length: > 0 and <= 3 } bits && bits.All(char.IsAsciiDigit)
            && int.Parse(bits, CultureInfo.InvariantCulture) <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }

    /// <summary>What may stand in a request line: an absolute path, or a scheme and what follows it.</summary>
    private static bool IsRequestUri(string text)
    {
        if (text.Length == 0 || text.Any(c => c is < ' ' or '\x7f'))
        {
            return false;
        }
        if (text[0] == '/' || text == "*")
        {
            return HasWholeEscapes(text);
        }
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !char.IsAsciiLetter(text[0]) || !text.AsSpan(0, colon).ToArray().All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.'))
        {
            return false;
        }
        var rest = text[(colon + 1)..];
        if (!rest.StartsWith('/'))
        {
            return true;
        }
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var authority = rest[2..].Split('/', '?')[0];
            var host = authority[(authority.LastIndexOf('@') + 1)..];
            var port = host.LastIndexOf(':');
            if (host.Contains(' ', StringComparison.Ordinal) || (port >= 0 && !host.EndsWith(']') && host.AsSpan(port + 1).ContainsAnyExceptInRange('0', '9')))
            {
                return false;
            }
        }
        return HasWholeEscapes(rest.Split('?')[0]);
    }

    private static bool HasWholeEscapes(string text)
    {
        for (var i = text.IndexOf('%', StringComparison.Ordinal); i >= 0; i = text.IndexOf('%', i + 1))
        {
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>As Go parses durations, or numbers with units in words anywhere in the text.</summary>
    private static bool IsDuration(string text) => GoDuration().IsMatch(text) || Spans().Matches(text).Any(m => IsUnit(m.Groups[2].Value.ToLowerInvariant()));

    [GeneratedRegex(@"^[+-]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)\z")]
    private static partial Regex GoDuration();

    private static bool IsUnit(string unit) => unit is "ns" or "us" or "µs" or "ms" or "s" or "m" or "h" or "hr" or "d" or "w" or "wk" ||
        Array.Exists((string[])["nano", "micro", "milli", "sec", "min", "hour", "day", "week"], word => unit.StartsWith(word, StringComparison.Ordinal));

    private static bool IsIsbn10(string text)
    {
        var digits = new string([.. text.Where(c => !char.IsWhiteSpace(c) && c != '-')]);
        return digits.Length == 10 && digits.Take(9).All(char.IsAsciiDigit) && (digits[9] == 'X' || char.IsAsciiDigit(digits[9])) &&
            digits.Select((c, i) => (i + 1) * (c == 'X' ? 10 : c - '0')).Sum() % 11 == 0;
    }

    private static bool IsIsbn13(string text)
    {
        var digits = new string([.. text.Where(c => !char.IsWhiteSpace(c) && c != '-')]);
        return digits.Length == 13 && digits.All(char.IsAsciiDigit) && digits.Select((c, i) => (i % 2 == 0 ? 1 : 3) * (c - '0')).Sum() % 10 == 0;
    }

    private static bool IsCreditCard(string text)
    {
        var digits = new string([.. text.Where(char.IsAsciiDigit)]);
        return Card().IsMatch(digits) && digits.Reverse().Select((c, i) => (c - '0') * (1 + i % 2) is var n && n >= 10 ? n - 9 : n).Sum() % 10 == 0;
    }

    private static bool IsMac(string text)
    {
        var parts = text.Split(text.Contains(':', StringComparison.Ordinal) ? ':' : text.Contains('-', StringComparison.Ordinal) ? '-' : '.');
        var width = text.Contains(':', StringComparison.Ordinal) || text.Contains('-', StringComparison.Ordinal) ? 2 : 4;
        return parts.Length * width is 12 or 16 or 40 && Array.TrueForAll(parts, p => p.Length == width && p.All(char.IsAsciiHexDigit));
    }
}
