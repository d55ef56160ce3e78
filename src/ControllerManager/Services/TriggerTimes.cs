using System.Collections.Concurrent;
using System.Globalization;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Since when what is written of a service has been due: the earliest time, since it was last asked, at which one of its pods became ready or not, or the service came. By it one measures how long endpoints
/// take. Thread-safe between services.
/// </summary>
internal sealed class TriggerTimes
{
    /// <summary>The annotation that says so.</summary>
    public const string Annotation = "endpoints.kubernetes.io/last-change-trigger-time";

    private readonly ConcurrentDictionary<NamespacedName, Seen> _seen = new();

    /// <summary>The time, as the annotation has it; null where nothing happened since.</summary>
    public string? Next(NamespacedName key, V1Service service, IReadOnlyList<ServiceBackend> backends)
    {
        var before = _seen.GetValueOrDefault(key);
        var now = new Seen(service.Metadata.CreationTimestamp ?? DateTime.MinValue, backends.DistinctBy(b => b.Pod.Metadata.Name).ToDictionary(b => b.Pod.Metadata.Name, TimeOf, StringComparer.Ordinal));
        _seen[key] = now;
        var news = now.Pods.Where(p => p.Value > (before?.Pods.GetValueOrDefault(p.Key) ?? DateTime.MinValue)).Select(p => p.Value).ToList();
        if (now.Service > (before?.Service ?? DateTime.MinValue))
        {
            news.Add(now.Service);
        }
        return news.Count == 0 ? null : news.Min().ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    /// <returns>Whether the service was known.</returns>
    public bool Forget(NamespacedName key) => _seen.TryRemove(key, out _);

    /// <summary>The annotations with the time, or without.</summary>
    public static IDictionary<string, string>? With(IDictionary<string, string>? annotations, string? time)
    {
        var result = annotations is null ? [] : new Dictionary<string, string>(annotations);
        result.Remove(Annotation);
        if (time is not null)
        {
            result[Annotation] = time;
        }
        return result.Count == 0 ? null : result;
    }

    private static DateTime TimeOf(ServiceBackend backend) => backend.Pod.Status.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.LastTransitionTime ?? DateTime.MinValue;

    private sealed record Seen(DateTime Service, Dictionary<string, DateTime> Pods);
}
