using System.Globalization;

namespace ActorKube.ControllerManager;

/// <summary>Times as cron writes them: minute, hour, day of month, month, day of week; with <c>*</c>, lists, ranges, steps, names and <c>@daily</c> and its like.</summary>
internal sealed class CronSchedule
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private readonly ulong _minutes, _hours, _days, _months, _weekdays;
    private readonly bool _anyDay, _anyWeekday;

    private CronSchedule(string[] fields)
    {
        _minutes = Field(fields[0], 0, 59, []);
        _hours = Field(fields[1], 0, 23, []);
        _days = Field(fields[2], 1, 31, []);
        _months = Field(fields[3], 1, 12, Months);
        _weekdays = Field(fields[4], 0, 7, Days);
        // Sunday has two numbers.
        _weekdays |= (_weekdays >> 7) & 1;
        (_anyDay, _anyWeekday) = (fields[2] is "*" or "?", fields[4] is "*" or "?");
    }

    /// <exception cref="FormatException">It is no schedule; the message says why.</exception>
    public static CronSchedule Parse(string text)
    {
        var named = text.Trim() switch
        {
            "@yearly" or "@annually" => "0 0 1 1 *", "@monthly" => "0 0 1 * *", "@weekly" => "0 0 * * 0", "@daily" or "@midnight" => "0 0 * * *", "@hourly" => "0 * * * *",
            var other => other,
        };
        var fields = named.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return fields.Length == 5 ? new CronSchedule(fields) : throw new FormatException($"expected exactly 5 fields, found {fields.Length}: {text}");
    }

    /// <summary>The first time after one; null where there is none within five years (a 30th of February).</summary>
    public DateTime? Next(DateTime after)
    {
        var time = new DateTime(after.Year, after.Month, after.Day, after.Hour, after.Minute, 0, after.Kind).AddMinutes(1);
        for (var end = after.AddYears(5); time < end;)
        {
            if (!Has(_months, time.Month))
            {
                time = new DateTime(time.Year, time.Month, 1, 0, 0, 0, time.Kind).AddMonths(1);
            }
            else if (!IsDay(time))
            {
                time = time.Date.AddDays(1);
            }
            else if (!Has(_hours, time.Hour))
            {
                time = time.Date.AddHours(time.Hour + 1);
            }
            else if (!Has(_minutes, time.Minute))
            {
                time = time.AddMinutes(1);
            }
            else
            {
                return time;
            }
        }
        return null;
    }

    /// <summary>Where both days are restricted either will do, as cron has it.</summary>
    private bool IsDay(DateTime time)
    {
        var (day, weekday) = (Has(_days, time.Day), Has(_weekdays, (int)time.DayOfWeek));
        return _anyDay || _anyWeekday ? day && weekday : day || weekday;
    }

    private static bool Has(ulong set, int number) => (set >> number & 1) != 0;

    private static ulong Field(string text, int low, int high, string[] names)
    {
        var set = 0UL;
        foreach (var part in text.Split(','))
        {
            var step = part.Split('/');
            var every = step.Length == 1 ? 1 : step.Length == 2 && int.TryParse(step[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw Wrong(text);
            var range = step[0].Split('-');
            var (from, to) = step[0] is "*" or "?" ? (low, high == 7 ? 6 : high) : range.Length switch
            {
                1 => (Number(range[0]), step.Length == 2 ? high : Number(range[0])),
                2 => (Number(range[0]), Number(range[1])),
                _ => throw Wrong(text),
            };
            if (from < low || to > high || from > to)
            {
                throw Wrong(text);
            }
            for (var i = from; i <= to; i += every)
            {
                set |= 1UL << i;
            }
        }
        return set;

        int Number(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : Array.IndexOf(names, word.ToLowerInvariant()) is >= 0 and var index ? index + low : throw Wrong(text);
    }

    private static FormatException Wrong(string field) => new($"'{field}' is no field of a schedule");
}
