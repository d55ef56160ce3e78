namespace k8s.Models;

/// <summary>Names the resource that a class stands for.</summary>
/// <example><code>[KubernetesEntity(Group = "example.com", ApiVersion = "v1", Kind = "Backup", PluralName = "backups")]</code></example>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KubernetesEntityAttribute : Attribute
{
    /// <summary>The kind, such as <c>Deployment</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>The API group; empty for the core group.</summary>
    public string Group { get; set; } = "";

    /// <summary>The version alone, such as <c>v1</c>.</summary>
    public string ApiVersion { get; set; } = "";

    /// <summary>The name the server serves it under, such as <c>deployments</c>; null for what is not served under a name.</summary>
    public string? PluralName { get; set; }
}
