using System.Collections.Concurrent;
using System.Globalization;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Cluster.Tests.Sharding;

/// <summary>Two nodes of one controller, whose slices the test moves as a cluster would: stop here, then start there.</summary>
public sealed class HandOffTests : ServerTest
{
    const int Shards = 4;
    const int Keys = 24;

    readonly ActorSystem[] _nodes = new ActorSystem[2];
    readonly IActorRef[] _slices = new IActorRef[Shards];
    readonly ConcurrentDictionary<NamespacedName, string> _atWork = new();
    readonly ConcurrentQueue<string> _clashes = [];
    Func<ReconcileContext<V1ConfigMap>, string, CancellationToken, Task> _work = static (_, _, _) => Task.CompletedTask;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        for (var i = 0; i < _nodes.Length; i++)
        {
            var name = $"node-{i}";
            _nodes[i] = ActorSystem.Create(name, "akka.loglevel = ERROR");
            var kubernetes = _nodes[i].AddKubernetes(NewClient());
            var controller = new ControllerBuilder<V1ConfigMap>()
                .Named("maps")
                .WithMaxConcurrentReconciles(4)
                .WithResync(null)
                .WithReconciler((context, cancellation) => Reconcile(context, name, cancellation))
                .Build();
            await kubernetes.AddAsync(ShardedControllers.Sliced(controller, Shards));
        }
    }

    public override async Task DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(static n => n.Terminate()));
        await base.DisposeAsync();
    }

    async Task<ReconcileResult> Reconcile(ReconcileContext<V1ConfigMap> context, string node, CancellationToken cancellation)
    {
        if (!_atWork.TryAdd(context.Key, node))
            _clashes.Enqueue($"{node} began {context.Key} while {_atWork.GetValueOrDefault(context.Key)} was at work on it");
        try
        {
            await _work(context, node, cancellation);
        }
        finally
        {
            _atWork.TryRemove(KeyValuePair.Create(context.Key, node));
        }
        return ReconcileResult.Done;
    }

    void Start(int slice, int node, TimeSpan? drain = null) => _slices[slice] = _nodes[node].ActorOf(SliceActor.Props(
        new SliceSettings("maps", slice, drain ?? TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1)),
        new SharedSliceWork(_nodes[node].Kubernetes().Guardian, "maps", new KeySlice(slice.ToString(CultureInfo.InvariantCulture))),
        null,
        NullLogger.Instance));

    async Task Stop(int slice) => Assert.True(await _slices[slice].GracefulStop(Patience, SliceActor.HandOff.Instance));

    static string KeyOf(int slice, int skip = 0) =>
        Enumerable.Range(0, 1000).Select(static i => $"m{i}").Where(n => KeySlices.Of(new NamespacedName("default", n), Shards) == slice).Skip(skip).First();

    Task Want(string name, int want) => Client.Resource<V1ConfigMap>("default").PatchAsync(name, Patch.Merge($$$"""{"data":{"want":"{{{want}}}"}}"""));

    static async Task Copy(ReconcileContext<V1ConfigMap> context, CancellationToken cancellation)
    {
        if (context.Object is not { Data: { } data } map || !data.TryGetValue("want", out var want) || (data.TryGetValue("seen", out var seen) && seen == want))
            return;
        data["seen"] = want;
        await context.Client.Resource<V1ConfigMap>(context.Key.Namespace).UpdateAsync(map, cancellation: cancellation);
    }

    async Task AllSeen(IEnumerable<string> names)
    {
        using var patience = new CancellationTokenSource(Patience);
        foreach (var name in names)
            await Client.Resource(ResourceDefinition.For<V1ConfigMap>(), "default").UntilAsync(name, static o => o.As<V1ConfigMap>().Data is { } d && d.TryGetValue("seen", out var seen) && seen == d["want"], patience.Token);
    }

    [Fact]
    public async Task No_change_is_lost_and_no_key_is_reconciled_twice_at_once_while_slices_move_between_nodes_under_load()
    {
        _work = static (context, _, cancellation) => Copy(context, cancellation);
        var names = Enumerable.Range(0, Keys).Select(static i => $"m{i}").ToArray();
        foreach (var name in names)
            await Client.Resource<V1ConfigMap>("default").CreateAsync(Map(name, ("want", "0")));
        var owner = new int[Shards];
        for (var slice = 0; slice < Shards; slice++)
            Start(slice, 0);
        using var stop = new CancellationTokenSource();
        var changing = Task.Run(async () =>
        {
            for (var want = 1; !stop.IsCancellationRequested; want++)
                await Want(names[want % Keys], want);
        });
        var random = new Random(7);
        for (var move = 0; move < 40; move++)
        {
            var slice = random.Next(Shards);
            await Stop(slice);
            Start(slice, owner[slice] = 1 - owner[slice]);
        }
        await stop.CancelAsync();
        await changing;
        await AllSeen(names);
        Assert.Empty(_clashes);
    }

    [Fact]
    public async Task Changes_and_deletions_while_a_slice_is_nobodys_are_seen_by_its_next_owner()
    {
        var gone = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work = async (context, node, cancellation) =>
        {
            if (!context.Exists)
                gone.TrySetResult($"{node}:{context.Key.Name}");
            await Copy(context, cancellation);
        };
        var (kept, deleted) = (KeyOf(2), KeyOf(2, skip: 1));
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Map(kept, ("want", "0")));
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Map(deleted, ("want", "0")));
        Start(2, 0);
        await AllSeen([kept, deleted]);
        await Stop(2);
        await Want(kept, 5);
        var uid = (await Client.Resource<V1ConfigMap>("default").GetAsync(deleted)).Metadata.Uid;
        await Client.Resource<V1ConfigMap>("default").DeleteAsync(deleted);
        var cache = await _nodes[1].Kubernetes().CacheAsync(CacheSpec.Of<V1ConfigMap>());
        var deletion = new ObjectWrite(cache.Spec.Resource, new NamespacedName("default", deleted), "", uid);
        await cache.Actor.Ask<ObjectCache.Seen>(new ObjectCache.WhenSeen("deleted", deletion), Patience);
        Start(2, 1);
        await AllSeen([kept]);
        Assert.Equal($"node-1:{deleted}", await gone.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Reconcile_that_will_not_leave_holds_up_the_hand_off_no_longer_than_its_bound_and_cannot_write_afterwards()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var outcome = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work = async (context, node, _) =>
        {
            if (node != "node-0")
            {
                await Copy(context, CancellationToken.None);
                return;
            }
            begun.TrySetResult();
            await goOn.Task;
            outcome.TrySetResult(await Record.ExceptionAsync(() => context.Client.Resource<V1ConfigMap>("default").PatchAsync(context.Key.Name, Patch.Merge("""{"data":{"seen":"stale"}}"""))));
        };
        var name = KeyOf(1);
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Map(name, ("want", "1")));
        Start(1, 0, drain: TimeSpan.FromMilliseconds(50));
        await begun.Task.WaitAsync(Patience);
        await Stop(1);
        Start(1, 1);
        await AllSeen([name]);
        goOn.SetResult();
        Assert.IsType<OwnershipLostException>(await outcome.Task.WaitAsync(Patience));
        Assert.Equal("1", (await Client.Resource<V1ConfigMap>("default").GetAsync(name)).Data["seen"]);
    }

    [Fact]
    public async Task Reconciler_that_is_an_actor_cannot_write_either_once_its_slice_has_gone()
    {
        using var system = ActorSystem.Create("actors", "akka.loglevel = ERROR");
        var asked = new TaskCompletionSource<Reconcile<V1ConfigMap>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var kubernetes = system.AddKubernetes(NewClient());
        var actor = system.ActorOf(Props.Create(() => new Asked(asked)));
        await kubernetes.AddAsync(ShardedControllers.Sliced(new ControllerBuilder<V1ConfigMap>().Named("actors").WithReconcilerActor(actor).Build(), 1));
        await Client.Resource<V1ConfigMap>("default").CreateAsync(Map("x"));
        var slice = system.ActorOf(SliceActor.Props(
            new SliceSettings("actors", 0, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1)), new SharedSliceWork(kubernetes.Guardian, "actors", new KeySlice("0")), null, NullLogger.Instance));
        var run = await asked.Task.WaitAsync(Patience);
        await run.Context.Client.Resource<V1ConfigMap>("default").PatchAsync("x", Patch.Merge("""{"data":{"by":"owner"}}"""));
        Assert.True(await slice.GracefulStop(Patience, SliceActor.HandOff.Instance));
        await Assert.ThrowsAsync<OwnershipLostException>(() => run.Context.Client.Resource<V1ConfigMap>("default").PatchAsync("x", Patch.Merge("""{"data":{"by":"ghost"}}""")));
        Assert.Equal("owner", (await Client.Resource<V1ConfigMap>("default").GetAsync("x")).Data["by"]);
        await system.Terminate();
    }

    sealed class Asked(TaskCompletionSource<Reconcile<V1ConfigMap>> asked) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is Reconcile<V1ConfigMap> reconcile && reconcile.Key.Name == "x")
                asked.TrySetResult(reconcile);
            else
                Sender.Tell(ReconcileResult.Done);
        }
    }
}
