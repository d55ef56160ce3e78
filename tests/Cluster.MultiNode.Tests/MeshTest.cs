using System.Globalization;
using ActorKube.ApiServer;
using ActorKube.Hosting;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Cluster.MultiNode.Tests;

/// <summary>A server, some config maps that are asked to be reconciled again and again, and nodes that do it.</summary>
public abstract class MeshTest : IAsyncLifetime
{
    protected const int Keys = 60;

    /// <summary>For what must happen at last; machines that build and test other things at the same time are slow.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    readonly List<Node> _nodes = [];
    int _want;

    protected EmbeddedApiServer Server { get; private set; } = null!;

    protected KubernetesClient Client { get; private set; } = null!;

    protected static IReadOnlyList<string> Names { get; } = [.. Enumerable.Range(0, Keys).Select(static i => string.Create(CultureInfo.InvariantCulture, $"key-{i}"))];

    protected virtual bool Listens => false;

    public async Task InitializeAsync()
    {
        Server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = Listens });
        Client = NewClient();
        foreach (var name in Names)
        {
            await Maps.CreateAsync(new V1ConfigMap
            {
                Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["ledger"] = "yes" } },
                Data = new Dictionary<string, string> { ["want"] = "0", ["seen"] = "", ["active"] = "" },
            });
        }
    }

    public virtual async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }

    protected IResourceClient<V1ConfigMap> Maps => Client.Resource<V1ConfigMap>("default");

    protected KubernetesClient NewClient() => new(
        new KubernetesClientConfiguration { Server = new Uri("http://in-process"), Qps = -1 },
        new KubernetesClientOptions { Handler = Server.CreateHandler() });

    internal async Task<Node> Start(NodeSettings settings)
    {
        var node = await Node.StartAsync(settings, kube => kube.UseClient(NewClient()));
        _nodes.Add(node);
        return node;
    }

    internal void Forget(Node node) => _nodes.Remove(node);

    /// <summary>Asks for one key to be reconciled again.</summary>
    protected Task Ask(string name) =>
        Maps.PatchAsync(name, Patch.Merge(string.Create(CultureInfo.InvariantCulture, $$$"""{"data":{"want":"{{{Interlocked.Increment(ref _want)}}}"}}""")));

    /// <summary>Asks for every key to be reconciled again, and returns when all have been.</summary>
    protected async Task AskForAll()
    {
        foreach (var name in Names)
            await Ask(name);
        await AllSeen();
    }

    /// <summary>Returns when every key's last change has been reconciled.</summary>
    protected async Task AllSeen()
    {
        var unseen = Names.ToDictionary(static n => n, static _ => "not heard of");
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await Client.Resource(ResourceDefinition.For<V1ConfigMap>(), "default").ListWatch().UntilAsync(
                seen =>
                {
                    var map = seen.Object!.As<V1ConfigMap>();
                    if (!map.Metadata.Name.StartsWith("key-", StringComparison.Ordinal))
                        return false;
                    if (Ledger.Of(map.Data, "seen") == Ledger.Of(map.Data, "want") && Ledger.Of(map.Data, "active").Length == 0)
                        unseen.Remove(map.Metadata.Name);
                    else
                        unseen[map.Metadata.Name] = $"want {Ledger.Of(map.Data, "want")}, seen {Ledger.Of(map.Data, "seen")}, active '{Ledger.Of(map.Data, "active")}'";
                    return unseen.Count == 0;
                },
                TimeProvider.System,
                patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            Assert.Fail($"{unseen.Count} keys were lost: {string.Join("; ", unseen.Take(5).Select(static u => $"{u.Key}: {u.Value}"))}. Nodes: {string.Join(" | ", _nodes)}");
        }
    }

    /// <summary>Returns when the nodes own all slices between them, each of them some.</summary>
    internal async Task Divided(params Node[] nodes)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await Node.Moves.UntilAsync(
                () => nodes.SelectMany(static n => n.Slices).Order().SequenceEqual(Enumerable.Range(0, Node.Shards)) && nodes.All(n => n.Slices.Count >= Node.Shards / nodes.Length / 2),
                patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The slices were not divided: {string.Join(" | ", nodes.AsEnumerable())}");
        }
    }

    /// <summary>Every key is reconciled by the node that owns its slice, and by no other. Asked again where slices moved meanwhile: balancing goes on for a while.</summary>
    internal async Task EachKeyHasItsOwner(params Node[] nodes)
    {
        var stopwatch = System.Diagnostics.Stopwatch.StartNew();
        string before, after;
        do
        {
            before = string.Join('|', nodes.AsEnumerable());
            await AskForAll();
            after = string.Join('|', nodes.AsEnumerable());
        }
        while (before != after && stopwatch.Elapsed < Patience);
        Assert.Equal(before, after);
        // Each says itself by whom it was reconciled when it was last asked: written with the answer that was waited for, so it is there.
        var maps = (await Maps.ListAsync(new ListOptions { LabelSelector = "ledger=yes" })).Items;
        Assert.Equal(Keys, maps.Count);
        foreach (var map in maps)
            Assert.Contains(KeySlices.Of(new NamespacedName("default", map.Metadata.Name), Node.Shards), nodes.Single(n => n.Name == Ledger.Of(map.Data, "by")).Slices);
    }

    /// <summary>No key was ever reconciled on two nodes at once.</summary>
    protected async Task NeverTwoAtOnce()
    {
        Assert.Empty(Ledger.Clashes);
        Assert.Empty((await Maps.ListAsync()).Items.Where(static m => Ledger.Of(m.Data, "clash").Length > 0).Select(static m => $"{m.Metadata.Name}:{Ledger.Of(m.Data, "clash")}"));
    }

    /// <summary>Changes keys, so many a second, until it is disposed.</summary>
    protected sealed class Changes : IAsyncDisposable
    {
        readonly CancellationTokenSource _stop = new();
        readonly Task _running;

        public Changes(MeshTest test, int perSecond) => _running = Task.Run(async () =>
        {
            var random = new Random(1);
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
            try
            {
                while (await timer.WaitForNextTickAsync(_stop.Token))
                {
                    await test.Ask(Names[random.Next(Names.Count)]);
                    Count++;
                }
            }
            catch (OperationCanceledException)
            {
            }
        });

        public int Count { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
        }
    }
}
