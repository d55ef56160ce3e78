using System.Text;

namespace ActorKube.ApiServer;

/// <summary><c>/healthz</c>, <c>/livez</c>, <c>/readyz</c> and what is below them. A server that answers has passed all its checks.</summary>
internal static class HealthHandler
{
    private static readonly string[] Hooks =
    [
        "start-apiserver-admission-initializer", "generic-apiserver-start-informers", "priority-and-fairness-config-consumer", "priority-and-fairness-filter", "storage-object-count-tracker-hook",
        "start-apiextensions-informers", "start-apiextensions-controllers", "crd-informer-synced", "start-system-namespaces-controller", "start-cluster-authentication-info-controller",
        "start-kube-apiserver-identity-lease-controller", "start-kube-apiserver-identity-lease-garbage-collector", "start-legacy-token-tracking-controller", "start-service-ip-repair-controllers",
        "rbac/bootstrap-roles", "scheduling/bootstrap-system-priority-classes", "priority-and-fairness-config-producer", "bootstrap-controller", "aggregator-reload-proxy-client-cert",
        "start-kube-aggregator-informers", "apiservice-status-local-available-controller", "apiservice-status-remote-available-controller", "apiservice-registration-controller",
        "apiservice-discovery-controller", "kube-apiserver-autoregistration", "autoregister-completion", "apiservice-openapi-controller", "apiservice-openapiv3-controller",
    ];

    private static readonly string[] Common = ["ping", "log", "etcd"];

    private static readonly string[] Live = [.. Common, .. Hooks.Select(h => "poststarthook/" + h)];

    private static readonly string[] Ready = [.. Common, "etcd-readiness", "informer-sync", .. Hooks.Select(h => "poststarthook/" + h), "shutdown"];

    /// <summary>The paths of one of the three, sorted.</summary>
    public static IEnumerable<string> Paths(string of) =>
        ((IEnumerable<string>)[$"/{of}", .. (of == "readyz" ? Ready : Live).Select(check => $"/{of}/{check}")]).Order(StringComparer.Ordinal);

    public static Task AnswerAsync(Exchange exchange, string[] segments)
    {
        var checks = segments[0] == "readyz" ? Ready : Live;
        if (segments.Length > 1)
        {
            return Array.IndexOf(checks, string.Join('/', segments[1..])) >= 0 ? exchange.AnswerText(200, "ok") : RequestPipeline.NotFoundAsync(exchange);
        }
        if (!exchange.Http.Request.Query.ContainsKey("verbose"))
        {
            return exchange.AnswerText(200, "ok");
        }
        var excluded = exchange.Http.Request.Query["exclude"];
        var text = new StringBuilder();
        foreach (var check in checks)
        {
            text.Append(excluded.Contains(check) ? $"[+]{check} excluded: ok\n" : $"[+]{check} ok\n");
        }
        return exchange.AnswerText(200, text.Append(segments[0]).Append(" check passed\n").ToString());
    }
}
