using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json.Serialization;
using ActorKube.Models;

namespace k8s.Models;

/// <summary>
/// An exact amount of something: <c>100m</c> of a CPU, <c>1536Mi</c> of memory, <c>3</c> pods. No floating point is involved anywhere but in
/// <see cref="ToDouble"/>. Immutable and thread-safe. Two quantities are equal when they are the same number: <c>1</c> equals <c>1000m</c>.
/// </summary>
/// <remarks>
/// The grammar, the rounding (nothing finer than a nano, away from zero), the cap of binary amounts at 2^63-1 and the canonical form are those of
/// <c>k8s.io/apimachinery/pkg/api/resource/quantity.go</c>. Beyond it, texts longer than 512 characters are refused, and an amount too large for
/// the suffixes (from 1000E on) is printed with an exponent.
/// </remarks>
/// <example><code>
/// ResourceQuantity memory = "1.5Gi";
/// memory.ToString();                       // 1536Mi
/// memory.ToInt64();                        // 1610612736
/// (new ResourceQuantity("250m") + "1").ToString();   // 1250m
/// </code></example>
[JsonConverter(typeof(ResourceQuantityJsonConverter))]
public sealed class ResourceQuantity : IEquatable<ResourceQuantity>, IComparable<ResourceQuantity>, IComparable
{
    // Beyond this power of ten an amount is a typing error or an attack; writing it out would only burn memory.
    const int LargestExpandedExponent = 2048;

    static readonly (int Exponent, string Suffix)[] DecimalSuffixes =
        [(-9, "n"), (-6, "u"), (-3, "m"), (0, ""), (3, "k"), (6, "M"), (9, "G"), (12, "T"), (15, "P"), (18, "E")];

    static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    /// <summary>The largest amount that binary suffixes can say: 2^63-1.</summary>
    public const decimal MaxAllowed = long.MaxValue;

    // The value is _unscaled * 10^_scale; normalised so that _unscaled has no factor of ten and zero has scale 0: equality is then field by field.
    readonly BigInteger _unscaled;
    readonly int _scale;

    /// <summary>Reads a quantity, as <see cref="Parse(string)"/> does; null is zero.</summary>
    /// <exception cref="FormatException">The text is no quantity.</exception>
    public ResourceQuantity(string? v)
    {
        if (v is null) return;
        var parsed = Parse(v);
        (_unscaled, _scale, Format) = (parsed._unscaled, parsed._scale, parsed.Format);
    }

    /// <summary>The amount <c>n * 10^exp</c>, rounded up to the next nano where it is finer than that.</summary>
    /// <param name="n">The number.</param>
    /// <param name="exp">The power of ten that it is multiplied by.</param>
    /// <param name="format">The family of suffixes that it is printed with.</param>
    public ResourceQuantity(decimal n, int exp = 0, SuffixFormat format = SuffixFormat.DecimalSI)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(n, bits);
        var magnitude = ((BigInteger)(uint)bits[2] << 64) | ((BigInteger)(uint)bits[1] << 32) | (uint)bits[0];
        var decimals = (bits[3] >> 16) & 0xFF;
        (_unscaled, _scale) = Normalise(n < 0 ? -magnitude : magnitude, checked(exp - decimals));
        Format = format;
    }

    /// <remarks>For scales from -9 on, where nothing has to be rounded.</remarks>
    internal ResourceQuantity(long unscaled, int scale, SuffixFormat format)
    {
        for (; unscaled != 0 && unscaled % 10 == 0; scale++) unscaled /= 10;
        (_unscaled, _scale) = (unscaled, unscaled == 0 ? 0 : scale);
        Format = format;
    }

    internal ResourceQuantity(BigInteger unscaled, int scale, SuffixFormat format)
    {
        (_unscaled, _scale) = Normalise(unscaled, scale);
        Format = format;
    }

    /// <summary>Which family of suffixes a quantity is printed with.</summary>
    public enum SuffixFormat
    {
        /// <summary><c>12e6</c>.</summary>
        DecimalExponent,

        /// <summary><c>12Mi</c>: powers of 1024.</summary>
        BinarySI,

        /// <summary><c>12M</c>: powers of 1000.</summary>
        DecimalSI,
    }

    /// <summary>Zero.</summary>
    public static ResourceQuantity Zero { get; } = new(BigInteger.Zero, 0, SuffixFormat.DecimalSI);

    /// <summary>The family of suffixes that the quantity was written with, and is printed with where that loses nothing.</summary>
    public SuffixFormat Format { get; } = SuffixFormat.DecimalSI;

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => _unscaled.Sign;

    /// <summary>Whether the amount is nothing.</summary>
    public bool IsZero => _unscaled.IsZero;

    /// <summary>Reads a quantity: an optional sign, digits with an optional point, and a suffix (<c>n u m k M G T P E</c>, <c>Ki</c> to <c>Ei</c>, or an exponent such as <c>e3</c>).</summary>
    /// <exception cref="FormatException">The text is no quantity; the message shows it and says what is expected.</exception>
    public static ResourceQuantity Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return QuantityReader.TryRead(text, out var quantity, out var problem) ? quantity : throw Refusal(text, problem);
    }

    /// <summary>As <see cref="Parse(string)"/>, but answers false where the text is no quantity.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ResourceQuantity? quantity)
    {
        quantity = null;
        return text is not null && QuantityReader.TryRead(text, out quantity, out _);
    }

    /// <summary>As <see cref="Parse(string)"/>, over UTF-8 bytes (a JSON string's content without its quotes).</summary>
    /// <exception cref="FormatException">The text is no quantity.</exception>
    public static ResourceQuantity Parse(ReadOnlySpan<byte> utf8) => QuantityReader.TryRead(utf8, out var quantity, out var problem)
        ? quantity
        : throw Refusal(System.Text.Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 64)]), problem);

    /// <summary>The sum; printed in the left side's format, or in the right side's where the left is zero.</summary>
    public static ResourceQuantity operator +(ResourceQuantity left, ResourceQuantity right)
    {
        var (a, b, scale) = Align(left, right);
        return new ResourceQuantity(a + b, scale, left.IsZero ? right.Format : left.Format);
    }

    /// <summary>The difference; printed in the left side's format, or in the right side's where the left is zero.</summary>
    public static ResourceQuantity operator -(ResourceQuantity left, ResourceQuantity right) => left + -right;

    /// <summary>The same amount with the other sign.</summary>
    public static ResourceQuantity operator -(ResourceQuantity value) => new(-value._unscaled, value._scale, value.Format);

    /// <summary>The quantity taken <paramref name="factor"/> times.</summary>
    public static ResourceQuantity operator *(ResourceQuantity value, long factor) => new(value._unscaled * factor, value._scale, value.Format);

    /// <summary>Whether both are the same number (or both null).</summary>
    public static bool operator ==(ResourceQuantity? left, ResourceQuantity? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether the two are different numbers.</summary>
    public static bool operator !=(ResourceQuantity? left, ResourceQuantity? right) => !(left == right);

    /// <summary>Whether left is the smaller number; null is smaller than any.</summary>
    public static bool operator <(ResourceQuantity? left, ResourceQuantity? right) => Compare(left, right) < 0;

    /// <summary>Whether left is the larger number; null is smaller than any.</summary>
    public static bool operator >(ResourceQuantity? left, ResourceQuantity? right) => Compare(left, right) > 0;

    /// <summary>Whether left is not the larger number.</summary>
    public static bool operator <=(ResourceQuantity? left, ResourceQuantity? right) => Compare(left, right) <= 0;

    /// <summary>Whether left is not the smaller number.</summary>
    public static bool operator >=(ResourceQuantity? left, ResourceQuantity? right) => Compare(left, right) >= 0;

    /// <summary>Reads the text as <see cref="Parse(string)"/> does; null is zero.</summary>
    public static implicit operator ResourceQuantity(string? v) => new(v);

    /// <summary>The number as a quantity, printed with decimal suffixes.</summary>
    public static implicit operator ResourceQuantity(decimal number) => new(number);

    /// <summary>As <see cref="ToDecimal"/>; null is 0.</summary>
    public static implicit operator decimal(ResourceQuantity? quantity) => quantity?.ToDecimal() ?? 0;

    /// <summary>The exact number.</summary>
    /// <exception cref="OverflowException">It does not fit a <see cref="decimal"/>.</exception>
    public decimal ToDecimal()
    {
        if (_scale >= 0) return (decimal)Expand(0);
        // Nothing is finer than a nano, so the fraction has at most nine digits.
        var unit = (long)BigInteger.Pow(10, -_scale);
        var whole = BigInteger.DivRem(_unscaled, unit, out var rest);
        return (decimal)whole + (decimal)(long)rest / unit;
    }

    /// <summary>The nearest <see cref="double"/>: for display and metrics, never for arithmetic.</summary>
    public double ToDouble() => double.Parse(string.Create(CultureInfo.InvariantCulture, $"{_unscaled}e{_scale}"), CultureInfo.InvariantCulture);

    /// <summary>The amount in whole units; a fraction is rounded away from zero, as Kubernetes' <c>Value()</c> does.</summary>
    /// <exception cref="OverflowException">It is larger than 10^2048.</exception>
    public BigInteger ToBigInteger() => Expand(0);

    /// <summary>As <see cref="ToBigInteger"/>, in 64 bits.</summary>
    /// <exception cref="OverflowException">It does not fit.</exception>
    public long ToInt64() => (long)Expand(0);

    /// <summary>As <see cref="ToBigInteger"/>, in 32 bits.</summary>
    /// <exception cref="OverflowException">It does not fit.</exception>
    public int ToInt32() => (int)Expand(0);

    /// <summary>As <see cref="ToBigInteger"/>, in 64 bits without sign.</summary>
    /// <exception cref="OverflowException">It does not fit.</exception>
    public ulong ToUInt64() => (ulong)Expand(0);

    /// <summary>As <see cref="ToBigInteger"/>, in 32 bits without sign.</summary>
    /// <exception cref="OverflowException">It does not fit.</exception>
    public uint ToUInt32() => (uint)Expand(0);

    /// <summary>The amount in thousandths: a CPU's <c>250m</c> is 250; a finer fraction is rounded away from zero.</summary>
    /// <exception cref="OverflowException">It does not fit.</exception>
    public long ToMilli() => (long)Expand(-3);

    /// <summary>The amount in units of <c>10^scale</c>, rounded away from zero.</summary>
    /// <exception cref="OverflowException">It does not fit.</exception>
    public long ScaledValue(int scale) => (long)Expand(scale);

    /// <summary>This amount as a multiple of <c>10^scale</c>, rounded away from zero: <c>1234m</c> at scale -1 is <c>1300m</c>.</summary>
    public ResourceQuantity RoundUp(int scale) => scale <= _scale ? this : new ResourceQuantity(Expand(scale), scale, Format);

    /// <summary>As <see cref="ToString()"/>.</summary>
    public string CanonicalizeString() => ToString();

    /// <summary>As <see cref="ToString()"/>, under a name that KubernetesClient's users know.</summary>
    [JsonIgnore]
    public string Value => ToString();

    /// <summary>The canonical form: no fraction, the largest suffix that loses nothing, no sign but a minus. <c>0.5</c> is <c>500m</c>.</summary>
    public override string ToString() => CanonicalizeString(Format);

    /// <summary>The canonical form in this family of suffixes; binary suffixes give way to decimal ones below 1024 and for fractions.</summary>
    public string CanonicalizeString(SuffixFormat suffixFormat)
    {
        if (IsZero) return "0";
        if (suffixFormat == SuffixFormat.BinarySI)
        {
            if (_scale >= 0 && Expand(0) is var whole && BigInteger.Abs(whole) >= 1024) return PrintBinary(whole);
            suffixFormat = SuffixFormat.DecimalSI;
        }
        var exponent = (int)(Math.Floor(_scale / 3.0) * 3);
        var digits = (_unscaled * BigInteger.Pow(10, _scale - exponent)).ToString(CultureInfo.InvariantCulture);
        if (suffixFormat == SuffixFormat.DecimalSI)
        {
            foreach (var (power, suffix) in DecimalSuffixes)
            {
                if (power == exponent) return digits + suffix;
            }
        }
        return exponent == 0 ? digits : string.Create(CultureInfo.InvariantCulture, $"{digits}e{exponent}");
    }

    /// <summary>Whether the other is the same number, however it is written.</summary>
    public bool Equals(ResourceQuantity? other) => other is not null && _scale == other._scale && _unscaled == other._unscaled;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ResourceQuantity other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_unscaled, _scale);

    /// <summary>Compares as numbers; null comes first.</summary>
    public int CompareTo(ResourceQuantity? other)
    {
        if (other is null) return 1;
        if (Sign != other.Sign || IsZero) return Sign.CompareTo(other.Sign);
        if (_scale == other._scale) return _unscaled.CompareTo(other._unscaled);
        if (Math.Abs((long)_scale - other._scale) > 64)
        {
            // Far apart, the position of the first digit decides, and no power of ten has to be written out.
            var (mine, theirs) = (LeadingPosition(), other.LeadingPosition());
            if (mine != theirs) return mine > theirs ? Sign : -Sign;
        }
        var (a, b, _) = Align(this, other);
        return a.CompareTo(b);
    }

    /// <inheritdoc/>
    public int CompareTo(object? obj) => obj switch
    {
        null => 1,
        ResourceQuantity other => CompareTo(other),
        _ => throw new ArgumentException($"A quantity cannot be compared with a {obj.GetType()}.", nameof(obj)),
    };

    static int Compare(ResourceQuantity? left, ResourceQuantity? right) => left is null ? (right is null ? 0 : -1) : left.CompareTo(right);

    static FormatException Refusal(string text, string? problem)
    {
        var shown = text.Length <= 64 ? text : text[..64] + "…";
        return new FormatException(
            $"'{shown}' is not a quantity: {problem}. Expected a number with an optional suffix (n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or an exponent such as e3): 100m, 1.5Gi, 12e6.");
    }

    static string PrintBinary(BigInteger whole)
    {
        var power = 0;
        while (power < BinarySuffixes.Length - 1 && (whole & 1023).IsZero)
        {
            whole >>= 10;
            power++;
        }
        return whole.ToString(CultureInfo.InvariantCulture) + BinarySuffixes[power];
    }

    static (BigInteger Unscaled, int Scale) Normalise(BigInteger unscaled, int scale)
    {
        if (unscaled.IsZero) return (BigInteger.Zero, 0);
        if (scale < -9)
        {
            unscaled = DivideAwayFromZero(unscaled, -9L - scale);
            scale = -9;
        }
        while (unscaled.IsEven)
        {
            var tenth = BigInteger.DivRem(unscaled, 10, out var rest);
            if (!rest.IsZero) break;
            unscaled = tenth;
            scale = checked(scale + 1);
        }
        return (unscaled, scale);
    }

    static BigInteger DivideAwayFromZero(BigInteger value, long powerOfTen)
    {
        if (value.IsZero) return value;
        if (powerOfTen > value.GetBitLength()) return value.Sign;
        var quotient = BigInteger.DivRem(value, BigInteger.Pow(10, (int)powerOfTen), out var rest);
        return rest.IsZero ? quotient : quotient + value.Sign;
    }

    static (BigInteger Left, BigInteger Right, int Scale) Align(ResourceQuantity left, ResourceQuantity right)
    {
        if (left.IsZero) return (BigInteger.Zero, right._unscaled, right._scale);
        if (right.IsZero) return (left._unscaled, BigInteger.Zero, left._scale);
        var scale = Math.Min(left._scale, right._scale);
        return (left.Expand(scale), right.Expand(scale), scale);
    }

    // The value in units of 10^scale, rounded away from zero.
    BigInteger Expand(int scale)
    {
        var shift = (long)_scale - scale;
        return shift switch
        {
            0 => _unscaled,
            < 0 => DivideAwayFromZero(_unscaled, -shift),
            > LargestExpandedExponent => throw new OverflowException($"The quantity {_unscaled}e{_scale} is too large to calculate with."),
            _ => _unscaled * BigInteger.Pow(10, (int)shift),
        };
    }

    long LeadingPosition() => BigInteger.Abs(_unscaled).ToString(CultureInfo.InvariantCulture).Length + (long)_scale;
}
