// Compiled into the test projects whose journeys run on any cluster.
using ActorKube.Local;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Tests.Shared;

/// <summary>
/// Where a journey goes: a local cluster of its own, over TLS, or the cluster whose kubeconfig <c>ACTORKUBE_TEST_KUBECONFIG</c> names. Either way it has a
/// namespace of its own, in which alone it writes, and which goes when it ends, with the definitions of its own API group.
/// </summary>
sealed class JourneyCluster : IAsyncDisposable
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "ACTORKUBE_TEST_KUBECONFIG";

    readonly LocalCluster? _local;
    readonly KubernetesClient _keeper;

    JourneyCluster(LocalCluster? local, KubernetesClientConfiguration configuration)
    {
        _local = local;
        Configuration = configuration;
        _keeper = new KubernetesClient(configuration with { WireFormat = WireFormat.Json });
    }

    /// <summary>The administrator's, without a limit of requests.</summary>
    public KubernetesClientConfiguration Configuration { get; }

    /// <summary>The journey's namespace.</summary>
    public string Namespace { get; private set; } = "";

    /// <summary>The API group of the journey's own definitions; its namespaces' names make it one of a kind.</summary>
    public string Group => $"{Namespace}.example.com";

    /// <summary>How long a journey waits for what must come; a cluster of one's own may be far away.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    public static async Task<JourneyCluster> StartAsync()
    {
        JourneyCluster cluster;
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path)
        {
            cluster = new JourneyCluster(null, KubernetesClientConfiguration.Load(LoadingRules.File(path)) with { Qps = -1 });
        }
        else
        {
            // As a real server without nodes: pods are accepted, and stay Pending.
            var local = await LocalCluster.StartAsync(new LocalClusterOptions { Pods = null });
            cluster = new JourneyCluster(local, KubernetesClientConfiguration.FromKubeconfig(Kubeconfig.Parse(local.Server.Kubeconfig)) with { Qps = -1 });
        }
        var made = await cluster._keeper.CoreV1.Namespaces.CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { GenerateName = "actorkube-journey-" } });
        cluster.Namespace = made.Metadata.Name;
        return cluster;
    }

    /// <summary>A client of one's own, to be disposed by who asks.</summary>
    public KubernetesClient Client(WireFormat format = WireFormat.Automatic) => new(Configuration with { WireFormat = format });

    /// <summary>Defines a namespaced kind in the journey's group, with a status and a scale, and waits until it is served.</summary>
    public async Task<ResourceDefinition> DefineAsync(string plural, string kind, CancellationToken cancellation)
    {
        var resource = new ResourceDefinition(new GroupVersionKind(Group, "v1", kind), plural, true);
        await _keeper.ApiextensionsV1.CustomResourceDefinitions.CreateAsync(new V1CustomResourceDefinition
        {
            Metadata = new V1ObjectMeta { Name = $"{plural}.{Group}" },
            Spec = new V1CustomResourceDefinitionSpec
            {
                Group = Group,
                Scope = "Namespaced",
                Names = new V1CustomResourceDefinitionNames { Plural = plural, Kind = kind, Singular = kind.ToLowerInvariant() },
                Versions =
                [
                    new V1CustomResourceDefinitionVersion
                    {
                        Name = "v1",
                        Served = true,
                        Storage = true,
                        Subresources = new V1CustomResourceSubresources { Status = new System.Text.Json.Nodes.JsonObject() },
                        Schema = new V1CustomResourceValidation
                        {
                            OpenAPIV3Schema = new V1JSONSchemaProps
                            {
                                Type = "object",
                                Properties = new Dictionary<string, V1JSONSchemaProps>
                                {
                                    ["spec"] = new() { Type = "object", Properties = new Dictionary<string, V1JSONSchemaProps> { ["size"] = new() { Type = "integer", Minimum = 0 } } },
                                    ["status"] = new() { Type = "object", Properties = new Dictionary<string, V1JSONSchemaProps> { ["size"] = new() { Type = "integer" } } },
                                },
                            },
                        },
                    },
                ],
            },
        }, cancellation: cancellation);
        await _keeper.Resource(ResourceDefinition.For<V1CustomResourceDefinition>()).UntilAsync(
            $"{plural}.{Group}", d => d.As<V1CustomResourceDefinition>().Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) is true, cancellation);
        return resource;
    }

    /// <summary>Deletes a kind's definition and waits until it has gone.</summary>
    public async Task UndefineAsync(ResourceDefinition resource, CancellationToken cancellation)
    {
        var name = $"{resource.Plural}.{Group}";
        await _keeper.ApiextensionsV1.CustomResourceDefinitions.DeleteAsync(name, cancellation: cancellation);
        await _keeper.Resource(ResourceDefinition.For<V1CustomResourceDefinition>()).UntilDeletedAsync(name, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_local is null)
        {
            await foreach (var definition in _keeper.ApiextensionsV1.CustomResourceDefinitions.ListAllAsync())
            {
                if (definition.Spec.Group == Group)
                    await _keeper.ApiextensionsV1.CustomResourceDefinitions.DeleteAsync(definition.Metadata.Name);
            }
            await _keeper.CoreV1.Namespaces.DeleteAsync(Namespace);
        }
        await _keeper.DisposeAsync();
        if (_local is not null)
            await _local.DisposeAsync();
    }
}
