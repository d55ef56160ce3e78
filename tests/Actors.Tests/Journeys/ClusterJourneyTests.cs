using System.Collections.Concurrent;
using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Tests.Shared;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using k8s.Models;

namespace ActorKube.Actors.Tests;

/// <summary>The runtime on any cluster: an embedded server over TLS, or the one that <see cref="JourneyCluster.Variable"/> names.</summary>
public sealed class ClusterJourneyTests : IAsyncLifetime
{
    readonly ActorSystem _system = ActorSystem.Create("journey");
    readonly CancellationTokenSource _limit = new(JourneyCluster.Patience);
    readonly News _news = new();
    JourneyCluster _cluster = null!;
    KubernetesClient _client = null!;

    public async Task InitializeAsync()
    {
        _cluster = await JourneyCluster.StartAsync();
        _client = _cluster.Client();
    }

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        await _client.DisposeAsync();
        await _cluster.DisposeAsync();
        _limit.Dispose();
    }

    string Namespace => _cluster.Namespace;

    CancellationToken Limit => _limit.Token;

    static V1ConfigMap Map(string name, string value = "1") => new() { Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["journey"] = "yes" } }, Data = new Dictionary<string, string> { ["k"] = value } };

    /// <summary>The next change of a cache that is as wanted.</summary>
    async Task<CacheChange> Wait(ISinkQueue<CacheChange> changes, Func<CacheChange, bool> wanted)
    {
        while (true)
        {
            var change = (await changes.PullAsync().WaitAsync(Limit)).Value;
            if (wanted(change))
                return change;
        }
    }

    ISinkQueue<CacheChange> Changes(Kubernetes kubernetes, CacheSpec spec) => kubernetes.Changes(spec).RunWith(Sink.Queue<CacheChange>(), _system.Materializer());

    [Theory]
    [InlineData(WireFormat.Json, true)]
    [InlineData(WireFormat.Json, false)]
    [InlineData(WireFormat.Protobuf, true)]
    [InlineData(WireFormat.Protobuf, false)]
    public async Task Caches_of_every_sort_see_what_is_there_and_what_comes(WireFormat format, bool streamed)
    {
        await using var client = _cluster.Client(format);
        var kubernetes = _system.AddKubernetes(client, new KubernetesOptions { ListAndWatch = new ListAndWatchSettings { StreamInitialEvents = streamed, PageSize = 2, AlwaysPage = true } });
        var maps = client.CoreV1.ConfigMaps(Namespace);
        for (var i = 0; i < 5; i++)
            await maps.CreateAsync(Map($"m{i}"), cancellation: Limit);
        var resource = ResourceDefinition.For<V1ConfigMap>();
        var raw = await kubernetes.CacheAsync(new CacheSpec(resource, Namespace, "journey=yes"));
        var metadata = await kubernetes.CacheAsync(new CacheSpec(resource, Namespace, "journey=yes", MetadataOnly: true));
        var typed = await kubernetes.CacheAsync<V1ConfigMap>(Namespace);
        await raw.WaitForSyncAsync(Limit);
        await metadata.WaitForSyncAsync(Limit);
        await typed.WaitForSyncAsync(Limit);
        Assert.Equal((5, 5), (raw.Count, metadata.Count));
        Assert.Equal("1", typed.Get("m3", Namespace)!.Data["k"]);
        Assert.True(metadata.TryGet(new NamespacedName(Namespace, "m0"), out var head) && head.Labels["journey"] == "yes");

        var seen = Changes(kubernetes, raw.Spec);
        var heads = Changes(kubernetes, metadata.Spec);
        await maps.PatchAsync("m1", Patch.Merge("""{"data":{"k":"2"}}"""), cancellation: Limit);
        Assert.Equal("2", (await Wait(seen, c => c.Key.Name == "m1" && c.Now!.As<V1ConfigMap>().Data["k"] == "2")).Now!.As<V1ConfigMap>().Data["k"]);
        await maps.PatchAsync("m2", Patch.Merge("""{"metadata":{"labels":{"journey":"no"}}}"""), cancellation: Limit);
        await Wait(seen, c => c is CacheChange.Deleted && c.Key.Name == "m2");
        await maps.DeleteAsync("m4", cancellation: Limit);
        await Wait(heads, c => c is CacheChange.Deleted && c.Key.Name == "m4");
        Assert.DoesNotContain(kubernetes.Health.Caches, c => c.Trouble is not null);
    }

    [Fact]
    public async Task A_kind_may_be_defined_and_deleted_and_defined_again_while_its_controller_runs()
    {
        var widgets = new ResourceDefinition(new GroupVersionKind(_cluster.Group, "v1", "Widget"), "widgets", true);
        var kubernetes = _system.AddKubernetes(_client, new KubernetesOptions { ListAndWatch = new ListAndWatchSettings { MissingKindRetry = TimeSpan.FromMilliseconds(100), Backoff = new BackoffPolicy { Initial = TimeSpan.FromMilliseconds(100), Cap = TimeSpan.FromSeconds(1) } } });
        var reconciled = new ConcurrentQueue<string>();
        await kubernetes.AddAsync(new ControllerBuilder(widgets).WithReconciler((context, _) =>
        {
            reconciled.Enqueue(context.Raw?.Uid ?? "gone");
            _news.Happened();
            return Task.FromResult(ReconcileResult.Done);
        }).Build());
        var changes = Changes(kubernetes, new CacheSpec(widgets));
        for (var round = 0; round < 2; round++)
        {
            await _cluster.DefineAsync("widgets", "Widget", Limit);
            var created = await CreatedAsync(widgets);
            await Wait(changes, c => c.Now?.Uid == created.Uid);
            await _news.UntilAsync(() => reconciled.Contains(created.Uid), Limit);
            await _cluster.UndefineAsync(widgets, Limit);
            await Wait(changes, c => c is CacheChange.Deleted && c.Key.Name == "w");
        }
    }

    /// <summary>A definition that is established may still be refused for a moment: "storage is (re)initializing", or not found by a second server.</summary>
    async Task<KubeObject> CreatedAsync(ResourceDefinition widgets)
    {
        while (true)
        {
            try
            {
                return await _client.Resource(widgets, Namespace).CreateAsync(
                    KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes($$$"""{"apiVersion":"{{{_cluster.Group}}}/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"size":1}}""")), cancellation: Limit);
            }
            catch (KubernetesException early) when (early.IsNotFound || early.IsTooManyRequests || early.IsMethodNotSupported)
            {
                // Asked again: the server's answer is what is waited for.
            }
        }
    }

    [Fact]
    public async Task A_controller_owns_children_cleans_up_by_a_finalizer_and_tells_of_it_in_events()
    {
        var kubernetes = _system.AddKubernetes(_client, new KubernetesOptions { Component = "journey" });
        var cleaned = 0;
        await kubernetes.AddAsync(new ControllerBuilder<V1ConfigMap>().InNamespace(Namespace).Selecting(labelSelector: "journey=yes").Owns<V1Secret>()
            .WithFinalizer("example.com/journey", (context, _) =>
            {
                Interlocked.Increment(ref cleaned);
                _news.Happened();
                return Task.FromResult(ReconcileResult.Done);
            })
            .WithReconciler(async (context, cancellation) =>
            {
                if (context.Object is not { } map || map.Metadata.DeletionTimestamp is not null)
                    return ReconcileResult.Done;
                if (context.Owned<V1Secret>().Count == 0)
                {
                    await context.Client.Resource<V1Secret>(context.Key.Namespace).CreateAsync(new V1Secret
                    {
                        Metadata = new V1ObjectMeta
                        {
                            GenerateName = "child-",
                            OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = map.Metadata.Name, Uid = map.Metadata.Uid, Controller = true }],
                        },
                    }, cancellation: cancellation);
                    context.Events.Normal("Made", "made a child");
                }
                return ReconcileResult.Done;
            }).Build());
        var secrets = Changes(kubernetes, new CacheSpec(ResourceDefinition.For<V1Secret>(), Namespace));
        var maps = _client.CoreV1.ConfigMaps(Namespace);
        var parent = await maps.CreateAsync(Map("parent"), cancellation: Limit);
        var child = await Wait(secrets, c => c.Now is { } secret && secret.OwnerReferences.Any(o => o.Uid == parent.Metadata.Uid));
        Assert.Equal(["example.com/journey"], (await maps.GetAsync("parent", cancellation: Limit)).Metadata.Finalizers);
        await _client.ListWatch(ResourceDefinition.For<Corev1Event>(), Namespace).UntilAsync(
            e => e.Object!.As<Corev1Event>() is { Reason: "Made", Source.Component: "journey", InvolvedObject.Name: "parent" }, cancellation: Limit);

        // A child that is deleted is made again; the parent goes once it is cleaned up after.
        await _client.CoreV1.Secrets(Namespace).DeleteAsync(child.Key.Name, cancellation: Limit);
        var again = await Wait(secrets, c => c is CacheChange.Added && c.Key.Name != child.Key.Name && c.Now!.OwnerReferences.Any());
        await maps.DeleteAsync("parent", cancellation: Limit);
        await _client.Resource(ResourceDefinition.For<V1ConfigMap>(), Namespace).UntilDeletedAsync("parent", Limit);
        // Once more where somebody has written the object while it was cleaned up after.
        Assert.InRange(cleaned, 1, int.MaxValue);
        await Wait(secrets, c => c is CacheChange.Deleted && c.Key == again.Key);
    }

    [Fact]
    public async Task Of_two_candidates_one_leads_and_the_other_takes_over_what_is_given_back()
    {
        var other = ActorSystem.Create("other");
        try
        {
            var leads = new ConcurrentDictionary<string, int>();
            LeaderElectionOptions Election(string identity) => new()
            {
                LeaseName = "journey", LeaseNamespace = Namespace, Identity = identity, LeaseDuration = TimeSpan.FromSeconds(3), RenewDeadline = TimeSpan.FromSeconds(2), RetryPeriod = TimeSpan.FromMilliseconds(300),
            };
            async Task<Kubernetes> JoinAsync(ActorSystem system, string identity)
            {
                var kubernetes = system.AddKubernetes(_client, new KubernetesOptions { LeaderElection = Election(identity) });
                await kubernetes.AddAsync(new ControllerBuilder<V1ConfigMap>().InNamespace(Namespace).WithReconciler((_, _) =>
                {
                    leads.AddOrUpdate(identity, 1, (_, n) => n + 1);
                    _news.Happened();
                    return Task.FromResult(ReconcileResult.Done);
                }).Build());
                return kubernetes;
            }
            await _client.CoreV1.ConfigMaps(Namespace).CreateAsync(Map("a"), cancellation: Limit);
            await JoinAsync(_system, "first");
            await _news.UntilAsync(() => leads.ContainsKey("first"), Limit);
            await JoinAsync(other, "second");
            var leases = _client.Resource(ResourceDefinition.For<V1Lease>(), Namespace);
            var renewed = (await _client.CoordinationV1.Leases(Namespace).GetAsync("journey", cancellation: Limit)).Spec.RenewTime;
            await leases.UntilAsync("journey", lease => lease.As<V1Lease>().Spec.RenewTime > renewed, Limit);
            Assert.False(leads.ContainsKey("second"));

            await CoordinatedShutdown.Get(_system).Run(CoordinatedShutdown.ClrExitReason.Instance);
            await _news.UntilAsync(() => leads.ContainsKey("second"), Limit);
            var lease = await _client.CoordinationV1.Leases(Namespace).GetAsync("journey", cancellation: Limit);
            Assert.Equal(("second", 3, 1), (lease.Spec.HolderIdentity, lease.Spec.LeaseDurationSeconds, lease.Spec.LeaseTransitions));
        }
        finally
        {
            await other.Terminate();
        }
    }
}
