using System.Diagnostics.Metrics;

namespace ActorKube.Hosting.Tests;

public sealed class PrometheusMetricsTests : IDisposable
{
    readonly string _name = $"test-{Guid.NewGuid():N}";
    readonly Meter _meter;
    readonly PrometheusMetrics _metrics;

    public PrometheusMetricsTests()
    {
        _meter = new Meter(_name);
        _metrics = new PrometheusMetrics(_name);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _meter.Dispose();
    }

    string Told(string family) => string.Join('\n', _metrics.Tell().Split('\n').Where(line => line.Contains(family, StringComparison.Ordinal)));

    [Fact]
    public void Counters_add_up_by_their_labels()
    {
        var counter = _meter.CreateCounter<long>("things_total", description: "Things.\nAll of them.");
        counter.Add(1, new("b", "y"), new("a", "x"));
        counter.Add(2, new("b", "y"), new("a", "x"));
        counter.Add(5, new KeyValuePair<string, object?>("a", "\"quoted\\\"\n"));
        Assert.Equal(
            """
            # HELP things_total Things.\nAll of them.
            # TYPE things_total counter
            things_total{a="\"quoted\\\"\n"} 5
            things_total{a="x",b="y"} 3
            """,
            Told("things_total"));
    }

    [Fact]
    public void What_goes_up_and_down_and_what_is_set_are_gauges()
    {
        var level = _meter.CreateUpDownCounter<int>("level");
        level.Add(5);
        level.Add(-2);
        var set = _meter.CreateGauge<double>("set");
        set.Record(1);
        set.Record(0.5);
        Assert.Equal("# TYPE level gauge\nlevel 3", Told("level"));
        Assert.Equal("# TYPE set gauge\nset 0.5", Told("set"));
    }

    [Fact]
    public void Histograms_have_the_buckets_that_their_instrument_advises()
    {
        var histogram = _meter.CreateHistogram("wait_seconds", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in (double[])[0.05, 0.1, 0.5, 7])
            histogram.Record(value, new KeyValuePair<string, object?>("q", "x"));
        Assert.Equal(
            """
            # TYPE wait_seconds histogram
            wait_seconds_bucket{q="x",le="0.1"} 2
            wait_seconds_bucket{q="x",le="1"} 3
            wait_seconds_bucket{q="x",le="+Inf"} 4
            wait_seconds_sum{q="x"} 7.65
            wait_seconds_count{q="x"} 4
            """,
            Told("wait_seconds"));
    }

    [Fact]
    public void What_is_observed_is_read_when_asked_for_and_gone_when_it_is_told_no_more()
    {
        List<Measurement<long>> now = [new(1, new KeyValuePair<string, object?>("k", "a")), new(2, new KeyValuePair<string, object?>("k", "b"))];
        _meter.CreateObservableGauge("sizes", () => now);
        Assert.Contains("sizes{k=\"b\"} 2", Told("sizes"), StringComparison.Ordinal);
        now = [new(3, new KeyValuePair<string, object?>("k", "a"))];
        Assert.Equal("# TYPE sizes gauge\nsizes{k=\"a\"} 3", Told("sizes"));
    }

    [Fact]
    public void Names_that_are_not_Prometheus_own_get_underscores_units_and_total()
    {
        _meter.CreateCounter<long>("my.app.bytes-read", "By").Add(1);
        _meter.CreateHistogram<double>("my.app.duration", "s").Record(1);
        Assert.Contains("my_app_bytes_read_bytes_total 1", _metrics.Tell(), StringComparison.Ordinal);
        Assert.Contains("my_app_duration_seconds_count 1", _metrics.Tell(), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_meters_are_left_alone_and_the_process_tells_of_itself()
    {
        using var other = new Meter(_name + "-other");
        other.CreateCounter<long>("not_asked_for_total").Add(1);
        var told = _metrics.Tell();
        Assert.DoesNotContain("not_asked_for_total", told, StringComparison.Ordinal);
        Assert.Contains("process_cpu_seconds_total ", told, StringComparison.Ordinal);
        Assert.EndsWith("\n", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_threads_lose_no_count_and_a_known_series_costs_no_allocation()
    {
        var counter = _meter.CreateCounter<long>("busy_total");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
                counter.Add(1, new KeyValuePair<string, object?>("k", "x"));
        })));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("k", "x"));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1000, "Recording allocates.");
        Assert.Contains("busy_total{k=\"x\"} 41000", _metrics.Tell(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Meters_that_come_and_go_while_they_are_read_harm_nothing()
    {
        using var over = new CancellationTokenSource();
        var others = Task.Run(() =>
        {
            while (!over.IsCancellationRequested)
            {
                using var passing = new Meter(_name);
                for (var i = 0; i < 100; i++)
                    passing.CreateObservableGauge($"passing_{i}", static () => 1);
            }
        });
        for (var i = 0; i < 3_000; i++)
            _metrics.Tell();
        await over.CancelAsync();
        await others;
        _meter.CreateCounter<long>("staying_total").Add(1);
        Assert.Contains("staying_total 1", _metrics.Tell(), StringComparison.Ordinal);
    }
}
