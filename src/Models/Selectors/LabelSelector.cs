using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace ActorKube.Models;

/// <summary>
/// Conditions on labels, all of which an object must meet. Immutable, thread-safe, compared by what it prints. The grammar is that of
/// <c>k8s.io/apimachinery/pkg/labels</c>: <c>key=value</c>, <c>==</c>, <c>!=</c>, <c>key in (a,b)</c>, <c>notin</c>, <c>key</c>, <c>!key</c>, <c>&gt;</c>, <c>&lt;</c>,
/// joined by commas.
/// </summary>
/// <example><code>
/// var selector = LabelSelector.Parse("app=web,tier in (front,back),!legacy");
/// if (selector.Matches(pod.Metadata.Labels)) …
/// </code></example>
public sealed class LabelSelector : IEquatable<LabelSelector>
{
    readonly LabelRequirement[] _requirements;
    string? _printed;

    LabelSelector(LabelRequirement[] requirements)
    {
        // Stable, so that two conditions on one key stay in the order they were written in.
        _requirements = requirements.Length < 2 ? requirements : [.. requirements.OrderBy(r => r.Key, StringComparer.Ordinal)];
    }

    /// <summary>Selects every object; prints as the empty text.</summary>
    public static LabelSelector Everything { get; } = new([]);

    /// <summary>Selects no object: a contradiction, so that it means the same to a server that it is sent to.</summary>
    public static LabelSelector Nothing { get; } = Parse("none,!none");

    /// <summary>The conditions, sorted by key.</summary>
    public IReadOnlyList<LabelRequirement> Requirements => _requirements;

    /// <summary>Whether there is no condition at all.</summary>
    public bool IsEverything => _requirements.Length == 0;

    /// <summary>Reads a selector; an empty text selects everything.</summary>
    /// <exception cref="SelectorFormatException">The text is malformed; the exception says what, and at which character.</exception>
    public static LabelSelector Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Of(new LabelSelectorParser(text).Parse());
    }

    /// <summary>As <see cref="Parse"/>, but answers false where the text is no selector.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out LabelSelector? selector)
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

    /// <summary>Selects what has each of these labels with this value.</summary>
    /// <exception cref="FormatException">A key or value is no label's.</exception>
    public static LabelSelector FromSet(IEnumerable<KeyValuePair<string, string>> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return Of([.. labels.Select(label => new LabelRequirement(label.Key, LabelOperator.Equals, label.Value))]);
    }

    /// <summary>
    /// What an object's selector, such as a Deployment's <c>spec.selector</c>, selects: nothing where there is none, everything where it is empty.
    /// </summary>
    /// <exception cref="FormatException">It has an unknown operator, or a malformed key or value.</exception>
    public static LabelSelector From(k8s.Models.V1LabelSelector? selector) => LabelSelectorConversion.Convert(selector);

    /// <summary>Selects what meets all these conditions.</summary>
    public static LabelSelector Of(params IEnumerable<LabelRequirement> requirements)
    {
        LabelRequirement[] all = [.. requirements];
        return all.Length == 0 ? Everything : new LabelSelector(all);
    }

    /// <summary>Selects what both this and the other select.</summary>
    public LabelSelector And(LabelSelector other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsEverything ? other : other.IsEverything ? this : Of([.. _requirements, .. other._requirements]);
    }

    /// <summary>Whether an object with these labels is selected.</summary>
    /// <param name="labels">As <c>metadata.labels</c> has them; null for none.</param>
    public bool Matches(IEnumerable<KeyValuePair<string, string>>? labels) => Matches(labels as IReadOnlyDictionary<string, string> ?? new Dictionary<string, string>(labels ?? []));

    /// <inheritdoc cref="Matches(IEnumerable{KeyValuePair{string, string}})"/>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels)) return false;
        }
        return true;
    }

    /// <summary>Whether an object is selected. The labels are compared where they are in its bytes: nothing is allocated, so that a whole cache may be gone through.</summary>
    /// <exception cref="KubeFormatException">The object's labels are not texts; says where.</exception>
    public bool Matches(KubeObject value)
    {
        ArgumentNullException.ThrowIfNull(value);
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(value)) return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(LabelSelector? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelSelector);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The selector in Kubernetes' notation: conditions sorted by key, values sorted.</summary>
    public override string ToString() => _printed ??= string.Join(',', (object[])_requirements);
}
