using ActorKube.ApiServer;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Cluster.Tests;

/// <summary>A server in this process.</summary>
public abstract class ServerTest : IAsyncLifetime
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected EmbeddedApiServer Server { get; private set; } = null!;

    protected KubernetesClient Client { get; private set; } = null!;

    public virtual async Task InitializeAsync()
    {
        Server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        Client = NewClient();
    }

    public virtual async Task DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }

    protected KubernetesClient NewClient() => new(
        new KubernetesClientConfiguration { Server = new Uri("http://in-process"), Qps = -1 },
        new KubernetesClientOptions { Handler = Server.CreateHandler() });

    protected static V1ConfigMap Map(string name, params (string Key, string Value)[] data) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
        Data = data.ToDictionary(d => d.Key, d => d.Value),
    };
}
