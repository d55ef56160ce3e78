using k8s.Models;

namespace k8s;

/// <inheritdoc cref="GeneratedModelVersion"/>
public static class GeneratedApiVersion
{
    /// <inheritdoc cref="GeneratedModelVersion.AssemblyVersion"/>
    public const string AssemblyVersion = GeneratedModelVersion.AssemblyVersion;

    /// <inheritdoc cref="GeneratedModelVersion.SwaggerVersion"/>
    public const string SwaggerVersion = GeneratedModelVersion.SwaggerVersion;
}
