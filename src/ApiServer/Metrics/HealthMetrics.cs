using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace ActorKube.ApiServer;

/// <summary><c>/metrics/slis</c>: how often which health check was done and how it went, under a real server's names. A check that nobody has asked for is not told. Thread-safe.</summary>
internal sealed class HealthMetrics(TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Check, string Type), long> _done = new();
    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>A request asked for all checks of an endpoint, or for one of them.</summary>
    public void Count(string[] segments)
    {
        if (HealthHandler.Knows(segments))
        {
            foreach (var check in segments.Length > 1 ? [string.Join('/', segments[1..])] : HealthHandler.Checks(segments[0]))
            {
                _done.AddOrUpdate((check, segments[0]), 1, static (_, n) => n + 1);
            }
        }
    }

    public void Reset() => _done.Clear();

    public Task AnswerAsync(Exchange exchange)
    {
        var text = new StringBuilder(8192);
        var done = _done.OrderBy(d => d.Key.Check, StringComparer.Ordinal).ThenBy(d => d.Key.Type, StringComparer.Ordinal).ToList();
        if (done.Count > 0)
        {
            text.Append("# HELP kubernetes_healthcheck Whether a health check passed when it was last done.\n# TYPE kubernetes_healthcheck gauge\n");
            foreach (var ((check, type), _) in done)
            {
                text.Append(CultureInfo.InvariantCulture, $"kubernetes_healthcheck{{name=\"{check}\",type=\"{type}\"}} 1\n");
            }
            text.Append("# HELP kubernetes_healthchecks_total How often each health check was done, by its result.\n# TYPE kubernetes_healthchecks_total counter\n");
            foreach (var ((check, type), number) in done)
            {
                text.Append(CultureInfo.InvariantCulture, $"kubernetes_healthchecks_total{{name=\"{check}\",status=\"success\",type=\"{type}\"}} {number}\n");
            }
        }
        text.Append("# HELP process_start_time_seconds When the server began, in seconds of Unix time.\n# TYPE process_start_time_seconds gauge\n");
        text.Append(CultureInfo.InvariantCulture, $"process_start_time_seconds {_started.ToUnixTimeMilliseconds() / 1000.0}\n");
        return exchange.Answer(200, Encoding.UTF8.GetBytes(text.ToString()), MetricsHandler.ContentType);
    }
}
