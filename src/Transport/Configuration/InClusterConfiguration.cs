namespace ActorKube.Transport;

/// <summary>What a pod knows of its cluster.</summary>
internal static class InClusterConfiguration
{
    const string HostVariable = "KUBERNETES_SERVICE_HOST";
    const string PortVariable = "KUBERNETES_SERVICE_PORT";

    public static bool IsAvailable(LoadingRules rules) =>
        !string.IsNullOrEmpty(rules.Environment(HostVariable)) && !string.IsNullOrEmpty(rules.Environment(PortVariable))
        && File.Exists(Path.Combine(rules.ServiceAccountDirectory, "token"));

    public static KubernetesClientConfiguration Load(LoadingRules rules)
    {
        var host = rules.Environment(HostVariable);
        var port = rules.Environment(PortVariable);
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            throw new KubeConfigException("in-cluster configuration", $"{HostVariable} and {PortVariable} are not set, so this process runs in no pod",
                "Name a kubeconfig file instead: --kubeconfig FILE.");
        }
        if (!ushort.TryParse(port, out var number))
            throw new KubeConfigException("in-cluster configuration", $"{PortVariable} is not a port", "Correct the pod's environment.");
        var tokenFile = Path.Combine(rules.ServiceAccountDirectory, "token");
        if (!File.Exists(tokenFile))
        {
            throw new KubeConfigException(tokenFile, "the service account's token is not mounted",
                "Give the pod a service account, and see that automountServiceAccountToken is not false on the pod or the account.");
        }
        var caFile = Path.Combine(rules.ServiceAccountDirectory, "ca.crt");
        if (!File.Exists(caFile))
        {
            throw new KubeConfigException(caFile, "the cluster's CA is not mounted",
                "Mount the service account whole: ca.crt stands beside the token.");
        }
        // An IPv6 address needs brackets in a URL.
        var authority = host.Contains(':') && !host.StartsWith('[') ? $"[{host}]" : host;
        if (!Uri.TryCreate($"https://{authority}:{number}/", UriKind.Absolute, out var server))
            throw new KubeConfigException("in-cluster configuration", $"{HostVariable} is not a host name or address", "Correct the pod's environment.");
        var namespaceFile = Path.Combine(rules.ServiceAccountDirectory, "namespace");
        var @namespace = File.Exists(namespaceFile)
            ? ConfigurationFiles.ReadText(namespaceFile, "namespace file", "Mount the service account whole.").Trim() : "";
        return new KubernetesClientConfiguration
        {
            Server = server, TokenFile = tokenFile, CertificateAuthorityFile = caFile, Namespace = @namespace.Length > 0 ? @namespace : "default"
        };
    }
}
