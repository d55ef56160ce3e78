using System.Collections.Concurrent;

namespace ActorKube.ApiServer;

/// <summary>
/// Counts requests as kube-apiserver does: how many with which answer, how long they took, and how many are under way. Only what the resource table knows has a series, so nobody can
/// make their number grow by asking for what is not there. Recording takes no lock.
/// </summary>
internal sealed class RequestMetrics(TimeProvider time)
{
    private readonly ConcurrentDictionary<RequestSeries, Durations> _durations = new();
    private readonly ConcurrentDictionary<(RequestSeries Series, int Code), Count> _answers = new();
    private readonly ConcurrentDictionary<RequestSeries, Count> _lasting = new();
    private long _reading;
    private long _mutating;

    /// <summary>Requests under way that only read, watches and sessions left out.</summary>
    public long Reading => Interlocked.Read(ref _reading);

    /// <summary>Requests under way that change something.</summary>
    public long Mutating => Interlocked.Read(ref _mutating);

    public IEnumerable<(RequestSeries Series, int Code, long Number)> Answers => _answers.Select(a => (a.Key.Series, a.Key.Code, a.Value.Number));

    public IEnumerable<(RequestSeries Series, Durations Durations)> Took => _durations.Select(d => (d.Key, d.Value));

    /// <summary>Watches and sessions under way.</summary>
    public IEnumerable<(RequestSeries Series, long Number)> Lasting => _lasting.Select(l => (l.Key, l.Value.Number));

    /// <summary>A request begins; what comes back is told of its end.</summary>
    public Request Begin(RequestSeries series) => new(this, series, time.GetTimestamp());

    /// <summary>Forgets what has ended; what is under way goes on being counted.</summary>
    public void Reset()
    {
        _durations.Clear();
        _answers.Clear();
    }

    /// <summary>A request under way.</summary>
    public sealed class Request
    {
        private readonly RequestMetrics _metrics;
        private readonly RequestSeries _series;
        private readonly long _started;

        public Request(RequestMetrics metrics, RequestSeries series, long started)
        {
            (_metrics, _series, _started) = (metrics, series, started);
            Step(1);
        }

        public void End(int code)
        {
            Step(-1);
            _metrics._answers.GetOrAdd((_series, code), static _ => new Count()).Add(1);
            _metrics._durations.GetOrAdd(_series, static _ => new Durations()).Add(time: _metrics.Elapsed(_started));
        }

        private void Step(int by)
        {
            if (_series.Lasts)
            {
                _metrics._lasting.GetOrAdd(_series with { DryRun = "" }, static _ => new Count()).Add(by);
            }
            else if (_series.Reads)
            {
                Interlocked.Add(ref _metrics._reading, by);
            }
            else
            {
                Interlocked.Add(ref _metrics._mutating, by);
            }
        }
    }

    private double Elapsed(long started) => time.GetElapsedTime(started).TotalSeconds;

    private sealed class Count
    {
        private long _number;

        public long Number => Interlocked.Read(ref _number);

        public void Add(int by) => Interlocked.Add(ref _number, by);
    }

    /// <summary>A histogram of seconds.</summary>
    public sealed class Durations
    {
        /// <summary>Upper bounds, as kube-apiserver's request durations have them.</summary>
        public static readonly double[] Bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

        private readonly long[] _counts = new long[Bounds.Length + 1];
        private long _microseconds;

        /// <summary>How many fell between each bound and the one before; the last are above all.</summary>
        public long[] Counts => [.. _counts.Select((_, i) => Interlocked.Read(ref _counts[i]))];

        public double Sum => Interlocked.Read(ref _microseconds) / 1e6;

        public void Add(double time)
        {
            var place = Array.FindIndex(Bounds, b => time <= b);
            Interlocked.Increment(ref _counts[place < 0 ? Bounds.Length : place]);
            Interlocked.Add(ref _microseconds, (long)(time * 1e6));
        }
    }
}
