using System.Diagnostics;

namespace Models.Codec;

/// <summary>
/// Measures things round by round, so that what disturbs the machine for a while disturbs all of them. A round's figure is the fastest batch; the figure printed is
/// the median of the rounds, with the smallest and the largest beside it: how noisy the machine was. Ratios are taken within a round.
/// </summary>
internal sealed class Board(int rounds, double seconds)
{
    private const int Batch = 50;

    /// <summary>The first is what the others are compared with.</summary>
    public void Measure(string title, params (string What, Func<object?> Run)[] things)
    {
        foreach (var (_, run) in things) Best(run, seconds * 2);
        var times = new double[things.Length, rounds];
        var allocated = new long[things.Length];
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < things.Length; i++) (times[i, round], allocated[i]) = Best(things[i].Run, seconds);
        }
        Console.WriteLine($"\n{title,-46}{"µs",8}{"(least - most)",18}{"bytes",9}{"× reflection",14}");
        for (var i = 0; i < things.Length; i++)
        {
            var own = Enumerable.Range(0, rounds).Select(round => times[i, round]).ToList();
            var ratio = Median(Enumerable.Range(0, rounds).Select(round => times[i, round] / times[0, round]));
            Console.WriteLine($"{things[i].What,-46}{Median(own),8:F2}{$"({own.Min():F2} - {own.Max():F2})",18}{allocated[i],9}{ratio,14:F2}");
        }
    }

    private static (double Microseconds, long Bytes) Best(Func<object?> run, double seconds)
    {
        var (best, count) = (double.MaxValue, 0L);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var all = Stopwatch.StartNew(); all.Elapsed.TotalSeconds < seconds;)
        {
            var batch = Stopwatch.GetTimestamp();
            for (var i = 0; i < Batch; i++) run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(batch).TotalMicroseconds / Batch);
            count += Batch;
        }
        return (best, (GC.GetAllocatedBytesForCurrentThread() - before) / count);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
