using ActorKube.Actors;
using Akka.Actor;

namespace ActorKube.Hosting;

/// <summary>What a kubelet wants to know of a runtime, each with what is wrong, if anything is.</summary>
static class RuntimeChecks
{
    /// <summary>On health checks of the container that tell the same.</summary>
    public const string Tag = "actorkube";

    /// <summary>Live: no reconcile is stuck (took too long and did not leave when it was asked to), and every reflector shows signs of life. A restart would help where not.</summary>
    public static IEnumerable<(string Name, string? Problem)> Live(ActorSystem system)
    {
        if (!system.TryGetExtension<Kubernetes>(out var kubernetes))
        {
            // It starts, or it is no business of ours: neither is a reason to kill it.
            yield return ("kubernetes", null);
            yield break;
        }
        var health = kubernetes.Health;
        yield return ("reconcilers", Said("Stuck", health.Controllers.SelectMany(static c => c.Stuck.Select(s => $"{c.Name} {s.Key} since {s.Value:u}"))));
        var now = system.Scheduler.Now;
        yield return ("reflectors", Said(
            "No sign of life",
            health.Caches.Where(c => now - c.LastSign > kubernetes.ReflectorSilence).Select(c => $"{c.Spec} since {c.LastSign:u}")));
    }

    /// <summary>Ready: every cache has been read once, and webhooks, where there are any, can be asked. A process that stands by for leadership is ready too.</summary>
    public static IEnumerable<(string Name, string? Problem)> Ready(ActorSystem system, IServiceProvider services)
    {
        if (services.GetService(typeof(IKubernetesWebhooks)) is IKubernetesWebhooks webhooks)
            yield return ("webhooks", webhooks.Problem);
        if (!system.TryGetExtension<Kubernetes>(out var kubernetes))
        {
            yield return ("kubernetes", "The actor system is starting.");
            yield break;
        }
        yield return ("caches", Said(
            "Not read yet",
            kubernetes.Health.Caches.Where(static c => !c.HasSynced).Select(static c => c.Trouble is { } trouble ? $"{c.Spec}: {trouble.Message}" : c.Spec.ToString())));
    }

    static string? Said(string what, IEnumerable<string> problems)
    {
        var all = string.Join("; ", problems);
        return all.Length == 0 ? null : $"{what}: {all}";
    }
}
