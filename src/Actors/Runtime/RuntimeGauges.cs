using System.Diagnostics.Metrics;
using System.Globalization;

namespace ActorKube.Actors;

/// <summary>What one runtime can say about itself whenever somebody asks: caches, and reconciles under way. Gone with the runtime.</summary>
sealed class RuntimeGauges : IDisposable
{
    readonly Meter _meter = new(RuntimeMetrics.Name);
    readonly RuntimeHealth _health;
    readonly TimeProvider _time;

    public RuntimeGauges(RuntimeHealth health, TimeProvider time)
    {
        _health = health;
        _time = time;
        _meter.CreateObservableGauge("workqueue_unfinished_work_seconds", () => Running(static ages => ages.Sum()), "s", "How long all reconciles that run have been running, together.");
        _meter.CreateObservableGauge("workqueue_longest_running_processor_seconds", () => Running(static ages => ages.DefaultIfEmpty().Max()), "s", "How long the longest of the reconciles that run has been running.");
        _meter.CreateObservableGauge("actorkube_controller_stuck_keys", Stuck, description: "Keys whose reconcile took too long and did not leave when it was asked to.");
        _meter.CreateObservableGauge("actorkube_controller_started", Started, description: "1 where the controller's caches are synced and it reconciles.");
        _meter.CreateObservableGauge("actorkube_cache_objects", () => Caches(static c => c.Objects), description: "Objects in the cache.");
        _meter.CreateObservableGauge("actorkube_cache_bytes", () => Caches(static c => c.Bytes), "By", "Size of the objects in the cache, as they are held.");
        _meter.CreateObservableGauge("actorkube_cache_synced", () => Caches(static c => c.HasSynced ? 1 : 0), description: "1 where the cache has been read once.");
        _meter.CreateObservableGauge("actorkube_reflector_in_trouble", () => Caches(static c => c.Trouble is null ? 0 : 1), description: "1 while the cache's reflector cannot list or watch.");
        _meter.CreateObservableGauge("reflector_last_resource_version", LastVersions, description: "The version up to which the cache is current.");
    }

    public void Dispose() => _meter.Dispose();

    IEnumerable<Measurement<double>> Running(Func<IEnumerable<double>, double> sum)
    {
        var now = _time.GetUtcNow();
        foreach (var controller in _health.Controllers)
            yield return new(sum(controller.Running.Values.Select(since => (now - since).TotalSeconds)), new("name", controller.Name), RuntimeMetrics.Controller(controller.Name));
    }

    IEnumerable<Measurement<long>> Stuck()
    {
        foreach (var controller in _health.Controllers)
            yield return new(controller.Stuck.Count, RuntimeMetrics.Controller(controller.Name));
    }

    IEnumerable<Measurement<long>> Started()
    {
        foreach (var controller in _health.Controllers)
            yield return new(controller.IsStarted ? 1 : 0, RuntimeMetrics.Controller(controller.Name));
    }

    IEnumerable<Measurement<long>> Caches(Func<CacheHealth, long> value)
    {
        foreach (var cache in _health.Caches)
            yield return new(value(cache), new KeyValuePair<string, object?>("cache", cache.Spec.ToString()));
    }

    IEnumerable<Measurement<double>> LastVersions()
    {
        foreach (var cache in _health.Caches)
        {
            if (double.TryParse(cache.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
                yield return new(version, new KeyValuePair<string, object?>("cache", cache.Spec.ToString()));
        }
    }
}
