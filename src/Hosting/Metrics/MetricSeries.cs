using System.Globalization;
using System.Text;

namespace ActorKube.Hosting;

/// <summary>One metric with one set of labels. Thread-safe, without locks.</summary>
abstract class MetricSeries(string labels)
{
    /// <summary>The labels as they are written, without braces.</summary>
    public string Labels => labels;

    public static MetricSeries Create(MetricKind kind, string labels, double[] bounds) => kind switch
    {
        MetricKind.Histogram => new Histogram(labels, bounds),
        MetricKind.Counter or MetricKind.UpDownCounter => new Sum(labels),
        _ => new Last(labels),
    };

    public abstract void Record(double value);

    public abstract void Write(StringBuilder text, string name);

    protected static void Add(ref double to, double value)
    {
        double before, after;
        do
        {
            before = Volatile.Read(ref to);
            after = before + value;
        }
        while (Interlocked.CompareExchange(ref to, after, before) != before);
    }

    protected void Line(StringBuilder text, string name, double value, string? bound = null)
    {
        text.Append(name);
        if (labels.Length > 0 || bound is not null)
        {
            text.Append('{').Append(labels);
            if (bound is not null)
                text.Append(labels.Length > 0 ? "," : "").Append("le=\"").Append(bound).Append('"');
            text.Append('}');
        }
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    protected static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture);

    sealed class Sum(string labels) : MetricSeries(labels)
    {
        double _value;

        public override void Record(double value) => Add(ref _value, value);

        public override void Write(StringBuilder text, string name) => Line(text, name, Volatile.Read(ref _value));
    }

    sealed class Last(string labels) : MetricSeries(labels)
    {
        double _value;

        public override void Record(double value) => Volatile.Write(ref _value, value);

        public override void Write(StringBuilder text, string name) => Line(text, name, Volatile.Read(ref _value));
    }

    sealed class Histogram(string labels, double[] bounds) : MetricSeries(labels)
    {
        readonly long[] _counts = new long[bounds.Length + 1];
        double _sum;

        public override void Record(double value)
        {
            var at = Array.BinarySearch(bounds, value);
            Interlocked.Increment(ref _counts[at < 0 ? ~at : at]);
            Add(ref _sum, value);
        }

        public override void Write(StringBuilder text, string name)
        {
            var buckets = name + "_bucket";
            var seen = 0L;
            for (var i = 0; i < _counts.Length; i++)
            {
                seen += Volatile.Read(ref _counts[i]);
                Line(text, buckets, seen, i < bounds.Length ? Number(bounds[i]) : "+Inf");
            }
            Line(text, name + "_sum", Volatile.Read(ref _sum));
            Line(text, name + "_count", seen);
        }
    }
}
