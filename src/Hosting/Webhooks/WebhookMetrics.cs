using System.Diagnostics.Metrics;
using System.Globalization;

namespace ActorKube.Hosting;

/// <summary>What webhooks measure, under controller-runtime's names and labels; the webhook's name in them is its path, as there.</summary>
static class WebhookMetrics
{
    static readonly Meter Meter = new("ActorKube.Webhooks");

    // client_golang's, which controller-runtime takes, and what lies beyond up to the time that servers wait for.
    static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] };

    static readonly Histogram<double> Latency = Meter.CreateHistogram("controller_runtime_webhook_latency_seconds", "s", "How long answers of webhooks took.", null, Seconds);
    static readonly Counter<long> Requests = Meter.CreateCounter<long>("controller_runtime_webhook_requests_total", description: "Requests to webhooks, by webhook and HTTP code.");
    static readonly UpDownCounter<long> InFlight = Meter.CreateUpDownCounter<long>("controller_runtime_webhook_requests_in_flight", description: "Requests that webhooks are answering.");
    static readonly Counter<long> Panics = Meter.CreateCounter<long>("controller_runtime_webhook_panics_total", description: "Requests whose handler threw.");
    static readonly Counter<long> Verdicts = Meter.CreateCounter<long>("actorkube_webhook_verdicts_total", description: "What admission webhooks said, by webhook and code: 200 is allowed.");

    public static readonly Counter<long> CertificateReads = Meter.CreateCounter<long>("certwatcher_read_certificate_total", description: "Readings of the webhooks' certificate.");
    public static readonly Counter<long> CertificateErrors = Meter.CreateCounter<long>("certwatcher_read_certificate_errors_total", description: "Readings of the webhooks' certificate that failed.");

    public static void Began(string webhook) => InFlight.Add(1, Webhook(webhook));

    public static void Ended(string webhook, int code, TimeSpan took)
    {
        InFlight.Add(-1, Webhook(webhook));
        Latency.Record(took.TotalSeconds, Webhook(webhook));
        Requests.Add(1, Webhook(webhook), Code(code));
    }

    public static void Said(string webhook, int code, bool failed)
    {
        Verdicts.Add(1, Webhook(webhook), Code(code));
        if (failed)
            Panics.Add(1, Webhook(webhook));
    }

    static KeyValuePair<string, object?> Webhook(string path) => new("webhook", path);

    static KeyValuePair<string, object?> Code(int code) => new("code", code.ToString(CultureInfo.InvariantCulture));
}
