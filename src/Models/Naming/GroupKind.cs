namespace ActorKube.Models;

/// <summary>A kind whatever its version.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Kind">The kind, such as <c>Deployment</c>.</param>
public readonly record struct GroupKind(string Group, string Kind)
{
    /// <summary>This kind at a version.</summary>
    public GroupVersionKind WithVersion(string version) => new(Group, version, Kind);

    /// <summary>The form the field uses: <c>Deployment.apps</c>, <c>Pod</c>.</summary>
    public override string ToString() => string.IsNullOrEmpty(Group) ? Kind ?? "" : $"{Kind}.{Group}";
}
