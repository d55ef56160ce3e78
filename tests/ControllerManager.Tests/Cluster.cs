using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ActorKube.Kubelet;
using ActorKube.Local;
using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

/// <summary>An embedded server with the controllers beside it, and a client.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly EmbeddedApiServer _server;
    private readonly SimulatedNode _node;
    private readonly ClusterControllers _controllers;
    private readonly HttpClient _http;

    private Cluster(EmbeddedApiServer server, SimulatedNode node, ClusterControllers controllers)
    {
        (_server, _node, _controllers) = (server, node, controllers);
        _http = new HttpClient(server.CreateHandler()) { BaseAddress = server.Uri, Timeout = Timeout.InfiniteTimeSpan };
        Client = new KubernetesClient(new KubernetesClientConfiguration { Server = server.Uri, Qps = -1 }, new KubernetesClientOptions { Handler = server.CreateHandler() });
    }

    public KubernetesClient Client { get; }

    public static async Task<Cluster> StartAsync(ClusterControllersOptions? options = null, PodSimulatorOptions? pods = null)
    {
        var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        var node = await SimulatedNode.StartAsync(server, pods ?? new PodSimulatorOptions { Events = false, RunTime = TimeSpan.Zero });
        return new Cluster(server, node, await ClusterControllers.StartAsync(server.CreateHandler(), (options ?? new ClusterControllersOptions()).Beside(server)));
    }

    public IResourceClient<T> Of<T>()
        where T : class, IKubernetesObject<V1ObjectMeta> => Client.Resource<T>("default");

    public Task<T> CreateAsync<T>(string json)
        where T : class, IKubernetesObject<V1ObjectMeta> => Of<T>().CreateAsync(KubeJson.Deserialize<T>(json));

    /// <summary>The object's state once it is as asked, whether it is so already or comes to be.</summary>
    public async Task<T> UntilAsync<T>(string name, Func<T, bool> holds)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        T? last = null;
        try
        {
            await foreach (var (type, value) in WatchAsync<T>($"metadata.name={name}"))
            {
                last = value;
                if (type != "DELETED" && holds(value))
                {
                    return value;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Said below, with what was seen.
        }
        throw new TimeoutException($"{typeof(T).Name} {name} never came to be as asked; last: {(last is null ? "nothing" : KubeJson.SerializeToString(last))}");
    }

    /// <summary>Completes once an object is gone.</summary>
    public async Task GoneAsync<T>(string name)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        using var limit = new CancellationTokenSource(Patience);
        await Of<T>().UntilDeletedAsync(name, limit.Token);
    }

    /// <summary>Completes once the namespace has none of a kind, or none that is meant.</summary>
    public async Task UntilNoneAsync<T>(Func<T, bool>? meant = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        while ((await Of<T>().ListAsync()).Items.FirstOrDefault(o => meant?.Invoke(o) ?? true) is { } one)
        {
            await GoneAsync<T>(one.Metadata.Name);
        }
    }

    /// <summary>What is there, and what changes from then on.</summary>
    public async IAsyncEnumerable<(string Type, T Object)> WatchAsync<T>(string fieldSelector)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        using var limit = new CancellationTokenSource(Patience);
        var resource = ResourceDefinition.For<T>();
        var root = resource.Kind.Group.Length == 0 ? "/api/v1" : $"/apis/{resource.Kind.Group}/{resource.Kind.Version}";
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{root}/{(resource.Namespaced ? "namespaces/default/" : "")}{resource.Plural}?watch=true&fieldSelector={Uri.EscapeDataString(fieldSelector)}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            var item = JsonNode.Parse(line)!;
            yield return ((string)item["type"]!, KubeJson.Deserialize<T>(item["object"]!.ToJsonString()));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _controllers.DisposeAsync();
        await _node.DisposeAsync();
        await Client.DisposeAsync();
        await _server.DisposeAsync();
    }
}
