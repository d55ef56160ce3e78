using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.Transport;

/// <summary>
/// What kubeconfig files say: clusters, users, and contexts that pair them, by name. A result of reading one file or of merging several; paths in it
/// are absolute or as the file had them where it came from no file. Immutable. Printing it shows no credential.
/// </summary>
public sealed record Kubeconfig
{
    static readonly IReadOnlyDictionary<string, KubeconfigCluster> NoClusters = new Dictionary<string, KubeconfigCluster>();
    static readonly IReadOnlyDictionary<string, KubeconfigUser> NoUsers = new Dictionary<string, KubeconfigUser>();
    static readonly IReadOnlyDictionary<string, KubeconfigContext> NoContexts = new Dictionary<string, KubeconfigContext>();

    /// <summary>The context used when none is named; empty where the file names none.</summary>
    public string CurrentContext { get; init; } = "";

    /// <summary>Clusters by name.</summary>
    public IReadOnlyDictionary<string, KubeconfigCluster> Clusters { get; init; } = NoClusters;

    /// <summary>Users by name.</summary>
    public IReadOnlyDictionary<string, KubeconfigUser> Users { get; init; } = NoUsers;

    /// <summary>Contexts by name.</summary>
    public IReadOnlyDictionary<string, KubeconfigContext> Contexts { get; init; } = NoContexts;

    /// <summary>Where this was read from, for messages: a path, several joined by <c>, </c>, or a word for a text.</summary>
    public string Origin { get; init; } = "kubeconfig";

    /// <summary>Reads a kubeconfig from its text (YAML, of which JSON is a part).</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="origin">What to call the text in messages.</param>
    /// <exception cref="KubeConfigException">Not YAML, or not a kubeconfig.</exception>
    public static Kubeconfig Parse(string yaml, string origin = "kubeconfig text") => KubeconfigReader.Read(yaml, origin, directory: null);

    /// <summary>Reads a kubeconfig from its UTF-8 bytes.</summary>
    /// <inheritdoc cref="Parse(string, string)"/>
    public static Kubeconfig Parse(ReadOnlySpan<byte> yaml, string origin = "kubeconfig text") =>
        Parse(Encoding.UTF8.GetString(yaml), origin);

    /// <summary>Reads one file. Relative paths in it are made absolute, seen from the file's directory.</summary>
    /// <exception cref="KubeConfigException">The file is missing, unreadable, not YAML or not a kubeconfig.</exception>
    public static Kubeconfig ReadFile(string path)
    {
        var full = Path.GetFullPath(path);
        return KubeconfigReader.Read(ConfigurationFiles.ReadText(full, "kubeconfig",
            "Give the path of a kubeconfig file, as --kubeconfig or in KUBECONFIG."), full, Path.GetDirectoryName(full));
    }

    /// <summary>
    /// Several kubeconfigs as one: for each name of a cluster, user or context the first that has it wins whole, and the current context is the first
    /// one named. As <c>kubectl</c> reads the list in <c>KUBECONFIG</c>.
    /// </summary>
    public static Kubeconfig Merge(IEnumerable<Kubeconfig> kubeconfigs)
    {
        var current = "";
        var clusters = new Dictionary<string, KubeconfigCluster>(StringComparer.Ordinal);
        var users = new Dictionary<string, KubeconfigUser>(StringComparer.Ordinal);
        var contexts = new Dictionary<string, KubeconfigContext>(StringComparer.Ordinal);
        var origins = new List<string>();
        foreach (var kubeconfig in kubeconfigs)
        {
            origins.Add(kubeconfig.Origin);
            if (current.Length == 0) current = kubeconfig.CurrentContext;
            foreach (var (name, cluster) in kubeconfig.Clusters) clusters.TryAdd(name, cluster);
            foreach (var (name, user) in kubeconfig.Users) users.TryAdd(name, user);
            foreach (var (name, context) in kubeconfig.Contexts) contexts.TryAdd(name, context);
        }
        return new Kubeconfig
        {
            CurrentContext = current, Clusters = clusters, Users = users, Contexts = contexts,
            Origin = origins.Count == 0 ? "kubeconfig" : string.Join(", ", origins)
        };
    }

    bool PrintMembers(StringBuilder text)
    {
        text.Append($"Origin = {Origin}, CurrentContext = {CurrentContext}, Clusters = {Clusters.Count}, Users = {Users.Count}, Contexts = {Contexts.Count}");
        return true;
    }
}

/// <summary>How to reach a server: an entry of <c>clusters</c>.</summary>
public sealed record KubeconfigCluster
{
    /// <summary>The file this entry comes from, for messages.</summary>
    public string Origin { get; init; } = "kubeconfig";
    /// <summary>The server's address, such as <c>https://host:6443</c>.</summary>
    public string? Server { get; init; }
    /// <summary>The name the server's certificate must have, where it is not the host of the address.</summary>
    public string? TlsServerName { get; init; }
    /// <summary>Whether the server's certificate is accepted unseen.</summary>
    public bool InsecureSkipTlsVerify { get; init; }
    /// <summary>File of the CA's certificates (PEM).</summary>
    public string? CertificateAuthority { get; init; }
    /// <summary>The CA's certificates (PEM) in base64; goes before the file.</summary>
    public string? CertificateAuthorityData { get; init; }
    /// <summary>The proxy to go through: http, https or socks5.</summary>
    public string? ProxyUrl { get; init; }
    /// <summary>Whether answers are asked for uncompressed.</summary>
    public bool DisableCompression { get; init; }
    /// <summary>What exec plugins are told about this cluster beside its address: the extension <c>client.authentication.k8s.io/exec</c>.</summary>
    public JsonNode? ExecExtension { get; init; }
}

/// <summary>Who to be: an entry of <c>users</c>. Printing it shows no credential.</summary>
public sealed record KubeconfigUser
{
    /// <summary>The file this entry comes from, for messages.</summary>
    public string Origin { get; init; } = "kubeconfig";
    /// <summary>File of the client's certificate (PEM).</summary>
    public string? ClientCertificate { get; init; }
    /// <summary>The client's certificate (PEM) in base64; goes before the file.</summary>
    public string? ClientCertificateData { get; init; }
    /// <summary>File of the certificate's private key (PEM).</summary>
    public string? ClientKey { get; init; }
    /// <summary>The certificate's private key (PEM) in base64; goes before the file.</summary>
    public string? ClientKeyData { get; init; }
    /// <summary>A bearer token.</summary>
    public string? Token { get; init; }
    /// <summary>A file that holds a bearer token and may change.</summary>
    public string? TokenFile { get; init; }
    /// <summary>Name for basic authentication.</summary>
    public string? Username { get; init; }
    /// <summary>Password for basic authentication.</summary>
    public string? Password { get; init; }
    /// <summary>Whom to act as.</summary>
    public Impersonation Impersonation { get; init; } = Impersonation.None;
    /// <summary>A program that gives credentials.</summary>
    public ExecCredentialPlugin? Exec { get; init; }
    /// <summary>A built-in provider of credentials, such as <c>oidc</c>.</summary>
    public AuthProvider? AuthProvider { get; init; }

    bool PrintMembers(StringBuilder text)
    {
        text.Append($"Origin = {Origin}, Credentials = ");
        text.AppendJoin('+', Credentials());
        return true;
    }

    /// <summary>The kinds of credential that are set, by the names kubeconfig has for them.</summary>
    internal IEnumerable<string> Credentials()
    {
        if (ClientCertificate is not null || ClientCertificateData is not null) yield return "client-certificate";
        if (Token is not null || TokenFile is not null) yield return "token";
        if (Username is not null || Password is not null) yield return "username";
        if (Exec is not null) yield return "exec";
        if (AuthProvider is not null) yield return "auth-provider";
    }
}

/// <summary>A cluster and a user under one name: an entry of <c>contexts</c>.</summary>
public sealed record KubeconfigContext
{
    /// <summary>The file this entry comes from, for messages.</summary>
    public string Origin { get; init; } = "kubeconfig";
    /// <summary>Name of the cluster.</summary>
    public string Cluster { get; init; } = "";
    /// <summary>Name of the user; empty for none.</summary>
    public string User { get; init; } = "";
    /// <summary>The namespace meant where none is said; null for <c>default</c>.</summary>
    public string? Namespace { get; init; }
}
