using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Transport;

/// <summary>What a client is given by the program around it, beside where its server is.</summary>
public sealed record KubernetesClientOptions
{
    /// <summary>
    /// What requests go through instead of connections of the client's own, such as the handler of an embedded server; credentials are added before it. Not
    /// disposed by the client. Null for connections of its own.
    /// </summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>
    /// An <see cref="System.Net.Http.HttpClient"/> to send requests through, such as one of a factory with policies of its own; as <see cref="Handler"/> else, which is then null. Its own
    /// <see cref="HttpClient.Timeout"/> goes to the beginning of an answer and counts beside the client's.
    /// </summary>
    public HttpClient? HttpClient { get; init; }

    /// <summary>Where logs go.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock of rate limits, retries and time limits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The rate limit of all requests, instead of the configuration's Qps and Burst: shared by all clients that are given the same one. Null for one of this client's own.</summary>
    public RequestRateLimiter? RateLimiter { get; init; }

    /// <summary>What holds all requests back while the server fails; shared by all clients that are given the same one. Null: nothing does.</summary>
    public RequestBackoff? Backoff { get; init; }

    /// <summary>Gets each warning the server sends, from the thread that has the answer. Null: each text is logged once.</summary>
    public Action<ServerWarning>? OnWarning { get; init; }
}
