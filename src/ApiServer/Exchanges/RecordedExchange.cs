namespace ActorKube.ApiServer;

/// <summary>One request and what became of it. Headers are not kept, nor bodies that are secret: those of Secrets and of whatever carries tokens.</summary>
public sealed record RecordedExchange
{
    /// <summary>Counts from 1.</summary>
    public required long Number { get; init; }

    /// <summary>When it came, on the server's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>Path and query.</summary>
    public required string Path { get; init; }

    /// <summary>The client, as it calls itself.</summary>
    public required string UserAgent { get; init; }

    /// <summary>The answer's status code; null while it is not known.</summary>
    public int? StatusCode { get; init; }

    /// <summary>How long it took; null while it goes on, as watches do.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The beginning of what was sent.</summary>
    public string RequestBody { get; init; } = "";

    /// <summary>The beginning of the answer.</summary>
    public string ResponseBody { get; init; } = "";
}
