namespace ActorKube.Transport;

/// <summary>
/// Where a configuration is looked for. Each source is named by the caller: nothing is tried that was not asked for, so a program started without
/// arguments never reaches a cluster by accident. Sources are tried in the order of the properties here; the first that is there is used.
/// </summary>
public sealed record LoadingRules
{
    /// <summary>The variable that lists kubeconfig files.</summary>
    public const string KubeconfigVariable = "KUBECONFIG";

    /// <summary>A kubeconfig file that must be there; nothing else is looked at.</summary>
    public string? ExplicitPath { get; init; }
    /// <summary>Whether a pod's service account is used where the process runs in a pod.</summary>
    public bool InCluster { get; init; }
    /// <summary>Whether the files that <c>KUBECONFIG</c> lists are used, merged.</summary>
    public bool FromVariable { get; init; }
    /// <summary>Whether <c>~/.kube/config</c> is used.</summary>
    public bool FromHome { get; init; }

    /// <summary>Reads environment variables; replaced in tests.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;
    /// <summary>The directory that holds <c>.kube</c>; replaced in tests.</summary>
    public string HomeDirectory { get; init; } = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);
    /// <summary>Where a pod's service account is mounted; replaced in tests.</summary>
    public string ServiceAccountDirectory { get; init; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>One file and nothing else.</summary>
    public static LoadingRules File(string path) => new() { ExplicitPath = path };

    /// <summary>As kubectl: <c>KUBECONFIG</c>, else <c>~/.kube/config</c>.</summary>
    public static LoadingRules Kubectl => new() { FromVariable = true, FromHome = true };

    /// <summary>The pod's service account and nothing else.</summary>
    public static LoadingRules Pod => new() { InCluster = true };

    /// <summary>The pod's service account, else as kubectl: what most controllers want once their user has said so.</summary>
    public static LoadingRules PodThenKubectl => new() { InCluster = true, FromVariable = true, FromHome = true };

    /// <summary>
    /// The kubeconfig these rules find, merged. Files in <c>KUBECONFIG</c> that do not exist are passed over, as kubectl does; one that is there and is broken
    /// is an error.
    /// </summary>
    /// <returns>Null where no file is there.</returns>
    /// <exception cref="KubeConfigException">A file is broken, or the explicit one is missing.</exception>
    public Kubeconfig? FindKubeconfig()
    {
        if (ExplicitPath is not null) return Kubeconfig.ReadFile(ExplicitPath);
        if (FromVariable && Environment(KubeconfigVariable) is { Length: > 0 } list)
        {
            var paths = list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(Path.GetFullPath).Distinct(StringComparer.Ordinal).ToArray();
            var found = paths.Where(path => System.IO.File.Exists(path) || Directory.Exists(path)).Select(Kubeconfig.ReadFile).ToArray();
            if (found.Length > 0) return Kubeconfig.Merge(found);
            throw new KubeConfigException($"{KubeconfigVariable}={list}", "none of these files exists",
                $"Correct {KubeconfigVariable}, or unset it to use ~/.kube/config.");
        }
        var home = Path.Combine(HomeDirectory, ".kube", "config");
        return FromHome && System.IO.File.Exists(home) ? Kubeconfig.ReadFile(home) : null;
    }

    /// <summary>What was looked at, for the message that nothing was found.</summary>
    internal string Describe()
    {
        var places = new List<string>();
        if (InCluster) places.Add("a pod's service account");
        if (FromVariable) places.Add(KubeconfigVariable);
        if (FromHome) places.Add(Path.Combine(HomeDirectory, ".kube", "config"));
        return places.Count == 0 ? "no source was named" : "looked at " + string.Join(", ", places);
    }
}
