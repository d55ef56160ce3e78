using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>Processes and ports of pods, over WebSocket (channel protocols version 5 and 4). Errors as those of <see cref="IResourceClient"/>.</summary>
public static class PodSessions
{
    /// <summary>Runs a program in a container.</summary>
    /// <param name="pods">The pods of a namespace.</param>
    /// <param name="name">The pod.</param>
    /// <param name="command">The program and its arguments; no shell reads them.</param>
    /// <param name="options">Which streams, in which container.</param>
    /// <param name="cancellation">Gives up the opening; a session that is open is ended by disposing it.</param>
    public static async Task<RemoteSession> ExecAsync(
        this IResourceClient<V1Pod> pods, string name, IReadOnlyList<string> command, PodExecOptions? options = null, CancellationToken cancellation = default)
    {
        if (command.Count == 0) throw new ArgumentException("Say which program to run.", nameof(command));
        var request = pods.Request("GET", name, "exec");
        foreach (var word in command) request.Param("command", word);
        return await OpenAsync(request, options ?? new PodExecOptions(), cancellation).ConfigureAwait(false);
    }

    /// <summary>Runs a program in a container to its end and gives what it wrote.</summary>
    /// <inheritdoc cref="ExecAsync"/>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        this IResourceClient<V1Pod> pods, string name, IReadOnlyList<string> command, string? container = null, CancellationToken cancellation = default)
    {
        await using var session = await pods.ExecAsync(name, command, new PodExecOptions { Container = container }, cancellation).ConfigureAwait(false);
        using var output = new StreamReader(session.StandardOutput);
        using var error = new StreamReader(session.StandardError);
        var said = output.ReadToEndAsync(cancellation);
        var complained = error.ReadToEndAsync(cancellation);
        await Task.WhenAll(said, complained).ConfigureAwait(false);
        var exit = await session.Completion.WaitAsync(cancellation).ConfigureAwait(false);
        return (exit.ExitCode, await said.ConfigureAwait(false), await complained.ConfigureAwait(false));
    }

    /// <summary>Attaches to the process that a container runs.</summary>
    public static Task<RemoteSession> AttachAsync(
        this IResourceClient<V1Pod> pods, string name, PodExecOptions? options = null, CancellationToken cancellation = default) =>
        OpenAsync(pods.Request("GET", name, "attach"), options ?? new PodExecOptions(), cancellation);

    static async Task<RemoteSession> OpenAsync(RestRequest request, PodExecOptions options, CancellationToken cancellation)
    {
        if (options.Container is { } container) request.Param("container", container);
        request.Param("stdin", options.StandardInput ? "true" : "false").Param("stdout", options.StandardOutput ? "true" : "false")
            .Param("stderr", options is { StandardError: true, Tty: false } ? "true" : "false").Param("tty", options.Tty ? "true" : "false");
        return new RemoteSession(await request.OpenSocketAsync([ChannelSocket.V5, ChannelSocket.V4], cancellation).ConfigureAwait(false), options);
    }

    /// <summary>
    /// Connects to a port of a pod: one connection, as a stream. Reading it fails with <see cref="IOException"/> and what the server said where nothing listens there.
    /// Disposing it closes the connection.
    /// </summary>
    public static async Task<Stream> PortForwardAsync(this IResourceClient<V1Pod> pods, string name, ushort port, CancellationToken cancellation = default)
    {
        var request = pods.Request("GET", name, "portforward").Param("ports", port.ToString(CultureInfo.InvariantCulture));
        var socket = await request.OpenSocketAsync([ChannelSocket.V4], cancellation).ConfigureAwait(false);
        // The opening is limited as any request is; what comes afterwards is not.
        using var limit = socket.TimeLimit == Timeout.InfiniteTimeSpan ? new CancellationTokenSource() : new CancellationTokenSource(socket.TimeLimit, socket.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return await PortStream.StartAsync(socket, port, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new IOException($"The server did not open the way to port {port} within {socket.TimeLimit.TotalSeconds:0.###} s.");
        }
    }

    /// <summary>One forwarded connection: data on channel 0, what goes wrong on channel 1; each begins with the port's two bytes.</summary>
    sealed class PortStream : Stream
    {
        readonly ChannelSocket _socket;
        readonly ChannelStream _data;
        readonly Task<string> _failure;
        bool _disposed;

        PortStream(ChannelSocket socket, ChannelStream data, Task<string> failure) => (_socket, _data, _failure) = (socket, data, failure);

        public static async Task<PortStream> StartAsync(ChannelSocket socket, ushort port, CancellationToken cancellation)
        {
            try
            {
                var data = socket.Reader(0);
                var failure = socket.Reader(1);
                socket.Start();
                await SkipPortAsync(data, port, cancellation).ConfigureAwait(false);
                return new PortStream(socket, new ChannelStream(socket, 0, data, canWrite: true), ReadFailureAsync(failure, port));
            }
            catch
            {
                await socket.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        static async Task SkipPortAsync(PipeReader reader, ushort port, CancellationToken cancellation)
        {
            var start = await reader.ReadAtLeastAsync(sizeof(ushort), cancellation).ConfigureAwait(false);
            if (start.Buffer.Length < sizeof(ushort)) throw new IOException($"The connection to port {port} ended before it began.");
            var bytes = new byte[sizeof(ushort)];
            System.Buffers.BuffersExtensions.CopyTo(start.Buffer.Slice(0, sizeof(ushort)), bytes);
            if (BinaryPrimitives.ReadUInt16LittleEndian(bytes) != port) throw new IOException($"The server forwards another port than {port}.");
            reader.AdvanceTo(start.Buffer.GetPosition(sizeof(ushort)));
        }

        static async Task<string> ReadFailureAsync(PipeReader reader, ushort port)
        {
            try
            {
                await SkipPortAsync(reader, port, CancellationToken.None).ConfigureAwait(false);
                using var text = new StreamReader(reader.AsStream(), Encoding.UTF8);
                return await text.ReadToEndAsync().ConfigureAwait(false);
            }
            catch (IOException)
            {
                // Nothing went wrong that the server has words for.
                return "";
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await _data.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            // The end is the connection's end, unless the server says that it never was one.
            if (count == 0 && buffer.Length > 0 && await _failure.WaitAsync(cancellationToken).ConfigureAwait(false) is { Length: > 0 } said)
                throw new IOException($"The server could not forward the port: {said}");
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _data.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask DisposeAsync()
        {
            if (_disposed) return;
            _disposed = true;
            await _socket.DisposeAsync().ConfigureAwait(false);
            await base.DisposeAsync().ConfigureAwait(false);
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Ports are read asynchronously.");
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Ports are written asynchronously.");
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
