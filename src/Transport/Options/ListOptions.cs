namespace ActorKube.Transport;

/// <summary>Which objects a list or a watch is about, and from which version on. All parts are optional; the server's defaults hold for what is left out.</summary>
public sealed record ListOptions
{
    /// <summary>Objects with these labels only, such as <c>app=web,tier in (a,b)</c>.</summary>
    public string? LabelSelector { get; init; }
    /// <summary>Objects with these fields only, such as <c>spec.nodeName=n1,status.phase!=Failed</c>.</summary>
    public string? FieldSelector { get; init; }
    /// <summary>List: at, or not older than, this version (see <see cref="ResourceVersionMatch"/>). Watch: what happened after it. Opaque but for <c>0</c>: any version.</summary>
    public string? ResourceVersion { get; init; }
    /// <summary>How a list reads <see cref="ResourceVersion"/>.</summary>
    public ResourceVersionMatch? ResourceVersionMatch { get; init; }
    /// <summary>At most so many items a page.</summary>
    public long? Limit { get; init; }
    /// <summary>What the page before gave to go on with.</summary>
    public string? Continue { get; init; }
    /// <summary>After so many seconds the server ends a watch, or gives up a list.</summary>
    public long? TimeoutSeconds { get; init; }
    /// <summary>Whether a watch may send bookmarks: versions without a change.</summary>
    public bool AllowWatchBookmarks { get; init; }
    /// <summary>Whether a watch starts with what is there as Added events, ended by a bookmark that says so.</summary>
    public bool? SendInitialEvents { get; init; }

    /// <summary>These options as query parameters.</summary>
    internal PathBuilder AppendTo(PathBuilder path, bool watch) => path
        .Query("watch", watch)
        .Query("labelSelector", LabelSelector)
        .Query("fieldSelector", FieldSelector)
        .Query("resourceVersion", ResourceVersion)
        .Query("resourceVersionMatch", ResourceVersionMatch?.ToString())
        .Query("limit", Limit)
        .Query("continue", Continue)
        .Query("timeoutSeconds", TimeoutSeconds)
        .Query("allowWatchBookmarks", AllowWatchBookmarks)
        .Query("sendInitialEvents", SendInitialEvents switch { true => "true", false => "false", null => null });
}

/// <summary>How a list reads its resource version.</summary>
public enum ResourceVersionMatch
{
    /// <summary>That version and no other.</summary>
    Exact,
    /// <summary>That version or a newer one.</summary>
    NotOlderThan
}
