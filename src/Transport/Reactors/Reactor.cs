namespace ActorKube.Transport;

/// <summary>A reactor that a <see cref="ReactorHandler"/> has: disposing it removes it. Thread-safe.</summary>
public sealed class Reactor : IDisposable
{
    readonly ReactorHandler _owner;
    readonly string _verb, _resource;
    readonly int? _times;
    int _count;

    internal Reactor(ReactorHandler owner, string verb, string resource, int? times, Func<ApiCall, Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> react) =>
        (_owner, _verb, _resource, _times, React) = (owner, verb, resource, times, react);

    internal Func<ApiCall, Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> React { get; }

    /// <summary>How many calls it has met.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether this one takes the call. Counts it.</summary>
    internal bool Takes(ApiCall call)
    {
        if (!call.Matches(_verb, _resource)) return false;
        while (true)
        {
            var count = Count;
            if (count >= _times) return false;
            if (Interlocked.CompareExchange(ref _count, count + 1, count) == count) return true;
        }
    }

    /// <summary>Removes it: later calls pass by.</summary>
    public void Dispose() => _owner.Remove(this);
}
