using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using BenchmarkDotNet.Attributes;
using Controllers;

namespace Micro;

/// <summary>What readers of a shared cache pay: 0.8 KB objects in 50 namespaces, with 16 values of a label.</summary>
public class CacheReads
{
    readonly LabelSelector _shard = LabelSelector.Parse("shard=3");
    SyntheticServer _server = null!;
    KubernetesClient _client = null!;
    ActorSystem _system = null!;
    ObjectCache _cache = null!;
    NamespacedName[] _keys = [];
    int _next;

    [Params(1_000, 100_000)]
    public int Objects { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _server = new SyntheticServer(Objects, []);
        _client = new KubernetesClient(
            new KubernetesClientConfiguration { Server = new Uri("http://bench.internal/"), Qps = -1, LogDetail = RequestLogDetail.None },
            new KubernetesClientOptions { Handler = _server });
        _system = ActorSystem.Create("reads", "akka.loglevel = WARNING");
        var kind = new ResourceDefinition(new GroupVersionKind("bench.example.com", "v1", SyntheticServer.KindOf("kind0s")), "kind0s", true);
        _cache = _system.AddKubernetes(_client).CacheAsync(new CacheSpec(kind)).GetAwaiter().GetResult();
        _cache.WaitForSyncAsync().GetAwaiter().GetResult();
        var random = new Random(1);
        _keys = [.. _cache.Snapshot.List().Select(o => o.Key)];
        random.Shuffle(_keys);
    }

    [GlobalCleanup]
    public void End()
    {
        _system.Terminate().GetAwaiter().GetResult();
        _client.Dispose();
        _server.Dispose();
    }

    [Benchmark]
    public KubeObject? Get() => _cache.TryGet(_keys[_next = _next + 1 < _keys.Length ? _next + 1 : 0], out var found) ? found : null;

    [Benchmark]
    public int ListNamespace() => _cache.List("team-7").Count;

    [Benchmark]
    public int ListNamespaceByLabel() => _cache.List("team-7", _shard).Count;

    [Benchmark]
    public int ListAllByLabel() => _cache.List(labels: _shard).Count;
}
