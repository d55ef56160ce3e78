namespace ActorKube.ApiServer;

/// <summary>What a path below <c>/api</c> or <c>/apis</c> asks for.</summary>
internal sealed record RequestInfo(string Group, string Version)
{
    /// <summary>Namespace in the path; null where the path has none.</summary>
    public string? Namespace { get; init; }

    public string? Resource { get; init; }

    public string? Name { get; init; }

    public string? Subresource { get; init; }

    /// <summary>Path segments after the subresource (proxy paths).</summary>
    public IReadOnlyList<string> Rest { get; init; } = [];

    /// <summary>The deprecated <c>/watch/</c> prefix was used.</summary>
    public bool WatchPrefix { get; init; }

    /// <summary>Reads the segments after <c>/api/v1</c> or <c>/apis/group/version</c>.</summary>
    public static RequestInfo Parse(string group, string version, ReadOnlySpan<string> segments)
    {
        var info = new RequestInfo(group, version);
        if (segments.Length > 0 && segments[0] == "watch")
        {
            info = info with { WatchPrefix = true };
            segments = segments[1..];
        }
        if (segments.Length > 2 && segments[0] == "namespaces" &&
            !(group.Length == 0 && segments[2] is "status" or "finalize"))
        {
            info = info with { Namespace = segments[1] };
            segments = segments[2..];
        }
        if (segments.Length > 0)
        {
            info = info with { Resource = segments[0] };
        }
        if (segments.Length > 1)
        {
            info = info with { Name = segments[1] };
        }
        if (segments.Length > 2)
        {
            info = info with { Subresource = segments[2], Rest = segments[3..].ToArray() };
        }
        return info;
    }
}
