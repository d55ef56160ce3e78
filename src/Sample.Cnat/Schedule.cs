using System.Globalization;

namespace Cnat;

/// <summary>The one form of time that <c>spec.schedule</c> takes: UTC, to the second, as in <c>2027-03-31T14:00:00Z</c>.</summary>
public static class Schedule
{
    /// <summary>The form, for people.</summary>
    public const string Format = "yyyy-MM-ddTHH:mm:ssZ";

    /// <summary>Writes a time the way a schedule is written; fractions of a second are cut off.</summary>
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString(Pattern, CultureInfo.InvariantCulture);

    /// <summary>Reads a schedule; where it cannot, <paramref name="problem"/> says what is wrong and what is expected.</summary>
    public static bool TryParse(string? schedule, out DateTimeOffset due, out string problem)
    {
        problem = "";
        if (DateTimeOffset.TryParseExact(schedule, Pattern, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out due)) return true;
        var what = string.IsNullOrEmpty(schedule) ? "spec.schedule is missing" : $"spec.schedule '{schedule}' is not a time";
        problem = $"{what}: expected UTC as {Format}, such as 2027-03-31T14:00:00Z";
        return false;
    }

    const string Pattern = "yyyy-MM-dd'T'HH:mm:ss'Z'";
}
