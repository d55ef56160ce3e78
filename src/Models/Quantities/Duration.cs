using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorKube.Models;

/// <summary>
/// A span of time in whole nanoseconds, as <c>metav1.Duration</c> writes it: <c>1h15m30.5s</c>. The grammar and the printed form are those of Go's
/// <c>time.ParseDuration</c> and <c>Duration.String</c>. About 292 years each way.
/// </summary>
/// <param name="Nanoseconds">The length; negative for a span backwards.</param>
/// <example><code>
/// var grace = Duration.Parse("1.5m");
/// grace.ToString();      // 1m30s
/// grace.ToTimeSpan();    // 00:01:30
/// </code></example>
[JsonConverter(typeof(DurationJsonConverter))]
public readonly record struct Duration(long Nanoseconds) : IComparable<Duration>
{
    const long Second = 1_000_000_000, Minute = 60 * Second, Hour = 60 * Minute;

    /// <summary>The duration of this many ticks of 100 ns.</summary>
    /// <exception cref="OverflowException">The span is longer than 292 years.</exception>
    public static Duration From(TimeSpan span) => new(checked(span.Ticks * 100));

    /// <summary>Reads a duration: numbers with units (<c>h m s ms us µs ns</c>), each with an optional fraction, after an optional sign; or <c>0</c>.</summary>
    /// <exception cref="FormatException">The text is no duration, or longer than 292 years.</exception>
    public static Duration Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var duration)
            ? duration
            : throw new FormatException(
                $"'{(text.Length <= 64 ? text : text[..64] + "…")}' is not a duration: expected numbers with the units h, m, s, ms, us or ns, "
                + "such as '300ms', '1.5h' or '2h45m', up to 292 years.");
    }

    /// <summary>As <see cref="Parse"/>, but answers false where the text is no duration.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Duration duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text)) return false;
        var rest = text.AsSpan();
        var negative = rest[0] == '-';
        if (rest[0] is '-' or '+') rest = rest[1..];
        if (rest is "0") return true;
        if (rest.IsEmpty) return false;

        BigInteger total = 0;
        while (!rest.IsEmpty)
        {
            var whole = TakeDigits(ref rest);
            ReadOnlySpan<char> fraction = default;
            if (!rest.IsEmpty && rest[0] == '.')
            {
                rest = rest[1..];
                fraction = TakeDigits(ref rest);
            }
            // 40 digits are out of range whatever the unit; a longer fraction is finer than any nanosecond.
            if ((whole.IsEmpty && fraction.IsEmpty) || whole.TrimStart('0').Length > 40) return false;
            if (!TryTakeUnit(ref rest, out var unit)) return false;
            if (!whole.IsEmpty) total += BigInteger.Parse(whole, NumberStyles.None, CultureInfo.InvariantCulture) * unit;
            if (fraction.Length > 40) fraction = fraction[..40];
            if (!fraction.IsEmpty)
            {
                total += BigInteger.Parse(fraction, NumberStyles.None, CultureInfo.InvariantCulture) * unit / BigInteger.Pow(10, fraction.Length);
            }
        }
        if (negative) total = -total;
        if (total < long.MinValue || total > long.MaxValue) return false;
        duration = new Duration((long)total);
        return true;
    }

    /// <summary>The span in .NET's resolution of 100 ns; what is finer is cut off.</summary>
    public TimeSpan ToTimeSpan() => TimeSpan.FromTicks(Nanoseconds / 100);

    /// <summary>Shorter first.</summary>
    public int CompareTo(Duration other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>Go's form: <c>72h3m0.5s</c>; below a second in the largest of <c>ms</c>, <c>µs</c> and <c>ns</c>; <c>0s</c> for none.</summary>
    public override string ToString()
    {
        if (Nanoseconds == 0) return "0s";
        var printed = new StringBuilder(24);
        if (Nanoseconds < 0) printed.Append('-');
        // Unsigned, because the most negative value has no positive counterpart.
        var left = Nanoseconds < 0 ? (ulong)-(Nanoseconds + 1) + 1 : (ulong)Nanoseconds;
        if (left < Second)
        {
            return left switch
            {
                >= 1_000_000 => Print(printed, left, 1_000_000).Append("ms"),
                >= 1_000 => Print(printed, left, 1_000).Append("µs"),
                _ => Print(printed, left, 1).Append("ns"),
            } + "";
        }
        if (left >= Hour) printed.Append(CultureInfo.InvariantCulture, $"{left / Hour}h");
        if (left >= Minute) printed.Append(CultureInfo.InvariantCulture, $"{left % Hour / Minute}m");
        return Print(printed, left % Minute, Second).Append('s').ToString();
    }

    static StringBuilder Print(StringBuilder printed, ulong value, ulong unit)
    {
        printed.Append(CultureInfo.InvariantCulture, $"{value / unit}");
        var rest = value % unit;
        if (rest == 0) return printed;
        var digits = (rest + unit).ToString(CultureInfo.InvariantCulture);
        return printed.Append('.').Append(digits.AsSpan(1).TrimEnd('0'));
    }

    static ReadOnlySpan<char> TakeDigits(scoped ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return digits;
    }

    static bool TryTakeUnit(scoped ref ReadOnlySpan<char> text, out long nanoseconds)
    {
        var end = text.IndexOfAny("0123456789.");
        var unit = end < 0 ? text : text[..end];
        text = text[unit.Length..];
        nanoseconds = unit switch
        {
            "ns" => 1,
            "us" or "µs" or "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => Second,
            "m" => Minute,
            "h" => Hour,
            _ => 0,
        };
        return nanoseconds != 0;
    }
}

/// <summary>A duration in JSON: a string in Go's form.</summary>
sealed class DurationJsonConverter : JsonConverter<Duration>
{
    public override Duration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Duration.TryParse(reader.GetString(), out var duration)
            ? duration
            : throw new JsonException("A duration is a string of numbers with units, such as \"1h30m\".");

    public override void Write(Utf8JsonWriter writer, Duration value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
