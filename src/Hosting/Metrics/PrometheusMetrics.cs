using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;

namespace ActorKube.Hosting;

/// <summary>
/// Gathers what meters of this process record, from its own creation on, and tells it in Prometheus' text format. Small on purpose: whoever has OpenTelemetry uses that
/// instead, on the meters <c>ActorKube</c> and <c>ActorKube.Transport</c>. Thread-safe.
/// </summary>
public sealed class PrometheusMetrics : IDisposable
{
    /// <summary>The format's media type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    // What OpenTelemetry uses for times in seconds where an instrument gives no advice.
    static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    readonly Lock _lock = new();
    readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    readonly string[] _meters;
    readonly MeterListener _listener = new();

    /// <param name="meters">Which meters beside ActorKube's own, such as <c>System.Runtime</c> or one of your own; a name that ends in <c>*</c> means all that begin so.</param>
    public PrometheusMetrics(params IEnumerable<string> meters)
    {
        _meters = ["ActorKube", "ActorKube.*", .. meters];
        _listener.InstrumentPublished = OnPublished;
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, family) => Record(family, (double)value, tags));
        _listener.Start();
    }

    /// <summary>All there is to tell now, one family after the other, by name.</summary>
    public string Tell()
    {
        var text = new StringBuilder(16 * 1024);
        lock (_lock)
        {
            foreach (var family in _families.Values)
            {
                if (family.IsObserved)
                    family.Forget();
            }
            _listener.RecordObservableInstruments();
            foreach (var family in _families.Values)
                family.Write(text);
        }
        TellProcess(text);
        return text.ToString();
    }

    /// <summary>Gathers no more.</summary>
    public void Dispose() => _listener.Dispose();

    void OnPublished(Instrument instrument, MeterListener listener)
    {
        if (!Array.Exists(_meters, wanted => Meets(wanted, instrument.Meter.Name)))
            return;
        var (kind, counts) = KindOf(instrument);
        var name = MetricNames.Of(instrument, counts);
        lock (_lock)
        {
            if (!_families.TryGetValue(name, out var family))
                _families.Add(name, family = new MetricFamily(name, instrument, kind, Bounds(instrument)));
            // Two instruments of one name and different kinds cannot both be told; the first is.
            if (family.Kind == kind)
                listener.EnableMeasurementEvents(instrument, family);
        }
    }

    static bool Meets(string wanted, string meter) =>
        wanted.EndsWith('*') ? meter.StartsWith(wanted.AsSpan(0, wanted.Length - 1), StringComparison.Ordinal) : meter == wanted;

    static (MetricKind Kind, bool Counts) KindOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        return definition == typeof(Counter<>) ? (MetricKind.Counter, true)
            : definition == typeof(UpDownCounter<>) ? (MetricKind.UpDownCounter, false)
            : definition == typeof(Histogram<>) ? (MetricKind.Histogram, false)
            : definition == typeof(ObservableCounter<>) ? (MetricKind.ObservedCounter, true)
            : instrument.IsObservable ? (MetricKind.ObservedGauge, false)
            : (MetricKind.Gauge, false);
    }

    static double[] Bounds(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static b => (double)b)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static b => (double)b)],
        _ => DefaultBounds,
    };

    // A meter that goes while it is read takes its instruments' families with it, and .NET still asks what they say.
    static void Record(object? family, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => ((MetricFamily?)family)?.Record(value, tags);

    // What Prometheus' own clients tell of every process.
    static void TellProcess(StringBuilder text)
    {
        using var process = Process.GetCurrentProcess();
        Tell("process_cpu_seconds_total", "counter", "Time of processors used, in seconds.", process.TotalProcessorTime.TotalSeconds);
        Tell("process_resident_memory_bytes", "gauge", "Memory in use, in bytes.", process.WorkingSet64);
        Tell("process_start_time_seconds", "gauge", "When the process began, in seconds since 1970.", new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);
        Tell("process_threads", "gauge", "Threads.", process.Threads.Count);

        void Tell(string name, string type, string help, double value) =>
            text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n')
                .Append(name).Append(' ').Append(value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)).Append('\n');
    }
}
