using System.Diagnostics;
using System.Globalization;

namespace Informer;

/// <summary>Wall time, CPU time (user and system, the whole process) and memory of the two phases, printed a line each.</summary>
internal sealed class Figures
{
    static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    readonly Process _process = Process.GetCurrentProcess();
    TimeSpan _cpu;
    long _started = Stopwatch.GetTimestamp();

    /// <summary>Prints the first phase. The watch goes on meanwhile: what the collection takes, with all other threads stopped, is not counted in the second.</summary>
    public void PrintSync(int objects)
    {
        var (wall, cpu) = (Stopwatch.GetElapsedTime(_started), Cpu());
        var (collecting, collectingCpu) = (Stopwatch.GetTimestamp(), GC.GetTotalPauseDuration());
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        var live = GC.GetGCMemoryInfo(GCKind.FullBlocking).HeapSizeBytes / 1e6;
        var rss = Environment.WorkingSet;
        _cpu = cpu + (GC.GetTotalPauseDuration() - collectingCpu);
        _started += (long)(wall.TotalSeconds * Stopwatch.Frequency) + (Stopwatch.GetTimestamp() - collecting);
        Console.WriteLine(string.Create(Invariant,
            $"sync objects={objects} wall={wall.TotalSeconds:F2}s cpu={cpu.TotalSeconds:F2}s heap_live={live:F1}MB rss={rss / 1024}kB"));
    }

    public void PrintWatch(long updates, long reconciled)
    {
        var (wall, cpu) = (Stopwatch.GetElapsedTime(_started), Cpu() - _cpu);
        _process.Refresh();
        Console.WriteLine(string.Create(Invariant,
            $"watch updates={updates} wall={wall.TotalSeconds:F2}s cpu={cpu.TotalSeconds:F2}s cpu_us_per_event={cpu.TotalMicroseconds / Math.Max(1, updates):F1} events_per_s={updates / wall.TotalSeconds:F0} maxrss={_process.PeakWorkingSet64 / 1e6:F0}MB reconciled={reconciled}"));
    }

    TimeSpan Cpu()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }
}
