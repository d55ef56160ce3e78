using System.Globalization;

namespace ActorKube.Hosting;

/// <summary>Times as people write them in configuration: with units as in Kubernetes (<c>90s</c>, <c>1m30s</c>, <c>500ms</c>), or as .NET writes them (<c>00:01:30</c>).</summary>
static class Duration
{
    public const string Expected = "a time with its unit, such as 500ms, 90s, 1h30m or 00:01:30";

    public static bool TryParse(string text, out TimeSpan time) => TryParseUnits(text, out time) || TryParseClock(text, out time);

    // Never without a colon: .NET reads a lone number as days, which nobody means.
    static bool TryParseClock(string text, out TimeSpan time)
    {
        time = default;
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out time);
    }

    static bool TryParseUnits(ReadOnlySpan<char> text, out TimeSpan time)
    {
        time = TimeSpan.Zero;
        if (text is "0")
            return true;
        var rest = text;
        var negative = rest is ['-', ..];
        if (negative)
            rest = rest[1..];
        if (rest.IsEmpty)
            return false;
        var seconds = 0.0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
                return false;
            rest = rest[digits..];
            var end = rest.IndexOfAny("0123456789.");
            if (Unit(end < 0 ? rest : rest[..end]) is not { } unit)
                return false;
            seconds += count * unit;
            rest = end < 0 ? [] : rest[end..];
        }
        if (seconds > TimeSpan.MaxValue.TotalSeconds / 2)
            return false;
        time = TimeSpan.FromSeconds(negative ? -seconds : seconds);
        return true;
    }

    static double? Unit(ReadOnlySpan<char> unit) => unit switch
    {
        "ms" => 1e-3,
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => null,
    };
}
