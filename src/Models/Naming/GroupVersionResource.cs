namespace ActorKube.Models;

/// <summary>Names an endpoint: the plural, lower-case name under which a server serves a kind.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, such as <c>v1</c>.</param>
/// <param name="Resource">The plural name, such as <c>deployments</c>.</param>
public readonly record struct GroupVersionResource(string Group, string Version, string Resource)
{
    /// <summary>Group and version.</summary>
    public GroupVersion GroupVersion => new(Group, Version);

    /// <summary>The same resource whatever its version.</summary>
    public GroupResource GroupResource => new(Group, Resource);

    /// <summary>For people and logs: <c>apps/v1/deployments</c>, <c>v1/pods</c>.</summary>
    public override string ToString() => $"{GroupVersion}/{Resource}";
}
