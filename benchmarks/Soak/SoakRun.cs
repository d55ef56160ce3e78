using System.Diagnostics;
using ActorKube.Actors;
using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Transport;
using Akka.Actor;
using k8s.Models;

namespace ActorKube.Soak;

/// <summary>One run: builds it all up, lets it work under changes and faults, and judges.</summary>
sealed class SoakRun : IAsyncDisposable
{
    static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(10);
    static readonly TimeSpan SettleWithin = TimeSpan.FromMinutes(2);

    readonly SoakOptions _options;
    readonly EmbeddedApiServer _server;
    readonly KubernetesClient _client;
    readonly KubernetesClient _changer;
    readonly ActorSystem _system = ActorSystem.Create("soak");
    readonly Audit _audit = new();
    readonly List<Sample> _samples = [];
    readonly HashSet<string> _names = [];
    readonly Random _random;
    long _changes;
    long _lists;
    int _next;

    SoakRun(SoakOptions options, EmbeddedApiServer server)
    {
        _options = options;
        _server = server;
        _random = new Random(options.Seed);
        _client = Client();
        _changer = Client();
    }

    sealed record Sample(TimeSpan At, double HeapMegabytes, double ResidentMegabytes);

    IResourceClient Changer => _changer.Resource(Loads.Resource, Loads.Namespace);

    KubernetesClient Client() => _options.InProcess
        ? new KubernetesClient(new KubernetesClientConfiguration { Server = new Uri("http://in-process"), Qps = -1 }, new KubernetesClientOptions { Handler = _server.CreateHandler() })
        : new KubernetesClient(new KubernetesClientConfiguration { Server = _server.Uri, Token = _server.Token, CertificateAuthorityPem = _server.CaPem, Qps = -1 });

    public static async Task<SoakRun> StartAsync(SoakOptions options)
    {
        var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = !options.InProcess, FaultSeed = options.Seed, HistoryEvents = 2000 });
        return new SoakRun(options, server);
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        await _client.DisposeAsync();
        await _changer.DisposeAsync();
        await _server.DisposeAsync();
    }

    public async Task<bool> RunAsync()
    {
        await CreateKindAsync();
        Console.WriteLine($"creating {_options.Objects} objects …");
        await Parallel.ForEachAsync(Enumerable.Range(0, _options.Objects), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) => await CreateAsync());

        // Faults come faster here than pauses of up to a minute would let anybody recover from.
        var kubernetes = _system.AddKubernetes(_client, new KubernetesOptions
        {
            ListAndWatch = new ListAndWatchSettings { Backoff = new BackoffPolicy { Initial = TimeSpan.FromMilliseconds(100), Cap = TimeSpan.FromSeconds(2) } },
            OnTrouble = (_, trouble) => Interlocked.Add(ref _lists, trouble.Relists ? 1 : 0),
        });
        await kubernetes.AddAsync(new ControllerBuilder(Loads.Resource).WithMaxConcurrentReconciles(8)
            .WithRetry(new RetryPolicy { OverallPerSecond = 0, Cap = TimeSpan.FromSeconds(5) }).WithReconciler(_audit).Build());
        var cache = await kubernetes.CacheAsync(new CacheSpec(Loads.Resource));
        await cache.WaitForSyncAsync();
        if (!await SettledAsync(cache, "the objects that were there are reconciled"))
            return false;

        Console.WriteLine($"{_options.Rate} changes a second and faults, for {_options.Time.TotalMinutes:0.##} minutes");
        var mischief = new Mischief(_server, _options.Seed);
        using var time = new CancellationTokenSource(_options.Time);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        await Task.WhenAll(ChangeAsync(time.Token), mischief.GoOnAsync(time.Token), SampleAsync(cache, time.Token));
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;

        var settled = await SettledAsync(cache, "after the last change");
        Console.WriteLine($"faults: {string.Join(", ", mischief.Done.OrderBy(d => d.Key).Select(d => $"{d.Value} {d.Key}"))}");
        Console.WriteLine($"{_changes} changes, {_audit.Reconciles} reconciles, {_audit.Failures} of them failed, {_lists} relists; {cpu.TotalSeconds:0} s of CPU for both halves, {cpu.TotalMilliseconds / Math.Max(1, _changes):0.00} ms a change");
        var once = Judge(_audit.Overlaps == 0, $"no key ran twice at once ({_audit.Overlaps} did)");
        return settled & once & JudgeMemory();
    }

    // ---- changes ----

    async Task CreateKindAsync()
    {
        await _changer.Resource<V1CustomResourceDefinition>().CreateAsync(Loads.Definition);
        await _changer.Resource(ResourceDefinition.For<V1CustomResourceDefinition>()).UntilAsync(
            Loads.Definition.Metadata.Name, d => d.As<V1CustomResourceDefinition>().Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) is true, CancellationToken.None);
    }

    async Task ChangeAsync(CancellationToken time)
    {
        var clock = Stopwatch.StartNew();
        var begun = 0L;
        var underWay = new List<Task>();
        while (!time.IsCancellationRequested)
        {
            // What a slow moment kept from being done is made up for.
            for (var due = (long)(clock.Elapsed.TotalSeconds * _options.Rate); begun < due; begun++)
                underWay.Add(OneAsync());
            underWay.RemoveAll(static t => t.IsCompletedSuccessfully);
            if (underWay.Count > 2000)
                await Task.WhenAny(underWay);
            await Task.Delay(10, CancellationToken.None);
        }
        await Task.WhenAll(underWay);
    }

    async Task OneAsync()
    {
        var dice = _random.Next(100);
        var value = _random.Next(1_000_000);
        if (dice < 90)
            await UntilDoneAsync(async name => await Changer.PatchAsync(name, Loads.Change(value)), Pick());
        else if (dice < 95)
            await CreateAsync();
        else
            await UntilDoneAsync(async name => await Changer.DeleteAsync(name), Pick(andForget: true));
        Interlocked.Increment(ref _changes);
    }

    async ValueTask CreateAsync()
    {
        var name = $"load-{Interlocked.Increment(ref _next):d6}";
        await UntilDoneAsync(async n => await Changer.CreateAsync(Loads.New(n, 0)), name);
        lock (_names)
            _names.Add(name);
    }

    string Pick(bool andForget = false)
    {
        lock (_names)
        {
            // Names are numbered: one close to a number drawn at random is found at once.
            while (true)
            {
                var name = $"load-{_random.Next(1, _next + 1):d6}";
                if (!_names.Contains(name))
                    continue;
                if (andForget)
                    _names.Remove(name);
                return name;
            }
        }
    }

    /// <summary>Whoever changes the world here has patience: faults hit him too.</summary>
    static async Task UntilDoneAsync(Func<string, Task> change, string name)
    {
        while (true)
        {
            try
            {
                await change(name);
                return;
            }
            catch (KubernetesException done) when (done.IsAlreadyExists || done.IsNotFound)
            {
                return;
            }
            catch (Exception error) when (error is KubernetesException or HttpRequestException or IOException or OperationCanceledException)
            {
                await Task.Delay(50);
            }
        }
    }

    // ---- judging ----

    async Task SampleAsync(ObjectCache cache, CancellationToken time)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await Task.Delay(SampleEvery, time);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            _audit.Sweep(key => cache.TryGet(key, out _));
            var heap = GC.GetTotalMemory(forceFullCollection: true) / 1e6;
            var sample = new Sample(clock.Elapsed, heap, Environment.WorkingSet / 1e6);
            _samples.Add(sample);
            Console.WriteLine($"{sample.At.TotalSeconds,5:0} s  {_changes,7} changes  {_audit.Reconciles,7} reconciles  {_audit.Failures,6} failed  {_lists,4} relists  {cache.Count,6} objects  heap {sample.HeapMegabytes,6:0.0} MB  resident {sample.ResidentMegabytes,6:0} MB");
        }
    }

    async Task<bool> SettledAsync(ObjectCache cache, string when)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var problems = await ProblemsAsync(cache);
            if (problems.Count == 0)
                return Judge(true, $"cache = server, and every object's last generation is reconciled ({when}, after {clock.Elapsed.TotalSeconds:0.0} s)");
            if (clock.Elapsed > SettleWithin)
            {
                foreach (var problem in problems.Take(10))
                    Console.WriteLine("    " + problem);
                return Judge(false, $"cache = server, and every object's last generation is reconciled: {problems.Count} are not ({when})");
            }
            await Task.Delay(250);
        }
    }

    async Task<List<string>> ProblemsAsync(ObjectCache cache)
    {
        var problems = new List<string>();
        var there = new Dictionary<NamespacedName, KubeObject>();
        await foreach (var load in Changer.ListAllAsync())
            there[load.Key] = load;
        var here = cache.Snapshot;
        foreach (var (key, load) in there)
        {
            if (!here.TryGet(key, out var cached))
                problems.Add($"{key} is missing in the cache");
            else if (cached.Uid != load.Uid || cached.ResourceVersion != load.ResourceVersion)
                problems.Add($"{key} is cached at {cached.ResourceVersion}, and {load.ResourceVersion} on the server");
            if (Loads.ObservedGeneration(load) != load.Generation || _audit.Seen(key) != load.Generation)
                problems.Add($"{key} is at generation {load.Generation}, its status says {Loads.ObservedGeneration(load)}, its last reconcile saw {_audit.Seen(key)}");
        }
        foreach (var load in here.List())
        {
            if (!there.ContainsKey(load.Key))
                problems.Add($"{load.Key} is in the cache, and not on the server");
        }
        foreach (var key in _audit.Keys)
        {
            if (!there.ContainsKey(key) && _audit.Seen(key) != 0)
                problems.Add($"{key} is gone, and its last reconcile saw generation {_audit.Seen(key)}");
        }
        return problems;
    }

    /// <summary>Flat: the last third of the run holds no more than the third before it, but for a tenth or 20 MB.</summary>
    bool JudgeMemory()
    {
        var third = _samples.Count / 3;
        if (third == 0)
            return Judge(true, "memory: too short a run to say");
        double Heap(int from) => _samples.Skip(from).Take(third).Average(static s => s.HeapMegabytes);
        var middle = Heap(_samples.Count - (2 * third));
        var last = Heap(_samples.Count - third);
        return Judge(last <= middle + Math.Max(20, middle / 10), $"memory is flat: live heap {middle:0.0} MB in the middle third, {last:0.0} MB in the last; resident {_samples[^1].ResidentMegabytes:0} MB (both halves)");
    }

    static bool Judge(bool holds, string what)
    {
        Console.WriteLine($"{(holds ? "ok  " : "FAIL")} {what}");
        return holds;
    }
}
