namespace ActorKube.Models;

/// <summary>A resource whatever its version.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Resource">The plural name, such as <c>deployments</c>.</param>
public readonly record struct GroupResource(string Group, string Resource)
{
    /// <summary>This resource at a version.</summary>
    public GroupVersionResource WithVersion(string version) => new(Group, version, Resource);

    /// <summary>The form the field uses: <c>deployments.apps</c>, <c>pods</c>.</summary>
    public override string ToString() => string.IsNullOrEmpty(Group) ? Resource ?? "" : $"{Resource}.{Group}";
}
