using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.Actors;

/// <summary>Counts what a reflector asks of the server and what it is told, and shows that it lives.</summary>
sealed class MeteredListWatch(IListWatch inner, CacheSpec spec, RuntimeHealth health, TimeProvider time) : IListWatch
{
    static readonly KeyValuePair<string, object?>[] Types =
        [.. Enum.GetNames<WatchEventType>().Select(static name => new KeyValuePair<string, object?>("type", name.ToUpperInvariant()))];

    readonly KeyValuePair<string, object?> _cache = new("cache", spec.ToString());

    public ResourceDefinition Resource => inner.Resource;

    public string? Namespace => inner.Namespace;

    public Task<KubeList> ListAsync(ListOptions options, CancellationToken cancellation)
    {
        RuntimeMetrics.Lists.Add(1, _cache);
        health.SignOfLife(spec, time.GetUtcNow());
        return inner.ListAsync(options, cancellation);
    }

    public IAsyncEnumerable<WatchEvent> WatchAsync(ListOptions options, CancellationToken cancellation)
    {
        RuntimeMetrics.Watches.Add(1, _cache);
        health.SignOfLife(spec, time.GetUtcNow());
        return new Counted(inner.WatchAsync(options, cancellation), _cache);
    }

    /// <summary>The same events, counted; beside that, nothing is added to an event's way.</summary>
    sealed class Counted(IAsyncEnumerable<WatchEvent> events, KeyValuePair<string, object?> cache) : IAsyncEnumerable<WatchEvent>, IAsyncEnumerator<WatchEvent>
    {
        IAsyncEnumerator<WatchEvent> _events = null!;

        public WatchEvent Current
        {
            get
            {
                var current = _events.Current;
                if (RuntimeMetrics.WatchEvents.Enabled)
                    RuntimeMetrics.WatchEvents.Add(1, cache, Types[(int)current.Type]);
                return current;
            }
        }

        public IAsyncEnumerator<WatchEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            _events = events.GetAsyncEnumerator(cancellationToken);
            return this;
        }

        public ValueTask<bool> MoveNextAsync() => _events.MoveNextAsync();

        public ValueTask DisposeAsync() => _events.DisposeAsync();
    }
}
