namespace ActorKube.ApiServer;

/// <summary>
/// Answers <c>pods/exec</c> and <c>pods/attach</c>, over WebSocket (channel protocols 5, 4 and 1) and over SPDY/3.1. The process runs in the pod simulator.
/// </summary>
internal sealed class PodSessionHandler(SimulatedPods? pods)
{
    public async Task ExecAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var command = exchange.Http.Request.Query["command"].OfType<string>().ToArray();
        var (container, pod, options) = Find(exchange, row, info);
        if (command.Length == 0)
        {
            throw Errors.BadRequest("you must specify at least one command for the container");
        }
        var streams = await AcceptAsync(exchange, options).ConfigureAwait(false);
        await using (streams.ConfigureAwait(false))
        {
            using var killed = CancellationTokenSource.CreateLinkedTokenSource(streams.Gone, pod.Gone, container.Kill.Token, exchange.Aborted);
            await EndAsync(streams, async () => await pods!.RunAsync(container, new SimulatedProcess
            {
                Namespace = pod.Namespace, Pod = pod.Name, Container = container.Name, Command = command, Environment = container.Environment,
                Input = streams.Input, Output = streams.Output, Error = options.Tty ? streams.Output : streams.Error, Tty = options.Tty, Time = pods.Time, Killed = killed.Token,
            }).ConfigureAwait(false) is { } code ? ExitStatus.Of(code) : ExitStatus.Failure($"error executing command in container: exec: \"{command[0]}\": executable file not found in $PATH")).ConfigureAwait(false);
        }
    }

    /// <summary>The container's own process: what it writes from now on, and what it reads.</summary>
    public async Task AttachAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var (container, pod, options) = Find(exchange, row, info);
        // From here on nothing is missed: before the client hears that it is attached.
        var log = container.Log!;
        var (_, next, more) = log.Read(0);
        var streams = await AcceptAsync(exchange, options).ConfigureAwait(false);
        await using (streams.ConfigureAwait(false))
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(streams.Gone, pod.Gone, exchange.Aborted);
            await EndAsync(streams, async () =>
            {
                var typing = options.Input && container.Input is { } input ? TypeAsync(streams.Input, input, container.Spec["stdinOnce"].AsBool() == true, ended.Token) : Task.CompletedTask;
                while (more is not null)
                {
                    await more.WaitAsync(ended.Token).ConfigureAwait(false);
                    (var lines, next, more) = log.Read(next);
                    foreach (var line in lines)
                    {
                        await streams.Output.WriteAsync((byte[])[.. line.Text, .. options.Tty ? "\r\n"u8 : "\n"u8], ended.Token).ConfigureAwait(false);
                    }
                }
                await ended.CancelAsync().ConfigureAwait(false);
                await typing.ConfigureAwait(false);
                return ExitStatus.Of(0);
            }).ConfigureAwait(false);
        }
    }

    private static async Task TypeAsync(Stream from, Stream to, bool once, CancellationToken ended)
    {
        try
        {
            await from.CopyToAsync(to, ended).ConfigureAwait(false);
            if (once)
            {
                await to.DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or InvalidOperationException)
        {
            // Nobody types any more, or nobody reads it.
        }
    }

    private (SimulatedContainer Container, SimulatedPod Pod, RemoteStreamOptions Options) Find(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var target = PodTarget.Of(row, info);
        var name = target.Container(exchange.Query("container"));
        var options = string.IsNullOrEmpty(target.Node) ? RemoteStreamOptions.None : RemoteStreamOptions.Read(exchange);
        if (target.Phase is "Succeeded" or "Failed")
        {
            throw Errors.BadRequest($"cannot exec into a container in a completed pod; current phase is {target.Phase}");
        }
        if (string.IsNullOrEmpty(target.Node))
        {
            throw Errors.BadRequest($"pod {target.Name} does not have a host assigned");
        }
        var pod = target.Running(pods);
        return pod.Find(name) is { Phase: ContainerPhase.Running } container ? (container, pod, options)
            : throw Errors.Internal($"unable to upgrade connection: container not found (\"{name}\")");
    }

    private static async Task<IRemoteStreams> AcceptAsync(Exchange exchange, RemoteStreamOptions options)
    {
        var request = exchange.Http.Request;
        if (Upgrades.IsWebSocket(request))
        {
            var protocol = Upgrades.Choose(request, "Sec-WebSocket-Protocol", WebSocketChannels.V5, WebSocketChannels.V4, WebSocketChannels.V1)
                ?? throw Errors.BadRequest($"unable to upgrade: give one of the protocols {WebSocketChannels.V5}, {WebSocketChannels.V4}, {WebSocketChannels.V1}");
            return await WebSocketRemoteStreams.AcceptAsync(await Upgrades.AcceptWebSocketAsync(exchange, protocol).ConfigureAwait(false), protocol, options, exchange.Aborted).ConfigureAwait(false);
        }
        if (Upgrades.IsSpdy(request))
        {
            var protocol = Upgrades.Choose(request, "X-Stream-Protocol-Version", WebSocketChannels.V5, WebSocketChannels.V4)
                ?? throw Errors.Forbidden(new("", "pods"), "", $"unable to upgrade: give one of the protocols {WebSocketChannels.V5}, {WebSocketChannels.V4}");
            var session = new SpdySession(await Upgrades.AcceptSpdyAsync(exchange, protocol).ConfigureAwait(false), exchange.Aborted);
            return await SpdyRemoteStreams.AcceptAsync(session, options, exchange.Aborted).ConfigureAwait(false);
        }
        throw Errors.BadRequest("Upgrade request required");
    }

    /// <summary>Runs and tells the end, unless nobody is there any more.</summary>
    private static async Task EndAsync(IRemoteStreams streams, Func<Task<System.Text.Json.Nodes.JsonObject>> run)
    {
        try
        {
            System.Text.Json.Nodes.JsonObject status;
            try
            {
                status = await run().ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !streams.Gone.IsCancellationRequested)
            {
                status = failure is OperationCanceledException ? ExitStatus.Of(137) : ExitStatus.Failure($"error executing command in container: {failure.GetType().Name}: {failure.Message}");
            }
            await streams.CompleteAsync(status).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client hung up: its process was killed, and there is nobody to be told.
        }
    }
}
