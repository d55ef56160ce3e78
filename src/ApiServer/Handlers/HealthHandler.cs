using System.Text;

namespace ActorKube.ApiServer;

/// <summary><c>/healthz</c>, <c>/livez</c>, <c>/readyz</c> and what is below them. A server that answers has passed all its checks.</summary>
internal static class HealthHandler
{
    /// <summary>The checks in the order in which a real server does them.</summary>
    private static readonly string[] All =
    [
        "ping", "log", "etcd", "etcd-readiness", "informer-sync", .. Hooked("start-apiserver-admission-initializer", "generic-apiserver-start-informers",
            "priority-and-fairness-config-consumer", "priority-and-fairness-filter", "storage-object-count-tracker-hook", "start-apiextensions-informers", "start-apiextensions-controllers",
            "crd-informer-synced", "start-system-namespaces-controller", "start-cluster-authentication-info-controller", "start-kube-apiserver-identity-lease-controller",
            "start-kube-apiserver-identity-lease-garbage-collector", "start-legacy-token-tracking-controller", "start-service-ip-repair-controllers", "rbac/bootstrap-roles",
            "scheduling/bootstrap-system-priority-classes", "priority-and-fairness-config-producer", "bootstrap-controller", "start-kube-aggregator-informers",
            "apiservice-status-local-available-controller", "apiservice-status-remote-available-controller", "apiservice-registration-controller", "apiservice-wait-for-first-sync",
            "apiservice-discovery-controller", "kube-apiserver-autoregistration"),
        "autoregister-completion", .. Hooked("apiservice-openapi-controller", "apiservice-openapiv3-controller"), "shutdown",
    ];

    private static readonly string[] Live = [.. All.Except(["etcd-readiness", "informer-sync", "shutdown"])];

    private static string[] Hooked(params string[] hooks) => [.. hooks.Select(h => "poststarthook/" + h)];

    /// <summary>The checks of one of the three.</summary>
    public static string[] Checks(string of) => of == "readyz" ? All : Live;

    /// <summary>Whether there is such a path.</summary>
    public static bool Knows(string[] segments) => segments.Length == 1 || Array.IndexOf(Checks(segments[0]), string.Join('/', segments[1..])) >= 0;

    /// <summary>The paths of one of the three, sorted.</summary>
    public static IEnumerable<string> Paths(string of) =>
        ((IEnumerable<string>)[$"/{of}", .. Checks(of).Select(check => $"/{of}/{check}")]).Order(StringComparer.Ordinal);

    public static Task AnswerAsync(Exchange exchange, string[] segments)
    {
        if (segments.Length > 1)
        {
            return Knows(segments) ? exchange.AnswerText(200, "ok") : RequestPipeline.NotFoundAsync(exchange);
        }
        exchange.Http.Response.Headers.XContentTypeOptions = "nosniff";
        if (!exchange.Http.Request.Query.ContainsKey("verbose"))
        {
            return exchange.AnswerText(200, "ok");
        }
        var checks = Checks(segments[0]);
        var excluded = exchange.Http.Request.Query["exclude"];
        var text = new StringBuilder();
        foreach (var check in checks)
        {
            text.Append(excluded.Contains(check) ? $"[+]{check} excluded: ok\n" : $"[+]{check} ok\n");
        }
        if (excluded.Where(e => Array.IndexOf(checks, e) < 0).Distinct().Order(StringComparer.Ordinal).ToList() is { Count: > 0 } unknown)
        {
            text.Append("warn: some health checks cannot be excluded: no matches for ").AppendJoin(", ", unknown.Select(u => FieldErrors.Quote(u ?? ""))).Append('\n');
        }
        return exchange.AnswerText(200, text.Append(segments[0]).Append(" check passed\n").ToString());
    }
}
