using System.Globalization;
using System.Text.Json;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>
/// A process in a container, with its streams. Streams that were not asked for are <see cref="Stream.Null"/>. All that were asked for must be read, or disposed: one that nobody
/// reads holds back the others.
/// </summary>
public sealed class RemoteSession : IAsyncDisposable
{
    const byte InputChannel = 0, OutputChannel = 1, ErrorChannel = 2, StatusChannel = 3, ResizeChannel = 4;

    readonly ChannelSocket _socket;

    internal RemoteSession(ChannelSocket socket, PodExecOptions options)
    {
        _socket = socket;
        StandardInput = options.StandardInput ? new ChannelStream(socket, InputChannel, null, canWrite: true) : Stream.Null;
        StandardOutput = options.StandardOutput ? new ChannelStream(socket, OutputChannel, socket.Reader(OutputChannel), canWrite: false) : Stream.Null;
        StandardError = options is { StandardError: true, Tty: false } ? new ChannelStream(socket, ErrorChannel, socket.Reader(ErrorChannel), canWrite: false) : Stream.Null;
        var status = socket.Reader(StatusChannel).AsStream();
        socket.Start();
        Completion = ReadExitAsync(status);
    }

    /// <summary>What the process reads. Disposing it is the end of its input, which only servers that speak version 5 of the protocol hear of.</summary>
    public Stream StandardInput { get; }

    /// <summary>What the process writes.</summary>
    public Stream StandardOutput { get; }

    /// <summary>What the process complains of; with a terminal that is part of its output.</summary>
    public Stream StandardError { get; }

    /// <summary>How the process ended. Fails with <see cref="IOException"/> where the connection ends first.</summary>
    public Task<RemoteExit> Completion { get; }

    /// <summary>Tells the process the size of its terminal, in characters.</summary>
    public ValueTask ResizeAsync(int width, int height, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        return _socket.SendAsync(ResizeChannel, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, int> { ["Width"] = width, ["Height"] = height }), cancellation);
    }

    static async Task<RemoteExit> ReadExitAsync(Stream channel)
    {
        var bytes = new MemoryStream();
        await channel.CopyToAsync(bytes).ConfigureAwait(false);
        V1Status? status;
        try
        {
            status = bytes.Length == 0 ? null : KubeJson.Deserialize<V1Status>(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        }
        catch (FormatException error)
        {
            throw new IOException("The server said how the process ended in a way that cannot be read.", error);
        }
        if (status is null) throw new IOException("The connection to the pod ended before the process did.");
        if (status.Status == "Success") return new RemoteExit(0, status);
        // A process that ended with a code is no failure of the session.
        var code = status.Reason == "NonZeroExitCode" ? status.Details?.Causes?.FirstOrDefault(cause => cause.Reason == "ExitCode")?.Message : null;
        return int.TryParse(code, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? new RemoteExit(number, status)
            : throw new KubernetesException(status);
    }

    /// <summary>Closes the connection; a process that still runs is left to the container.</summary>
    public async ValueTask DisposeAsync()
    {
        await _socket.DisposeAsync().ConfigureAwait(false);
        // Nobody may have asked how it ended: that is no reason for an unobserved failure.
        await Completion.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
    }
}

/// <summary>How a process in a container ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Status">What the server said of it.</param>
public sealed record RemoteExit(int ExitCode, V1Status Status);

/// <summary>How to run a process in a container, or attach to one that runs.</summary>
public sealed record PodExecOptions
{
    /// <summary>The container; null where the pod has one alone.</summary>
    public string? Container { get; init; }
    /// <summary>Whether the process gets input.</summary>
    public bool StandardInput { get; init; }
    /// <summary>Whether its output is wanted.</summary>
    public bool StandardOutput { get; init; } = true;
    /// <summary>Whether its complaints are wanted; not apart from its output where it has a terminal.</summary>
    public bool StandardError { get; init; } = true;
    /// <summary>Whether it gets a terminal.</summary>
    public bool Tty { get; init; }
}
