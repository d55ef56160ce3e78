using System.Globalization;

namespace ActorKube.ApiServer;

/// <summary>
/// Times as Kubernetes' types read and write them: <c>Time</c> takes any fraction and writes whole seconds, <c>MicroTime</c> wants six digits
/// and writes six; both write UTC.
/// </summary>
internal static class GoTimes
{
    /// <summary>A time as Go's messages show it.</summary>
    public static string Shown(string text) => DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time)
        ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss '+0000 UTC'", System.Globalization.CultureInfo.InvariantCulture) : text;

    private const int DateLength = 19;

    /// <summary>The form in which a readable time is written; null for what cannot be read.</summary>
    public static string? Canonical(string text, bool micro) => TryRead(text, micro, out var time, out _)
        ? micro ? MetadataRules.MicroTimestamp(time) : MetadataRules.Timestamp(time)
        : null;

    /// <summary>What Go says about a text that is no such time; null when it is one.</summary>
    public static string? Problem(string text, bool micro) => TryRead(text, micro, out _, out var problem) ? null : problem;

    private static bool TryRead(string text, bool micro, out DateTimeOffset time, out string problem)
    {
        var layout = micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
        string Wrong(int at, string wanted) => $"parsing time {FieldErrors.Quote(text)} as \"{layout}\": cannot parse {FieldErrors.Quote(text[Math.Min(at, text.Length)..])} as \"{wanted}\"";
        time = default;
        ReadOnlySpan<(int At, int Length, string Wanted)> parts =
            [(0, 4, "2006"), (4, 1, "-"), (5, 2, "01"), (7, 1, "-"), (8, 2, "02"), (10, 1, "T"), (11, 2, "15"), (13, 1, ":"), (14, 2, "04"), (16, 1, ":"), (17, 2, "05")];
        foreach (var (at, length, wanted) in parts)
        {
            var fits = text.Length >= at + length && (length == 1 ? text[at] == wanted[0] : !text.AsSpan(at, length).ContainsAnyExceptInRange('0', '9'));
            if (!fits)
            {
                problem = Wrong(at, wanted);
                return false;
            }
        }
        var end = DateLength;
        if (end < text.Length && text[end] is '.' or ',')
        {
            end++;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }
        }
        if (micro)
        {
            if (end < DateLength + 7)
            {
                problem = Wrong(DateLength, ".000000");
                return false;
            }
            end = DateLength + 7;
        }
        var zone = text[end..];
        var isZone = zone == "Z" || (zone.Length == 6 && zone[0] is '+' or '-' && zone[3] == ':');
        if (!isZone)
        {
            problem = Wrong(end, "Z07:00");
            return false;
        }
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out time))
        {
            problem = $"parsing time {FieldErrors.Quote(text)}: out of range";
            return false;
        }
        problem = "";
        return true;
    }
}
