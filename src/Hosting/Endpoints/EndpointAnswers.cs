using System.Text;
using Akka.Actor;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActorKube.Hosting;

/// <summary>Answers what a kubelet and a Prometheus ask, in an ASP.NET host and on a worker's own listener alike.</summary>
sealed class EndpointAnswers(IServiceProvider services, PrometheusMetrics metrics)
{
    /// <summary>The paths, and what they mean.</summary>
    public static readonly IReadOnlyList<(string Path, string Meaning)> Paths =
    [
        ("/healthz", "live"),
        ("/livez", "live"),
        ("/readyz", "ready"),
        ("/metrics", "metrics"),
    ];

    /// <summary>Answers a request on a listener that has nothing else to tell.</summary>
    public Task AnswerAsync(HttpContext http)
    {
        foreach (var (path, meaning) in Paths)
        {
            if (http.Request.Path == path)
                return AnswerAsync(http, meaning);
        }
        return Text(http, StatusCodes.Status404NotFound, $"Nothing is here. There are: {string.Join(", ", Paths.Select(static p => p.Path))}\n");
    }

    /// <summary>Answers one of the meanings of <see cref="Paths"/>.</summary>
    public Task AnswerAsync(HttpContext http, string meaning)
    {
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.Headers.Allow = "GET, HEAD";
            return Text(http, StatusCodes.Status405MethodNotAllowed, "Only GET and HEAD are answered here.\n");
        }
        return meaning switch
        {
            "metrics" => Text(http, StatusCodes.Status200OK, metrics.Tell(), PrometheusMetrics.ContentType),
            _ => HealthAsync(http, meaning),
        };
    }

    async Task HealthAsync(HttpContext http, string meaning)
    {
        var lines = new StringBuilder();
        var healthy = true;
        foreach (var (name, problem) in await CheckAsync(meaning, http.RequestAborted).ConfigureAwait(false))
        {
            healthy &= problem is null;
            // As Kubernetes' own servers tell it. The reason is for people who look: a probe reads the code alone.
            lines.Append(problem is null ? $"[+]{name} ok\n" : $"[-]{name} failed: {problem}\n");
        }
        await Text(http, healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, lines.Append(healthy ? "ok\n" : "not ok\n").ToString()).ConfigureAwait(false);
    }

    async Task<IReadOnlyList<(string Name, string? Problem)>> CheckAsync(string meaning, CancellationToken cancellation)
    {
        var system = services.GetRequiredService<ActorSystem>();
        List<(string, string?)> told = [.. meaning == "live" ? RuntimeChecks.Live(system) : RuntimeChecks.Ready(system, services)];
        // The host's own checks, where it has any, under the tags that .NET's samples use.
        if (services.GetService<HealthCheckService>() is { } checks)
        {
            var report = await checks.CheckHealthAsync(check => check.Tags.Contains(meaning) && !check.Tags.Contains(RuntimeChecks.Tag), cancellation).ConfigureAwait(false);
            told.AddRange(report.Entries.Select(static e => (e.Key, e.Value.Status == HealthStatus.Unhealthy ? e.Value.Description ?? e.Value.Exception?.Message ?? "unhealthy" : null)));
        }
        return told;
    }

    static async Task Text(HttpContext http, int code, string text, string type = "text/plain; charset=utf-8")
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        http.Response.StatusCode = code;
        http.Response.ContentType = type;
        http.Response.ContentLength = bytes.Length;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(bytes, http.RequestAborted).ConfigureAwait(false);
    }
}
