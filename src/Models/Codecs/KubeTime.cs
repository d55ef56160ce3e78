using System.Globalization;

namespace ActorKube.Models;

/// <summary>How Kubernetes writes points in time: RFC 3339 in UTC (apimachinery's <c>metav1.Time</c> and <c>metav1.MicroTime</c>).</summary>
public static class KubeTime
{
    /// <summary>To the second, such as <c>2025-01-31T12:00:00Z</c>; what is finer is cut off.</summary>
    public static string Format(DateTimeOffset time) => Format(time.UtcDateTime, micro: false);

    /// <summary>To the microsecond, such as <c>2025-01-31T12:00:00.000000Z</c>; what is finer is cut off.</summary>
    public static string FormatMicro(DateTimeOffset time) => Format(time.UtcDateTime, micro: true);

    /// <summary>Reads RFC 3339, with any offset and any number of fractional digits.</summary>
    /// <returns>False where the text is no such point in time.</returns>
    public static bool TryParse(string? text, out DateTimeOffset time)
    {
        time = default;
        // .NET's parser takes much that Go's refuses: a date alone, other separators, white space.
        if (text is null || !HasForm(text, out var fraction)) return false;
        // .NET keeps seven digits, Go nine; what is finer than a tick is cut off.
        if (fraction > 7) text = string.Concat(text.AsSpan(0, 27), text.AsSpan(20 + fraction));
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    private static bool HasForm(ReadOnlySpan<char> text, out int fraction)
    {
        const string form = "dddd-dd-ddTdd:dd:dd", offset = "dd:dd";
        fraction = 0;
        if (text.Length <= form.Length || !Fits(text[..form.Length], form)) return false;
        var rest = text[form.Length..];
        if (rest[0] == '.')
        {
            while (fraction + 1 < rest.Length && char.IsAsciiDigit(rest[fraction + 1])) fraction++;
            if (fraction == 0) return false;
            rest = rest[(fraction + 1)..];
        }
        return rest is "Z" || (rest is ['+' or '-', ..] && Fits(rest[1..], offset));

        static bool Fits(ReadOnlySpan<char> part, string form)
        {
            if (part.Length != form.Length) return false;
            for (var i = 0; i < form.Length; i++)
            {
                if (form[i] == 'd' ? !char.IsAsciiDigit(part[i]) : part[i] != form[i]) return false;
            }
            // In ISO 8601, but not in RFC 3339, a day may end at 24.
            return form.Length == 5 || part[11..13] is not "24";
        }
    }

    internal static string Format(DateTime time, bool micro)
    {
        Span<char> text = stackalloc char[32];
        return new string(text[..Format(time, micro, text)]);
    }

    internal static int Format(DateTime time, bool micro, Span<char> text)
    {
        ToUtc(time).TryFormat(text, out var length, micro ? "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'" : "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return length;
    }

    /// <summary>A time without a kind is taken as UTC: local times have no place in an API object.</summary>
    internal static DateTime ToUtc(DateTime time) => time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc);
}
