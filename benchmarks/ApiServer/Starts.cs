using System.Diagnostics;
using System.Globalization;
using ActorKube.ApiServer;
using ActorKube.Local;

namespace ApiServerBenchmark;

/// <summary>Starts servers, or whole clusters, one after another.</summary>
internal static class Starts
{
    public static async Task RunAsync(int times, bool tls, bool cluster)
    {
        var options = new EmbeddedApiServerOptions { Listen = tls };
        var taken = new List<(double Wall, double Cpu)>();
        for (var i = 0; i <= times; i++)
        {
            using var process = Process.GetCurrentProcess();
            var (cpu, began) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
            await using IAsyncDisposable started = cluster ? await LocalCluster.StartAsync(new LocalClusterOptions { Server = options }) : await EmbeddedApiServer.StartAsync(options);
            var wall = Stopwatch.GetElapsedTime(began);
            process.Refresh();
            taken.Add((wall.TotalMilliseconds, (process.TotalProcessorTime - cpu).TotalMilliseconds));
        }
        var later = taken.Skip(1).OrderBy(t => t.Cpu).ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"first {taken[0].Wall:0} ms, {taken[0].Cpu:0} ms of CPU; then median {later.Select(t => t.Wall).Order().ElementAt(later.Count / 2):0.0} ms, {later[later.Count / 2].Cpu:0.0} ms of CPU; slowest {later.Max(t => t.Wall):0.0} ms, {later[^1].Cpu:0.0} ms of CPU"));
    }
}
