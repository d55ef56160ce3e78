using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorKube.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorKube.ApiServer;

/// <summary>
/// A Kubernetes API server in this process: answers as kube-apiserver 1.32 does, on a loopback socket and without one. Holds everything in
/// memory. Thread-safe; disposing it ends all watches and forgets all objects.
/// </summary>
public sealed class EmbeddedApiServer : IAsyncDisposable
{
    private readonly ServerCore _core;
    private readonly CertificateAuthority? _authority;
    private readonly WebApplication? _web;
    private int _disposed;

    private EmbeddedApiServer(ServerCore core, CertificateAuthority? authority, WebApplication? web, Uri uri, string token)
    {
        _core = core;
        _authority = authority;
        _web = web;
        Uri = uri;
        Token = token;
        CaPem = authority?.Pem ?? "";
        Kubeconfig = KubeconfigFile.Text(uri, token, CaPem);
    }

    /// <summary>Where it listens, such as <c>https://127.0.0.1:41234/</c>. Without a socket a name that only <see cref="CreateHandler"/> understands.</summary>
    public Uri Uri { get; }

    /// <summary>The administrator's bearer token. Never logged.</summary>
    public string Token { get; }

    /// <summary>The certificate authority's certificate as PEM; empty without TLS.</summary>
    public string CaPem { get; }

    /// <summary>A kubeconfig for the administrator, as YAML. Holds the token.</summary>
    public string Kubeconfig { get; }

    /// <summary>The server's clock.</summary>
    public TimeProvider Time => _core.Time;

    /// <summary>
    /// How the server reaches the agents of its nodes, for logs, exec, attach, port-forward and proxies; null (at first) where it reaches none. May be set at any time: whoever runs pods for the server sets it.
    /// </summary>
    public INodeConnector? Nodes
    {
        get => _core.Nodes.Connector;
        set => _core.Nodes.Connector = value;
    }

    /// <summary>Makes the server misbehave on purpose.</summary>
    public FaultInjector Faults => _core.Faults;

    internal ServerCore Core => _core;

    /// <summary>The version of the newest change that a watch would tell which has seen all up to <paramref name="seen"/>; null where it would tell nothing, or has to list anew first.</summary>
    internal long? NewestChange(ResourceDefinition resource, string? @namespace, string? labelSelector, string? fieldSelector, long seen)
    {
        var query = new ListQuery { Labels = LabelSelector.Parse(labelSelector ?? ""), Fields = FieldSelector.Parse(fieldSelector ?? "") };
        var change = _core.Table.Current.Find(resource.Kind.Group, resource.Kind.Version, resource.Plural)?.Store.EventAt(seen);
        long? newest = null;
        while ((change = change?.Next) is not null)
        {
            if (query.Selects(change, @namespace) is not (false, false))
            {
                newest = change.Revision;
            }
        }
        return newest;
    }

    /// <summary>Who decides when the listening part ends; null without a socket.</summary>
    internal IHostLifetime? Lifetime => _web?.Services.GetRequiredService<IHostLifetime>();

    /// <summary>Starts a server and answers when it serves.</summary>
    /// <exception cref="IOException">The port is in use.</exception>
    /// <exception cref="FormatException">The state to begin with cannot be read; the message says where.</exception>
    public static async Task<EmbeddedApiServer> StartAsync(EmbeddedApiServerOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new EmbeddedApiServerOptions();
        var token = options.Token ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var authority = options is { Listen: true, Tls: true } ? CertificateAuthority.Create(options.TimeProvider.GetUtcNow()) : null;
        var core = new ServerCore(options, token, authority);
        WebApplication? web = null;
        try
        {
            var uri = new Uri("http://embedded.actorkube.internal/");
            if (options.Listen)
            {
                web = Build(options, core, authority);
                await web.StartAsync(cancellation).ConfigureAwait(false);
                var address = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
                uri = new Uri(address);
            }
            return new EmbeddedApiServer(core, authority, web, uri, token);
        }
        catch
        {
            await core.DisposeAsync().ConfigureAwait(false);
            if (web is not null)
            {
                await web.DisposeAsync().ConfigureAwait(false);
            }
            authority?.Dispose();
            throw;
        }
    }

    private static WebApplication Build(EmbeddedApiServerOptions options, ServerCore core, CertificateAuthority? authority)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.WebHost.UseKestrelCore();
        if (authority is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A warning may quote what is no ASCII.
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.UTF8;
            kestrel.Limits.MaxRequestBodySize = BodyReader.Limit + 1;
            kestrel.Limits.MaxConcurrentConnections = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            // Watches are long and idle; a client that reads slowly is the store's business (it is cut when it falls behind).
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                listen.Protocols = authority is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                if (authority is not null)
                {
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = authority.Server;
                        // Whose certificate it is, and whether it counts, is asked with each request: a client without one is not turned away here.
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.AllowAnyClientCertificate();
                    });
                }
            });
        });
        var web = builder.Build();
        web.Run(core.Handle);
        return web;
    }

    /// <summary>Writes <see cref="Kubeconfig"/> to a file that only its owner may read.</summary>
    public Task WriteKubeconfigAsync(string path, CancellationToken cancellation = default) => KubeconfigFile.WriteAsync(path, Kubeconfig, cancellation);

    /// <summary>Writes <see cref="KubeconfigFor"/> to a file that only its owner may read.</summary>
    /// <inheritdoc cref="IssueClientCertificate" path="/exception"/>
    public Task WriteKubeconfigForAsync(string path, string user, IEnumerable<string> groups, CancellationToken cancellation = default) =>
        KubeconfigFile.WriteAsync(path, KubeconfigFor(user, groups), cancellation);

    /// <summary>Issues a client certificate, with its key, that this server takes for a year: its CN is the user, each O a group.</summary>
    /// <exception cref="InvalidOperationException">The server listens without TLS, where nobody can show a certificate.</exception>
    public X509Certificate2 IssueClientCertificate(string user, params IEnumerable<string> groups)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        if (_authority is null)
        {
            throw new InvalidOperationException("Client certificates need TLS: start the server with Listen and Tls, or use a token.");
        }
        var issued = _authority.Issue(user, groups, _core.Time.GetUtcNow());
        _core.Authenticator.AddCertified(user);
        return issued;
    }

    /// <summary>A kubeconfig, as YAML, for a user with a client certificate of their own. Holds the key.</summary>
    /// <inheritdoc cref="IssueClientCertificate" path="/exception"/>
    public string KubeconfigFor(string user, params IEnumerable<string> groups)
    {
        using var issued = IssueClientCertificate(user, groups);
        using var key = issued.GetECDsaPrivateKey()!;
        return KubeconfigFile.Text(Uri, user, issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), CaPem);
    }

    /// <summary>
    /// A handler that reaches this server without a socket: requests run in the caller's process, as the administrator unless they bring
    /// credentials of their own. Watches stream. Any host name will do.
    /// </summary>
    public HttpMessageHandler CreateHandler()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return new InProcessHandler(_core.Handle, _core.Stopping);
    }

    /// <summary>
    /// The whole state as YAML, a document an object: what is stored, with uids, statuses and Secrets. Another server begins with it
    /// (<see cref="EmbeddedApiServerOptions.State"/>) or takes it in (<see cref="ImportState"/>). Objects that are written meanwhile may be missing.
    /// </summary>
    public string ExportState() => ClusterState.Export(_core.Cluster);

    /// <summary>
    /// Puts objects in place as they stand in YAML documents, without admission or validation: uids and statuses stay, resourceVersions are this server's. What has
    /// the same name is replaced; nothing is removed. Tokens that another server gave to service accounts are not valid here.
    /// </summary>
    /// <returns>How many objects.</returns>
    /// <exception cref="FormatException">A document is no object that this server knows; those before it are in place.</exception>
    public int ImportState(string yaml) => ClusterState.Import(_core.Objects, yaml);

    /// <summary>Writes <see cref="ExportState"/> to a file that only its owner may read: it holds the Secrets.</summary>
    public Task WriteStateAsync(string path, CancellationToken cancellation = default) => KubeconfigFile.WriteAsync(path, ExportState(), cancellation);

    /// <summary>The last exchanges, in the order in which they came; empty unless <see cref="EmbeddedApiServerOptions.Exchanges"/> asks for them.</summary>
    public IReadOnlyList<RecordedExchange> Exchanges => _core.Exchanges?.Exchanges ?? [];

    /// <summary>Writes <see cref="Exchanges"/> as text, a line each and their bodies: for the output of a test that failed.</summary>
    public void WriteExchanges(TextWriter writer) => _core.Exchanges?.WriteTo(writer);

    /// <summary>Writes <see cref="Exchanges"/> as text to a file that only its owner may read.</summary>
    public Task WriteExchangesAsync(string path, CancellationToken cancellation = default)
    {
        using var text = new StringWriter();
        WriteExchanges(text);
        return KubeconfigFile.WriteAsync(path, text.ToString(), cancellation);
    }

    /// <summary>Forgets the history of all resources: older resourceVersions are expired from now on. Open watches go on.</summary>
    public void CompactHistory()
    {
        foreach (var store in _core.Cluster.Stores)
        {
            store.Compact();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        await _core.DisposeAsync().ConfigureAwait(false);
        if (_web is not null)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _web.StopAsync(limit.Token).ConfigureAwait(false);
            await _web.DisposeAsync().ConfigureAwait(false);
        }
        _authority?.Dispose();
    }
}
