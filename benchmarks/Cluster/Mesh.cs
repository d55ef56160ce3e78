using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActorKube.Actors;
using ActorKube.ApiServer;
using ActorKube.Cluster;
using ActorKube.Hosting;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Remote.Hosting;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorKube.Benchmarks.Cluster;

/// <summary>How a controller is shared.</summary>
enum Mode
{
    /// <summary>Every node watches everything.</summary>
    Default,

    /// <summary>The same, with a lease for each slice.</summary>
    Leases,

    /// <summary>Every slice watches its own label.</summary>
    WatchLabel,
}

/// <summary>Some nodes in this process on one embedded server, and what they cost it and the machine.</summary>
static class Mesh
{
    const string Label = "slice";
    const int Changes = 1000;

    public static async Task<string> MeasureAsync(Mode mode, int count, int objects, int shards, TimeSpan idle)
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        await using var client = new KubernetesClient(Configuration(), new KubernetesClientOptions { Handler = server.CreateHandler() });
        var maps = client.Resource<V1ConfigMap>("default");
        var names = Enumerable.Range(0, objects).Select(static i => string.Create(CultureInfo.InvariantCulture, $"map-{i}")).ToArray();
        foreach (var name in names)
            await maps.CreateAsync(Map(name, shards));
        var done = new ConcurrentDictionary<string, string>();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var nodes = new List<(IHost Host, CountingHandler Requests)>();
        var seed = FreePort();
        for (var i = 0; i < count; i++)
        {
            var requests = new CountingHandler(server.CreateHandler());
            var host = Build(mode, i == 0 ? seed : FreePort(), seed, shards, requests, done);
            await host.StartAsync();
            nodes.Add((host, requests));
        }
        await Until(() => done.Count == objects);
        // Balancing goes on for a while, and what was decoded on the way is garbage.
        await Task.Delay(TimeSpan.FromSeconds(30));
        var heap = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        var atRest = Sum(nodes);
        await Task.Delay(idle);
        var rested = Sum(nodes);
        var perMinute = 60 / idle.TotalSeconds;
        for (var i = 0; i < Changes; i++)
            await maps.PatchAsync(names[i * 7 % objects], Patch.Merge(string.Create(CultureInfo.InvariantCulture, $$$"""{"data":{"want":"{{{i}}}"}}""")));
        await Until(() => Enumerable.Range(0, Math.Min(Changes, objects)).All(i => done.GetValueOrDefault(names[i * 7 % objects]) is { Length: > 0 }));
        var changed = Sum(nodes);
        foreach (var (host, _) in nodes)
        {
            await host.StopAsync();
            host.Dispose();
        }
        return string.Create(CultureInfo.InvariantCulture,
            $"{mode,-11} heap a node {heap / 1e6:F1} MB; all nodes until at rest: {atRest.Reads} reads, {atRest.Leases} lease requests, {atRest.Bytes / 1e6:F1} MB; a minute at rest: {(rested.Reads - atRest.Reads) * perMinute:F0} reads, {(rested.Writes - atRest.Writes) * perMinute:F0} writes, {(rested.Leases - atRest.Leases) * perMinute:F0} lease requests, {(rested.Bytes - atRest.Bytes) * perMinute / 1e3:F0} KB; a change: {(changed.Bytes - rested.Bytes) / (double)Changes / 1e3:F2} KB");
    }

    static KubernetesClientConfiguration Configuration() => new() { Server = new Uri("http://in-process"), Qps = -1 };

    static V1ConfigMap Map(string name, int shards) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            Labels = new Dictionary<string, string> { [Label] = KeySlices.Of(new NamespacedName("default", name), shards).ToString(CultureInfo.InvariantCulture) },
        },
        Data = new Dictionary<string, string> { ["want"] = "", ["text"] = new('x', 1700) },
    };

    static IHost Build(Mode mode, int port, int seed, int shards, CountingHandler requests, ConcurrentDictionary<string, string> done)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(static logging => logging.SetMinimumLevel(LogLevel.Critical));
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(60));
        builder.Services.AddAkka("mesh", akka => akka
            .AddHocon("akka { loglevel = ERROR, stdout-loglevel = OFF, log-dead-letters = off }", HoconAddMode.Prepend)
            .WithRemoting("127.0.0.1", port)
            .WithClustering(new ClusterOptions { SeedNodes = [string.Create(CultureInfo.InvariantCulture, $"akka.tcp://mesh@127.0.0.1:{seed}")] })
            .WithKubernetes(kube => kube.UseClient(new KubernetesClient(Configuration(), new KubernetesClientOptions { Handler = requests })))
            .WithShardedController<V1ConfigMap>(
                "maps",
                shards,
                c => c.WithReconciler((context, _) =>
                {
                    done[context.Key.Name] = context.Object?.Data["want"] ?? "";
                    return Task.FromResult(ReconcileResult.Done);
                }),
                new ShardedControllerOptions
                {
                    Lease = mode == Mode.Leases ? new KubernetesLeaseOption { Namespace = "default" } : null,
                    WatchLabel = mode == Mode.WatchLabel ? Label : null,
                }));
        return builder.Build();
    }

    static (long Reads, long Writes, long Leases, long Bytes) Sum(List<(IHost Host, CountingHandler Requests)> nodes)
    {
        var counts = nodes.Select(static n => n.Requests.Counts).ToArray();
        return (counts.Sum(static c => c.Reads), counts.Sum(static c => c.Writes), counts.Sum(static c => c.Leases), counts.Sum(static c => c.Bytes));
    }

    static async Task Until(Func<bool> holds)
    {
        while (!holds())
            await Task.Delay(100);
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
