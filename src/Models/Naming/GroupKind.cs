namespace ActorKube.Models;

/// <summary>A kind whatever its version.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Kind">The kind, such as <c>Deployment</c>.</param>
public readonly record struct GroupKind(string Group, string Kind) : IComparable<GroupKind>
{
    /// <summary>Reads the printed form: <c>Deployment.apps</c>, <c>Pod</c>. What follows the first dot is the group.</summary>
    /// <exception cref="FormatException">The text is empty or begins with a dot.</exception>
    public static GroupKind Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var dot = text.IndexOf('.');
        if (text.Length == 0 || dot == 0) throw new FormatException($"'{text}' names no kind: expected 'kind' or 'kind.group', such as 'Pod' or 'Deployment.apps'.");
        return dot < 0 ? new GroupKind("", text) : new GroupKind(text[(dot + 1)..], text[..dot]);
    }

    /// <summary>This kind at a version.</summary>
    public GroupVersionKind WithVersion(string version) => new(Group, version, Kind);

    /// <summary>By group, then kind.</summary>
    public int CompareTo(GroupKind other) => string.CompareOrdinal(Group, other.Group) is not 0 and var order ? order : string.CompareOrdinal(Kind, other.Kind);

    /// <summary>The form the field uses: <c>Deployment.apps</c>, <c>Pod</c>.</summary>
    public override string ToString() => string.IsNullOrEmpty(Group) ? Kind ?? "" : $"{Kind}.{Group}";
}
