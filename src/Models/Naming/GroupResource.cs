namespace ActorKube.Models;

/// <summary>A resource whatever its version.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Resource">The plural name, such as <c>deployments</c>.</param>
public readonly record struct GroupResource(string Group, string Resource) : IComparable<GroupResource>
{
    /// <summary>Reads the printed form: <c>deployments.apps</c>, <c>pods</c>. What follows the first dot is the group.</summary>
    /// <exception cref="FormatException">The text is empty or begins with a dot.</exception>
    public static GroupResource Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var dot = text.IndexOf('.');
        if (text.Length == 0 || dot == 0) throw new FormatException($"'{text}' names no resource: expected 'resource' or 'resource.group', such as 'pods' or 'deployments.apps'.");
        return dot < 0 ? new GroupResource("", text) : new GroupResource(text[(dot + 1)..], text[..dot]);
    }

    /// <summary>This resource at a version.</summary>
    public GroupVersionResource WithVersion(string version) => new(Group, version, Resource);

    /// <summary>By group, then resource.</summary>
    public int CompareTo(GroupResource other) => string.CompareOrdinal(Group, other.Group) is not 0 and var order ? order : string.CompareOrdinal(Resource, other.Resource);

    /// <summary>The form the field uses: <c>deployments.apps</c>, <c>pods</c>.</summary>
    public override string ToString() => string.IsNullOrEmpty(Group) ? Resource ?? "" : $"{Resource}.{Group}";
}
