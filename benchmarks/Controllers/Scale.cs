using System.Diagnostics;
using System.Globalization;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;

namespace Controllers;

/// <summary>Whether what an event costs stays the same, and memory grows with objects alone, as keys, objects, kinds and controllers become many.</summary>
internal static class Scale
{
    const int Reports = 10;

    /// <summary>So many distinct keys through one controller: each object comes, is reconciled, and goes.</summary>
    public static async Task<int> KeysAsync(int keys)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys, 64 << 15);
        Process? seen = null;
        // An object that came and went while nobody looked is news to nobody: each stays until it was reconciled.
        using var server = new SyntheticServer(0, Enumerable.Range(0, keys).SelectMany(i => i < 1000 ? new[] { ("ADDED", i) } : [("ADDED", i), ("DELETED", i - 1000)]), item => seen!.Saw(item));
        await using var process = await Process.StartAsync(server, kinds: 1, controllers: 1);
        seen = process;
        server.Go();
        var costs = new List<double>();
        for (var report = 1; report <= Reports; report++)
        {
            var (before, seenBefore) = (Cpu(), process.Reconciled);
            await process.UntilAsync((long)keys * report / Reports);
            costs.Add((Cpu() - before).TotalMicroseconds / (process.Reconciled - seenBefore));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"keys seen={process.DistinctKeys} reconciles={process.Reconciled} cpu_us_per_reconcile={costs[^1]:F1} heap_mb={GC.GetTotalMemory(forceFullCollection: true) / 1e6:F1}"));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"keys={keys} last_to_second={costs[^1] / costs[1]:F2}"));
        return 0;
    }

    /// <summary>One kind with few and with many objects: the same number of changes to each.</summary>
    public static async Task<int> ObjectsAsync(int objects)
    {
        const int Changes = 400_000;
        foreach (var count in new[] { objects / 100, objects / 30, objects / 10, objects / 3, objects })
        {
            using var server = new SyntheticServer(count, Enumerable.Range(0, Changes).Select(i => ("MODIFIED", (int)((uint)(i * 2654435761L) % (uint)count))));
            var heap = GC.GetTotalMemory(forceFullCollection: true);
            await using var process = await Process.StartAsync(server, kinds: 1, controllers: 0);
            heap = GC.GetTotalMemory(forceFullCollection: true) - heap;
            var before = Cpu();
            var (collected, paused) = (Collections(), GC.GetTotalPauseDuration());
            server.Go();
            await process.UntilEventsAsync(Changes);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"objects={count} heap_mb={heap / 1e6:F1} bytes_per_object={heap / Math.Max(1, count)} cpu_us_per_event={(Cpu() - before).TotalMicroseconds / Changes:F1} collections={string.Join('/', Collections().Zip(collected, (now, then) => now - then))} paused_us_per_event={(GC.GetTotalPauseDuration() - paused).TotalMicroseconds / Changes:F1}"));
        }
        return 0;
    }

    /// <summary>One kind and controller, then many of both in one process: the same number of events in all.</summary>
    public static async Task<int> KindsAsync(int kinds, int controllers)
    {
        const int Events = 400_000;
        foreach (var (k, c) in new[] { (1, 1), (kinds / 10, controllers / 10), (kinds, controllers) })
        {
            var each = Events / Math.Max(1, k);
            using var server = new SyntheticServer(100, Enumerable.Range(0, each).Select(i => ("MODIFIED", i % 100)));
            await using var process = await Process.StartAsync(server, Math.Max(1, k), Math.Max(1, c));
            var before = Cpu();
            server.Go();
            await process.UntilEventsAsync((long)each * Math.Max(1, k));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"kinds={Math.Max(1, k)} controllers={Math.Max(1, c)} cpu_us_per_event={(Cpu() - before).TotalMicroseconds / Events:F1} reconciles={process.Reconciled} threads={ThreadPool.ThreadCount}"));
        }
        return 0;
    }

    /// <summary>How often each generation was collected.</summary>
    static int[] Collections() => [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)];

    static TimeSpan Cpu() => Environment.CpuUsage.TotalTime;

    /// <summary>An actor system with caches of some kinds and controllers of the first of them.</summary>
    sealed class Process : IAsyncDisposable
    {
        readonly ActorSystem _system;
        readonly KubernetesClient _client;
        readonly List<ObjectCache> _caches = [];
        // A bit a key, so that the books cost nothing beside what is measured.
        readonly long[] _seen = new long[1 << 15];
        int _distinct;
        long _reconciled;
        long _events;

        Process(SyntheticServer server)
        {
            _client = new KubernetesClient(
                new KubernetesClientConfiguration { Server = new Uri("http://bench.internal/"), Qps = -1, LogDetail = RequestLogDetail.None },
                new KubernetesClientOptions { Handler = server });
            _system = ActorSystem.Create("scale", "akka.loglevel = WARNING");
        }

        public long Reconciled => Interlocked.Read(ref _reconciled);

        public int DistinctKeys => Volatile.Read(ref _distinct);

        public bool Saw(int item) => (Interlocked.Read(ref _seen[(item >> 6) % _seen.Length]) & (1L << (item & 63))) != 0;

        public static async Task<Process> StartAsync(SyntheticServer server, int kinds, int controllers)
        {
            var process = new Process(server);
            var settings = new ActorKube.Streams.ListAndWatchSettings { Transform = process.Count };
            var kubernetes = process._system.AddKubernetes(process._client, new KubernetesOptions { ListAndWatch = settings });
            var resources = Enumerable.Range(0, kinds).Select(i => Resource(i)).ToArray();
            foreach (var resource in resources) process._caches.Add(await kubernetes.CacheAsync(new CacheSpec(resource)));
            for (var i = 0; i < controllers; i++)
            {
                await kubernetes.AddAsync(new ControllerBuilder(resources[i % kinds]).Named($"controller-{i}").WithMaxConcurrentReconciles(4).WithReconciler((context, _) =>
                {
                    process.Reconcile(context.Key);
                    return Task.FromResult(ReconcileResult.Done);
                }).Build());
            }
            foreach (var cache in process._caches) await cache.WaitForSyncAsync();
            Interlocked.Exchange(ref process._events, 0);
            return process;
        }

        public Task UntilAsync(long keys) => UntilAsync(() => DistinctKeys >= keys);

        public Task UntilEventsAsync(long events) => UntilAsync(() => Interlocked.Read(ref _events) >= events);

        static async Task UntilAsync(Func<bool> condition)
        {
            var last = Stopwatch.GetTimestamp();
            while (!condition())
            {
                await Task.Delay(5);
                if (Stopwatch.GetElapsedTime(last) > TimeSpan.FromMinutes(10)) throw new TimeoutException("Nothing more comes.");
            }
        }

        KubeObject Count(KubeObject item)
        {
            Interlocked.Increment(ref _events);
            return item;
        }

        void Reconcile(NamespacedName key)
        {
            Interlocked.Increment(ref _reconciled);
            var item = int.Parse(key.Name.AsSpan("item-".Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var bit = 1L << (item & 63);
            if ((Interlocked.Or(ref _seen[(item >> 6) % _seen.Length], bit) & bit) == 0) Interlocked.Increment(ref _distinct);
        }

        static ResourceDefinition Resource(int index) => new(new GroupVersionKind("bench.example.com", "v1", SyntheticServer.KindOf($"kind{index}s")), $"kind{index}s", true);

        public async ValueTask DisposeAsync()
        {
            await _system.Terminate();
            _client.Dispose();
        }
    }
}
