using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

// Transport.Formats [OBJECTS [EVENTS [ROUNDS]]]
//   Starts LoadServer as a process of its own and reads the same pods in JSON and in protobuf, turn about: single gets, whole lists and watches, by the typed
//   client (what controllers' own code uses) and as received (what caches use). For each the best round: wall time and this process's CPU time an object,
//   and bytes allocated.
var objects = Number(0, 2000);
var events = Number(1, 20_000);
var rounds = Number(2, 5);
var gets = Math.Min(objects, 2000);

var port = FreePort();
using var server = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "LoadServer.dll"), Text(port), Text(objects), Text(events)]) { RedirectStandardOutput = true })!;
try
{
    while (await server.StandardOutput.ReadLineAsync() is { } line && line != "ready") Console.WriteLine(line);
    var clients = new Dictionary<WireFormat, KubernetesClient>();
    foreach (var format in new[] { WireFormat.Json, WireFormat.Protobuf })
        clients.Add(format, new KubernetesClient(new KubernetesClientConfiguration { Server = new Uri($"http://127.0.0.1:{port}"), WireFormat = format, Qps = -1 }));

    (string What, int Count, Func<KubernetesClient, Task> Run)[] rows =
    [
        ("get, typed", gets, async client =>
        {
            var pods = client.CoreV1.Pods("team-1");
            for (var number = 0; number < gets; number++) Check((await pods.GetAsync("one")).Spec.Containers.Count);
        }),
        ("list, typed", objects, async client => Check((await client.CoreV1.Pods().ListAsync()).Items.Count / objects * 2)),
        ("watch, typed", events, async client =>
        {
            var seen = 0;
            await foreach (var item in client.CoreV1.Pods().WatchAsync())
            {
                Check(item.Object!.Spec.Containers.Count);
                if (++seen == events) break;
            }
        }),
        ("list, as received", objects, async client => Check((await client.ListWatch(ResourceDefinition.For<V1Pod>()).ListAsync(new ListOptions(), default)).Items.Count / objects * 2)),
        ("watch, as received", events, async client =>
        {
            var seen = 0;
            await foreach (var item in client.ListWatch(ResourceDefinition.For<V1Pod>()).WatchAsync(new ListOptions(), default))
            {
                Check(item.Object!.Name.Length > 0 ? 2 : 0);
                if (++seen == events) break;
            }
        }),
    ];
    Console.WriteLine($"{"",-20} {"",-9} {"wall µs",10} {"CPU µs",10} {"bytes",10}   an object, best of {rounds}");
    foreach (var (what, count, run) in rows)
    {
        var best = clients.Keys.ToDictionary(format => format, _ => (Wall: double.MaxValue, Cpu: double.MaxValue, Bytes: double.MaxValue));
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var (format, client) in clients)
            {
                var cpu = Process.GetCurrentProcess().TotalProcessorTime;
                var allocated = GC.GetTotalAllocatedBytes();
                var started = Stopwatch.GetTimestamp();
                await run(client);
                var wall = Stopwatch.GetElapsedTime(started).TotalMicroseconds / count;
                var used = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / count;
                var bytes = (double)(GC.GetTotalAllocatedBytes() - allocated) / count;
                // The first round compiles.
                if (round > 0) best[format] = (Math.Min(wall, best[format].Wall), Math.Min(used, best[format].Cpu), Math.Min(bytes, best[format].Bytes));
            }
        }
        foreach (var (format, (wall, used, bytes)) in best)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-20} {format,-9} {wall,10:0.0} {used,10:0.0} {bytes,10:0}"));
    }
}
finally
{
    server.Kill();
}

int Number(int at, int otherwise) => args.Length > at ? int.Parse(args[at], CultureInfo.InvariantCulture) : otherwise;

static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

static int FreePort()
{
    using var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    return ((IPEndPoint)listener.LocalEndpoint).Port;
}

static void Check(int containers)
{
    if (containers != 2) throw new InvalidOperationException("A pod came that is none of the server's.");
}
