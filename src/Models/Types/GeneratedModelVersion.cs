namespace k8s.Models;

/// <summary>Which version of Kubernetes the types are those of.</summary>
public static class GeneratedModelVersion
{
    /// <summary>The version of this assembly.</summary>
    public const string AssemblyVersion = "0.1.0";

    /// <summary>The version of Kubernetes.</summary>
    public const string SwaggerVersion = "v1.32.0";
}
