using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>The functions of the language's standard library and of Kubernetes' additions that CRDs of the field use.</summary>
internal static class CelFunctions
{
    /// <summary>What a call costs beyond its step: work that grows with its values.</summary>
    public static int Cost(object? self, List<object?> arguments) => Size(self) / 10 + arguments.Sum(a => Size(a) / 10);

    private static int Size(object? value) => value switch { string text => text.Length, IList list => list.Count, _ => 0 };

    public static object? Call(bool method, object? self, string name, List<object?> arguments)
    {
        try
        {
            return method ? Method(self, name, arguments) : Function(name, arguments);
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException or ArgumentException or InvalidCastException or RegexMatchTimeoutException)
        {
            throw new CelException(wrong.Message);
        }
    }

    private static object? Function(string name, List<object?> a) => (name, a) switch
    {
        ("size", [var value]) => SizeOf(value),
        ("type", [var value]) => new CelType(CelValues.TypeName(value)),
        ("dyn", [var value]) => value,
        ("int" or "uint" or "double" or "string" or "bytes" or "bool" or "duration" or "timestamp", [var value]) => CelConversions.To(name, value),
        ("optional.of", [var value]) => new CelOptional(true, value),
        ("optional.none", []) => new CelOptional(false, null),
        ("optional.ofNonZeroValue", [var value]) => CelConversions.IsZero(value) ? new CelOptional(false, null) : new CelOptional(true, value),
        ("sign", [CelQuantity quantity]) => (long)Math.Sign(quantity.Value),
        ("matches", [string text, string pattern]) => SchemaValidator.Matches(pattern, text),
        ("quantity", [string text]) => Quantity(text),
        ("isQuantity", [string text]) => ResourceQuantity.TryParse(text, out _),
        ("url", [string text]) => Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : throw new CelException("URL parse error during conversion from string"),
        ("isURL", [string text]) => Uri.TryCreate(text, UriKind.Absolute, out _),
        ("ip", [string text]) => System.Net.IPAddress.Parse(text),
        ("isIP", [string text]) => System.Net.IPAddress.TryParse(text, out _),
        ("cidr", [string text]) => text.Contains('/', StringComparison.Ordinal) && System.Net.IPNetwork.TryParse(text, out var network) ? new CelNetwork(network, text) : throw new CelException($"network address parse error during conversion from string: {text}"),
        ("isCIDR", [string text]) => text.Contains('/', StringComparison.Ordinal) && System.Net.IPNetwork.TryParse(text, out _),
        _ when name.Contains('.', StringComparison.Ordinal) => CelNamespaces.Call(name, a),
        _ => throw NoOverload(),
    };

    private static object? Method(object? self, string name, List<object?> a) => self switch
    {
        string text => TextMethod(text, name, a),
        IList list => ListMethod(list, name, a),
        IDictionary<object, object?> map when name == "size" => (long)map.Count,
        CelBytes bytes when name == "size" => (long)bytes.Value.Length,
        ICelReceiver receiver => receiver.Call(name, a),
        DateTimeOffset at => TimeMethod(at, name, a),
        TimeSpan duration => DurationMethod(duration, name),
        CelQuantity quantity => QuantityMethod(quantity, name, a),
        CelOptional optional => OptionalMethod(optional, name),
        Uri uri => UriMethod(uri, name),
        CelNetwork network => NetworkMethod(network, name, a),
        CelNamedFormat format when name == "validate" && a is [string checkedText] => format.Validate(checkedText),
        System.Net.IPAddress ip => name switch
        {
            "family" => ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 4L : 6L,
            "isLoopback" => System.Net.IPAddress.IsLoopback(ip),
            "isUnspecified" => ip.Equals(System.Net.IPAddress.Any) || ip.Equals(System.Net.IPAddress.IPv6Any),
            "isLinkLocalUnicast" => ip.IsIPv6LinkLocal || ip.GetAddressBytes() is [169, 254, _, _],
            "isLinkLocalMulticast" => ip.GetAddressBytes() is [224, 0, 0, _] || (ip.IsIPv6Multicast && (ip.GetAddressBytes()[1] & 0xf) == 2),
            "isGlobalUnicast" => !(ip.IsIPv6Multicast || ip.IsIPv6LinkLocal || System.Net.IPAddress.IsLoopback(ip) || ip.Equals(System.Net.IPAddress.Any) || ip.Equals(System.Net.IPAddress.IPv6Any)
                || ip.Equals(System.Net.IPAddress.Broadcast) || ip.GetAddressBytes() is [169, 254, _, _] || (ip.GetAddressBytes() is [>= 224 and <= 239, _, _, _])),
            "string" => ip.ToString(),
            _ => throw Unknown(name),
        },
        _ => throw NoOverload(),
    };

    private static object? TextMethod(string text, string name, List<object?> a) => (name, a) switch
    {
        ("size", []) => SizeOf(text),
        ("startsWith", [string part]) => text.StartsWith(part, StringComparison.Ordinal),
        ("endsWith", [string part]) => text.EndsWith(part, StringComparison.Ordinal),
        ("contains", [string part]) => text.Contains(part, StringComparison.Ordinal),
        ("matches", [string pattern]) => SchemaValidator.Matches(pattern, text),
        ("find", [string pattern]) => Regex.Match(text, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant).Value,
        ("findAll", [string pattern]) => Regex.Matches(text, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant).Select(m => (object?)m.Value).ToList(),
        ("findAll", [string pattern, long most]) => Regex.Matches(text, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant).Take(most < 0 ? int.MaxValue : checked((int)most)).Select(m => (object?)m.Value).ToList(),
        ("lowerAscii", []) => text.ToLowerInvariant(),
        ("upperAscii", []) => text.ToUpperInvariant(),
        ("trim", []) => text.Trim(),
        ("charAt", [long index]) => index == text.Length ? "" : text.Substring(checked((int)index), 1),
        ("indexOf", [string part]) => (long)text.IndexOf(part, StringComparison.Ordinal),
        ("indexOf", [string part, long from]) => (long)text.IndexOf(part, checked((int)from), StringComparison.Ordinal),
        ("lastIndexOf", [string part]) => (long)text.LastIndexOf(part, StringComparison.Ordinal),
        ("lastIndexOf", [string part, long from]) => from < 0 || from > text.Length ? throw new CelException($"index out of range: {from}")
            : (long)text.LastIndexOf(part, Math.Min(text.Length - 1, checked((int)from) + part.Length - 1), StringComparison.Ordinal),
        ("substring", [long from]) => text[checked((int)from)..],
        ("substring", [long from, long to]) => text[checked((int)from)..checked((int)to)],
        ("replace", [string part, string with]) => text.Replace(part, with, StringComparison.Ordinal),
        ("replace", [string part, string with, long most]) => Replaced(text, part, with, most),
        ("split", [string separator]) => (separator.Length == 0 ? text.EnumerateRunes().Select(r => (object?)r.ToString()) : text.Split(separator)).ToList(),
        ("split", [string separator, long limit]) => text.Split(separator, checked((int)limit)).Select(p => (object?)p).ToList(),
        ("format", [IList values]) => CelFormat.Apply(text, values),
        _ => throw Unknown(name),
    };

    private static string Replaced(string text, string part, string with, long most)
    {
        if (most < 0)
        {
            return text.Replace(part, with, StringComparison.Ordinal);
        }
        var (result, from) = (new StringBuilder(), 0);
        for (; most > 0 && part.Length > 0 && text.IndexOf(part, from, StringComparison.Ordinal) is var at and >= 0; most--)
        {
            result.Append(text, from, at - from).Append(with);
            from = at + part.Length;
        }
        return result.Append(text, from, text.Length - from).ToString();
    }

    private static object? ListMethod(IList list, string name, List<object?> a)
    {
        var items = list.Cast<object?>();
        switch (name, a)
        {
            case ("size", []):
                return (long)list.Count;
            case ("isSorted", []):
                return items.Zip(items.Skip(1)).All(p => CelValues.Order(p.First, p.Second) <= 0);
            case ("min", []):
                return list.Count == 0 ? throw new CelException("min called on empty list") : items.Aggregate((x, y) => CelValues.Order(x, y) <= 0 ? x : y);
            case ("max", []):
                return list.Count == 0 ? throw new CelException("max called on empty list") : items.Aggregate((x, y) => CelValues.Order(x, y) >= 0 ? x : y);
            case ("sum", []):
                return CelConversions.Sum(list);
            case ("indexOf", [var value]):
                return (long)items.ToList().FindIndex(i => CelValues.Same(i, value));
            case ("lastIndexOf", [var value]):
                return (long)items.ToList().FindLastIndex(i => CelValues.Same(i, value));
            case ("join", []):
                return string.Concat(items.Select(CelValues.Text));
            case ("join", [string separator]):
                return string.Join(separator, items.Select(CelValues.Text));
            default:
                throw Unknown(name);
        }
    }

    private static object? TimeMethod(DateTimeOffset at, string name, List<object?> a)
    {
        var here = a is [string zone] ? TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(zone)) : at.ToUniversalTime();
        return name switch
        {
            "getFullYear" => (long)here.Year,
            "getMonth" => here.Month - 1L,
            "getDate" => (long)here.Day,
            "getDayOfMonth" => here.Day - 1L,
            "getDayOfWeek" => (long)here.DayOfWeek,
            "getDayOfYear" => here.DayOfYear - 1L,
            "getHours" => (long)here.Hour,
            "getMinutes" => (long)here.Minute,
            "getSeconds" => (long)here.Second,
            "getMilliseconds" => (long)here.Millisecond,
            _ => throw Unknown(name),
        };
    }

    private static object? DurationMethod(TimeSpan duration, string name) => name switch
    {
        "getHours" => (long)duration.TotalHours,
        "getMinutes" => (long)duration.TotalMinutes,
        "getSeconds" => (long)duration.TotalSeconds,
        "getMilliseconds" => (long)duration.TotalMilliseconds,
        _ => throw Unknown(name),
    };

    private static object? QuantityMethod(CelQuantity quantity, string name, List<object?> a)
    {
        var other = a is [CelQuantity given] ? given.Value : a is [long number] ? number : 0;
        return name switch
        {
            "compareTo" => (long)quantity.Value.CompareTo(other),
            "isGreaterThan" => quantity.Value > other,
            "isLessThan" => quantity.Value < other,
            "add" => new CelQuantity(quantity.Value + other),
            "sub" => new CelQuantity(quantity.Value - other),
            "sign" => (long)Math.Sign(quantity.Value),
            "isInteger" => quantity.Value == decimal.Truncate(quantity.Value),
            "asInteger" => (long)quantity.Value,
            "asApproximateFloat" => (double)quantity.Value,
            _ => throw Unknown(name),
        };
    }

    private static object? OptionalMethod(CelOptional optional, string name) => name switch
    {
        "hasValue" => optional.HasValue,
        "value" => optional.HasValue ? optional.Value : throw new CelException("optional.none() dereference"),
        _ => throw Unknown(name),
    };

    private static object? UriMethod(Uri uri, string name) => name switch
    {
        "getScheme" => uri.Scheme,
        "getHost" => uri.IsDefaultPort ? uri.Host : $"{uri.Host}:{uri.Port}",
        "getHostname" => uri.Host,
        "getPort" => uri.IsDefaultPort ? "" : uri.Port.ToString(CultureInfo.InvariantCulture),
        "getEscapedPath" => uri.AbsolutePath,
        "getQuery" => uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)).GroupBy(p => Uri.UnescapeDataString(p[0]), StringComparer.Ordinal)
            .ToDictionary(g => (object)g.Key, g => (object?)g.Select(p => (object?)(p.Length > 1 ? Uri.UnescapeDataString(p[1].Replace('+', ' ')) : "")).ToList()),
        _ => throw Unknown(name),
    };

    private static object? NetworkMethod(CelNetwork network, string name, List<object?> a) => (name, a) switch
    {
        ("containsIP", [string text]) => network.Value.Contains(System.Net.IPAddress.Parse(text)),
        ("containsIP", [System.Net.IPAddress ip]) => network.Value.Contains(ip),
        ("containsCIDR", [string text]) => Holds(network.Value, System.Net.IPNetwork.Parse(text)),
        ("containsCIDR", [CelNetwork other]) => Holds(network.Value, other.Value),
        ("ip", []) => System.Net.IPAddress.Parse(network.Text.Split('/')[0]),
        ("prefixLength", []) => (long)network.Value.PrefixLength,
        ("masked", []) => new CelNetwork(network.Value, network.Value.ToString()),
        _ => throw Unknown(name),
    };

    private static bool Holds(System.Net.IPNetwork outer, System.Net.IPNetwork inner) => inner.PrefixLength >= outer.PrefixLength && outer.Contains(inner.BaseAddress);

    private static long SizeOf(object? value) => value switch
    {
        string text => text.EnumerateRunes().Count(),
        IList list => list.Count,
        IDictionary<object, object?> map => map.Count,
        CelBytes bytes => bytes.Value.Length,
        _ => throw NoOverload(),
    };

    private static CelQuantity Quantity(string text) => ResourceQuantity.TryParse(text, out var quantity) ? new CelQuantity(quantity.ToDecimal()) : throw new CelException($"quantity cannot be parsed: {text}");

    private static CelException NoOverload() => new("no such overload");

    private static CelException Unknown(string name) => new($"undeclared reference to '{name}'");
}

/// <summary>A network in an expression, with the text that it was written as.</summary>
internal sealed record CelNetwork(System.Net.IPNetwork Value, string Text);
