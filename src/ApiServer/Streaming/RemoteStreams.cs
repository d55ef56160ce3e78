using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What a client wants of a process: which streams.</summary>
internal sealed record RemoteStreamOptions(bool Input, bool Output, bool Error, bool Tty)
{
    public static RemoteStreamOptions None { get; } = new(false, false, false, false);

    /// <exception cref="ApiException">400: no stream at all.</exception>
    public static RemoteStreamOptions Read(Exchange exchange)
    {
        var options = new RemoteStreamOptions(exchange.Flag("stdin"), exchange.Flag("stdout"), exchange.Flag("stderr"), exchange.Flag("tty"));
        if (options is { Tty: true, Error: true })
        {
            // A terminal has one output.
            options = options with { Error = false };
        }
        return options is { Input: false, Output: false, Error: false }
            ? throw Errors.BadRequest("you must specify at least 1 of stdin, stdout, stderr")
            : options;
    }
}

/// <summary>A process's streams at the other end of a connection.</summary>
internal interface IRemoteStreams : IAsyncDisposable
{
    /// <summary>What the client types; <see cref="Stream.Null"/> where it does not.</summary>
    Stream Input { get; }

    Stream Output { get; }

    Stream Error { get; }

    /// <summary>Cancelled when the client is gone.</summary>
    CancellationToken Gone { get; }

    /// <summary>Tells how it ended; the last thing said.</summary>
    Task CompleteAsync(JsonObject status);
}

/// <summary>How a process's end is put to a client.</summary>
internal static class ExitStatus
{
    public static JsonObject Of(int code) => code == 0
        ? new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" }
        : new JsonObject
        {
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = $"command terminated with non-zero exit code: exit status {code}",
            ["reason"] = "NonZeroExitCode",
            ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = code.ToString(System.Globalization.CultureInfo.InvariantCulture) }) },
        };

    public static JsonObject Failure(string message) => new()
    {
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = $"Internal error occurred: {message}",
        ["reason"] = "InternalError",
        ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) },
        ["code"] = 500,
    };
}

/// <summary>A process's streams over SPDY: the client opens one stream for each, and names it.</summary>
internal sealed class SpdyRemoteStreams : IRemoteStreams
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly SpdySession _session;
    private readonly CancellationTokenSource _gone = new();
    private readonly List<SpdyStream> _writable;
    private readonly SpdyStream? _status;

    private SpdyRemoteStreams(SpdySession session, Dictionary<string, SpdyStream> streams)
    {
        _session = session;
        _status = streams.GetValueOrDefault("error");
        Input = streams.GetValueOrDefault("stdin") ?? Stream.Null;
        Output = streams.GetValueOrDefault("stdout") ?? Stream.Null;
        Error = streams.GetValueOrDefault("stderr") ?? Stream.Null;
        _writable = [.. streams.Where(s => s.Key is "stdout" or "stderr").Select(s => s.Value)];
        // Sizes of the terminal: nothing here has a width.
        streams.GetValueOrDefault("resize")?.Dispose();
        Gone = _gone.Token;
        _ = session.Ended.ContinueWith(_ => _gone.Cancel(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public Stream Input { get; }

    public Stream Output { get; }

    public Stream Error { get; }

    public CancellationToken Gone { get; }

    public static async Task<SpdyRemoteStreams> AcceptAsync(SpdySession session, RemoteStreamOptions options, CancellationToken cancellation)
    {
        var expected = 1 + (options.Input ? 1 : 0) + (options.Output ? 1 : 0) + (options.Error ? 1 : 0) + (options.Tty ? 1 : 0);
        var streams = new Dictionary<string, SpdyStream>(StringComparer.Ordinal);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            while (streams.Count < expected && await session.Opened.WaitToReadAsync(limit.Token).ConfigureAwait(false))
            {
                if (session.Opened.TryRead(out var stream))
                {
                    streams[stream.Header("streamType") ?? ""] = stream;
                }
            }
            await session.RefuseMoreAsync().ConfigureAwait(false);
        }
        catch
        {
            // A client that does not open what it asked for keeps nothing open here.
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        return new SpdyRemoteStreams(session, streams);
    }

    public async Task CompleteAsync(JsonObject status)
    {
        foreach (var stream in _writable)
        {
            await stream.CloseWriteAsync(Gone).ConfigureAwait(false);
        }
        if (_status is not null)
        {
            await _status.WriteAsync(Encoding.UTF8.GetBytes(status.ToJsonString()), Gone).ConfigureAwait(false);
            await _status.CloseWriteAsync(Gone).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Input.DisposeAsync().ConfigureAwait(false);
        await _session.DisposeAsync().ConfigureAwait(false);
    }
}
