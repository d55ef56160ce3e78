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
        // Go's parser wants the capital T and an offset; .NET's would also take a date alone and assume the local offset.
        if (text is null || text.Length < 20 || text[10] != 'T') return false;
        if (text[^1] != 'Z' && (text[^3] != ':' || text[^6] is not ('+' or '-'))) return false;
        var dot = text.IndexOf('.');
        if (dot >= 0)
        {
            var end = dot + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
            // .NET keeps seven digits, Go nine; what is finer than a tick is cut off.
            if (end - dot - 1 > 7) text = string.Concat(text.AsSpan(0, dot + 8), text.AsSpan(end));
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
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
