using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>An optional value: <c>optional.of(x)</c>, <c>a.?b</c>.</summary>
internal sealed record CelOptional(bool HasValue, object? Value);

/// <summary>Bytes, equal where their contents are.</summary>
internal sealed record CelBytes(byte[] Value)
{
    public bool Equals(CelBytes? other) => other is not null && Value.AsSpan().SequenceEqual(other.Value);

    public override int GetHashCode() => Value.Length == 0 ? 0 : HashCode.Combine(Value.Length, Value[0], Value[^1]);
}

/// <summary>A value that is made when it is first looked at, or its mistake.</summary>
internal sealed class CelLazy(Func<object?> make)
{
    private readonly Lazy<object?> _value = new(make, isThreadSafe: false);

    /// <exception cref="CelException">It could not be made.</exception>
    public object? Value => _value.Value;
}

/// <summary>
/// Values of the language as plain .NET ones: null, bool, long, ulong, double, string, <see cref="CelBytes"/>, <see cref="DateTimeOffset"/>, <see cref="TimeSpan"/>, lists
/// and string-keyed maps.
/// </summary>
internal static class CelValues
{
    /// <summary>A JSON value as the schema at its place types it.</summary>
    public static object? From(JsonNode? node, Schema? schema)
    {
        switch (node)
        {
            case null:
                return null;
            case JsonArray list:
                return list.Select(i => From(i, schema?.Items)).ToList();
            case JsonObject tree:
                var map = new Dictionary<object, object?>();
                foreach (var (key, value) in tree)
                {
                    map[key] = From(value, schema?.Properties.GetValueOrDefault(key) ?? schema?.AdditionalProperties);
                }
                return map;
        }
        if (node.AsText() is { } text)
        {
            return schema?.Format switch
            {
                "date-time" when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) => time,
                "date" when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) => day,
                "duration" when TryDuration(text, out var duration) => duration,
                "byte" => new CelBytes(Convert.FromBase64String(text)),
                _ => text,
            };
        }
        if (node.AsBool() is { } flag)
        {
            return flag;
        }
        return schema?.Type != "number" && node.AsLong() is { } whole ? whole : node.AsLong() is { } integral ? (double)integral : node.GetValue<double>();
    }

    /// <summary>
    /// The property that a field of an expression means: names that are no identifiers, or words of the language, are written as
    /// <c>a__dash__b</c> or <c>__namespace__</c>.
    /// </summary>
    public static string Unescape(string field)
    {
        if (!field.Contains("__", StringComparison.Ordinal))
        {
            return field;
        }
        if (field.Length > 4 && field.StartsWith("__", StringComparison.Ordinal) && field.EndsWith("__", StringComparison.Ordinal) && Array.IndexOf(Words, field[2..^2]) >= 0)
        {
            return field[2..^2];
        }
        return field.Replace("__dot__", ".", StringComparison.Ordinal).Replace("__dash__", "-", StringComparison.Ordinal)
            .Replace("__slash__", "/", StringComparison.Ordinal).Replace("__underscores__", "__", StringComparison.Ordinal);
    }

    /// <summary>How an expression writes a property; null where it cannot.</summary>
    public static string? Escape(string property)
    {
        if (property.Length == 0 || char.IsAsciiDigit(property[0]))
        {
            return null;
        }
        if (Array.IndexOf(Words, property) >= 0)
        {
            return $"__{property}__";
        }
        return !property.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '/') ? null
            : property.Replace("__", "__underscores__", StringComparison.Ordinal).Replace(".", "__dot__", StringComparison.Ordinal).Replace("-", "__dash__", StringComparison.Ordinal)
                .Replace("/", "__slash__", StringComparison.Ordinal);
    }

    private static readonly string[] Words =
    [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    ];

    public static bool Same(object? left, object? right)
    {
        switch (left, right)
        {
            case (null, null):
                return true;
            case (long or ulong or double, long or ulong or double):
                return Numbers(left, right) == 0;
            case (IList a, IList b):
                return a.Count == b.Count && a.Cast<object?>().Zip(b.Cast<object?>()).All(p => Same(p.First, p.Second));
            case (IDictionary<object, object?> a, IDictionary<object, object?> b):
                return a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out var other) && Same(p.Value, other));
            default:
                return Equals(left, right);
        }
    }

    public static int Order(object? left, object? right) => (left, right) switch
    {
        (long or ulong or double, long or ulong or double) => Numbers(left, right) ?? throw new CelException("NaN values cannot be ordered"),
        (CelBytes a, CelBytes b) => a.Value.AsSpan().SequenceCompareTo(b.Value),
        (string a, string b) => string.CompareOrdinal(a, b),
        (bool a, bool b) => a.CompareTo(b),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        (TimeSpan a, TimeSpan b) => a.CompareTo(b),
        (CelQuantity a, CelQuantity b) => a.Value.CompareTo(b.Value),
        _ => throw new CelException("no such overload"),
    };

    /// <summary>Numbers of any kind by what they amount to; null where one is none.</summary>
    private static int? Numbers(object left, object right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (ulong a, ulong b) => a.CompareTo(b),
        (long a, ulong b) => a < 0 ? -1 : ((ulong)a).CompareTo(b),
        (ulong a, long b) => b < 0 ? 1 : a.CompareTo((ulong)b),
        _ when Convert.ToDouble(left, CultureInfo.InvariantCulture) is var a && Convert.ToDouble(right, CultureInfo.InvariantCulture) is var b => double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b),
        _ => null,
    };

    /// <summary>A number of another kind as the int that it amounts to; null where it is none.</summary>
    public static object? Whole(object? number) => number switch
    {
        ulong and <= long.MaxValue and var whole => (long)whole,
        double real when real == Math.Floor(real) && Math.Abs(real) < 9e18 => (long)real,
        _ => null,
    };

    public static string TypeName(object? value) => value switch
    {
        null => "null_type",
        bool => "bool",
        long => "int",
        ulong => "uint",
        double => "double",
        string => "string",
        CelBytes => "bytes",
        CelType => "type",
        CelOptional => "optional_type",
        CelQuantity => "kubernetes.Quantity",
        Uri => "kubernetes.URL",
        System.Net.IPAddress => "net.IP",
        CelNetwork => "net.CIDR",
        DateTimeOffset => "google.protobuf.Timestamp",
        TimeSpan => "google.protobuf.Duration",
        IList => "list",
        IDictionary<object, object?> => "map",
        _ => "dyn",
    };

    public static string Text(object? value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        ulong number => number.ToString(CultureInfo.InvariantCulture),
        CelBytes bytes => Readable(bytes.Value),
        double real => real.ToString("R", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        TimeSpan duration => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds}s"),
        null => "null",
        _ => throw new CelException("no such overload"),
    };

    private static string Readable(byte[] bytes)
    {
        try
        {
            return new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (ArgumentException)
        {
            throw new CelException("invalid UTF-8 in bytes, cannot convert to string");
        }
    }

    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        rest = rest.TrimStart("+-");
        if (rest.IsEmpty)
        {
            return false;
        }
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0)
            {
                return rest.SequenceEqual("0");
            }
            if (!double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
            {
                return false;
            }
            rest = rest[digits..];
            var next = rest.IndexOfAny("0123456789");
            var unit = next < 0 ? rest : rest[..next];
            double? seconds = unit switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "us" or "µs" => 1e-6, "ns" => 1e-9, _ => null };
            if (seconds is not { } factor || amount * factor > TimeSpan.MaxValue.TotalSeconds / 2)
            {
                return false;
            }
            duration += TimeSpan.FromSeconds(amount * factor);
            rest = next < 0 ? [] : rest[next..];
        }
        duration = negative ? -duration : duration;
        return true;
    }
}

/// <summary>A resource quantity in an expression.</summary>
internal sealed record CelQuantity(decimal Value);
