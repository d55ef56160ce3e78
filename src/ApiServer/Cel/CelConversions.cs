using System.Collections;
using System.Globalization;
using System.Text;

namespace ActorKube.ApiServer;

/// <summary>A value that has functions of its own: <c>authorizer.group('')</c>.</summary>
internal interface ICelReceiver
{
    /// <exception cref="CelException">It has no such function, or this does not take these.</exception>
    object? Call(string function, List<object?> arguments);
}

/// <summary>Values of one kind made into ones of another.</summary>
internal static class CelConversions
{
    /// <exception cref="CelException">The value is not one of that kind.</exception>
    public static object? To(string kind, object? value)
    {
        try
        {
            return kind switch
            {
                "int" => Int(value),
                "uint" => Uint(value),
                "double" => Double(value),
                "string" => value switch { CelNetwork network => network.Text, System.Net.IPAddress address => address.ToString(), null => throw Cannot(value, kind), _ => CelValues.Text(value) },
                "bytes" => value switch { string text => new CelBytes(Encoding.UTF8.GetBytes(text)), CelBytes bytes => bytes, _ => throw Cannot(value, kind) },
                "bool" => value switch { bool flag => flag, string text => Bool(text), _ => throw Cannot(value, kind) },
                "duration" => value switch
                {
                    TimeSpan duration => duration,
                    long ticks => TimeSpan.FromTicks(ticks / 100),
                    string text => CelValues.TryDuration(text, out var duration) ? duration : throw Cannot(value, kind),
                    _ => throw Cannot(value, kind),
                },
                _ => Timestamp(value),
            };
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException or ArgumentException)
        {
            throw wrong is OverflowException && value is not string ? new CelException(kind == "uint" ? "unsigned integer overflow" : "integer overflow") : Cannot(value, kind);
        }
    }

    private static long Int(object? value) => value switch
    {
        long number => number,
        ulong number => checked((long)number),
        double real => checked((long)real),
        string text => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        DateTimeOffset at => at.ToUnixTimeSeconds(),
        TimeSpan duration => duration.Ticks * 100,
        _ => throw Cannot(value, "int"),
    };

    private static ulong Uint(object? value) => value switch
    {
        ulong number => number,
        long number => checked((ulong)number),
        double real => checked((ulong)real),
        string text => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture),
        _ => throw Cannot(value, "uint"),
    };

    private static double Double(object? value) => value switch
    {
        double real => real,
        long number => number,
        ulong number => number,
        string text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        _ => throw Cannot(value, "double"),
    };

    private static bool Bool(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => throw Cannot(text, "bool"),
    };

    private static DateTimeOffset Timestamp(object? value) => value switch
    {
        DateTimeOffset at => at,
        long seconds => DateTimeOffset.FromUnixTimeSeconds(seconds),
        string text when text.Contains('T', StringComparison.Ordinal) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        _ => throw Cannot(value, "timestamp"),
    };

    private static CelException Cannot(object? value, string kind) =>
        new($"type conversion error from '{CelValues.TypeName(value)}' to '{kind switch { "duration" => "google.protobuf.Duration", "timestamp" => "google.protobuf.Timestamp", _ => kind }}'");

    /// <summary>Whether a value is the one that its kind begins with.</summary>
    public static bool IsZero(object? value) => value is null or false or 0L or 0UL or 0.0 or "" or IList { Count: 0 } or IDictionary<object, object?> { Count: 0 } or CelBytes { Value.Length: 0 }
        || (value is TimeSpan duration && duration == TimeSpan.Zero);

    public static object? Sum(IList list)
    {
        object? sum = null;
        foreach (var item in list)
        {
            sum = (sum, item) switch
            {
                (null, _) => item,
                (long a, long b) => checked(a + b),
                (ulong a, ulong b) => checked(a + b),
                (double a, double b) => a + b,
                (TimeSpan a, TimeSpan b) => a + b,
                _ => throw new CelException("no such overload"),
            };
        }
        return sum ?? 0L;
    }
}
