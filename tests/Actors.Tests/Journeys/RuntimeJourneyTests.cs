using System.Collections.Concurrent;
using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Tests.Shared;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using k8s.Models;

namespace ActorKube.Actors.Tests;

/// <summary>The runtime without a host, against a server in this process: <c>system.AddKubernetes(client)</c> and what comes of it.</summary>
public sealed class RuntimeJourneyTests : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly ActorSystem _system = ActorSystem.Create("journey");
    EmbeddedApiServer _server = null!;
    KubernetesClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        _client = Client(_server.CreateHandler());
    }

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    static KubernetesClient Client(HttpMessageHandler handler) => new(
        new KubernetesClientConfiguration { Server = new Uri("http://in-process"), Qps = -1 }, new KubernetesClientOptions { Handler = handler });

    static V1ConfigMap Map(string name) => new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" } };

    /// <summary>The next change of a cache that is as wanted.</summary>
    static async Task<CacheChange> Wait(ISinkQueue<CacheChange> changes, Func<CacheChange, bool> wanted)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var change = (await changes.PullAsync().WaitAsync(patience.Token)).Value;
            if (wanted(change))
                return change;
        }
    }

    ISinkQueue<CacheChange> Changes(Kubernetes kubernetes, CacheSpec spec) => kubernetes.Changes(spec).RunWith(Sink.Queue<CacheChange>(), _system.Materializer());

    [Fact]
    public async Task Typed_dynamic_and_metadata_caches_and_a_source_of_ones_own_see_the_same_objects()
    {
        var kubernetes = _system.AddKubernetes(_client);
        Assert.Same(kubernetes, _system.Kubernetes());
        var maps = _client.Resource<V1ConfigMap>("default");
        await maps.CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "default", Labels = new Dictionary<string, string> { ["app"] = "x" } }, Data = new Dictionary<string, string> { ["k"] = "v" } });
        var definition = new ResourceDefinition(new GroupVersionKind("", "v1", "ConfigMap"), "configmaps", true);

        var typed = await kubernetes.CacheAsync<V1ConfigMap>("default");
        var raw = await kubernetes.CacheAsync(new CacheSpec(definition, "default"));
        var metadata = await kubernetes.CacheAsync(new CacheSpec(definition, "default", MetadataOnly: true));
        var selected = await kubernetes.CacheAsync(new CacheSpec(definition, "default", "app=y"));
        foreach (var cache in new[] { raw, metadata, selected })
            await cache.WaitForSyncAsync().WaitAsync(Patience);
        await typed.WaitForSyncAsync().WaitAsync(Patience);
        Assert.Equal("v", typed.Get("a", "default")!.Data["k"]);
        Assert.True(raw.TryGet(new NamespacedName("default", "a"), out var found) && found.Kind == "ConfigMap");
        Assert.True(metadata.TryGet(new NamespacedName("default", "a"), out var head));
        Assert.Equal(("PartialObjectMetadata", found!.Uid, "x"), (head!.Kind, head.Uid, head.Labels["app"]));
        Assert.DoesNotContain("\"data\"", head.ToJson());
        Assert.Equal(0, selected.Count);

        var changes = Changes(kubernetes, metadata.Spec);
        var own = kubernetes.Source(raw.Spec).RunWith(Sink.Queue<ReflectorEvent>(), _system.Materializer());
        await maps.CreateAsync(Map("b"));
        Assert.Equal("PartialObjectMetadata", (await Wait(changes, c => c.Key.Name == "b")).Latest.Kind);
        var replaced = Assert.IsType<ReflectorEvent.Replaced>((await own.PullAsync().WaitAsync(Patience)).Value);
        Assert.Contains("a", replaced.Objects.Select(o => o.Name));
        await maps.DeleteAsync("b");
        Assert.IsType<CacheChange.Deleted>(await Wait(changes, c => c is CacheChange.Deleted && c.Key.Name == "b"));
    }

    [Fact]
    public async Task Informer_handlers_and_a_key_queue_reconcile_as_client_go_programs_do()
    {
        var kubernetes = _system.AddKubernetes(_client);
        await using var informer = await kubernetes.InformerAsync<V1ConfigMap>("default");
        var synced = new ConcurrentDictionary<string, int>();
        var queue = await kubernetes.QueueAsync(
            "copier",
            async (key, cancellation) =>
            {
                synced.AddOrUpdate(key.Name, 1, (_, n) => n + 1);
                if (informer.Lister.Get(key) is { } map && map.Metadata.Annotations?.ContainsKey("seen") is not true)
                    await kubernetes.Client.Resource<V1ConfigMap>(key.Namespace).PatchAsync(key.Name, Patch.Merge("""{"metadata":{"annotations":{"seen":"yes"}}}"""), cancellation: cancellation);
                return ReconcileResult.Done;
            },
            null,
            informer.Cache.Spec);
        informer.AddHandler(new InformerHandler<V1ConfigMap>
        {
            Added = (map, _) => queue.Add(new NamespacedName(map.Metadata.NamespaceProperty, map.Metadata.Name)),
            Updated = (_, map) => queue.Add(new NamespacedName(map.Metadata.NamespaceProperty, map.Metadata.Name)),
        });
        await _client.Resource<V1ConfigMap>("default").CreateAsync(Map("a"));
        using var patience = new CancellationTokenSource(Patience);
        await _client.Resource(ResourceDefinition.For<V1ConfigMap>(), "default").UntilAsync("a", map => map.Annotations.ContainsKey("seen"), patience.Token);
        await queue.ShutDownAsync();
        Assert.InRange(synced["a"], 1, 3);
    }

    [Fact]
    public async Task Kind_that_is_deleted_and_created_again_while_the_controller_runs_is_picked_up_by_itself()
    {
        var widgets = new ResourceDefinition(new GroupVersionKind("example.com", "v1", "Widget"), "widgets", true);
        var kubernetes = _system.AddKubernetes(_client, new KubernetesOptions { ListAndWatch = new ListAndWatchSettings { MissingKindRetry = TimeSpan.FromMilliseconds(20), Backoff = new BackoffPolicy { Initial = TimeSpan.FromMilliseconds(20) } } });
        var reconciled = new Reconciles();
        await kubernetes.AddAsync(new ControllerBuilder(widgets).WithReconciler((context, _) =>
        {
            reconciled.Add($"{context.Key.Name} {(context.Exists ? context.Raw!.Uid : "gone")}");
            return Task.FromResult(ReconcileResult.Done);
        }).Build());
        var changes = Changes(kubernetes, new CacheSpec(widgets));
        var before = "";
        for (var round = 0; round < 3; round++)
        {
            await CreateWidgetKindAsync();
            var created = await _client.Resource(widgets, "default").CreateAsync(KubeObject.Parse("""{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w","namespace":"default"}}"""u8.ToArray()));
            Assert.NotEqual(before, created.Uid);
            before = created.Uid;
            await Wait(changes, c => c.Now?.Uid == created.Uid);
            await kubernetes.Health.Controllers.Single().WaitForStartAsync().WaitAsync(Patience);
            // What comes and goes before its turn is reconciled once, as gone.
            await reconciled.Until(all => all.Contains($"w {created.Uid}"));
            await _client.Resource<V1CustomResourceDefinition>().DeleteAsync("widgets.example.com");
            await Wait(changes, c => c is CacheChange.Deleted && c.Key.Name == "w");
            using var patience = new CancellationTokenSource(Patience);
            await _client.Resource(ResourceDefinition.For<V1CustomResourceDefinition>()).UntilDeletedAsync("widgets.example.com", patience.Token);
        }
        await reconciled.Until(all => all[^1] == "w gone");
    }

    /// <summary>What was reconciled, in order; whoever waits for more is woken by it.</summary>
    sealed class Reconciles
    {
        readonly Lock _lock = new();
        readonly List<string> _all = [];
        TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Add(string one)
        {
            TaskCompletionSource woken;
            lock (_lock)
            {
                _all.Add(one);
                (woken, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }
            woken.SetResult();
        }

        public async Task Until(Func<IReadOnlyList<string>, bool> holds)
        {
            using var patience = new CancellationTokenSource(Patience);
            while (true)
            {
                Task more;
                lock (_lock)
                {
                    if (holds(_all))
                        return;
                    more = _more.Task;
                }
                await more.WaitAsync(patience.Token);
            }
        }
    }

    async Task CreateWidgetKindAsync()
    {
        var definitions = _client.Resource<V1CustomResourceDefinition>();
        var definition = new V1CustomResourceDefinition
        {
            Metadata = new V1ObjectMeta { Name = "widgets.example.com" },
            Spec = new V1CustomResourceDefinitionSpec
            {
                Group = "example.com",
                Scope = "Namespaced",
                Names = new V1CustomResourceDefinitionNames { Plural = "widgets", Kind = "Widget", Singular = "widget" },
                Versions = [new V1CustomResourceDefinitionVersion { Name = "v1", Served = true, Storage = true, Schema = new V1CustomResourceValidation { OpenAPIV3Schema = new V1JSONSchemaProps { Type = "object" } } }],
            },
        };
        using var patience = new CancellationTokenSource(Patience);
        await definitions.CreateAsync(definition);
        await _client.Resource(ResourceDefinition.For<V1CustomResourceDefinition>()).UntilAsync(
            "widgets.example.com", d => d.ToJson().Contains("\"Established\",\"", StringComparison.Ordinal) || d.As<V1CustomResourceDefinition>().Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) is true, patience.Token);
    }

    /// <summary>Copies a map into a secret if its cache has none; the watch of secrets is held back. Through every layer.</summary>
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task Late_watch_makes_no_second_child_where_writes_are_read_and_one_where_they_are_not(bool readsItsWrites, int children)
    {
        var held = new HeldWatches("secrets") { InnerHandler = _server.CreateHandler() };
        await using var client = Client(held);
        var kubernetes = _system.AddKubernetes(client);
        var runs = new SemaphoreSlim(0);
        await kubernetes.AddAsync(new ControllerBuilder<V1ConfigMap>().InNamespace("default").Owns<V1Secret>()
            .Selecting(labelSelector: "count")
            .With(o => o with { WriteVisibilityTimeout = readsItsWrites ? TimeSpan.FromMinutes(1) : TimeSpan.Zero })
            .WithReconciler(async (context, cancellation) =>
            {
                if (context.Object is { } map && context.Owned<V1Secret>().Count == 0)
                {
                    await context.Client.Resource<V1Secret>("default").CreateAsync(
                        new V1Secret
                        {
                            Metadata = new V1ObjectMeta
                            {
                                GenerateName = "child-",
                                OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = map.Metadata.Name, Uid = map.Metadata.Uid, Controller = true }],
                            },
                        },
                        cancellation: cancellation);
                }
                runs.Release();
                return ReconcileResult.Done;
            }).Build());
        await kubernetes.Health.Controllers.Single().WaitForStartAsync().WaitAsync(Patience);
        held.Hold();
        var counted = Map("m");
        counted.Metadata.Labels = new Dictionary<string, string> { ["count"] = "yes" };
        await _client.Resource<V1ConfigMap>("default").CreateAsync(counted);
        await runs.WaitAsync().WaitAsync(Patience);
        var changed = await _client.Resource<V1ConfigMap>("default").PatchAsync("m", Patch.Merge("""{"data":{"k":"v"}}"""));
        if (readsItsWrites)
        {
            var maps = kubernetes.Changes(new CacheSpec(ResourceDefinition.For<V1ConfigMap>(), "default", "count")).RunWith(Sink.Queue<CacheChange>(), _system.Materializer());
            await Wait(maps, c => c.Now?.ResourceVersion == changed.Metadata.ResourceVersion);
        }
        else
        {
            await runs.WaitAsync().WaitAsync(Patience);
        }
        held.Release();
        if (readsItsWrites)
            await runs.WaitAsync().WaitAsync(Patience);
        Assert.Equal(children, (await _client.Resource<V1Secret>("default").ListAsync()).Items.Count);
    }

    /// <summary>Lets watches of one resource open, and holds back what they bring.</summary>
    sealed class HeldWatches(string resource) : DelegatingHandler
    {
        volatile TaskCompletionSource _open = Opened();

        static TaskCompletionSource Opened()
        {
            var open = new TaskCompletionSource();
            open.SetResult();
            return open;
        }

        public void Hold() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _open.TrySetResult();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (!request.RequestUri!.AbsolutePath.EndsWith("/" + resource, StringComparison.Ordinal) || !request.RequestUri.Query.Contains("watch", StringComparison.Ordinal))
                return answer;
            var content = new StreamContent(new HeldStream(await answer.Content.ReadAsStreamAsync(cancellationToken), this));
            foreach (var header in answer.Content.Headers)
                content.Headers.TryAddWithoutValidation(header.Key, header.Value);
            answer.Content = content;
            return answer;
        }

        sealed class HeldStream(Stream inner, HeldWatches owner) : ReadOnlyStream
        {
            // Held on both sides: what was on its way when the holding began does not slip through.
            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                var read = await inner.ReadAsync(buffer, cancellationToken);
                await owner._open.Task.WaitAsync(cancellationToken);
                return read;
            }

            protected override void Dispose(bool disposing)
            {
                inner.Dispose();
                base.Dispose(disposing);
            }
        }
    }
}
