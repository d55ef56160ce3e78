using System.Diagnostics;

namespace Akka.Primitives;

/// <summary>
/// Rounds of one piece of work: how many operations a second in the best and in the median round, and what an operation takes of the
/// process's CPU time (user and system, all threads, the least of the rounds) and of the heap. On a machine with other work CPU time and bytes are what to compare.
/// </summary>
internal static class Measurement
{
    /// <param name="what">What an operation is.</param>
    /// <param name="operations">How many of them a round does.</param>
    /// <param name="rounds">How many rounds; the first two warm up and do not count.</param>
    /// <param name="round">Does one round.</param>
    public static async Task<string> RunAsync(string what, int operations, int rounds, Func<Task> round)
    {
        var rates = new List<double>();
        var cpu = double.MaxValue;
        var bytes = double.MaxValue;
        for (var i = 0; i < rounds; i++)
        {
            GC.Collect();
            var allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
            var cpuBefore = Environment.CpuUsage.TotalTime;
            var watch = Stopwatch.StartNew();
            await round();
            var elapsed = watch.Elapsed;
            var used = Environment.CpuUsage.TotalTime - cpuBefore;
            var allocated = GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore;
            if (i < 2)
                continue;
            rates.Add(operations / elapsed.TotalSeconds / 1e6);
            cpu = Math.Min(cpu, used.TotalNanoseconds / operations);
            bytes = Math.Min(bytes, (double)allocated / operations);
        }

        rates.Sort();
        return $"{rates[^1],6:F2} M/s best, {rates[rates.Count / 2],6:F2} median; {cpu,5:F0} ns CPU and {bytes,5:F1} bytes each: {what}";
    }
}
