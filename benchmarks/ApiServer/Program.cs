using System.Diagnostics;
using System.Globalization;
using ActorKube.ApiServer;
using ApiServerBenchmark;

// ApiServer [WATCHERS] [WRITES] [WRITERS] [WATCHED]
//   WATCHERS   watches of all config maps of a namespace (200)
//   WRITES     writes in all: a third each creates, patches, deletes (30000)
//   WRITERS    clients that write at once, each waiting for its answer (16)
//   WATCHED    how many of the writers' objects the watchers select, in percent (100)
//   tls        as the last argument: over sockets and TLS instead of in the process
// Each watcher's events are held to what was written: none lost, none twice, none out of order.
//
// ApiServer start [TIMES] [cluster] [tls]
//   How long StartAsync takes, of a server or of one with its controllers and a node, the first time in a process and then, in milliseconds of the clock and of the CPU.
var tls = args is [.., "tls"];
if (args is ["start", ..])
{
    await Starts.RunAsync(args.Length > 1 && int.TryParse(args[1], out var times) ? times : 20, tls, args.Contains("cluster"));
    return;
}
int Argument(int index, int otherwise) => args.Length > index && args[index] != "tls" ? int.Parse(args[index], CultureInfo.InvariantCulture) : otherwise;
var (watchers, writes, writers, watched) = (Argument(0, 200), Argument(1, 30_000), Argument(2, 16), Argument(3, 100));

await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions
{
    Listen = tls, FurnishNamespaces = false, HistoryEvents = 100_000,
});
using var http = tls ? Client.OverTls(server) : new HttpClient(server.CreateHandler()) { BaseAddress = server.Uri, Timeout = Timeout.InfiniteTimeSpan };

// Warm: shapes are read and code is compiled before anything is measured.
await new Load(http, "warm", 300, 4, 100).RunAsync();
foreach (var (name, count) in ((string, int)[])[("nobody watches", 0), ($"{watchers} watch", watchers)])
{
    using var process = Process.GetCurrentProcess();
    var load = new Load(http, $"n{count}", writes, writers, watched);
    var watching = await load.WatchAsync(count);
    process.Refresh();
    var (cpu, began) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
    await load.RunAsync();
    var wrote = Stopwatch.GetElapsedTime(began);
    var events = await watching();
    var delivered = Stopwatch.GetElapsedTime(began);
    process.Refresh();
    var used = process.TotalProcessorTime - cpu;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{name,-15} {load.Writes / wrote.TotalSeconds,8:0} writes/s  {load.Writes / used.TotalSeconds,8:0} writes per CPU second  {events / delivered.TotalSeconds,10:0} events/s  {events / used.TotalSeconds,10:0} events per CPU second  {process.WorkingSet64 >> 20} MB"));
}
