namespace ActorKube.Models;

/// <summary>The place of a field in an object: steps from its root. Immutable, compared by value.</summary>
/// <example><code>
/// var image = new FieldPath(FieldPathElement.Field("spec"), FieldPathElement.Field("containers"), FieldPathElement.Parse("""k:{"name":"web"}"""), FieldPathElement.Field("image"));
/// image.ToString();   // .spec.containers[name="web"].image
/// </code></example>
public sealed class FieldPath : IEquatable<FieldPath>
{
    /// <summary>A path of these steps.</summary>
    public FieldPath(params IEnumerable<FieldPathElement> elements) => Elements = [.. elements];

    /// <summary>The steps, from the root.</summary>
    public IReadOnlyList<FieldPathElement> Elements { get; }

    /// <summary>A path of members: <c>FieldPath.Of("metadata", "labels")</c>.</summary>
    public static FieldPath Of(params IEnumerable<string> names) => new(names.Select(FieldPathElement.Field));

    /// <inheritdoc/>
    public bool Equals(FieldPath? other) => other is not null && Elements.SequenceEqual(other.Elements);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FieldPath);

    /// <inheritdoc/>
    public override int GetHashCode() => Elements.Aggregate(17, HashCode.Combine);

    /// <summary>For people: <c>.spec.containers[name="main"].image</c>.</summary>
    public override string ToString() => string.Concat(Elements);
}
