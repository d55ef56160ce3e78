namespace ActorKube.Transport;

/// <summary>One request, in full: what to send, and what it is about, for logs and errors. Sent as often as the retry policy says.</summary>
internal sealed class RestCall
{
    public required HttpMethod Method { get; init; }
    /// <summary>What is wanted, in Kubernetes' words: <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c> …</summary>
    public required string Verb { get; init; }
    /// <summary>Path and query below the server's address, beginning with a slash, escaped.</summary>
    public required string Path { get; init; }
    public string Accept { get; init; } = ContentTypes.Json;
    public ReadOnlyMemory<byte> Body { get; init; }
    /// <summary>A body that can be sent once; such a request is never repeated.</summary>
    public Stream? BodyStream { get; init; }
    public string? ContentType { get; init; }
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
    /// <summary>The resource asked for, such as <c>pods</c>, and its group, for errors.</summary>
    public string Resource { get; init; } = "";
    public string Group { get; init; } = "";
    public string Name { get; init; } = "";
    public int? MaxRetries { get; init; }
    /// <summary>Null for the client's own.</summary>
    public TimeSpan? Timeout { get; init; }
    /// <summary>Null for the client's own.</summary>
    public RequestBackoff? Backoff { get; init; }
    public bool IsThrottled { get; init; } = true;
    /// <summary>Null for the client's own.</summary>
    public RequestRateLimiter? Limiter { get; init; }
    /// <summary>Whether the connection is to become another protocol's: a thing of HTTP/1.1.</summary>
    public bool Upgrades { get; init; }

    /// <summary>What the last answer to this request warned of.</summary>
    public IReadOnlyList<ServerWarning> Warnings { get; set; } = [];

    public bool HasBody => BodyStream is not null || ContentType is not null;
    public bool IsRead => Method == HttpMethod.Get || Method == HttpMethod.Head;
    public bool CanRepeat => BodyStream is null;

    /// <summary>Whether bodies may hold secrets, so that no log shows them.</summary>
    public bool IsSensitive
    {
        get
        {
            var path = Path.AsSpan();
            if (path.IndexOf('?') is >= 0 and var query) path = path[..query];
            foreach (var range in path.Split('/'))
                if (path[range] is "secrets" or "token" or "tokenreviews" or "tokenrequests" or "selfsubjectreviews" or "certificatesigningrequests") return true;
            return false;
        }
    }
}

/// <summary>Media types servers of Kubernetes speak.</summary>
internal static class ContentTypes
{
    public const string Json = "application/json";
    public const string Protobuf = "application/vnd.kubernetes.protobuf";
    /// <summary>Protobuf where the server has it for the kind, else JSON.</summary>
    public const string ProtobufOrJson = Protobuf + "," + Json;
    /// <summary>The same for the events of a watch.</summary>
    public const string ProtobufWatchOrJson = Protobuf + ";stream=watch," + Json;
}
