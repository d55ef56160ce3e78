using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ActorKube.Models;
using Microsoft.AspNetCore.Http;

namespace ActorKube.ApiServer;

/// <summary>One server's parts, put together; without any socket.</summary>
internal sealed class ServerCore : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly EmbeddedApiServerOptions _options;
    private static readonly Lazy<string> NoTls = new(() =>
    {
        using var authority = CertificateAuthority.Create(DateTimeOffset.UtcNow);
        return authority.Pem;
    });

    private readonly ServiceAccountTokens _tokens;
    private readonly WebhookCaller _webhooks;
    private readonly Lazy<CertificateAuthority> _signing;
    private readonly Lazy<string> _caPem;
    private readonly bool _ownsSigning;

    public ServerCore(EmbeddedApiServerOptions options, string token, CertificateAuthority? authority)
    {
        _options = options;
        // Without TLS nobody has to trust anything, but what is written for a cluster expects to be told whom.
        var caPem = authority is null ? NoTls : new Lazy<string>(authority.Pem);
        _caPem = caPem;
        var time = options.TimeProvider;
        Stopping = _stopping.Token;
        Cluster = new ClusterStore(options.HistoryEvents);
        var rows = BuiltInResources.Rows(Cluster, time).ToList();
        Table = new ResourceTable(rows);
        _webhooks = new WebhookCaller(time, options.ResolveService, service => Cluster.Store(new GroupResource("", "services")).Current.Get(service.Namespace, service.Name) is not null);
        _signing = new Lazy<CertificateAuthority>(() => authority ?? CertificateAuthority.Create(time.GetUtcNow()));
        _ownsSigning = authority is null;
        var policies = new AdmissionPolicies(Cluster);
        var admission = new AdmissionChain(Cluster, _webhooks, policies);
        admission.Attach(Table);
        var definitions = new CustomResourceController(Cluster, Table, _webhooks, time, Stopping);
        Objects = new ObjectService(Cluster, Table, time, new FieldManagement(time), admission, options.TokenVolumes);
        var services = new ApiServices(Objects);
        definitions.Attach(Objects, services);
        ((CustomResourceDefinitionStrategy)rows.First(r => r.Kind == "CustomResourceDefinition").Strategy).OnCommitted = definitions.OnDefinition;
        Faults = new FaultInjector(options.FaultSeed);
        _tokens = new ServiceAccountTokens(Cluster, time);
        Authenticator = new Authenticator(_tokens, options.AnonymousIsAdministrator ?? (!options.Tls && options.Token is null) ? UserInfo.Admin : UserInfo.Anonymous, authority, time);
        Authenticator.Add(token, UserInfo.Admin);
        IAuthorizer authorizer = new AllowKnownUsers(Authenticator);
        if (options.Rbac)
        {
            var rbac = new RbacAuthorizer(Cluster);
            authorizer = rbac;
            Objects.Escalation = new RbacEscalation(rbac);
        }
        policies.Authorizer = authorizer;
        var reads = new ReadHandler(Cluster, time);
        var patcher = new Patcher(Objects);
        var writes = new WriteHandler(Objects, reads, patcher);
        if (options.PolicyStatusController)
        {
            ((AdmissionPolicyStrategy)rows.First(r => r.Kind == "ValidatingAdmissionPolicy").Strategy).OnCommitted = new PolicyTypeChecks(Table, patcher).OnPolicy;
        }
        Nodes = new NodeAccess(Cluster);
        Pipeline = new RequestPipeline(Table, Authenticator, authorizer, Faults, time, reads, writes,
            new WatchHandler(Cluster, reads, Faults, time, options.BookmarkPeriod, Stopping), new DiscoveryHandler(Table), new ReviewHandler(Authenticator, authorizer, Objects.FieldManagement),
            new SubresourceHandler(Objects, reads, writes, patcher, new TokenHandler(_tokens, Table, Objects, time),
                new PodLogHandler(Nodes), new PodSessionHandler(Nodes), new PortForwardHandler(Nodes), new ProxyHandler(Objects, Nodes)), new OpenApiHandler(Table), new TokenIssuer(_tokens), new RequestMetrics(time));
        Exchanges = options.Exchanges is { } kept ? new ExchangeLog(kept, time) : null;
        Handle = Exchanges is { } log ? context => log.RunAsync(context, Pipeline.HandleAsync) : Pipeline.HandleAsync;
        services.Begin();
        new FlowControl(Objects, patcher).Begin();
        Furnish();
        if (options.State is { } state)
        {
            ClusterState.Import(Objects, state);
        }
        if (options.FurnishNamespaces)
        {
            FirstNamespaces.Furnish(Objects, caPem.Value);
        }
    }

    /// <summary>The certificate of the authority that pods are told to trust, as PEM; also where nobody has to trust anything.</summary>
    public string CaPem => _caPem.Value;

    /// <summary>The authority of the server's certificates, with its key, for who signs certificates in this cluster. The server's: not to be disposed.</summary>
    public X509Certificate2 SigningAuthority => _signing.Value.Authority;

    /// <summary>The key of service accounts' tokens, for who signs some in this cluster. The server's: not to be disposed.</summary>
    public AsymmetricAlgorithm LendServiceAccountKey() => _tokens.Lend();

    /// <summary>The server's clock.</summary>
    public TimeProvider Time => _options.TimeProvider;

    public ClusterStore Cluster { get; }

    public ResourceTable Table { get; }

    public ObjectService Objects { get; }

    public FaultInjector Faults { get; }

    /// <summary>The way to the nodes' agents.</summary>
    public NodeAccess Nodes { get; }

    public Authenticator Authenticator { get; }

    public RequestPipeline Pipeline { get; }

    /// <summary>What was asked; null where nobody wants to know.</summary>
    public ExchangeLog? Exchanges { get; }

    /// <summary>Answers a request.</summary>
    public RequestDelegate Handle { get; }

    /// <summary>Cancelled when the server stops.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>What every cluster has from the first moment.</summary>
    private void Furnish()
    {
        var writer = WriteContext.Internal("kube-apiserver");
        var namespaces = Table.Current.Find("", "v1", "namespaces")!;
        foreach (var name in (string[])["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            Objects.CreateOwn(namespaces, null, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, writer, managed: false);
        }
        LegacyTokenTracking.Furnish(Objects);
        DefaultRoles.Furnish(Objects, writer, _options.Rbac);
        Objects.CreateOwn(Table.Current.Find("", "v1", "services")!, "default", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "kubernetes", ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" } },
            ["spec"] = new JsonObject
            {
                ["clusterIP"] = "10.96.0.1",
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 443, ["targetPort"] = 6443 }),
            },
        }, writer, managed: false);
        // Where the service leads: the server's own endpoints, as the controller in kube-apiserver keeps them. Nobody has to listen there.
        const string address = "172.18.0.2";
        Objects.CreateOwn(Table.Current.Find("", "v1", "endpoints")!, "default", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "kubernetes", ["labels"] = new JsonObject { ["endpointslice.kubernetes.io/skip-mirror"] = "true" } },
            ["subsets"] = new JsonArray(new JsonObject
            {
                ["addresses"] = new JsonArray(new JsonObject { ["ip"] = address }),
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 6443 }),
            }),
        }, writer, managed: false);
        Objects.CreateOwn(Table.Current.Find("discovery.k8s.io", "v1", "endpointslices")!, "default", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "kubernetes", ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = "kubernetes" } },
            ["addressType"] = "IPv4",
            ["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray(address), ["conditions"] = new JsonObject { ["ready"] = true } }),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 6443 }),
        }, writer, managed: false);
        foreach (var (name, value, description) in ((string, int, string)[])
            [("system-cluster-critical", 2000000000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."),
             ("system-node-critical", 2000001000, "Used for system critical pods that must not be moved from their current node.")])
        {
            Objects.Cluster.TryCreate(Table.Current.Find("scheduling.k8s.io", "v1", "priorityclasses")!.Store, PriorityClassStrategy.System(name, value, description, _options.TimeProvider));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _tokens.Dispose();
        if (_ownsSigning && _signing.IsValueCreated)
        {
            _signing.Value.Dispose();
        }
        _webhooks.Dispose();
    }
}
