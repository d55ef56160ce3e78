namespace ActorKube.Transport;

public sealed partial record KubernetesClientConfiguration
{
    /// <summary>The configuration that the rules find, with overrides.</summary>
    /// <exception cref="KubeConfigException">Nothing was found, or what was found cannot be used.</exception>
    public static KubernetesClientConfiguration Load(LoadingRules rules, KubeconfigOverrides? overrides = null)
    {
        overrides ??= KubeconfigOverrides.None;
        if (rules.ExplicitPath is null && rules.InCluster && InClusterConfiguration.IsAvailable(rules))
            return ConfigurationResolver.ApplyTo(InClusterConfiguration.Load(rules), overrides);
        if (rules.FindKubeconfig() is { } kubeconfig) return ConfigurationResolver.Resolve(kubeconfig, overrides);
        if (overrides.Server is not null) return ConfigurationResolver.Resolve(new Kubeconfig { Origin = "the command line" }, overrides);
        // A pod without its variables gets the message about pods: that is what was asked for.
        if (rules is { InCluster: true, FromVariable: false, FromHome: false }) return InClusterConfiguration.Load(rules);
        throw new KubeConfigException($"No cluster is configured: {rules.Describe()}. Name one: --kubeconfig FILE, KUBECONFIG=FILE, or --in-cluster in a pod.");
    }

    /// <summary>The configuration that one kubeconfig file gives.</summary>
    /// <param name="path">The file.</param>
    /// <param name="context">The context to use; null for the file's current one.</param>
    /// <exception cref="KubeConfigException">The file is missing or cannot be used.</exception>
    public static KubernetesClientConfiguration FromKubeconfig(string path, string? context = null) =>
        Load(LoadingRules.File(path), new KubeconfigOverrides { Context = context });

    /// <summary>The configuration that a kubeconfig gives.</summary>
    /// <exception cref="KubeConfigException">An entry is missing or cannot be used.</exception>
    public static KubernetesClientConfiguration FromKubeconfig(Kubeconfig kubeconfig, KubeconfigOverrides? overrides = null) =>
        ConfigurationResolver.Resolve(kubeconfig, overrides ?? KubeconfigOverrides.None);

    /// <summary>The configuration of the pod this process runs in: its service account's token, CA and namespace.</summary>
    /// <exception cref="KubeConfigException">This is no pod, or its service account is not mounted.</exception>
    public static KubernetesClientConfiguration InCluster() => InClusterConfiguration.Load(LoadingRules.Pod);
}
