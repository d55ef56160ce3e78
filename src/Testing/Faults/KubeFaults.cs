using System.Net;
using ActorKube.ApiServer;
using ActorKube.Transport;

namespace ActorKube.Testing;

/// <summary>
/// What may go wrong between controllers and their server, by rule. The test's own client is spared: rules meet what controllers and reflectors ask. Watches are only
/// ever cut, closed, expired or held back; their events keep their order. Thread-safe.
/// </summary>
public sealed class KubeFaults
{
    readonly FaultInjector _server;
    readonly WatchRules _watches;

    internal KubeFaults(FaultInjector server, WatchRules watches, ReactorHandler reactors)
    {
        _server = server;
        _watches = watches;
        Reactors = reactors;
    }

    /// <summary>Everything else, as reactors do it: fail, answer or alter any call by verb and resource.</summary>
    public ReactorHandler Reactors { get; }

    /// <summary>Calls are refused with a code and do not reach the server.</summary>
    /// <param name="verb"><c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c>, or <c>*</c>.</param>
    /// <param name="resource">The plural, maybe with its subresource (<c>ats/status</c>), or <c>*</c>.</param>
    /// <param name="code">The status code.</param>
    /// <param name="times">How many calls; null for all until the rule is disposed.</param>
    public IDisposable Fail(string verb, string resource, HttpStatusCode code, int? times = null) => Reactors.Fail(verb, resource, code, times);

    /// <summary>Calls never get an answer: the connection breaks.</summary>
    /// <inheritdoc cref="Fail"/>
    public IDisposable Break(string verb, string resource, int? times = null) => Reactors.Fail(verb, resource, new IOException("the connection broke, as the test wants"), times);

    /// <summary>Writes meet a conflict, as if somebody else had written the object meanwhile.</summary>
    /// <inheritdoc cref="Fail"/>
    public IDisposable Conflict(string resource, int times = 1) => Reactors.Fail("update", resource, HttpStatusCode.Conflict, times);

    /// <summary>Calls reach the server later, by the fixture's time.</summary>
    /// <inheritdoc cref="Fail"/>
    public IDisposable Delay(string verb, string resource, TimeSpan by, int? times = null) => Reactors.Delay(verb, resource, by, times);

    /// <summary>A watch breaks after so many events more (bookmarks do not count); 0 breaks open watches now.</summary>
    /// <param name="events">How many events still come.</param>
    /// <param name="resource">The plural; null for any.</param>
    public void CutWatchAfter(int events, string? resource = null) => End(events, resource, WatchEnd.Cut);

    /// <summary>A watch ends after so many events more as one ends whose resourceVersion is too old: with a 410, and the set must be read afresh.</summary>
    /// <inheritdoc cref="CutWatchAfter"/>
    public void ExpireWatchAfter(int events, string? resource = null) => End(events, resource, WatchEnd.Expire);

    /// <summary>A watch ends in order after so many events more, as watches do at their time limit.</summary>
    /// <inheritdoc cref="CutWatchAfter"/>
    public void CloseWatchAfter(int events, string? resource = null) => End(events, resource, WatchEnd.Close);

    /// <summary>Holds back the events of watches until what is returned is disposed: the caches lag behind the server.</summary>
    public IDisposable HoldWatches(string resource) => _watches.Hold(resource);

    /// <summary>Whether events of a resource are held back now.</summary>
    internal bool Holds(string resource) => _watches.Holds(resource);

    void End(int events, string? resource, WatchEnd how)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(events);
        if (events > 0)
        {
            _watches.EndAfter(events, resource, how);
            return;
        }
        _ = how switch
        {
            WatchEnd.Expire => _server.ExpireWatches(resource),
            WatchEnd.Close => _server.CloseWatches(resource),
            _ => _server.CutWatches(resource),
        };
    }
}
