namespace ActorKube.Models;

/// <summary>The key of an object within its kind: what caches are keyed by, and what a reconciler is told to look at.</summary>
/// <param name="Namespace">The namespace; empty for cluster-scoped objects.</param>
/// <param name="Name">The object's name.</param>
public readonly record struct NamespacedName(string Namespace, string Name) : IComparable<NamespacedName>
{
    /// <summary>The key of a cluster-scoped object.</summary>
    public NamespacedName(string name) : this("", name)
    {
    }

    /// <summary>Reads <c>namespace/name</c> or <c>name</c>.</summary>
    /// <exception cref="FormatException">The text is empty, or has more than one slash, or an empty part.</exception>
    public static NamespacedName Parse(string key)
    {
        var slash = key.IndexOf('/');
        if (key.Length == 0 || slash == 0 || slash == key.Length - 1 || (slash > 0 && key.IndexOf('/', slash + 1) >= 0))
            throw new FormatException($"'{key}' is not the key of an object: expected 'namespace/name', or 'name' where the kind has no namespaces.");
        return slash < 0 ? new NamespacedName("", key) : new NamespacedName(key[..slash], key[(slash + 1)..]);
    }

    /// <summary>By namespace, then name, as servers list.</summary>
    public int CompareTo(NamespacedName other) => string.CompareOrdinal(Namespace, other.Namespace) is not 0 and var order ? order : string.CompareOrdinal(Name, other.Name);

    /// <summary><c>namespace/name</c>, or <c>name</c> alone for cluster-scoped objects.</summary>
    public override string ToString() => string.IsNullOrEmpty(Namespace) ? Name ?? "" : $"{Namespace}/{Name}";
}
