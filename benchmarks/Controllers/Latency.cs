using System.Diagnostics;
using System.Globalization;
using ActorKube.Actors;
using ActorKube.ApiServer;
using ActorKube.Transport;
using Akka.Actor;
using k8s.Models;

namespace Controllers;

/// <summary>
/// The time from a write to the start of the reconcile that sees it, which hears of it over a socket and TLS. The clock starts when the writer's request is begun: over TLS too, so
/// that a client's and a socket's part of writing is in it, or handed to the server in its process, so that what the server does to write is in it and nothing else of writing.
/// </summary>
internal static class Latency
{
    const int Objects = 200;
    const string Namespace = "default";

    public static async Task<int> MeasureAsync(int perSecond, int seconds, bool within)
    {
        await using var server = await EmbeddedApiServer.StartAsync();
        using var writer = Client(server, within ? server.CreateHandler() : null);
        using var reader = Client(server, null);
        var maps = writer.Resource<V1ConfigMap>(Namespace);
        for (var i = 0; i < Objects; i++) await maps.CreateAsync(Map(i, -1));

        var writes = perSecond * seconds;
        var sent = new long[writes];
        var began = new long[writes];
        using var system = ActorSystem.Create("latency", "akka.loglevel = WARNING");
        var kubernetes = system.AddKubernetes(reader);
        await kubernetes.AddAsync(new ControllerBuilder<V1ConfigMap>().InNamespace(Namespace).WithMaxConcurrentReconciles(4).WithReconciler((context, _) =>
        {
            var now = Stopwatch.GetTimestamp();
            if (context.Object?.Data is { } data && int.Parse(data["write"], CultureInfo.InvariantCulture) is >= 0 and var write && began[write] == 0) began[write] = now;
            return Task.FromResult(ReconcileResult.Done);
        }).Build());
        var cache = await kubernetes.CacheAsync<V1ConfigMap>(Namespace);
        await cache.WaitForSyncAsync();

        var warm = Math.Min(writes / 4, perSecond * 3);
        var under = new List<Task>();
        var start = Stopwatch.GetTimestamp();
        for (var write = 0; write < writes; write++)
        {
            var due = start + (long)((double)write / perSecond * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < due) await Task.Delay(1);
            sent[write] = Stopwatch.GetTimestamp();
            under.Add(maps.UpdateAsync(Map(write % Objects, write)));
        }
        await Task.WhenAll(under);
        await Task.Delay(500);

        // A write that a later one of its object overtook has no reconcile of its own.
        var times = Enumerable.Range(warm, writes - warm).Where(i => began[i] != 0).Select(i => Stopwatch.GetElapsedTime(sent[i], began[i]).TotalMilliseconds).Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"latency from={(within ? "server" : "client")} writes={writes - warm} per_s={perSecond} reconciled={times.Length} p50_ms={At(times, 0.5):F2} p90_ms={At(times, 0.9):F2} p99_ms={At(times, 0.99):F2} max_ms={times[^1]:F2}"));
        return 0;
    }

    static double At(double[] ordered, double share) => ordered[(int)(share * (ordered.Length - 1))];

    static KubernetesClient Client(EmbeddedApiServer server, HttpMessageHandler? handler) =>
        new(new KubernetesClientConfiguration { Server = server.Uri, Token = server.Token, CertificateAuthorityPem = server.CaPem, Qps = -1, LogDetail = RequestLogDetail.None },
            new KubernetesClientOptions { Handler = handler });

    static V1ConfigMap Map(int index, int write) => new()
    {
        ApiVersion = "v1", Kind = "ConfigMap",
        Metadata = new V1ObjectMeta { Name = $"map-{index}", NamespaceProperty = Namespace },
        Data = new Dictionary<string, string> { ["write"] = write.ToString(CultureInfo.InvariantCulture) },
    };
}
