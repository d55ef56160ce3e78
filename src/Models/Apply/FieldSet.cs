using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// A set of fields of an object, as <c>managedFields</c> records what a manager owns. A field may be in the set, fields within it may be, or both.
/// Immutable to its users, thread-safe, compared by content.
/// </summary>
/// <remarks>The operations are those of <c>structured-merge-diff/fieldpath/set.go</c>.</remarks>
/// <example><code>
/// var owned = FieldSet.Of(pod.Metadata.ManagedFields[0]);
/// if (owned.Contains(FieldPath.Of("spec", "replicas"))) …
/// </code></example>
public sealed class FieldSet : IEquatable<FieldSet>
{
    // A step leads to whether the field itself is in the set, and to what is in the set within it.
    readonly Dictionary<FieldPathElement, (bool Member, FieldSet? Children)> _steps = [];

    FieldSet()
    {
    }

    /// <summary>No fields.</summary>
    public static FieldSet Empty { get; } = new();

    /// <summary>Whether there are no fields.</summary>
    public bool IsEmpty => _steps.Count == 0;

    internal IEnumerable<(FieldPathElement Step, bool Member, FieldSet? Children)> Steps =>
        _steps.OrderBy(step => step.Key).Select(step => (step.Key, step.Value.Member, step.Value.Children));

    /// <summary>The set of these fields.</summary>
    public static FieldSet Of(params IEnumerable<FieldPath> paths)
    {
        var set = new FieldSet();
        foreach (var path in paths) set.Insert(path.Elements);
        return set;
    }

    /// <summary>What an entry of <c>metadata.managedFields</c> says that a manager owns.</summary>
    /// <exception cref="FormatException">Its <c>fieldsV1</c> is not one.</exception>
    public static FieldSet Of(k8s.Models.V1ManagedFieldsEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.FieldsV1 is null ? Empty
            : KubeJson.ParseNode(AnyJson.ToRaw(entry.FieldsV1)) is JsonObject fields ? FromFieldsV1(fields) : throw new FormatException("The fieldsV1 of an entry is not an object.");
    }

    /// <summary>Reads a <c>fieldsV1</c> value.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static FieldSet FromFieldsV1(JsonObject fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var set = new FieldSet();
        foreach (var (name, value) in fields)
        {
            // At the root the mark of the field itself would stand for the whole object, which nobody can own.
            if (name == ".") continue;
            if (value is not JsonObject within) throw new FormatException($"The value of '{name}' in fieldsV1 is not an object.");
            var children = FromFieldsV1(within);
            set._steps[FieldPathElement.Parse(name)] = (within.Count == 0 || within.ContainsKey("."), children.IsEmpty ? null : children);
        }
        return set;
    }

    /// <summary>The set as a <c>fieldsV1</c> value, sorted.</summary>
    public JsonObject ToFieldsV1()
    {
        var fields = new JsonObject();
        foreach (var (step, member, children) in Steps)
        {
            var within = children?.ToFieldsV1() ?? [];
            if (member && within.Count > 0) within.Insert(0, ".", new JsonObject());
            fields[step.ToFieldsV1()] = within;
        }
        return fields;
    }

    /// <summary>Whether the field itself is in the set.</summary>
    public bool Contains(FieldPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var set = this;
        for (var i = 0; i < path.Elements.Count; i++)
        {
            if (!set._steps.TryGetValue(path.Elements[i], out var found)) return false;
            if (i == path.Elements.Count - 1) return found.Member;
            if (found.Children is null) return false;
            set = found.Children;
        }
        return false;
    }

    /// <summary>What is in the set within a field.</summary>
    /// <example><code>var inMetadata = owned.Within(FieldPathElement.Field("metadata"));   // .metadata.labels.app is .labels.app there</code></example>
    public FieldSet Within(FieldPathElement step) => _steps.TryGetValue(step, out var found) ? found.Children ?? Empty : Empty;

    /// <summary>What is in either.</summary>
    public FieldSet Union(FieldSet other) => other.IsEmpty ? this : IsEmpty ? other : Combine(
        other,
        (mine, theirs) => mine || theirs,
        (mine, theirs) => mine is null ? theirs : theirs is null ? mine : mine.Union(theirs));

    /// <summary>What is in both.</summary>
    public FieldSet Intersection(FieldSet other) => Combine(
        other,
        (mine, theirs) => mine && theirs,
        (mine, theirs) => mine is null || theirs is null ? null : mine.Intersection(theirs));

    /// <summary>What is in this but not in the other.</summary>
    public FieldSet Difference(FieldSet other) => other.IsEmpty ? this : Combine(
        other,
        (mine, theirs) => mine && !theirs,
        (mine, theirs) => mine is null || theirs is null ? mine : mine.Difference(theirs));

    /// <summary>What is in this but neither in the other nor within a field that is in the other.</summary>
    /// <example><code>FieldSet.Of(FieldPath.Of("spec", "replicas"), FieldPath.Of("data")).RecursiveDifference(FieldSet.Of(FieldPath.Of("spec")));   // .data</code></example>
    public FieldSet RecursiveDifference(FieldSet other)
    {
        if (other.IsEmpty) return this;
        var left = new FieldSet();
        foreach (var (step, mine) in _steps)
        {
            var found = other._steps.TryGetValue(step, out var theirs);
            if (!found) left._steps[step] = mine;
            else if (!theirs.Member) left.Put(step, mine.Member, theirs.Children is null ? mine.Children : mine.Children?.RecursiveDifference(theirs.Children));
        }
        return left;
    }

    /// <summary>The fields in the set that have none within them in the set.</summary>
    public FieldSet Leaves()
    {
        var leaves = new FieldSet();
        foreach (var (step, mine) in _steps) leaves.Put(step, mine.Member && mine.Children is null, mine.Children?.Leaves());
        return leaves;
    }

    /// <summary>Every field in the set, in the order of the steps; a field comes before those within it.</summary>
    public IEnumerable<FieldPath> Paths() => Walk([]).Select(elements => new FieldPath(elements));

    /// <inheritdoc/>
    public bool Equals(FieldSet? other) => other is not null && _steps.Count == other._steps.Count && _steps.All(step =>
        other._steps.TryGetValue(step.Key, out var theirs) && theirs.Member == step.Value.Member
        && (step.Value.Children is null ? theirs.Children is null : step.Value.Children.Equals(theirs.Children)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FieldSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = 0;
        foreach (var (step, (member, children)) in _steps) hash ^= HashCode.Combine(step, member, children?.GetHashCode());
        return hash;
    }

    /// <summary>For people: the fields, separated by blanks.</summary>
    public override string ToString() => string.Join(' ', Paths());

    /// <summary>A set that is still being filled, by the one who made it.</summary>
    internal static FieldSet Mutable() => new();

    /// <summary>Adds a field to a set that is still being filled.</summary>
    internal void Insert(IReadOnlyList<FieldPathElement> path)
    {
        var set = this;
        for (var i = 0; i < path.Count; i++)
        {
            set._steps.TryGetValue(path[i], out var found);
            if (i == path.Count - 1)
            {
                set._steps[path[i]] = (true, found.Children);
                return;
            }
            var children = found.Children ?? new FieldSet();
            set._steps[path[i]] = (found.Member, children);
            set = children;
        }
    }

    /// <summary>Whether a step's field itself is in the set.</summary>
    internal bool Has(FieldPathElement step) => _steps.TryGetValue(step, out var found) && found.Member;

    /// <summary>The set with every declared field on the way to a field in it.</summary>
    internal FieldSet WithDeclaredFields(MergeSchema schema)
    {
        var complete = new FieldSet();
        foreach (var (step, (member, children)) in _steps)
        {
            var isField = step.Kind == FieldPathElementKind.Field;
            var within = isField ? schema.Field(step.Text) : schema.Shape == MergeShape.List ? schema.Element : null;
            complete.Put(step, member || (isField && schema.Declares(step.Text)), children?.WithDeclaredFields(within ?? MergeSchema.Any));
        }
        return complete;
    }

    FieldSet Combine(FieldSet other, Func<bool, bool, bool> member, Func<FieldSet?, FieldSet?, FieldSet?> children)
    {
        var combined = new FieldSet();
        foreach (var (step, mine) in _steps)
        {
            var theirs = other._steps.GetValueOrDefault(step);
            combined.Put(step, member(mine.Member, theirs.Member), children(mine.Children, theirs.Children));
        }
        foreach (var (step, theirs) in other._steps)
        {
            if (!_steps.ContainsKey(step)) combined.Put(step, member(false, theirs.Member), children(null, theirs.Children));
        }
        return combined;
    }

    void Put(FieldPathElement step, bool member, FieldSet? children)
    {
        if (children is { IsEmpty: true }) children = null;
        if (member || children is not null) _steps[step] = (member, children);
    }

    IEnumerable<List<FieldPathElement>> Walk(List<FieldPathElement> prefix)
    {
        foreach (var (step, member, children) in Steps)
        {
            List<FieldPathElement> path = [.. prefix, step];
            if (member) yield return path;
            if (children is null) continue;
            foreach (var within in children.Walk(path)) yield return within;
        }
    }
}
