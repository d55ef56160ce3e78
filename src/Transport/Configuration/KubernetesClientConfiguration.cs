using System.Text;

namespace ActorKube.Transport;

/// <summary>
/// Everything a client needs to know to talk to one API server. Immutable: change a copy with <c>with</c>, which is how a program personalises what was
/// loaded. Printing it shows no credential.
/// </summary>
public sealed partial record KubernetesClientConfiguration
{
    /// <summary>Requests a second where <see cref="Qps"/> says nothing.</summary>
    public const double DefaultQps = 5;
    /// <summary>Requests at once where <see cref="Burst"/> says nothing.</summary>
    public const int DefaultBurst = 10;

    internal static readonly TimeSpan DefaultWatchRestart = TimeSpan.FromSeconds(1);

    /// <summary>The server's address; may have a path, below which its API lives.</summary>
    public required Uri Server { get; init; }
    /// <summary>The namespace meant where none is said.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>The CA's certificates as PEM; go before the file. Neither: the machine's own trust.</summary>
    public string? CertificateAuthorityPem { get; init; }
    /// <summary>File of the CA's certificates (PEM); read again when it changes.</summary>
    public string? CertificateAuthorityFile { get; init; }
    /// <summary>Whether the server's certificate is accepted unseen. Refused beside a CA.</summary>
    public bool SkipTlsVerify { get; init; }
    /// <summary>The name the server's certificate must have, where it is not the host of the address. Also sent as the Host.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The client's certificate, and what chains it, as PEM; goes before the file.</summary>
    public string? ClientCertificatePem { get; init; }
    /// <summary>The certificate's private key as PEM; goes before the file.</summary>
    public string? ClientKeyPem { get; init; }
    /// <summary>File of the client's certificate (PEM); read again when it changes.</summary>
    public string? ClientCertificateFile { get; init; }
    /// <summary>File of the private key (PEM); read again with the certificate.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>A bearer token; where there is also a file, what is used until that can be read.</summary>
    public string? Token { get; init; }
    /// <summary>A file that holds a bearer token; read again while it is used, see <see cref="CredentialSettings"/>.</summary>
    public string? TokenFile { get; init; }
    /// <summary>Name for basic authentication.</summary>
    public string? Username { get; init; }
    /// <summary>Password for basic authentication.</summary>
    public string? Password { get; init; }
    /// <summary>A program that gives credentials.</summary>
    public ExecCredentialPlugin? Exec { get; init; }
    /// <summary>What the exec plugin is told of the cluster beside its address: the cluster's extension, as JSON.</summary>
    public string? ExecClusterConfig { get; init; }
    /// <summary>A built-in provider of credentials.</summary>
    public AuthProvider? AuthProvider { get; init; }
    /// <summary>Whom to act as.</summary>
    public Impersonation Impersonation { get; init; } = Impersonation.None;

    /// <summary>The proxy to go through (http, https or socks5); null follows the process's <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c> and <c>NO_PROXY</c>.</summary>
    public Uri? Proxy { get; init; }
    /// <summary>Whether answers are asked for uncompressed.</summary>
    public bool DisableCompression { get; init; }

    /// <summary>What the server is told of the caller; null for <see cref="DefaultUserAgent"/>.</summary>
    public string? UserAgent { get; init; }
    /// <summary>
    /// The encoding asked for built-in kinds. Custom resources are JSON always. Where the log shows bodies (<see cref="RequestLogDetail.Bodies"/> and above), JSON is asked for
    /// whatever this says, so that people can read them. docs/transport.md has the figures behind the default.
    /// </summary>
    public WireFormat WireFormat { get; init; } = WireFormat.Automatic;
    /// <summary>
    /// Whether lists and watches for caches (<see cref="IListWatch"/>) hold what follows an object's metadata packed, see <see cref="ActorKube.Models.ObjectPacker"/>: a fraction of the
    /// memory, for a microsecond or two more where an object is decoded.
    /// </summary>
    public bool PackCachedObjects { get; init; } = true;
    /// <summary>Requests a second: 0 means <see cref="DefaultQps"/>, negative means no limit.</summary>
    public double Qps { get; init; }
    /// <summary>Requests that may go at once after a pause: 0 means <see cref="DefaultBurst"/>.</summary>
    public int Burst { get; init; }
    /// <summary>How often one request is tried again at the server's wish (429 or 5xx with <c>Retry-After</c>) or, for reads, after a broken connection.</summary>
    public int MaxRetries { get; init; } = 10;
    /// <summary>
    /// How long one try of a request may take, its answer's body included. Never applied to watches, followed logs, exec and port-forwards.
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);
    /// <summary>
    /// How long a watch may be silent before it is given up as dead. Null: half a minute beyond the watch's own <c>timeoutSeconds</c>, or 65 minutes where it has
    /// none (servers end such watches within 60).
    /// </summary>
    public TimeSpan? WatchIdleTimeout { get; init; }
    /// <summary>How long at least from one connection to the next where a watch goes on by itself, see <see cref="ResumingWatch"/>.</summary>
    public TimeSpan WatchRestart { get; init; } = DefaultWatchRestart;
    /// <summary>How much of each request is logged.</summary>
    public RequestLogDetail LogDetail { get; init; } = RequestLogDetail.Url;
    /// <summary>A request that the client's own rate limit holds back for longer is logged at level Debug.</summary>
    public TimeSpan LogThrottleAfter { get; init; } = TimeSpan.FromMilliseconds(50);
    /// <summary>A request that the client's own rate limit holds back for longer is logged at level Information.</summary>
    public TimeSpan LogLongThrottleAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How connections are made and found dead.</summary>
    public ConnectionSettings Connections { get; init; } = new();
    /// <summary>When credentials are read again.</summary>
    public CredentialSettings Credentials { get; init; } = new();
    /// <summary>How the server is asked what it offers.</summary>
    public DiscoverySettings Discovery { get; init; } = new();

    /// <summary>Name and version of this program, its platform, and this library.</summary>
    public static string DefaultUserAgent { get; } = UserAgents.Default();

    /// <summary>This configuration with a word put before its user agent, such as the name of the controller that uses it.</summary>
    public KubernetesClientConfiguration WithUserAgentPrefix(string prefix) => this with { UserAgent = $"{prefix} {UserAgent ?? DefaultUserAgent}" };

    /// <summary>This configuration without any credential: what a request that must not authenticate uses.</summary>
    public KubernetesClientConfiguration Anonymous() => new()
    {
        Server = Server, Namespace = Namespace, CertificateAuthorityPem = CertificateAuthorityPem, CertificateAuthorityFile = CertificateAuthorityFile,
        SkipTlsVerify = SkipTlsVerify, TlsServerName = TlsServerName, Proxy = Proxy, DisableCompression = DisableCompression, UserAgent = UserAgent,
        WireFormat = WireFormat, PackCachedObjects = PackCachedObjects, Qps = Qps, Burst = Burst, MaxRetries = MaxRetries, Timeout = Timeout, WatchIdleTimeout = WatchIdleTimeout, WatchRestart = WatchRestart,
        LogDetail = LogDetail, LogThrottleAfter = LogThrottleAfter, LogLongThrottleAfter = LogLongThrottleAfter, Connections = Connections, Credentials = Credentials, Discovery = Discovery
    };

    /// <summary>Whether all numbers make sense; each client asks when it is made.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One does not; the message says which and why.</exception>
    public void Validate()
    {
        if (double.IsNaN(Qps)) throw new ArgumentOutOfRangeException(nameof(Qps), Qps, "This is a number of requests a second; 0 for the default, less for no limit.");
        ArgumentOutOfRangeException.ThrowIfNegative(Burst);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRetries);
        if (Timeout != System.Threading.Timeout.InfiniteTimeSpan) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero);
        if (WatchIdleTimeout is { } idle) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(idle, TimeSpan.Zero, nameof(WatchIdleTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(WatchRestart, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogThrottleAfter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogLongThrottleAfter, LogThrottleAfter);
        Part(nameof(Connections), Connections.Validate);
        Part(nameof(Credentials), Credentials.Validate);
        Part(nameof(Discovery), Discovery.Validate);

        // A part knows its options' names and not its own.
        static void Part(string name, Action validate)
        {
            try
            {
                validate();
            }
            catch (ArgumentOutOfRangeException error)
            {
                throw new ArgumentOutOfRangeException($"{name}.{error.ParamName}", error.ActualValue, error.Message.Split(" (Parameter '", 2)[0]);
            }
        }
    }

    bool PrintMembers(StringBuilder text)
    {
        text.Append($"Server = {Server}, Namespace = {Namespace}");
        if (SkipTlsVerify) text.Append(", SkipTlsVerify = True");
        if (Proxy is not null) text.Append($", Proxy = {Proxy.Scheme}://{Proxy.Authority}");
        if (!Impersonation.IsNone) text.Append($", ImpersonatedUser = {Impersonation.User}");
        return true;
    }
}

/// <summary>How objects travel.</summary>
public enum WireFormat
{
    /// <summary>Protobuf for typed clients, where the kind and the server have it; JSON for objects as received, which can then be read without their class.</summary>
    Automatic,
    /// <summary>JSON for all.</summary>
    Json,
    /// <summary>Protobuf wherever the kind and the server have it: caches hold half the bytes, and objects as received need their class to be read.</summary>
    Protobuf
}

/// <summary>How much of each request is logged, as <c>klog -v</c> numbers it. Tokens and secrets' data are never written.</summary>
public enum RequestLogDetail
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Method, URL, status and time.</summary>
    Url = 6,
    /// <summary>Headers too.</summary>
    Headers = 7,
    /// <summary>Bodies too, cut after 1,024 characters.</summary>
    Bodies = 8,
    /// <summary>A <c>curl</c> line that repeats the request too; bodies cut after 10,240 characters.</summary>
    Curl = 9,
    /// <summary>Bodies whole.</summary>
    WholeBodies = 10
}
