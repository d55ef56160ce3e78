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
    public KubernetesBuilder UseDefaultConfig() => UseConfiguration(static () => KubernetesClientConfiguration.Load(LoadingRules.PodThenKubectl));

    /// <summary>The pod's own cluster.</summary>
    public KubernetesBuilder UseInClusterConfig() => UseConfiguration(static () => KubernetesClientConfiguration.InCluster());

    /// <summary>The cluster of a kubeconfig file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="context">The context in it; null for the current one.</param>
    public KubernetesBuilder UseKubeconfig(string path, string? context = null) => UseConfiguration(() => KubernetesClientConfiguration.FromKubeconfig(path, context));

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

    /// <summary>A client that exists; it is not disposed with the host.</summary>
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
