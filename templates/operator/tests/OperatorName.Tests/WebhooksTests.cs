using ActorKube.ApiServer;
using ActorKube.Hosting;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OperatorSpace.Tests;

/// <summary>The webhooks from end to end: a server in this process asks them over TLS, as one in a cluster does.</summary>
public sealed class WebhooksTests
{
    [Fact]
    public async Task A_server_asks_before_it_stores_anything()
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = server.Uri }, new KubernetesClientOptions { Handler = server.CreateHandler() });
        foreach (var definition in Manifests.Definitions(typeof(Controllers).Assembly))
            await client.Resource<V1CustomResourceDefinition>().CreateAsync(definition);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IKubernetesClient>(client).AddLogging();
        builder.Services.AddKubernetesWebhooks(webhooks => webhooks.WithOperatorWebhooks().OnLoopback());
        using var host = builder.Build();
        await host.StartAsync();
        await host.Services.GetRequiredService<IKubernetesWebhooks>().WhenReadyAsync();

        //#if (namespaced)
        var sprockets = client.Resource<Sprocket>("default");
        //#else
        var sprockets = client.Resource<Sprocket>();
        //#endif
        var made = await sprockets.CreateAsync(Named("first"));
        Assert.Equal(Controllers.Name, made.Metadata.Labels[SprocketDefaults.Label]);
        var refused = await Assert.ThrowsAsync<KubernetesException>(() => sprockets.CreateAsync(Named(new string('a', SprocketRules.LongestName + 1))));
        Assert.Contains("metadata.name", refused.Status.Message, StringComparison.Ordinal);
        await host.StopAsync();
    }

    static Sprocket Named(string name) => new() { Metadata = new V1ObjectMeta { Name = name }, Spec = new SprocketSpec { Text = "hello" } };
}
