using System.Text;

namespace ActorKube.Transport;

/// <summary>
/// What a caller or a command line says beside the kubeconfig; each value that is set goes before the file's. Printing it shows no credential.
/// </summary>
public sealed record KubeconfigOverrides
{
    /// <summary>No overrides.</summary>
    public static KubeconfigOverrides None { get; } = new();

    /// <summary>The context to use instead of the current one.</summary>
    public string? Context { get; init; }
    /// <summary>The cluster entry to use instead of the context's.</summary>
    public string? Cluster { get; init; }
    /// <summary>The user entry to use instead of the context's.</summary>
    public string? User { get; init; }
    /// <summary>The namespace meant where none is said.</summary>
    public string? Namespace { get; init; }
    /// <summary>The server's address.</summary>
    public string? Server { get; init; }
    /// <summary>A bearer token; takes the place of every other credential but a client certificate.</summary>
    public string? Token { get; init; }
    /// <summary>Whom to act as.</summary>
    public string? ImpersonateUser { get; init; }
    /// <summary>Groups of whom to act as.</summary>
    public IReadOnlyList<string> ImpersonateGroups { get; init; } = [];
    /// <summary>Uid of whom to act as.</summary>
    public string? ImpersonateUid { get; init; }
    /// <summary>File of the CA's certificates (PEM).</summary>
    public string? CertificateAuthority { get; init; }
    /// <summary>File of the client's certificate (PEM).</summary>
    public string? ClientCertificate { get; init; }
    /// <summary>File of the certificate's private key (PEM).</summary>
    public string? ClientKey { get; init; }
    /// <summary>Whether the server's certificate is accepted unseen; null leaves it to the file.</summary>
    public bool? InsecureSkipTlsVerify { get; init; }
    /// <summary>The name the server's certificate must have.</summary>
    public string? TlsServerName { get; init; }
    /// <summary>The proxy to go through.</summary>
    public string? ProxyUrl { get; init; }
    /// <summary>How long a request may take; null leaves the default.</summary>
    public TimeSpan? RequestTimeout { get; init; }

    bool PrintMembers(StringBuilder text)
    {
        text.Append($"Context = {Context}, Cluster = {Cluster}, User = {User}, Namespace = {Namespace}, Server = {Server}");
        return true;
    }
}
