using System.Globalization;
using System.Text;
using ActorKube.ApiServer;

namespace ActorKube.Kubelet;

/// <summary>Writes the part of a log that somebody asked for.</summary>
internal static class LogReading
{
    public static async Task WriteAsync(ContainerLog log, ContainerLogOptions options, DateTimeOffset now, Stream output, CancellationToken closed)
    {
        var since = options.SinceTime ?? (options.SinceSeconds is { } seconds ? now.AddSeconds(-seconds) : DateTimeOffset.MinValue);
        var left = options.LimitBytes ?? long.MaxValue;
        var (lines, next, more) = log.Read(0);
        IEnumerable<LogLine> wanted = options.TailLines is { } tail ? lines.TakeLast((int)Math.Min(tail, int.MaxValue)) : lines;
        while (true)
        {
            foreach (var line in wanted.Where(l => l.Time >= since))
            {
                byte[] bytes = options.Timestamps ? [.. Stamp(line.Time), .. line.Text, (byte)'\n'] : [.. line.Text, (byte)'\n'];
                var count = (int)Math.Min(left, bytes.Length);
                await output.WriteAsync(bytes.AsMemory(0, count), closed).ConfigureAwait(false);
                left -= count;
                if (left == 0)
                {
                    return;
                }
            }
            if (!options.Follow || more is null)
            {
                return;
            }
            await output.FlushAsync(closed).ConfigureAwait(false);
            await more.WaitAsync(closed).ConfigureAwait(false);
            (wanted, next, more) = log.Read(next);
        }
    }

    private static byte[] Stamp(DateTimeOffset time) => Encoding.ASCII.GetBytes(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z '", CultureInfo.InvariantCulture));
}
