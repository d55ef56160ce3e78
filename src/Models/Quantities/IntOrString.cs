using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;
using ActorKube.Models;

namespace k8s.Models;

/// <summary>
/// A value that is a 32-bit number or a text on the wire: a port by number or by name, a count or a percentage. Immutable; equal when type and
/// value are. What may be read from <c>"80"</c> and what from <c>80</c> stays apart, as in <c>k8s.io/apimachinery/pkg/util/intstr</c>.
/// </summary>
/// <example><code>
/// IntOrString port = 8080;
/// IntOrString surge = "25%";
/// surge.ScaledValue(total: 10, roundUp: true);   // 3
/// </code></example>
[JsonConverter(typeof(IntOrStringJsonConverter))]
public sealed record IntOrString
{
    readonly string? _text;
    readonly int _number;

    /// <summary>The number 0, unless <see cref="Value"/> is set.</summary>
    public IntOrString()
    {
    }

    /// <summary>As <see cref="Parse"/>.</summary>
    public IntOrString(string value) => Value = value;

    /// <summary>A number.</summary>
    public IntOrString(int number) => _number = number;

    IntOrString(string text, bool _) => _text = text;

    /// <summary>The value as text, whichever type it has. Setting it parses: digits become a number, anything else a text.</summary>
    public string Value
    {
        get => _text ?? _number.ToString(CultureInfo.InvariantCulture);
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _text = TryReadNumber(value, out _number) ? null : value;
        }
    }

    /// <summary>Whether it is a number on the wire.</summary>
    [MemberNotNullWhen(false, nameof(_text))]
    public bool IsInt => _text is null;

    /// <summary>The number; for a text, the number that it spells, or 0 (as Go's <c>IntValue()</c>).</summary>
    public int IntValue => IsInt ? _number : TryReadNumber(_text, out var spelt) ? spelt : 0;

    /// <summary>The number.</summary>
    /// <exception cref="FormatException">It is a text that spells no number, such as a port's name.</exception>
    public int ToInt() => IsInt || TryReadNumber(_text, out _) ? IntValue : throw new FormatException($"'{_text}' is a text and no number.");

    /// <summary>A number where the text spells one in 32 bits, else a text.</summary>
    public static IntOrString Parse(string value) => new(value);

    /// <summary>A text on the wire, even where it spells a number.</summary>
    public static IntOrString FromString(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new IntOrString(text, true);
    }

    /// <summary>A number on the wire.</summary>
    public static IntOrString FromInt(int number) => new(number);

    /// <summary>A number.</summary>
    public static implicit operator IntOrString(int number) => new(number);

    /// <summary>A number.</summary>
    /// <exception cref="OverflowException">It does not fit 32 bits.</exception>
    public static implicit operator IntOrString(long number) => new(checked((int)number));

    /// <summary>As <see cref="Parse"/>.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static implicit operator IntOrString?(string? value) => value is null ? null : new IntOrString(value);

    /// <summary>As <see cref="Value"/>.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static implicit operator string?(IntOrString? value) => value?.Value;

    /// <summary>The number itself, or that percentage of <paramref name="total"/>, rounded up or down to a whole number.</summary>
    /// <exception cref="FormatException">It is a text that is no percentage such as <c>25%</c>.</exception>
    public int ScaledValue(int total, bool roundUp)
    {
        if (IsInt) return _number;
        if (!_text.EndsWith('%') || !TryReadNumber(_text.AsSpan(0, _text.Length - 1), out var percent))
        {
            throw new FormatException($"'{_text}' is neither a number nor a percentage: expected a whole number, or one followed by '%', such as '25%'.");
        }
        var hundredths = (long)percent * total;
        var scaled = hundredths / 100;
        var rest = hundredths % 100;
        if (roundUp && rest > 0) scaled++;
        else if (!roundUp && rest < 0) scaled--;
        return checked((int)scaled);
    }

    /// <summary>As <see cref="Value"/>.</summary>
    public override string ToString() => Value;

    static bool TryReadNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
