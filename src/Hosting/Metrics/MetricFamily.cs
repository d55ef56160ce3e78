using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace ActorKube.Hosting;

using Tags = ReadOnlySpan<KeyValuePair<string, object?>>;

/// <summary>All series of one metric's name. Thread-safe; recording in a series that is known takes no lock and allocates nothing.</summary>
sealed class MetricFamily
{
    readonly ConcurrentDictionary<KeyValuePair<string, object?>[], MetricSeries> _series = new(TagComparer.Instance);
    readonly ConcurrentDictionary<KeyValuePair<string, object?>[], MetricSeries>.AlternateLookup<Tags> _lookup;
    readonly double[] _bounds;

    public MetricFamily(string name, Instrument instrument, MetricKind kind, double[] bounds)
    {
        Name = name;
        Help = instrument.Description ?? "";
        Kind = kind;
        _bounds = bounds;
        _lookup = _series.GetAlternateLookup<Tags>();
    }

    public string Name { get; }

    public string Help { get; }

    public MetricKind Kind { get; }

    /// <summary>Whether values are read when somebody asks: then what is not told any more is gone.</summary>
    public bool IsObserved => Kind is MetricKind.ObservedGauge or MetricKind.ObservedCounter;

    public void Record(double value, Tags tags)
    {
        if (!_lookup.TryGetValue(tags, out var series))
            series = _series.GetOrAdd(tags.ToArray(), key => MetricSeries.Create(Kind, Labels(key), _bounds));
        series.Record(value);
    }

    public void Forget() => _series.Clear();

    /// <summary>Writes the family; nothing where it has no series.</summary>
    public void Write(StringBuilder text)
    {
        var series = _series.Values.OrderBy(static s => s.Labels, StringComparer.Ordinal).ToArray();
        if (series.Length == 0)
            return;
        if (Help.Length > 0)
            text.Append("# HELP ").Append(Name).Append(' ').Append(Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(Kind switch
        {
            MetricKind.Counter or MetricKind.ObservedCounter => "counter",
            MetricKind.Histogram => "histogram",
            _ => "gauge",
        }).Append('\n');
        foreach (var one in series)
            one.Write(text, Name);
    }

    static string Labels(KeyValuePair<string, object?>[] tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags.OrderBy(static t => t.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length == 0 ? "" : ",").Append(MetricNames.Plain(name)).Append("=\"");
            foreach (var letter in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
                _ = letter switch { '\\' => text.Append("\\\\"), '"' => text.Append("\\\""), '\n' => text.Append("\\n"), _ => text.Append(letter) };
            text.Append('"');
        }
        return text.ToString();
    }

    /// <summary>Equal tags in equal order, so that a series is found by the tags as they were given.</summary>
    sealed class TagComparer : IEqualityComparer<KeyValuePair<string, object?>[]>, IAlternateEqualityComparer<Tags, KeyValuePair<string, object?>[]>
    {
        public static readonly TagComparer Instance = new();

        public bool Equals(KeyValuePair<string, object?>[]? x, KeyValuePair<string, object?>[]? y) => Same(x, y);

        public int GetHashCode([DisallowNull] KeyValuePair<string, object?>[] obj) => GetHashCode((Tags)obj);

        public bool Equals(Tags alternate, KeyValuePair<string, object?>[] other) => Same(alternate, other);

        public int GetHashCode(Tags alternate)
        {
            var hash = new HashCode();
            foreach (var (name, value) in alternate)
                hash.Add(HashCode.Combine(name, value));
            return hash.ToHashCode();
        }

        public KeyValuePair<string, object?>[] Create(Tags alternate) => alternate.ToArray();

        static bool Same(Tags one, Tags other)
        {
            if (one.Length != other.Length)
                return false;
            for (var i = 0; i < one.Length; i++)
            {
                if (one[i].Key != other[i].Key || !Equals(one[i].Value, other[i].Value))
                    return false;
            }
            return true;
        }

        new static bool Equals(object? one, object? other) => object.Equals(one, other);
    }
}

/// <summary>How a metric's values add up.</summary>
enum MetricKind
{
    Counter,
    UpDownCounter,
    Gauge,
    Histogram,
    ObservedCounter,
    ObservedGauge,
}
