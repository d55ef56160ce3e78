using System.Text;

namespace ActorKube.Transport;

/// <summary>From a kubeconfig, a context and overrides to one client configuration, or to an error that says which entry is wrong.</summary>
internal static class ConfigurationResolver
{
    public static KubernetesClientConfiguration Resolve(Kubeconfig kubeconfig, KubeconfigOverrides overrides)
    {
        var context = FindContext(kubeconfig, overrides);
        var (clusterName, cluster) = FindCluster(kubeconfig, context, overrides);
        var (userName, user) = FindUser(kubeconfig, context, overrides);

        var clusterAt = $"{cluster.Origin}, clusters[{clusterName}]";
        var server = overrides.Server ?? cluster.Server;
        if (string.IsNullOrEmpty(server))
            throw new KubeConfigException(clusterAt, "the server's address is missing", "Set 'server: https://HOST:PORT', or use --server.");

        var configuration = new KubernetesClientConfiguration
        {
            Server = ParseServer(server, overrides.Server is null ? clusterAt + ".server" : "--server"),
            Namespace = overrides.Namespace ?? context.Namespace ?? "default",
            CertificateAuthorityPem = DecodePem(cluster.CertificateAuthorityData, clusterAt + ".certificate-authority-data"),
            CertificateAuthorityFile = cluster.CertificateAuthority,
            SkipTlsVerify = cluster.InsecureSkipTlsVerify,
            TlsServerName = cluster.TlsServerName,
            Proxy = cluster.ProxyUrl is null ? null : ParseProxy(cluster.ProxyUrl, clusterAt + ".proxy-url"),
            DisableCompression = cluster.DisableCompression,
            ExecClusterConfig = cluster.ExecExtension?.ToJsonString()
        };
        configuration = ApplyUser(configuration, user, $"{user.Origin}, users[{userName}]", overrides);
        configuration = ApplyTo(configuration, overrides);
        Check(configuration, clusterAt);
        return configuration;
    }

    /// <summary>Overrides that need no kubeconfig: they also go over an in-cluster configuration.</summary>
    public static KubernetesClientConfiguration ApplyTo(KubernetesClientConfiguration configuration, KubeconfigOverrides overrides)
    {
        if (overrides.Server is { } server) configuration = configuration with { Server = ParseServer(server, "--server") };
        if (overrides.Namespace is { } @namespace) configuration = configuration with { Namespace = @namespace };
        if (overrides.Token is { } token)
        {
            configuration = configuration with
            {
                Token = token, TokenFile = null, Username = null, Password = null, Exec = null, AuthProvider = null
            };
        }
        if (overrides.CertificateAuthority is { } authority)
            configuration = configuration with { CertificateAuthorityFile = Path.GetFullPath(authority), CertificateAuthorityPem = null };
        if (overrides.ClientCertificate is { } certificate)
            configuration = configuration with { ClientCertificateFile = Path.GetFullPath(certificate), ClientCertificatePem = null };
        if (overrides.ClientKey is { } key) configuration = configuration with { ClientKeyFile = Path.GetFullPath(key), ClientKeyPem = null };
        if (overrides.InsecureSkipTlsVerify is { } insecure)
        {
            configuration = configuration with { SkipTlsVerify = insecure };
            // Asked for by hand, it goes before the CA of the file, as with kubectl.
            if (insecure && overrides.CertificateAuthority is null)
                configuration = configuration with { CertificateAuthorityFile = null, CertificateAuthorityPem = null };
        }
        if (overrides.TlsServerName is { } name) configuration = configuration with { TlsServerName = name };
        if (overrides.ProxyUrl is { } proxy) configuration = configuration with { Proxy = ParseProxy(proxy, "--proxy-url") };
        if (overrides.RequestTimeout is { } timeout)
            configuration = configuration with { Timeout = timeout == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : timeout };
        if (overrides.ImpersonateUser is not null || overrides.ImpersonateUid is not null || overrides.ImpersonateGroups.Count > 0)
        {
            configuration = configuration with
            {
                Impersonation = configuration.Impersonation with
                {
                    User = overrides.ImpersonateUser ?? configuration.Impersonation.User,
                    Uid = overrides.ImpersonateUid ?? configuration.Impersonation.Uid,
                    Groups = overrides.ImpersonateGroups.Count > 0 ? overrides.ImpersonateGroups : configuration.Impersonation.Groups
                }
            };
        }
        if (configuration.Impersonation is { IsNone: false, User: null })
        {
            throw new KubeConfigException("impersonation", "a uid, groups or extra are set without a user",
                "Say whom to act as too: 'as: NAME' in the user's entry, or --as NAME.");
        }
        CheckImpersonation(configuration.Impersonation);
        return configuration;
    }

    /// <summary>What is sent in headers must fit in one line each.</summary>
    internal static void CheckImpersonation(Impersonation impersonation)
    {
        var texts = impersonation.Groups.Concat(impersonation.Extra.Values.SelectMany(values => values)).Append(impersonation.User).Append(impersonation.Uid);
        if (texts.Any(text => text is not null && text.Any(char.IsControl)))
            throw new KubeConfigException("impersonation", "a user, uid, group or extra holds a control character", "Write it as one line of visible characters.");
    }

    static KubeconfigContext FindContext(Kubeconfig kubeconfig, KubeconfigOverrides overrides)
    {
        var name = overrides.Context ?? kubeconfig.CurrentContext;
        if (string.IsNullOrEmpty(name))
        {
            // A server or a cluster said by hand is enough to go on.
            if (overrides.Server is not null || overrides.Cluster is not null) return new KubeconfigContext { Origin = kubeconfig.Origin };
            throw new KubeConfigException($"{kubeconfig.Origin}, current-context", "no context is current and none was named",
                kubeconfig.Contexts.Count == 0 ? "The file has no contexts: name another one." : $"Use --context with one of: {Names(kubeconfig.Contexts.Keys)}.");
        }
        return kubeconfig.Contexts.TryGetValue(name, out var context) ? context
            : throw new KubeConfigException(overrides.Context is null ? $"{kubeconfig.Origin}, current-context" : kubeconfig.Origin,
                $"there is no context \"{name}\"", $"There are: {Names(kubeconfig.Contexts.Keys)}.");
    }

    static (string Name, KubeconfigCluster Cluster) FindCluster(Kubeconfig kubeconfig, KubeconfigContext context, KubeconfigOverrides overrides)
    {
        var name = overrides.Cluster ?? context.Cluster;
        if (name.Length == 0 && overrides.Server is not null) return ("", new KubeconfigCluster { Origin = kubeconfig.Origin });
        return kubeconfig.Clusters.TryGetValue(name, out var cluster) ? (name, cluster)
            : throw new KubeConfigException(context.Origin, name.Length == 0 ? "the context names no cluster" : $"there is no cluster \"{name}\", which the context names",
                $"There are: {Names(kubeconfig.Clusters.Keys)}.");
    }

    static (string Name, KubeconfigUser User) FindUser(Kubeconfig kubeconfig, KubeconfigContext context, KubeconfigOverrides overrides)
    {
        var name = overrides.User ?? context.User;
        if (name.Length == 0) return ("", new KubeconfigUser { Origin = kubeconfig.Origin });
        return kubeconfig.Users.TryGetValue(name, out var user) ? (name, user)
            : throw new KubeConfigException(context.Origin, $"there is no user \"{name}\", which the context names",
                $"There are: {Names(kubeconfig.Users.Keys)}.");
    }

    static KubernetesClientConfiguration ApplyUser(KubernetesClientConfiguration configuration, KubeconfigUser user, string at, KubeconfigOverrides overrides)
    {
        var ways = user.Credentials().Where(way => way != "client-certificate").ToArray();
        if (ways.Length > 1 && overrides.Token is null)
        {
            throw new KubeConfigException(at, $"more than one way to authenticate ({string.Join(", ", ways)})",
                "Keep one of them; a client certificate may stand beside it.");
        }
        if ((user.ClientCertificate ?? user.ClientCertificateData ?? overrides.ClientCertificate) is not null
            && (user.ClientKey ?? user.ClientKeyData ?? overrides.ClientKey) is null)
            throw new KubeConfigException(at, "a client certificate without its key", "Set client-key or client-key-data too.");
        if ((user.ClientKey ?? user.ClientKeyData ?? overrides.ClientKey) is not null
            && (user.ClientCertificate ?? user.ClientCertificateData ?? overrides.ClientCertificate) is null)
            throw new KubeConfigException(at, "a client key without its certificate", "Set client-certificate or client-certificate-data too.");
        if (user.AuthProvider is { } provider && provider.Name != AuthProvider.Oidc)
        {
            throw new KubeConfigException($"{at}.auth-provider", $"the provider \"{provider.Name}\" is not supported (Kubernetes removed it too)",
                "Use the exec plugin of your cloud instead.");
        }
        return configuration with
        {
            ClientCertificatePem = DecodePem(user.ClientCertificateData, at + ".client-certificate-data"),
            ClientKeyPem = DecodePem(user.ClientKeyData, at + ".client-key-data"),
            ClientCertificateFile = user.ClientCertificate,
            ClientKeyFile = user.ClientKey,
            Token = user.Token,
            TokenFile = user.TokenFile,
            Username = user.Username,
            Password = user.Password,
            Exec = user.Exec,
            AuthProvider = user.AuthProvider,
            Impersonation = user.Impersonation
        };
    }

    static void Check(KubernetesClientConfiguration configuration, string clusterAt)
    {
        if (configuration.SkipTlsVerify && (configuration.CertificateAuthorityPem ?? configuration.CertificateAuthorityFile) is not null)
        {
            throw new KubeConfigException(clusterAt, "insecure-skip-tls-verify stands beside a certificate authority",
                "Remove insecure-skip-tls-verify: with a CA there is no need for it.");
        }
    }

    static string? DecodePem(string? base64, string at)
    {
        if (base64 is null) return null;
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            throw new KubeConfigException(at, "this is not base64", "Encode the PEM file, as 'base64 -w0 FILE' does, or name the file instead.");
        }
    }

    static Uri ParseServer(string server, string at)
    {
        // kubectl takes an address without a scheme as http.
        var text = server.Contains("://") ? server : "http://" + server;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0 || uri.UserInfo.Length > 0
            || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw new KubeConfigException(at, "this is not the address of a server", "Write https://HOST:PORT, without user, password or query.");
        return uri;
    }

    static Uri ParseProxy(string proxy, string at) =>
        Uri.TryCreate(proxy, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "socks5" ? uri
            : throw new KubeConfigException(at, "this is not the address of a proxy", "Write http://, https:// or socks5://HOST:PORT.");

    static string Names(IEnumerable<string> names)
    {
        var text = string.Join(", ", names.Order(StringComparer.Ordinal).Take(20));
        return text.Length == 0 ? "none" : text;
    }
}
