using ActorKube.Actors;
using ActorKube.Transport;
using Microsoft.Extensions.Configuration;

namespace ActorKube.Hosting;

/// <summary>Which cluster an actor system talks to, and how its runtime behaves.</summary>
public sealed class KubernetesBuilder
{
    Func<IServiceProvider, IKubernetesClient>? _client;
    RuntimeConfiguration? _configuration;

    /// <summary>The runtime's numbers.</summary>
    public KubernetesOptions Options { get; private set; } = new();

    /// <summary>Inside a pod the pod's own cluster, elsewhere the one that kubectl would use.</summary>
    /// <param name="personalize">Gets the configuration that was found and gives the one that is used; null changes nothing. What <see cref="Bind"/> reads wins over both.</param>
    /// <example><code>kube.UseDefaultConfig(found => found with { Qps = 50, Burst = 100 })</code></example>
    public KubernetesBuilder UseDefaultConfig(Func<KubernetesClientConfiguration, KubernetesClientConfiguration>? personalize = null) =>
        UseConfiguration(() => Personal(KubernetesClientConfiguration.Load(LoadingRules.PodThenKubectl), personalize));

    /// <summary>The pod's own cluster.</summary>
    /// <inheritdoc cref="UseDefaultConfig"/>
    public KubernetesBuilder UseInClusterConfig(Func<KubernetesClientConfiguration, KubernetesClientConfiguration>? personalize = null) =>
        UseConfiguration(() => Personal(KubernetesClientConfiguration.InCluster(), personalize));

    /// <summary>The cluster of a kubeconfig file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="context">The context in it; null for the current one.</param>
    /// <param name="personalize">As that of <see cref="UseDefaultConfig"/>.</param>
    public KubernetesBuilder UseKubeconfig(string path, string? context = null, Func<KubernetesClientConfiguration, KubernetesClientConfiguration>? personalize = null) =>
        UseConfiguration(() => Personal(KubernetesClientConfiguration.FromKubeconfig(path, context), personalize));

    /// <summary>A cluster by its configuration.</summary>
    public KubernetesBuilder UseConfiguration(KubernetesClientConfiguration configuration) => UseConfiguration(() => configuration);

    /// <summary>A cluster by its configuration, read when the host starts.</summary>
    public KubernetesBuilder UseConfiguration(Func<KubernetesClientConfiguration> configuration)
    {
        _client = services =>
        {
            var said = configuration();
            return KubernetesServiceCollectionExtensions.Client(services, _configuration?.Client(said) ?? said);
        };
        OwnsClient = true;
        return this;
    }

    static KubernetesClientConfiguration Personal(KubernetesClientConfiguration found, Func<KubernetesClientConfiguration, KubernetesClientConfiguration>? personalize) => personalize?.Invoke(found) ?? found;

    /// <summary>A client that exists; it is not disposed with the host, and has to live as long as it.</summary>
    public KubernetesBuilder UseClient(IKubernetesClient client)
    {
        _client = _ => client;
        OwnsClient = false;
        return this;
    }

    /// <summary>Only one process acts at a time: the one that holds a lease.</summary>
    public KubernetesBuilder UseLeaderElection(LeaderElectionOptions options) => With(o => o with { LeaderElection = options });

    /// <summary>
    /// Settings from a section of the host's configuration, which win over what the program says: operators know best. Read and checked when the host starts;
    /// a key that is unknown or makes no sense stops it, with a message that names the key.
    /// </summary>
    /// <param name="section">Such as <c>builder.Configuration.GetSection("Kubernetes")</c>; docs/operating.md lists its keys.</param>
    public KubernetesBuilder Bind(IConfiguration section)
    {
        _configuration = new RuntimeConfiguration(section);
        return this;
    }

    /// <summary>Changes any of the runtime's numbers.</summary>
    public KubernetesBuilder With(Func<KubernetesOptions, KubernetesOptions> change)
    {
        Options = change(Options);
        return this;
    }

    internal bool OwnsClient { get; private set; }

    /// <summary>What configuration says of controllers; null where nobody bound any.</summary>
    internal RuntimeConfiguration? Configuration => _configuration;

    /// <summary>Takes over what configuration says, once nothing more is said in code.</summary>
    internal void Configure()
    {
        if (_configuration is null)
            return;
        if (_configuration.Cluster() is { } cluster)
            UseConfiguration(cluster);
        _configuration.CheckClient(OwnsClient);
        Options = _configuration.Runtime(Options);
    }

    // A cluster that nobody named is never touched.
    internal IKubernetesClient Client(IServiceProvider services) =>
        _client is not null ? _client(services)
        : services.GetService(typeof(IKubernetesClient)) as IKubernetesClient
            ?? throw new InvalidOperationException("No cluster is named: say WithKubernetes(kube => kube.UseDefaultConfig()), or another Use…, or register an IKubernetesClient in the container.");
}
