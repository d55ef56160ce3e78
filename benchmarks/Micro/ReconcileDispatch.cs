using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using BenchmarkDotNet.Attributes;

namespace Micro;

/// <summary>The way of a key from news to the end of its reconcile, which does nothing: its actor made, let in by the gate, run, at rest, stopped.</summary>
public class ReconcileDispatch
{
    const int Many = 1_000;

    readonly NamespacedName[] _keys = [.. Enumerable.Range(0, Many).Select(i => new NamespacedName($"team-{i % 50}", $"item-{i:x}"))];
    readonly SemaphoreSlim _done = new(0);
    KubernetesClient _client = null!;
    ActorSystem _system = null!;
    KeyQueue _queue = null!;
    int _left;

    [GlobalSetup]
    public void Start()
    {
        _client = new KubernetesClient(new KubernetesClientConfiguration { Server = new Uri("http://bench.internal/"), LogDetail = RequestLogDetail.None });
        _system = ActorSystem.Create("dispatch", "akka.loglevel = WARNING");
        _queue = _system.AddKubernetes(_client).QueueAsync("bench", (_, _) =>
        {
            if (Interlocked.Decrement(ref _left) == 0) _done.Release();
            return Task.FromResult(ReconcileResult.Done);
        }, new ControllerOptions { MaxConcurrentReconciles = 4 }).GetAwaiter().GetResult();
    }

    [GlobalCleanup]
    public void End()
    {
        _system.Terminate().GetAwaiter().GetResult();
        _client.Dispose();
        _done.Dispose();
    }

    /// <summary>There and back, one key at a time.</summary>
    [Benchmark]
    public async Task One()
    {
        _left = 1;
        _queue.Add(_keys[0]);
        await _done.WaitAsync();
    }

    /// <summary>A key's share where a thousand have work at once.</summary>
    [Benchmark(OperationsPerInvoke = Many)]
    public async Task OneOfMany()
    {
        _left = Many;
        foreach (var key in _keys) _queue.Add(key);
        await _done.WaitAsync();
    }
}
