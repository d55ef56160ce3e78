#nullable disable
using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>
/// A HOCON value: text, list or object. It may consist of several elements, as when text is written in
/// parts or an object is given twice; then texts and lists are joined and objects are merged.
/// </summary>
public class HoconValue : IMightBeAHoconObject
{
    public HoconValue() => Values = [];

    public HoconValue(List<IHoconElement> values, bool adoptedFromFallback = true)
    {
        _ = adoptedFromFallback;
        Values = values;
    }

    public List<IHoconElement> Values { get; }

    public bool IsEmpty => Values.Count == 0 || (IsObject() && GetObject().Items.Count == 0);

    internal static HoconValue Of(IHoconElement element) => new([element]);

    public Config ToConfig() => new(new HoconRoot(this));

    public Config AtKey(string key)
    {
        var parent = new HoconObject();
        parent.Items[key] = this;
        return new Config(new HoconRoot(Of(parent)));
    }

    public void Clear() => Values.Clear();

    public void AppendValue(IHoconElement value) => Values.Add(value);

    public void NewValue(IHoconElement value)
    {
        Values.Clear();
        Values.Add(value);
    }

    public bool IsString() => Values.Count > 0 && Values.TrueForAll(v => v.IsString());

    public bool IsObject() => Values.Count > 0 && Values[^1] is HoconObject;

    public bool IsArray() => Values.Count > 0 && !IsString() && Values[^1].IsArray();

    public HoconObject GetObject()
    {
        if (!IsObject())
            return null;
        if (Values.Count == 1)
            return (HoconObject)Values[0];
        var merged = new HoconObject();
        foreach (var element in Values)
        {
            if (element is HoconObject part)
                merged.Merge(part);
        }

        return merged;
    }

    public HoconValue GetChildObject(string key) => GetObject()?.GetKey(key);

    public string GetString()
    {
        if (!IsString())
            return null;
        return Values.Count == 1 ? Values[0].GetString() : string.Concat(Values.Select(v => v.GetString()));
    }

    public IList<HoconValue> GetArray()
    {
        var joined = new List<HoconValue>();
        foreach (var element in Values)
        {
            if (element.IsArray())
                joined.AddRange(element.GetArray());
        }

        return joined;
    }

    public bool GetBoolean() => GetString() switch
    {
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" or null => false,
        var other => throw new NotSupportedException($"'{other}' is not a boolean: use on/off, true/false or yes/no."),
    };

    public byte GetByte() => byte.Parse(GetString(), NumberStyles.Integer, CultureInfo.InvariantCulture);

    public int GetInt() => int.Parse(GetString(), NumberStyles.Integer, CultureInfo.InvariantCulture);

    public long GetLong() => long.Parse(GetString(), NumberStyles.Integer, CultureInfo.InvariantCulture);

    public float GetFloat() => float.Parse(GetString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    public double GetDouble() => double.Parse(GetString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    public decimal GetDecimal() => decimal.Parse(GetString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    public IList<string> GetStringList() => GetArray().Select(v => v.GetString()).ToList();

    public IList<bool> GetBooleanList() => GetArray().Select(v => v.GetBoolean()).ToList();

    public IList<byte> GetByteList() => GetArray().Select(v => v.GetByte()).ToList();

    public IList<int> GetIntList() => GetArray().Select(v => v.GetInt()).ToList();

    public IList<long> GetLongList() => GetArray().Select(v => v.GetLong()).ToList();

    public IList<float> GetFloatList() => GetArray().Select(v => v.GetFloat()).ToList();

    public IList<double> GetDoubleList() => GetArray().Select(v => v.GetDouble()).ToList();

    public IList<decimal> GetDecimalList() => GetArray().Select(v => v.GetDecimal()).ToList();

    /// <summary>
    /// A duration such as <c>10ms</c>, <c>5 s</c>, <c>1.5 minutes</c> or <c>infinite</c>; a bare number is milliseconds.
    /// </summary>
    public TimeSpan GetTimeSpan(bool allowInfinite = true)
    {
        var text = GetString()?.Trim();
        if (allowInfinite && text == "infinite")
            return Timeout.InfiniteTimeSpan;
        var (number, unit) = SplitUnit(text);
        return unit switch
        {
            "" or "ms" or "millis" or "milli" or "millisecond" or "milliseconds" => TimeSpan.FromTicks((long)(number * TimeSpan.TicksPerMillisecond)),
            "ns" or "nano" or "nanos" or "nanosecond" or "nanoseconds" => TimeSpan.FromTicks((long)(number / 100)),
            "us" or "micro" or "micros" or "microsecond" or "microseconds" => TimeSpan.FromTicks((long)(number * TimeSpan.TicksPerMicrosecond)),
            "s" or "second" or "seconds" => TimeSpan.FromTicks((long)(number * TimeSpan.TicksPerSecond)),
            "m" or "minute" or "minutes" => TimeSpan.FromTicks((long)(number * TimeSpan.TicksPerMinute)),
            "h" or "hour" or "hours" => TimeSpan.FromTicks((long)(number * TimeSpan.TicksPerHour)),
            "d" or "day" or "days" => TimeSpan.FromTicks((long)(number * TimeSpan.TicksPerDay)),
            _ => throw new FormatException($"'{text}' is not a duration: use a number and one of ms, s, m, h, d, or 'infinite'."),
        };
    }

    /// <summary>A size in bytes such as <c>512</c>, <c>10 kB</c> or <c>1MiB</c>; null where there is none.</summary>
    public long? GetByteSize()
    {
        var text = GetString()?.Trim();
        if (string.IsNullOrEmpty(text))
            return null;
        var (number, unit) = SplitUnit(text);
        decimal factor = unit switch
        {
            "" or "B" or "b" or "byte" or "bytes" => 1,
            "kB" or "kilobyte" or "kilobytes" => 1_000,
            "K" or "k" or "Ki" or "KiB" or "kibibyte" or "kibibytes" => 1L << 10,
            "MB" or "megabyte" or "megabytes" => 1_000_000,
            "M" or "m" or "Mi" or "MiB" or "mebibyte" or "mebibytes" => 1L << 20,
            "GB" or "gigabyte" or "gigabytes" => 1_000_000_000,
            "G" or "g" or "Gi" or "GiB" or "gibibyte" or "gibibytes" => 1L << 30,
            _ => throw new FormatException($"'{text}' is not a size: use a number and one of B, kB, KiB, MB, MiB, GB, GiB."),
        };
        return (long)(number * factor);
    }

    public override string ToString() => ToString(0);

    public virtual string ToString(int indent)
    {
        if (IsObject())
            return "{\n" + GetObject().ToString(indent + 1) + new string(' ', indent * 2) + "}";
        if (IsArray())
            return "[" + string.Join(", ", GetArray().Select(v => v.ToString(indent + 1))) + "]";
        return IsString() ? QuoteIfNeeded(GetString()) : "<<unknown value>>";
    }

    internal static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\r", "\\r").Replace("\t", "\\t") + "\"";

    private static string QuoteIfNeeded(string text)
    {
        if (text.Length == 0)
            return "\"\"";
        var plain = text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '%');
        return plain ? text : Quote(text);
    }

    private static (decimal Number, string Unit) SplitUnit(string text)
    {
        var end = 0;
        while (end < (text?.Length ?? 0) && (char.IsAsciiDigit(text[end]) || text[end] is '.' or '-' or '+'))
            end++;
        if (end == 0 || !decimal.TryParse(text.AsSpan(0, end), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            throw new FormatException($"'{text}' does not start with a number.");
        return (number, text[end..].Trim());
    }
}
