using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using ActorKube.Models;

namespace k8s.Models;

/// <summary>
/// <see cref="IntOrString"/> under the name that it had in the KubernetesClient package up to version 17, for code that was written for those. It becomes one wherever a field wants
/// it, and back.
/// </summary>
/// <example><code>new V1ServicePort { TargetPort = new IntstrIntOrString("http") }</code></example>
[JsonConverter(typeof(IntstrIntOrStringJsonConverter))]
public sealed record IntstrIntOrString
{
    IntOrString _value;

    /// <summary>The number 0, unless <see cref="Value"/> is set.</summary>
    public IntstrIntOrString() => _value = 0;

    /// <summary>Digits are a number, anything else is a text.</summary>
    public IntstrIntOrString(string value) => _value = new IntOrString(value);

    IntstrIntOrString(IntOrString value) => _value = value;

    /// <summary>The value as text, whichever type it has on the wire. Setting it parses: digits become a number, anything else a text.</summary>
    public string Value
    {
        get => _value.Value;
        set => _value = new IntOrString(value);
    }

    /// <summary>The same value under its other name.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static implicit operator IntOrString?(IntstrIntOrString? value) => value?._value;

    /// <summary>The same value under its other name.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static implicit operator IntstrIntOrString?(IntOrString? value) => value is null ? null : new(value);

    /// <summary>A number.</summary>
    public static implicit operator IntstrIntOrString(int number) => new((IntOrString)number);

    /// <summary>A number.</summary>
    /// <exception cref="OverflowException">It does not fit 32 bits.</exception>
    public static implicit operator IntstrIntOrString(long number) => new((IntOrString)number);

    /// <summary>Digits are a number, anything else is a text.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static implicit operator IntstrIntOrString?(string? value) => value is null ? null : new(value);

    /// <summary>As <see cref="Value"/>.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static implicit operator string?(IntstrIntOrString? value) => value?.Value;

    /// <summary>As <see cref="Value"/>.</summary>
    public override string ToString() => Value;
}
