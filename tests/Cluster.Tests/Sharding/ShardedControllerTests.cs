using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ActorKube.Actors;
using ActorKube.Hosting;
using ActorKube.Models;
using ActorKube.Tests.Shared;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Remote.Hosting;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorKube.Cluster.Tests.Sharding;

/// <summary>The builder as users write it, on one node that holds all slices; the same code on either runtime.</summary>
public sealed class ShardedControllerTests : ServerTest
{
    readonly ConcurrentQueue<(string Node, NamespacedName Key)> _reconciled = [];
    readonly ConcurrentDictionary<string, int> _slices = new();
    readonly News _news = new();

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A node that is its own seed.</summary>
    IHost Node(string name, Action<AkkaConfigurationBuilder> configure)
    {
        var port = FreePort();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddSingleton<IKubernetesClient>(_ => NewClient());
        builder.Services.AddAkka("mesh", akka =>
        {
            akka.WithRemoting("127.0.0.1", port)
                .WithClustering(new ClusterOptions { SeedNodes = [$"akka.tcp://mesh@127.0.0.1:{port}"] })
                .WithKubernetes()
                .WithActors((system, _) =>
                {
                    var counter = system.ActorOf(Props.Create(() => new Counter(_slices, _news)), "counter");
                    system.EventStream.Subscribe(counter, typeof(SliceTaken));
                    system.EventStream.Subscribe(counter, typeof(SliceLeft));
                });
            configure(akka);
        });
        return builder.Build();
    }

    sealed class Counter(ConcurrentDictionary<string, int> slices, News news) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is SliceTaken taken)
                slices.AddOrUpdate(taken.Controller, 1, static (_, n) => n + 1);
            else if (message is SliceLeft left)
                slices.AddOrUpdate(left.Controller, -1, static (_, n) => n - 1);
            news.Happened();
        }
    }

    void Reconciling(ControllerBuilder<V1ConfigMap> controller, string node) => controller
        .WithMaxConcurrentReconciles(4)
        .WithReconciler(async (context, cancellation) =>
        {
            Reconciled(node, context.Key);
            if (context.Object is { } map && map.Data?.ContainsKey("seen") is not true)
            {
                (map.Data ??= new Dictionary<string, string>())["seen"] = node;
                await context.Client.Resource<V1ConfigMap>(context.Key.Namespace).UpdateAsync(map, cancellation: cancellation);
            }
            return ReconcileResult.Done;
        });

    void Reconciled(string who, NamespacedName key)
    {
        _reconciled.Enqueue((who, key));
        _news.Happened();
    }

    async Task Seen(params IEnumerable<string> names)
    {
        using var patience = new CancellationTokenSource(Patience);
        foreach (var name in names)
            await Client.Resource(ResourceDefinition.For<V1ConfigMap>(), "default").UntilAsync(name, static map => map.As<V1ConfigMap>().Data?.ContainsKey("seen") is true, patience.Token);
    }

    [Fact]
    public async Task One_node_holds_all_slices_and_reconciles_every_key_once()
    {
        var names = Enumerable.Range(0, 100).Select(static i => $"map-{i}").ToArray();
        foreach (var name in names.Take(50))
            await Client.Resource<V1ConfigMap>("default").CreateAsync(Map(name));
        using var node = Node("one", akka => akka.WithShardedController<V1ConfigMap>("maps", shards: 64, c => Reconciling(c, "one")));
        await node.StartAsync();
        await Seen(names.Take(50));
        foreach (var name in names.Skip(50))
            await Client.Resource<V1ConfigMap>("default").CreateAsync(Map(name));
        await Seen(names);
        await Until(() => _slices.GetValueOrDefault("maps") == 64);
        await node.StopAsync();
        Assert.Equal(names.Order(), _reconciled.Select(static r => r.Key.Name).Where(static n => n.StartsWith("map-")).Distinct().Order());
    }

    [Fact]
    public async Task Several_sharded_controllers_and_an_unsharded_one_live_side_by_side()
    {
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Map("x"));
        using var node = Node("one", akka => akka
            .WithShardedController<V1ConfigMap>("first", 4, c => c.WithReconciler((context, _) => Note("first", context.Key)))
            .WithShardedController<V1ConfigMap>("second", shards: 7, c => c.WithReconciler((context, _) => Note("second", context.Key)))
            .WithController<V1ConfigMap>(c => Reconciling(c, "plain")));
        await node.StartAsync();
        await Seen("x");
        await Until(() => new[] { "first", "second", "plain" }.All(n => _reconciled.Contains((n, new NamespacedName("default", "x")))));
        await Until(() => (_slices.GetValueOrDefault("first"), _slices.GetValueOrDefault("second")) == (4, 7));
        await node.StopAsync();

        Task<ReconcileResult> Note(string who, NamespacedName key)
        {
            Reconciled(who, key);
            return Task.FromResult(ReconcileResult.Done);
        }
    }

    [Fact]
    public async Task Node_that_watches_by_label_sees_only_labelled_objects_of_its_slices()
    {
        const string label = "example.com/slice";
        V1ConfigMap Labelled(string name, string value)
        {
            var map = Map(name);
            map.Metadata.Labels = new Dictionary<string, string> { [label] = value };
            return map;
        }
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Labelled("zero", "0"));
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Labelled("one", "1"));
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Labelled("two", "2"));
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Labelled("nine", "9"));
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Map("plain"));
        using var node = Node("one", akka => akka.WithShardedController<V1ConfigMap>("maps", 3, c => Reconciling(c, "one"), new ShardedControllerOptions { WatchLabel = label }));
        await node.StartAsync();
        await Seen("zero", "one", "two");
        var health = node.Services.GetRequiredService<ActorSystem>().Kubernetes().Health;
        Assert.Equal(["example.com/slice=0", "example.com/slice=1", "example.com/slice=2"], health.Caches.Select(static c => c.Spec.LabelSelector).Order());
        Assert.Equal([1, 1, 1], health.Caches.Select(static c => c.Objects).Order());
        Assert.Equal(["maps-0", "maps-1", "maps-2"], health.Controllers.Select(static c => c.Name).Order());
        await node.StopAsync();
        Assert.DoesNotContain(_reconciled, static r => r.Key.Name is "plain" or "nine");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("example.com/slice")]
    public async Task Configuration_says_the_numbers_of_either_kind_of_sharded_controller(string? label)
    {
        ControllerBuilder<V1ConfigMap>? built = null;
        var section = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>("Kubernetes:Controllers:maps:MaxConcurrentReconciles", "7")]).Build().GetSection("Kubernetes");
        using var node = Node("one", akka => akka.WithKubernetes(section).WithShardedController<V1ConfigMap>("maps", 2, c => Reconciling(built = c, "one"), new ShardedControllerOptions { WatchLabel = label }));
        await node.StartAsync();
        Assert.Equal(7, built!.Options.MaxConcurrentReconciles);
        await node.StopAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Other_kinds_are_watched_by_label_only_where_they_carry_it_too(bool onAllKinds)
    {
        var controller = new ControllerBuilder<V1ConfigMap>().Named("maps").Selecting("app=x").Owns<V1Secret>().WithReconciler((_, _) => Task.FromResult(ReconcileResult.Done)).Build();
        var labelled = ShardedControllers.Labelled(controller, 5, "slice", onAllKinds);
        Assert.Equal("maps-5", labelled.Name);
        Assert.Equal(["app=x,slice=5", onAllKinds ? "slice=5" : null], labelled.Watches.Select(static w => w.Cache.LabelSelector));
        Assert.Equal("5", labelled.SliceOf!(new NamespacedName("any", "key")));
    }

    [Fact]
    public async Task Slices_with_leases_hold_them_while_they_are_owned_and_give_them_back()
    {
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Map("x"));
        using var node = Node("one", akka => akka.WithShardedController<V1ConfigMap>("maps", 3, c => Reconciling(c, "one"), new ShardedControllerOptions { Lease = new KubernetesLeaseOption() }));
        await node.StartAsync();
        await Seen("x");
        await Until(() => _slices.GetValueOrDefault("maps") == 3);
        var held = await Client.Resource<V1Lease>("default").ListAsync();
        Assert.Equal(["mesh-maps-0", "mesh-maps-1", "mesh-maps-2"], held.Items.Select(static l => l.Metadata.Name).Order());
        Assert.Single(held.Items.Select(static l => l.Spec.HolderIdentity).Distinct());
        Assert.All(held.Items, static l => Assert.NotEqual("", l.Spec.HolderIdentity));
        await node.StopAsync();
        Assert.All((await Client.Resource<V1Lease>("default").ListAsync()).Items, static l => Assert.True(string.IsNullOrEmpty(l.Spec.HolderIdentity)));
    }

    [Fact]
    public async Task Slice_whose_lease_another_holds_is_not_reconciled()
    {
        await Client.Resource<V1Lease>("default").CreateAsync(new V1Lease
        {
            Metadata = new V1ObjectMeta { Name = "mesh-maps-0" },
            Spec = new V1LeaseSpec { HolderIdentity = "elsewhere", LeaseDurationSeconds = 120, RenewTime = DateTime.UtcNow, AcquireTime = DateTime.UtcNow },
        });
        var mine = Enumerable.Range(0, 50).Select(static i => $"m{i}").First(static n => KeySlices.Of(new NamespacedName("default", n), 2) == 1);
        var theirs = Enumerable.Range(0, 50).Select(static i => $"m{i}").First(static n => KeySlices.Of(new NamespacedName("default", n), 2) == 0);
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Map(theirs));
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Map(mine));
        using var node = Node("one", akka => akka.WithShardedController<V1ConfigMap>("maps", 2, c => Reconciling(c, "one"), new ShardedControllerOptions { Lease = new KubernetesLeaseOption() }));
        await node.StartAsync();
        await Seen(mine);
        await node.StopAsync();
        Assert.DoesNotContain(_reconciled, r => r.Key.Name == theirs);
    }

    [Fact]
    public void Numbers_that_make_no_sense_are_refused_with_their_names()
    {
        AkkaConfigurationBuilder Akka() => new(new ServiceCollection(), "mesh");
        Assert.Throws<ArgumentOutOfRangeException>("shards", () => Akka().WithShardedController<V1ConfigMap>("maps", 0, c => Reconciling(c, "x")));
        Assert.Throws<ArgumentException>("name", () => Akka().WithShardedController<V1ConfigMap>(" ", 1, c => Reconciling(c, "x")));
        Assert.Throws<ArgumentOutOfRangeException>("DrainTimeout", () => new ShardedControllerOptions { DrainTimeout = TimeSpan.FromSeconds(-1) }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>("KeepAliveInterval", () => new ShardedControllerOptions { KeepAliveInterval = TimeSpan.Zero }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>("LeaseRetryInterval", () => new ShardedControllerOptions { LeaseRetryInterval = TimeSpan.Zero }.Validate());
        Assert.Throws<ArgumentException>("WatchLabel", () => new ShardedControllerOptions { WatchLabel = "" }.Validate());
        Assert.Throws<ArgumentException>("WatchLabelOnAllKinds", () => new ShardedControllerOptions { WatchLabelOnAllKinds = true }.Validate());
    }

    async Task Until(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        await _news.UntilAsync(holds, patience.Token);
    }
}
