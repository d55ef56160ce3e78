using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>A client's metrics, under client-go's names and labels, and its part of traces: a span a request, retries included.</summary>
internal sealed class ClientTelemetry(Uri server)
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "ActorKube.Transport";

    static readonly ActivitySource Activities = new(Name);
    static readonly Meter Meter = new(Name);

    static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries =
        [
            0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5,
            6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
        ],
    };

    static readonly Counter<long> Requests = Meter.CreateCounter<long>("rest_client_requests_total", description: "Requests by status code, method and host; the code is <error> where no answer came.");
    static readonly Counter<long> Retries = Meter.CreateCounter<long>("rest_client_request_retries_total", description: "Requests that were sent again, by status code, method and host.");
    static readonly Histogram<double> RequestTime = Meter.CreateHistogram("rest_client_request_duration_seconds", "s", "How long requests took until their answer began, by method and host.", null, Seconds);
    static readonly Histogram<double> RateLimiterTime = Meter.CreateHistogram("rest_client_rate_limiter_duration_seconds", "s", "How long the client's own rate limit held requests back, by method and host.", null, Seconds);

    readonly KeyValuePair<string, object?> _host = new("host", server.Authority);

    /// <summary>Whether anybody wants to know how long things take.</summary>
    public static bool WantsTimes => RequestTime.Enabled;

    /// <summary>Whether anybody follows traces.</summary>
    public static bool IsTraced => Activities.HasListeners();

    /// <summary>An answer came, or none (null).</summary>
    public void Answered(string method, int? code, TimeSpan took)
    {
        if (!Requests.Enabled && !RequestTime.Enabled) return;
        Requests.Add(1, new("code", Code(code)), new("method", method), _host);
        RequestTime.Record(took.TotalSeconds, new("verb", method), _host);
    }

    /// <summary>A request is sent again.</summary>
    public void Retried(string method, int? code)
    {
        if (Retries.Enabled) Retries.Add(1, new("code", Code(code)), new("verb", method), _host);
    }

    /// <summary>The rate limit held a request back.</summary>
    public void Throttled(string method, TimeSpan wait)
    {
        if (RateLimiterTime.Enabled) RateLimiterTime.Record(wait.TotalSeconds, new("verb", method), _host);
    }

    /// <summary>Begins the span of a request; ended when it is disposed. Null where nobody wants it.</summary>
    public Activity? Begin(RestCall call) =>
        Activities.StartActivity(call.Resource.Length == 0 ? call.Verb : $"{call.Verb} {call.Resource}", ActivityKind.Client)?
            .SetTag("http.request.method", call.Method.Method)
            // Without its query, which may hold a program's arguments.
            .SetTag("url.path", call.Path.Split('?', 2)[0])
            .SetTag("server.address", server.Host)
            .SetTag("k8s.verb", call.Verb)
            .SetTag("k8s.resource", call.Resource)
            .SetTag("k8s.group", call.Group)
            .SetTag("k8s.name", call.Name);

    /// <summary>Marks a request's span as failed.</summary>
    public static void Failed(Activity? span, Exception error)
    {
        if (error is KubernetesException { StatusCode: var code }) span?.SetTag("http.response.status_code", (int)code);
        span?.SetTag("error.type", error.GetType().Name).SetStatus(ActivityStatusCode.Error, error.Message);
    }

    static string Code(int? code) => code is { } number ? number.ToString(CultureInfo.InvariantCulture) : "<error>";
}
