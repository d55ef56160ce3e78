using System.Globalization;
using System.Runtime.CompilerServices;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>Which part of a container's log is wanted.</summary>
public sealed record PodLogOptions
{
    /// <summary>The container; null where the pod has one alone.</summary>
    public string? Container { get; init; }
    /// <summary>Whether the log goes on as the container writes.</summary>
    public bool Follow { get; init; }
    /// <summary>Whether the container's last life before this one is meant.</summary>
    public bool Previous { get; init; }
    /// <summary>Not older than so long.</summary>
    public TimeSpan? Since { get; init; }
    /// <summary>Not older than this.</summary>
    public DateTimeOffset? SinceTime { get; init; }
    /// <summary>Whether each line begins with its time.</summary>
    public bool Timestamps { get; init; }
    /// <summary>The last so many lines.</summary>
    public long? TailLines { get; init; }
    /// <summary>At most so many bytes.</summary>
    public long? LimitBytes { get; init; }
    /// <summary>
    /// For <see cref="PodLogs.ReadLogLinesAsync"/>: how many bytes of a line are held; a longer one comes in pieces of this length. 4 (the longest character) to 256 MiB; 1 MiB unless told.
    /// </summary>
    public int MaxLineBytes { get; init; } = 1024 * 1024;
}

/// <summary>Reads the logs of containers. Errors as those of <see cref="IResourceClient"/>.</summary>
public static class PodLogs
{
    /// <summary>The log as text, whole: not for logs that are followed.</summary>
    public static async Task<string> ReadLogAsync(this IResourceClient<V1Pod> pods, string name, PodLogOptions? options = null, CancellationToken cancellation = default)
    {
        if (options?.Follow == true) throw new ArgumentException("A log that is followed has no end: read its lines or its bytes.", nameof(options));
        return System.Text.Encoding.UTF8.GetString(await Request(pods, name, options).DoRawAsync(cancellation).ConfigureAwait(false));
    }

    /// <summary>The log's bytes as they come. Disposing the stream closes the connection.</summary>
    public static Task<Stream> StreamLogAsync(this IResourceClient<V1Pod> pods, string name, PodLogOptions? options = null, CancellationToken cancellation = default) =>
        Request(pods, name, options).StreamAsync(cancellation);

    /// <summary>
    /// The log's lines as they come, without their ends (<c>\n</c> or <c>\r\n</c>). Ends with the log, or, where it is followed, with the container. What a container writes without
    /// ever ending a line is not held: a line longer than <see cref="PodLogOptions.MaxLineBytes"/> comes in pieces of that length, cut between characters.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The length of pieces is not one of those allowed.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <example><code>
    /// await foreach (var line in client.CoreV1.Pods("shop").ReadLogLinesAsync("web-0", new PodLogOptions { Follow = true, TailLines = 10 })) Console.WriteLine(line);
    /// </code></example>
    public static async IAsyncEnumerable<string> ReadLogLinesAsync(
        this IResourceClient<V1Pod> pods, string name, PodLogOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var longest = (options ??= new PodLogOptions()).MaxLineBytes;
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, LogLines.LongestCharacter, nameof(PodLogOptions.MaxLineBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(longest, LogLines.LongestPiece, nameof(PodLogOptions.MaxLineBytes));
        await using var stream = await pods.StreamLogAsync(name, options, cancellation).ConfigureAwait(false);
        using var lines = new LogLines(stream, longest);
        while (await lines.ReadAsync(cancellation).ConfigureAwait(false) is { } line) yield return line;
    }

    static RestRequest Request(IResourceClient<V1Pod> pods, string name, PodLogOptions? options)
    {
        // Text is what comes; errors are JSON all the same.
        var request = pods.Request("GET", name, "log").Accept("*/*");
        options ??= new PodLogOptions();
        if (options.Container is { } container) request.Param("container", container);
        if (options.Follow) request.Param("follow", "true");
        if (options.Previous) request.Param("previous", "true");
        if (options.Since is { } since) request.Param("sinceSeconds", ((long)Math.Ceiling(since.TotalSeconds)).ToString(CultureInfo.InvariantCulture));
        if (options.SinceTime is { } time) request.Param("sinceTime", time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        if (options.Timestamps) request.Param("timestamps", "true");
        if (options.TailLines is { } lines) request.Param("tailLines", lines.ToString(CultureInfo.InvariantCulture));
        if (options.LimitBytes is { } bytes) request.Param("limitBytes", bytes.ToString(CultureInfo.InvariantCulture));
        return request;
    }
}
