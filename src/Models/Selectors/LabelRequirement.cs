using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace ActorKube.Models;

/// <summary>One condition on one label. Immutable, compared by value.</summary>
/// <example><code>new LabelRequirement("tier", LabelOperator.In, "front", "back").ToString();   // tier in (back,front)</code></example>
public sealed class LabelRequirement : IEquatable<LabelRequirement>
{
    readonly long _bound;

    // Key and values as they are in objects' bytes; made when first asked for.
    byte[][]? _utf8;

    /// <summary>A condition, validated as the API server would.</summary>
    /// <param name="key">The label's key.</param>
    /// <param name="operator">How to compare.</param>
    /// <param name="values">One value for equality, at least one for <c>in</c> and <c>notin</c>, one whole number for the comparisons, none for existence. Order and repetition do not matter.</param>
    /// <exception cref="FormatException">The key or a value is malformed, or there are too many or too few values.</exception>
    public LabelRequirement(string key, LabelOperator @operator, params IEnumerable<string> values)
        : this(key, @operator, Sorted(values))
    {
        if (Problem(Key, Operator, Values) is { } problem) throw new FormatException(problem);
    }

    internal LabelRequirement(string key, LabelOperator @operator, ImmutableArray<string> sortedValues)
    {
        (Key, Operator, Values) = (key, @operator, sortedValues);
        if (@operator is LabelOperator.GreaterThan or LabelOperator.LessThan && sortedValues.Length == 1) TryReadWhole(sortedValues[0], out _bound);
    }

    /// <summary>The label's key.</summary>
    public string Key { get; }

    /// <summary>How the label is compared.</summary>
    public LabelOperator Operator { get; }

    /// <summary>What it is compared with: sorted by code point, without repetition.</summary>
    public ImmutableArray<string> Values { get; }

    /// <summary>Whether a set of labels meets the condition.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var there = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            LabelOperator.Equals or LabelOperator.DoubleEquals => there && value == Values[0],
            LabelOperator.NotEquals => !there || value != Values[0],
            LabelOperator.In => there && Values.Contains(value!),
            LabelOperator.NotIn => !there || !Values.Contains(value!),
            LabelOperator.Exists => there,
            LabelOperator.DoesNotExist => !there,
            LabelOperator.GreaterThan => there && TryReadWhole(value, out var number) && number > _bound,
            _ => there && TryReadWhole(value, out var number) && number < _bound,
        };
    }

    /// <summary>Whether an object meets the condition.</summary>
    internal bool Matches(KubeObject labelled)
    {
        var utf8 = _utf8 ??= [Encoding.UTF8.GetBytes(Key), .. Values.Select(Encoding.UTF8.GetBytes)];
        var there = labelled.TryFindLabel(utf8[0], out var value);
        return Operator switch
        {
            LabelOperator.Equals or LabelOperator.DoubleEquals or LabelOperator.In => there && IsAmong(value, utf8),
            LabelOperator.NotEquals or LabelOperator.NotIn => !there || !IsAmong(value, utf8),
            LabelOperator.Exists => there,
            LabelOperator.DoesNotExist => !there,
            LabelOperator.GreaterThan => there && TryReadWhole(value, out var number) && number > _bound,
            _ => there && TryReadWhole(value, out var number) && number < _bound,
        };

        static bool IsAmong(ReadOnlySpan<byte> value, byte[][] utf8)
        {
            foreach (var wanted in utf8.AsSpan(1))
            {
                if (value.SequenceEqual(wanted)) return true;
            }
            return false;
        }
    }

    /// <inheritdoc/>
    public bool Equals(LabelRequirement? other) =>
        other is not null && Key == other.Key && Operator == other.Operator && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelRequirement);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, Operator, Values.Length, Values.Length > 0 ? Values[0] : "");

    /// <summary>The condition in Kubernetes' notation, such as <c>tier in (back,front)</c>.</summary>
    public override string ToString() => Operator switch
    {
        LabelOperator.In => $"{Key} in ({PrintSet()})",
        LabelOperator.NotIn => $"{Key} notin ({PrintSet()})",
        LabelOperator.Equals => $"{Key}={Values[0]}",
        LabelOperator.DoubleEquals => $"{Key}=={Values[0]}",
        LabelOperator.NotEquals => $"{Key}!={Values[0]}",
        LabelOperator.Exists => Key,
        LabelOperator.DoesNotExist => "!" + Key,
        LabelOperator.GreaterThan => $"{Key}>{Values[0]}",
        _ => $"{Key}<{Values[0]}",
    };

    internal static ImmutableArray<string> Sorted(IEnumerable<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var sorted = values.Distinct(StringComparer.Ordinal).ToArray();
        Array.Sort(sorted, StringComparer.Ordinal);
        return ImmutableArray.Create(sorted);
    }

    /// <summary>What is wrong with a key, in the words of the API server; null for nothing.</summary>
    internal static string? ProblemWithKey(string key) =>
        NameRules.CheckQualifiedName(key) is { Count: > 0 } wrong ? $"<nil>: Invalid value: \"{key}\": {string.Join("; ", wrong)}" : null;

    /// <summary>What is wrong with a requirement, in the words of the API server; null for nothing.</summary>
    internal static string? Problem(string key, LabelOperator @operator, ImmutableArray<string> values)
    {
        if (ProblemWithKey(key) is { } wrongKey) return wrongKey;
        switch (@operator)
        {
            case LabelOperator.In or LabelOperator.NotIn when values.IsEmpty:
                return "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty";
            case LabelOperator.Equals or LabelOperator.DoubleEquals or LabelOperator.NotEquals when values.Length != 1:
                return $"values: Invalid value: [{string.Join(' ', values)}]: exact-match compatibility requires one single value";
            case LabelOperator.Exists or LabelOperator.DoesNotExist when !values.IsEmpty:
                return $"values: Invalid value: [{string.Join(' ', values)}]: values set must be empty for exists and does not exist";
            case LabelOperator.GreaterThan or LabelOperator.LessThan when values.Length != 1:
                return $"values: Invalid value: [{string.Join(' ', values)}]: for 'Gt', 'Lt' operators, exactly one value is required";
            case LabelOperator.GreaterThan or LabelOperator.LessThan when !TryReadWhole(values[0], out _):
                return $"values[0]: Invalid value: \"{values[0]}\": for 'Gt', 'Lt' operators, the value must be an integer";
        }
        for (var i = 0; i < values.Length; i++)
        {
            if (NameRules.CheckLabelValue(values[i]) is { Count: > 0 } wrong)
            {
                return $"values[{i}][{key}]: Invalid value: \"{values[i]}\": {string.Join("; ", wrong)}";
            }
        }
        return null;
    }

    // The set of the empty value alone needs its comma: "()" would be no set at all.
    string PrintSet() => Values is [""] ? "," : string.Join(',', Values);

    static bool TryReadWhole(ReadOnlySpan<char> text, out long number) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    static bool TryReadWhole(ReadOnlySpan<byte> utf8, out long number) => long.TryParse(utf8, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
