using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>Kubernetes' grammar of quantities, over UTF-8, without allocating but for the result.</summary>
static class QuantityReader
{
    const int LongestText = 512;

    // So many digits are less than 2^63, whatever they are.
    const int LongestSmall = 18;

    static readonly BigInteger LargestBinary = long.MaxValue;

    public static bool TryRead(ReadOnlySpan<char> text, [NotNullWhen(true)] out ResourceQuantity? quantity, out string? problem)
    {
        quantity = null;
        if (text.Length > LongestText) return Fail(out problem, $"it is longer than {LongestText} characters");
        Span<byte> utf8 = stackalloc byte[LongestText];
        return Encoding.UTF8.TryGetBytes(text, utf8, out var written)
            ? TryRead(utf8[..written], out quantity, out problem)
            : Fail(out problem, $"it is longer than {LongestText} bytes");
    }

    public static bool TryRead(ReadOnlySpan<byte> text, [NotNullWhen(true)] out ResourceQuantity? quantity, out string? problem)
    {
        quantity = null;
        if (text.IsEmpty) return Fail(out problem, "it is empty");
        if (text.Length > LongestText) return Fail(out problem, $"it is longer than {LongestText} bytes");

        var negative = text[0] == '-';
        var rest = text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        var whole = TakeDigits(ref rest);
        ReadOnlySpan<byte> fraction = default;
        if (!rest.IsEmpty && rest[0] == '.')
        {
            rest = rest[1..];
            fraction = TakeDigits(ref rest);
        }
        if (!TryReadSuffix(rest, out var suffixBase, out var exponent, out var format))
        {
            return Fail(out problem, $"'{Encoding.UTF8.GetString(rest)}' is no suffix");
        }

        // What stands in objects is nearly always this: digits and a suffix, and no more than fits into 63 bits.
        if (fraction.IsEmpty && whole.Length <= LongestSmall && exponent is >= -9 and <= 60)
        {
            var small = Small(whole, default);
            if (suffixBase == 10 || small <= long.MaxValue >> exponent)
            {
                quantity = new ResourceQuantity((negative ? -small : small) << (suffixBase == 10 ? 0 : exponent), suffixBase == 10 ? exponent : 0, format);
                problem = null;
                return true;
            }
        }

        var unscaled = Mantissa(whole, fraction);
        var scale = (long)-fraction.Length;
        if (suffixBase == 10) scale += exponent;
        else unscaled <<= exponent;
        if (scale is < int.MinValue or > int.MaxValue - LongestText) return Fail(out problem, "its exponent is out of range");

        if (format == ResourceQuantity.SuffixFormat.BinarySI && !unscaled.IsZero)
        {
            var unit = BigInteger.Pow(10, fraction.Length);
            if (unscaled > LargestBinary * unit) (unscaled, scale) = (LargestBinary, 0);
            else if (unscaled < unit) format = ResourceQuantity.SuffixFormat.DecimalSI;
        }
        quantity = new ResourceQuantity(negative ? -unscaled : unscaled, (int)scale, format);
        problem = null;
        return true;
    }

    static ReadOnlySpan<byte> TakeDigits(scoped ref ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return digits;
    }

    static BigInteger Mantissa(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction)
    {
        if (whole.Length + fraction.Length <= LongestSmall) return Small(whole, fraction);
        var digits = Encoding.ASCII.GetString(whole) + Encoding.ASCII.GetString(fraction);
        return BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    static long Small(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction)
    {
        var small = 0L;
        foreach (var digit in whole) small = small * 10 + (digit - '0');
        foreach (var digit in fraction) small = small * 10 + (digit - '0');
        return small;
    }

    static bool TryReadSuffix(ReadOnlySpan<byte> suffix, out int suffixBase, out int exponent, out ResourceQuantity.SuffixFormat format)
    {
        (suffixBase, exponent, format) = (10, 0, ResourceQuantity.SuffixFormat.DecimalSI);
        switch (suffix.Length)
        {
            case 0:
                return true;
            case 1:
                exponent = suffix[0] switch
                {
                    (byte)'n' => -9, (byte)'u' => -6, (byte)'m' => -3, (byte)'k' => 3, (byte)'M' => 6,
                    (byte)'G' => 9, (byte)'T' => 12, (byte)'P' => 15, (byte)'E' => 18, _ => 0,
                };
                return exponent != 0;
            case 2 when suffix[1] == 'i':
                (suffixBase, format) = (2, ResourceQuantity.SuffixFormat.BinarySI);
                exponent = suffix[0] switch
                {
                    (byte)'K' => 10, (byte)'M' => 20, (byte)'G' => 30, (byte)'T' => 40, (byte)'P' => 50, (byte)'E' => 60, _ => 0,
                };
                return exponent != 0;
            default:
                format = ResourceQuantity.SuffixFormat.DecimalExponent;
                return suffix[0] is (byte)'e' or (byte)'E'
                    && int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent);
        }
    }

    static bool Fail(out string? problem, string what)
    {
        problem = what;
        return false;
    }
}
