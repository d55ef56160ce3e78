using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ActorKube.Actors;

/// <summary>The runtime's metrics, under controller-runtime's names and labels where it has them.</summary>
static class RuntimeMetrics
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "ActorKube";

    public static readonly ActivitySource Activities = new(Name);

    static readonly Meter Meter = new(Name);

    public static readonly Counter<long> ReconcileTotal = Meter.CreateCounter<long>("controller_runtime_reconcile_total", description: "Reconciles by controller and result.");
    public static readonly Counter<long> ReconcileErrors = Meter.CreateCounter<long>("controller_runtime_reconcile_errors_total", description: "Reconciles that failed.");
    public static readonly Counter<long> TerminalErrors = Meter.CreateCounter<long>("controller_runtime_terminal_reconcile_errors_total", description: "Reconciles that failed and wait for news.");
    public static readonly Counter<long> Panics = Meter.CreateCounter<long>("controller_runtime_reconcile_panics_total", description: "Reconciles that threw what no reconcile should throw.");
    public static readonly Counter<long> Timeouts = Meter.CreateCounter<long>("controller_runtime_reconcile_timeouts_total", description: "Reconciles that took too long.");
    public static readonly Histogram<double> ReconcileTime = Meter.CreateHistogram<double>("controller_runtime_reconcile_time_seconds", "s", "How long reconciles took.");
    public static readonly UpDownCounter<long> ActiveWorkers = Meter.CreateUpDownCounter<long>("controller_runtime_active_workers", description: "Reconciles that run.");
    public static readonly UpDownCounter<long> MaxConcurrent = Meter.CreateUpDownCounter<long>("controller_runtime_max_concurrent_reconciles", description: "How many reconciles may run at once.");

    public static readonly UpDownCounter<long> QueueDepth = Meter.CreateUpDownCounter<long>("workqueue_depth", description: "Keys that wait for their turn.");
    public static readonly Counter<long> QueueAdds = Meter.CreateCounter<long>("workqueue_adds_total", description: "Keys that began to wait for their turn.");
    public static readonly Histogram<double> QueueDuration = Meter.CreateHistogram<double>("workqueue_queue_duration_seconds", "s", "How long keys waited for their turn.");
    public static readonly Histogram<double> WorkDuration = Meter.CreateHistogram<double>("workqueue_work_duration_seconds", "s", "How long keys were worked on.");
    public static readonly Counter<long> Retries = Meter.CreateCounter<long>("workqueue_retries_total", description: "Keys that will be tried again after a failure.");

    public static readonly Counter<long> ReflectorTroubles = Meter.CreateCounter<long>("actorkube_reflector_troubles_total", description: "What went wrong with lists and watches, by cache and kind.");
    public static readonly Counter<long> WriteWaitsOverdue = Meter.CreateCounter<long>("actorkube_write_waits_overdue_total", description: "Keys that went on although a cache had not shown what they wrote.");

    public static readonly UpDownCounter<long> Leads = Meter.CreateUpDownCounter<long>("leader_election_master_status", description: "1 while this process leads, by lease.");

    public static KeyValuePair<string, object?> Controller(string name) => new("controller", name);
}
