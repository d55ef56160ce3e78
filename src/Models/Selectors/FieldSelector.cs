using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ActorKube.Models;

/// <summary>One condition of a <see cref="FieldSelector"/>.</summary>
/// <param name="Field">The field's label, such as <c>metadata.name</c>.</param>
/// <param name="Equal">Whether the field must have the value; else it must not.</param>
/// <param name="Value">The value, unescaped.</param>
public sealed record FieldRequirement(string Field, bool Equal, string Value)
{
    /// <summary>The condition in Kubernetes' notation, commas, equals signs and backslashes of the value escaped.</summary>
    public override string ToString() => Field + (Equal ? "=" : "!=") + FieldSelector.Escape(Value);
}

/// <summary>
/// Conditions on fields, all of which an object must meet: <c>field=value</c>, <c>==</c>, <c>!=</c>, joined by commas; a backslash escapes a comma,
/// an equals sign and itself within a value. Immutable, thread-safe, compared by what it prints. The grammar is that of
/// <c>k8s.io/apimachinery/pkg/fields</c>; which fields a server knows depends on the kind.
/// </summary>
/// <example><code>FieldSelector.Parse("spec.nodeName=node-1,status.phase!=Succeeded")</code></example>
public sealed class FieldSelector : IEquatable<FieldSelector>
{
    readonly FieldRequirement[] _requirements;

    FieldSelector(FieldRequirement[] requirements) => _requirements = requirements;

    /// <summary>Selects every object; prints as the empty text.</summary>
    public static FieldSelector Everything { get; } = new([]);

    /// <summary>The conditions, in the order they were written in.</summary>
    public IReadOnlyList<FieldRequirement> Requirements => _requirements;

    /// <summary>Whether there is no condition at all.</summary>
    public bool IsEverything => _requirements.Length == 0;

    /// <summary>Reads a selector; an empty text selects everything.</summary>
    /// <exception cref="SelectorFormatException">The text is malformed; the exception says what, and at which character.</exception>
    public static FieldSelector Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var requirements = new List<FieldRequirement>();
        for (var start = 0; start <= text.Length;)
        {
            var end = EndOfTerm(text, start);
            if (end > start) requirements.Add(ParseTerm(text, start, end));
            start = end + 1;
        }
        return Of(requirements);
    }

    /// <summary>As <see cref="Parse"/>, but answers false where the text is no selector.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out FieldSelector? selector)
    {
        selector = null;
        if (text is null) return false;
        try
        {
            selector = Parse(text);
            return true;
        }
        catch (SelectorFormatException)
        {
            return false;
        }
    }

    /// <summary>Selects what has each of these fields with this value; printed sorted by field.</summary>
    public static FieldSelector FromSet(IEnumerable<KeyValuePair<string, string>> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        return Of(fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => new FieldRequirement(field.Key, true, field.Value)));
    }

    /// <summary>Selects what meets all these conditions.</summary>
    public static FieldSelector Of(params IEnumerable<FieldRequirement> requirements)
    {
        FieldRequirement[] all = [.. requirements];
        return all.Length == 0 ? Everything : new FieldSelector(all);
    }

    /// <summary>Selects what both this and the other select.</summary>
    public FieldSelector And(FieldSelector other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsEverything ? other : other.IsEverything ? this : Of([.. _requirements, .. other._requirements]);
    }

    /// <summary>Whether an object is selected.</summary>
    /// <param name="field">Gives the value of a field by its label; null for one that is not set, which compares as empty.</param>
    public bool Matches(Func<string, string?> field)
    {
        ArgumentNullException.ThrowIfNull(field);
        foreach (var requirement in _requirements)
        {
            if (((field(requirement.Field) ?? "") == requirement.Value) != requirement.Equal) return false;
        }
        return true;
    }

    /// <summary>The value that this field must have for an object to be selected; null where the selector does not say. What lets <c>metadata.name=x</c> be a look-up.</summary>
    public string? RequiredValue(string field)
    {
        foreach (var requirement in _requirements)
        {
            if (requirement.Equal && requirement.Field == field) return requirement.Value;
        }
        return null;
    }

    /// <summary>A value as a selector carries it: commas, equals signs and backslashes escaped.</summary>
    public static string Escape(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.AsSpan().IndexOfAny('\\', ',', '=') < 0 ? value : value.Replace("\\", "\\\\").Replace(",", "\\,").Replace("=", "\\=");
    }

    /// <inheritdoc/>
    public bool Equals(FieldSelector? other) => other is not null && _requirements.AsSpan().SequenceEqual(other._requirements);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FieldSelector);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The selector in Kubernetes' notation.</summary>
    public override string ToString() => string.Join(',', (object[])_requirements);

    static int EndOfTerm(string text, int start)
    {
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == ',') return i;
        }
        return text.Length;
    }

    static FieldRequirement ParseTerm(string text, int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            var (length, equal) = text[i] switch
            {
                '!' when i + 1 < end && text[i + 1] == '=' => (2, false),
                '=' when i + 1 < end && text[i + 1] == '=' => (2, true),
                '=' => (1, true),
                _ => (0, false),
            };
            if (length > 0) return new FieldRequirement(text[start..i], equal, Unescape(text, i + length, end));
        }
        throw new SelectorFormatException(text, start, $"invalid selector: '{text}'; can't understand '{text[start..end]}'");
    }

    static string Unescape(string text, int start, int end)
    {
        var value = new StringBuilder(end - start);
        for (var i = start; i < end; i++)
        {
            if (text[i] == '\\')
            {
                if (i + 1 == end || text[i + 1] is not ('\\' or ',' or '='))
                {
                    throw new SelectorFormatException(text, i, $"invalid field selector: invalid escape sequence: {text[i..Math.Min(i + 2, end)]}");
                }
                i++;
            }
            else if (text[i] == '=')
            {
                throw new SelectorFormatException(text, i, $"invalid field selector: unescaped character in value: {(int)text[i]}");
            }
            value.Append(text[i]);
        }
        return value.ToString();
    }
}
