using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class GarbageCollectorTests
{
    private static readonly ClusterControllersOptions CollectorAlone = ClusterControllersOptions.None with { GarbageCollector = true };

    [Fact]
    public async Task What_an_owner_owned_goes_after_it()
    {
        await using var cluster = await Cluster.StartAsync(CollectorAlone);
        await ChainAsync(cluster);

        await cluster.Of<V1ConfigMap>().DeleteAsync("owner");

        await cluster.GoneAsync<V1ConfigMap>("child");
        await cluster.GoneAsync<V1Secret>("grandchild");
    }

    [Fact]
    public async Task The_collector_has_started_when_it_knows_all_that_is_there()
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        using var held = new HeldLists("/configmaps", server.CreateHandler());

        var start = ClusterControllers.StartAsync(held, CollectorAlone);

        await held.Asked.WaitAsync(TimeSpan.FromSeconds(40));
        Assert.False(start.IsCompleted, "An owner that came and went now would never be seen.");
        held.LetGo();
        await (await start.WaitAsync(TimeSpan.FromSeconds(40))).DisposeAsync();
    }

    /// <summary>Lets whoever reads one resource wait.</summary>
    private sealed class HeldLists(string resource, HttpMessageHandler server) : DelegatingHandler(server)
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _free = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public void LetGo() => _free.TrySetResult();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.EndsWith(resource, StringComparison.Ordinal))
            {
                _asked.TrySetResult();
                await _free.Task.WaitAsync(cancellationToken);
            }
            return await base.SendAsync(request, cancellationToken);
        }
    }

    [Fact]
    public async Task What_custom_objects_owned_goes_after_them_however_late_their_kind_came()
    {
        await using var cluster = await Cluster.StartAsync(CollectorAlone);
        await cluster.Client.ApiextensionsV1.CustomResourceDefinitions.CreateAsync(KubeJson.Deserialize<V1CustomResourceDefinition>(
            """
            {"metadata":{"name":"gadgets.tests.example"},"spec":{"group":"tests.example","scope":"Namespaced","names":{"plural":"gadgets","kind":"Gadget"},
            "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
            """));
        var gadgets = cluster.Client.Resource(new ResourceDefinition(new GroupVersionKind("tests.example", "v1", "Gadget"), "gadgets", true), "default");
        var owner = await gadgets.CreateAsync(KubeObject.Parse("""{"apiVersion":"tests.example/v1","kind":"Gadget","metadata":{"name":"owner"}}"""u8));
        var child = await gadgets.CreateAsync(KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(
            $$$"""{"apiVersion":"tests.example/v1","kind":"Gadget","metadata":{"name":"child","ownerReferences":[{"apiVersion":"tests.example/v1","kind":"Gadget","name":"owner","uid":"{{{owner.Uid}}}"}]}}""")));
        await cluster.Of<V1Secret>().CreateAsync(Owned<V1Secret>("grandchild", Reference("tests.example/v1", "Gadget", "child", child.Uid)));

        await gadgets.DeleteAsync("owner");

        await cluster.GoneAsync<V1Secret>("grandchild");
    }

    [Fact]
    public async Task What_names_an_owner_that_never_was_goes_and_what_names_one_of_an_unknown_kind_stays()
    {
        await using var cluster = await Cluster.StartAsync(CollectorAlone);
        await cluster.Of<V1Secret>().CreateAsync(Owned<V1Secret>("unknown", Reference("nowhere.example/v1", "Thing", "t", "11111111-1111-1111-1111-111111111112")));

        await cluster.Of<V1Secret>().CreateAsync(Owned<V1Secret>("orphan", Reference("v1", "ConfigMap", "never", "11111111-1111-1111-1111-111111111111")));

        await cluster.GoneAsync<V1Secret>("orphan");
        Assert.Equal("unknown", (await cluster.Of<V1Secret>().GetAsync("unknown")).Metadata.Name);
    }

    [Fact]
    public async Task A_reference_to_an_owner_that_is_gone_is_cut_where_another_lives()
    {
        await using var cluster = await Cluster.StartAsync(CollectorAlone);
        var owner = await cluster.Of<V1ConfigMap>().CreateAsync(Owned<V1ConfigMap>("owner"));

        await cluster.Of<V1Secret>().CreateAsync(Owned<V1Secret>("child",
            Reference("v1", "ConfigMap", "owner", owner.Metadata.Uid), Reference("v1", "ConfigMap", "nobody", "11111111-1111-1111-1111-111111111111")));

        Assert.Equal("owner", (await cluster.UntilAsync<V1Secret>("child", s => s.Metadata.OwnerReferences.Count == 1)).Metadata.OwnerReferences[0].Name);
    }

    [Fact]
    public async Task In_the_foreground_an_owner_goes_after_what_it_owns()
    {
        await using var cluster = await Cluster.StartAsync(CollectorAlone);
        await ChainAsync(cluster, blocks: true, ["tests.example/held"]);
        // It takes a resource's changes in turn: once it has deleted this secret, it has seen the one before.
        await cluster.Of<V1Secret>().CreateAsync(Owned<V1Secret>("last", Reference("v1", "ConfigMap", "never", "11111111-1111-1111-1111-111111111111")));
        await cluster.GoneAsync<V1Secret>("last");

        await cluster.Of<V1ConfigMap>().DeleteAsync("owner", new DeleteOptions { Propagation = DeletePropagation.Foreground });

        // The last of them holds on: so those before it wait, the one in the middle in the foreground as well.
        await cluster.UntilAsync<V1Secret>("grandchild", s => s.Metadata.DeletionTimestamp is not null);
        Assert.Contains("foregroundDeletion", (await cluster.Of<V1ConfigMap>().GetAsync("child")).Metadata.Finalizers);
        Assert.Contains("foregroundDeletion", (await cluster.Of<V1ConfigMap>().GetAsync("owner")).Metadata.Finalizers);
        await cluster.Of<V1Secret>().PatchAsync("grandchild", Patch.Merge("""{"metadata":{"finalizers":null}}"""));
        await cluster.GoneAsync<V1ConfigMap>("owner");
        await cluster.UntilNoneAsync<V1Secret>();
    }

    [Fact]
    public async Task In_the_foreground_owners_in_a_circle_go_too()
    {
        await using var cluster = await Cluster.StartAsync(CollectorAlone);
        var first = await cluster.Of<V1ConfigMap>().CreateAsync(Owned<V1ConfigMap>("first"));
        var second = await cluster.Of<V1ConfigMap>().CreateAsync(Owned<V1ConfigMap>("second", Reference("v1", "ConfigMap", "first", first.Metadata.Uid, blocks: true)));
        await cluster.Of<V1ConfigMap>().PatchAsync("first", Patch.Merge(new JsonObject
        {
            ["metadata"] = new JsonObject { ["ownerReferences"] = new JsonArray(JsonNode.Parse(KubeJson.SerializeToString(Reference("v1", "ConfigMap", "second", second.Metadata.Uid, blocks: true)))) },
        }));

        await cluster.Of<V1ConfigMap>().DeleteAsync("first", new DeleteOptions { Propagation = DeletePropagation.Foreground });

        await cluster.GoneAsync<V1ConfigMap>("first");
        await cluster.GoneAsync<V1ConfigMap>("second");
    }

    [Fact]
    public async Task What_an_owner_leaves_behind_stays_whatever_else_happens_to_it_meanwhile()
    {
        await using var cluster = await Cluster.StartAsync(CollectorAlone);
        for (var round = 0; round < 20; round++)
        {
            var owner = await cluster.Of<V1ConfigMap>().CreateAsync(Owned<V1ConfigMap>($"owner-{round}"));
            await cluster.Of<V1Secret>().CreateAsync(Owned<V1Secret>($"child-{round}", Reference("v1", "ConfigMap", $"owner-{round}", owner.Metadata.Uid)));
            // Writes whose events the collector reads when the owner has gone already.
            var name = $"child-{round}";
            var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(i => cluster.Of<V1Secret>().PatchAsync(name, Patch.Merge($$$"""{"stringData":{"k{{{i}}}":"v"}}"""))));

            await cluster.Of<V1ConfigMap>().DeleteAsync($"owner-{round}", new DeleteOptions { Propagation = DeletePropagation.Orphan });
            await writing;
        }

        await cluster.UntilNoneAsync<V1ConfigMap>(m => m.Metadata.Name.StartsWith("owner-", StringComparison.Ordinal));
        var left = (await cluster.Of<V1Secret>().ListAsync()).Items;
        Assert.Equal(20, left.Count);
        Assert.All(left, s => Assert.Null(s.Metadata.OwnerReferences));
    }

    [Fact]
    public async Task An_owner_in_another_namespace_is_told_and_owns_nothing()
    {
        await using var cluster = await Cluster.StartAsync(CollectorAlone);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var elsewhere = cluster.Client.Resource<V1ConfigMap>("kube-system");
        var owner = await elsewhere.CreateAsync(Owned<V1ConfigMap>("owner"));
        // One of the owner's kind that nobody owns goes when the collector has seen it, and so the owner, too: a child that it saw first it might collect before it hears of the owner.
        await elsewhere.CreateAsync(Owned<V1ConfigMap>("after", Reference("v1", "ConfigMap", "nobody", "0")));
        await elsewhere.UntilDeletedAsync("after", limit.Token);
        await cluster.Of<V1Secret>().CreateAsync(Owned<V1Secret>("child", Reference("v1", "ConfigMap", "owner", owner.Metadata.Uid)));

        await cluster.GoneAsync<V1Secret>("child");

        var told = await cluster.Client.ListWatch(ResourceDefinition.For<Corev1Event>(), "default").UntilAsync(e => e.Object!.As<Corev1Event>().Reason == "OwnerRefInvalidNamespace", cancellation: limit.Token);
        var said = told.Object!.As<Corev1Event>();
        Assert.Equal(("garbage-collector-controller", "child", "Warning"), (said.Source.Component, said.InvolvedObject.Name, said.Type));
        Assert.Equal($"ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: {owner.Metadata.Uid}] does not exist in namespace \"default\"", said.Message);
    }

    [Fact]
    public async Task Switched_off_it_leaves_what_nobody_owns()
    {
        await using var cluster = await Cluster.StartAsync(ClusterControllersOptions.None);
        var owner = await cluster.Of<V1ConfigMap>().CreateAsync(Owned<V1ConfigMap>("owner"));
        await cluster.Of<V1ConfigMap>().DeleteAsync("owner", new DeleteOptions { Propagation = DeletePropagation.Orphan });

        Assert.Contains("orphan", (await cluster.Of<V1ConfigMap>().GetAsync("owner")).Metadata.Finalizers);
        Assert.Equal(owner.Metadata.Uid, (await cluster.Of<V1ConfigMap>().GetAsync("owner")).Metadata.Uid);
    }

    /// <summary>A config map that owns one that owns a secret.</summary>
    private static async Task ChainAsync(Cluster cluster, bool blocks = false, string[]? finalizers = null)
    {
        var owner = await cluster.Of<V1ConfigMap>().CreateAsync(Owned<V1ConfigMap>("owner"));
        var child = await cluster.Of<V1ConfigMap>().CreateAsync(Owned<V1ConfigMap>("child", Reference("v1", "ConfigMap", "owner", owner.Metadata.Uid, blocks)));
        var grandchild = Owned<V1Secret>("grandchild", Reference("v1", "ConfigMap", "child", child.Metadata.Uid, blocks));
        grandchild.Metadata.Finalizers = finalizers;
        await cluster.Of<V1Secret>().CreateAsync(grandchild);
    }

    private static T Owned<T>(string name, params V1OwnerReference[] owners)
        where T : class, IKubernetesObject<V1ObjectMeta>, new() => new() { Metadata = new V1ObjectMeta { Name = name, OwnerReferences = owners.Length == 0 ? null : [.. owners] } };

    private static V1OwnerReference Reference(string apiVersion, string kind, string name, string uid, bool blocks = false) =>
        new() { ApiVersion = apiVersion, Kind = kind, Name = name, Uid = uid, BlockOwnerDeletion = blocks ? true : null };
}
