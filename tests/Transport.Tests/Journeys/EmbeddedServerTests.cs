using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

/// <summary>The client against the embedded server: one journey through all layers each.</summary>
public sealed class EmbeddedServerTests
{
    static V1ConfigMap Map(string name, string value) => new() { Metadata = new V1ObjectMeta { Name = name }, Data = new Dictionary<string, string> { ["k"] = value } };

    static async Task<(EmbeddedApiServer Server, KubernetesClient Client)> StartAsync(bool inProcess)
    {
        var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = !inProcess });
        var configuration = inProcess ? new KubernetesClientConfiguration { Server = new Uri("http://embedded"), Token = server.Token, Qps = -1 }
            : KubernetesClientConfiguration.FromKubeconfig(Kubeconfig.Parse(server.Kubeconfig)) with { Qps = -1 };
        return (server, new KubernetesClient(configuration, inProcess ? new KubernetesClientOptions { Handler = server.CreateHandler() } : null));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_objects_life_is_seen_by_a_watch(bool inProcess)
    {
        var (server, client) = await StartAsync(inProcess);
        await using var stopsLast = server;
        using var closes = client;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var maps = client.CoreV1.ConfigMaps("default");

        var version = (await maps.ListAsync(cancellation: limit.Token)).ResourceVersion;
        var events = maps.WatchAsync(new ListOptions { ResourceVersion = version }, limit.Token).GetAsyncEnumerator(limit.Token);
        var created = await maps.CreateAsync(Map("a", "1"), cancellation: limit.Token);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => maps.CreateAsync(Map("a", "1")))).IsAlreadyExists);
        created.Data["k"] = "2";
        var updated = await maps.UpdateAsync(created, cancellation: limit.Token);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => maps.UpdateAsync(created))).IsConflict);
        var patched = await maps.PatchAsync("a", Patch.Merge("""{"data":{"k":"3"}}"""), cancellation: limit.Token);
        Assert.Equal("3", patched.Data["k"]);
        await maps.DeleteAsync("a", cancellation: limit.Token);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => maps.GetAsync("a"))).IsNotFound);

        var seen = new List<string>();
        while (seen.Count < 4 && await events.MoveNextAsync()) if (events.Current.Object!.Metadata.Name == "a") seen.Add($"{events.Current.Type} {events.Current.Object.Data["k"]}");
        Assert.Equal(["Added 1", "Modified 2", "Modified 3", "Deleted 3"], seen);
        await events.DisposeAsync();
        Assert.NotEqual(updated.Metadata.ResourceVersion, created.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Pages_discovery_and_metadata_work_against_it()
    {
        var (server, client) = await StartAsync(inProcess: true);
        await using var stopsLast = server;
        using var closes = client;
        var maps = client.CoreV1.ConfigMaps("default");
        for (var number = 0; number < 7; number++) await maps.CreateAsync(Map($"m{number}", "x"));
        var names = (await maps.ListAllAsync(new ListOptions { Limit = 3 }).CollectAsync()).Select(map => map.Metadata.Name).Where(name => name.StartsWith('m'));
        Assert.Equal(["m0", "m1", "m2", "m3", "m4", "m5", "m6"], names);

        var table = await maps.ListTableAsync(new ListOptions { FieldSelector = "metadata.name=m1" });
        Assert.Equal(["Name", "Data", "Age"], table.ColumnDefinitions.Select(column => column.Name));
        Assert.Equal("m1", $"{Assert.Single(table.Rows).Cells[0]}");

        var mapper = new DeferredRestMapper(new MemoryDiscoveryCache(client.Discovery));
        Assert.Equal("configmaps", (await mapper.ResourceForAsync(new GroupVersionResource("", "", "cm"))).Plural);
        Assert.Equal("deployments", (await mapper.MappingAsync(new GroupKind("apps", "Deployment"))).Plural);
        Assert.StartsWith("v1.", (await client.Discovery.GetVersionAsync()).GitVersion);

        var part = await client.Metadata(ResourceDefinition.For<V1ConfigMap>(), "default").GetAsync("m0");
        Assert.Equal("PartialObjectMetadata", part.Kind);
        Assert.DoesNotContain("\"data\"", part.ToJson());
        Assert.Contains("ADDED", System.Text.Encoding.UTF8.GetString(await client.Rest.Get().AbsPath("/api/v1/namespaces/default/configmaps").Param("watch", "true").Param("timeoutSeconds", "1").DoRawAsync()));
    }

    [Theory]
    [InlineData("application/yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\ndata: {k: a, k: b}\n", "line 4: key \"k\" already set in map")]
    [InlineData("application/json", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"k":"a","k":"b"}}""", "duplicate field \"data.k\"")]
    public async Task A_key_that_is_there_twice_is_refused_or_warned_of_in_either_form(string form, string body, string said)
    {
        var (server, client) = await StartAsync(inProcess: true);
        await using var stopsLast = server;
        using var closes = client;
        RestRequest Post(FieldValidation validation) => client.Rest.Post().AbsPath("/api/v1/namespaces/default/configmaps").Params(new CreateOptions { FieldValidation = validation }).Body(body, form);
        var refused = await Post(FieldValidation.Strict).DoAsync();
        Assert.True(refused.Error!.IsBadRequest);
        Assert.Contains(said, refused.Error.Message);
        var warned = await Post(FieldValidation.Warn).DoAsync();
        Assert.Equal("b", warned.Into<V1ConfigMap>().Data["k"]);
        Assert.Equal(said, Assert.Single(warned.Warnings).Text);
    }

    [Fact]
    public async Task A_wrong_token_is_said_to_be_one()
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false, AnonymousIsAdministrator = false });
        using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = new Uri("http://embedded"), Token = "wrong" }, new KubernetesClientOptions { Handler = server.CreateHandler() });
        var error = await Assert.ThrowsAsync<KubernetesException>(() => client.CoreV1.Nodes.ListAsync());
        Assert.True(error.IsUnauthorized);
    }
}
