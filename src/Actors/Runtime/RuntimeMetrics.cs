using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace ActorKube.Actors;

/// <summary>The runtime's metrics, under controller-runtime's names and labels and with its buckets where it has them.</summary>
/// <remarks>Recording costs next to nothing while nobody listens. What is read when somebody asks, and not recorded, is in <see cref="RuntimeGauges"/>.</remarks>
static class RuntimeMetrics
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "ActorKube";

    public static readonly ActivitySource Activities = new(Name);

    // controller-runtime's buckets of seconds: of a reconcile, and of a work queue, which begin at ten nanoseconds.
    static readonly InstrumentAdvice<double> ReconcileSeconds = new()
    {
        HistogramBucketBoundaries =
        [
            0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5,
            6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
        ],
    };

    static readonly InstrumentAdvice<double> QueueSeconds = new()
    {
        HistogramBucketBoundaries = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000],
    };

    static readonly Meter Meter = new(Name);

    public static readonly Counter<long> ReconcileTotal = Meter.CreateCounter<long>("controller_runtime_reconcile_total", description: "Reconciles by controller and result.");
    public static readonly Counter<long> ReconcileErrors = Meter.CreateCounter<long>("controller_runtime_reconcile_errors_total", description: "Reconciles that failed.");
    public static readonly Counter<long> TerminalErrors = Meter.CreateCounter<long>("controller_runtime_terminal_reconcile_errors_total", description: "Reconciles that failed and wait for news.");
    public static readonly Counter<long> Panics = Meter.CreateCounter<long>("controller_runtime_reconcile_panics_total", description: "Reconciles that threw what no reconcile should throw.");
    public static readonly Counter<long> Timeouts = Meter.CreateCounter<long>("controller_runtime_reconcile_timeouts_total", description: "Reconciles that took too long.");
    public static readonly Histogram<double> ReconcileTime = Meter.CreateHistogram("controller_runtime_reconcile_time_seconds", "s", "How long reconciles took.", null, ReconcileSeconds);
    public static readonly UpDownCounter<long> ActiveWorkers = Meter.CreateUpDownCounter<long>("controller_runtime_active_workers", description: "Reconciles that run.");
    public static readonly UpDownCounter<long> MaxConcurrent = Meter.CreateUpDownCounter<long>("controller_runtime_max_concurrent_reconciles", description: "How many reconciles may run at once.");

    public static readonly UpDownCounter<long> QueueDepth = Meter.CreateUpDownCounter<long>("workqueue_depth", description: "Keys that wait for their turn, by urgency.");
    public static readonly Counter<long> QueueAdds = Meter.CreateCounter<long>("workqueue_adds_total", description: "Keys that began to wait for their turn.");
    public static readonly Histogram<double> QueueDuration = Meter.CreateHistogram("workqueue_queue_duration_seconds", "s", "How long keys waited for their turn.", null, QueueSeconds);
    public static readonly Histogram<double> WorkDuration = Meter.CreateHistogram("workqueue_work_duration_seconds", "s", "How long keys were worked on.", null, QueueSeconds);
    public static readonly Counter<long> Retries = Meter.CreateCounter<long>("workqueue_retries_total", description: "Keys that will be tried again after a failure.");

    public static readonly Counter<long> Lists = Meter.CreateCounter<long>("reflector_lists_total", description: "Pages of lists asked for, by cache.");
    public static readonly Counter<long> Watches = Meter.CreateCounter<long>("reflector_watches_total", description: "Watches opened, by cache.");
    public static readonly Counter<long> WatchEvents = Meter.CreateCounter<long>("reflector_watch_events_total", description: "Events of watches, by cache and type.");
    public static readonly Counter<long> ReflectorTroubles = Meter.CreateCounter<long>("actorkube_reflector_troubles_total", description: "What went wrong with lists and watches, by cache and kind.");
    public static readonly Counter<long> WriteWaitsOverdue = Meter.CreateCounter<long>("actorkube_write_waits_overdue_total", description: "Keys that went on although a cache had not shown what they wrote.");

    public static readonly Counter<long> Inconsistencies = Meter.CreateCounter<long>("actorkube_cache_inconsistencies_total", description: "Objects that a consistency check found to differ from the server's at the same version, by cache.");

    public static readonly UpDownCounter<long> Leads = Meter.CreateUpDownCounter<long>("leader_election_master_status", description: "1 while this process leads, by lease.");

    public static KeyValuePair<string, object?> Controller(string name) => new("controller", name);

    public static KeyValuePair<string, object?> Priority(int priority) => new("priority", priority.ToString(CultureInfo.InvariantCulture));

    /// <summary>Makes a controller's counters appear before they first count: a rate needs a zero to begin from.</summary>
    public static void Announce(string controller)
    {
        var label = Controller(controller);
        foreach (var result in (ReadOnlySpan<string>)["success", "error", "requeue", "requeue_after"])
            ReconcileTotal.Add(0, label, new("result", result));
        foreach (var counter in (ReadOnlySpan<Counter<long>>)[ReconcileErrors, TerminalErrors, Panics, Timeouts, WriteWaitsOverdue])
            counter.Add(0, label);
        ActiveWorkers.Add(0, label);
        KeyValuePair<string, object?> name = new("name", controller);
        QueueDepth.Add(0, name, label, Priority(ReconcilePriority.Change));
        QueueAdds.Add(0, name, label);
        Retries.Add(0, name, label);
    }
}
