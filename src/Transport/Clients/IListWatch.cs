using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>All that a reflector needs of a client: lists and watches of one resource with fixed selectors. Thread-safe.</summary>
public interface IListWatch
{
    /// <summary>The resource.</summary>
    ResourceDefinition Resource { get; }

    /// <summary>The namespace; null for all, and for resources without one.</summary>
    string? Namespace { get; }

    /// <summary>How long at least from one connection to the next where a watch goes on by itself (<see cref="ResumingWatch"/>), so that a server that closes at once is not stormed.</summary>
    TimeSpan WatchRestart => KubernetesClientConfiguration.DefaultWatchRestart;

    /// <summary>One page of the list.</summary>
    /// <param name="options">Versions, limit and continue; selectors only where this object has none of its own.</param>
    /// <param name="cancellation">Gives up the request.</param>
    /// <exception cref="KubernetesException">The server refused.</exception>
    /// <exception cref="HttpRequestException">The server could not be reached, or did not answer in time.</exception>
    /// <exception cref="IOException">The connection broke in the middle of the answer.</exception>
    Task<KubeList> ListAsync(ListOptions options, CancellationToken cancellation);

    /// <summary>
    /// What happens to the objects, as it happens. The connection is opened at the first pull and read only when pulled: who does not pull holds back the server,
    /// not this process's memory. Ends when the server ends the watch.
    /// </summary>
    /// <remarks>Disposing the enumerator, or cancelling, closes the answer exactly once.</remarks>
    /// <inheritdoc cref="ListAsync"/>
    IAsyncEnumerable<WatchEvent> WatchAsync(ListOptions options, CancellationToken cancellation);
}
