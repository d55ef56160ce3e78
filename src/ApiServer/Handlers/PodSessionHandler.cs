namespace ActorKube.ApiServer;

/// <summary>
/// Answers <c>pods/exec</c> and <c>pods/attach</c>, over WebSocket (channel protocols 5, 4 and 1) and over SPDY/3.1. The process runs on the node.
/// </summary>
internal sealed class PodSessionHandler(NodeAccess nodes)
{
    public async Task ExecAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var command = exchange.Http.Request.Query["command"].OfType<string>().ToArray();
        var (target, container, options) = Read(exchange, row, info);
        if (command.Length == 0 && !string.IsNullOrEmpty(target.Node))
        {
            throw Errors.BadRequest("you must specify at least one command for the container");
        }
        await ServeAsync(exchange, options, await OpenAsync(exchange, target, pod => pod.Exec(container, command)).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>The container's own process: what it writes from now on, and what it reads.</summary>
    public async Task AttachAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var (target, container, options) = Read(exchange, row, info);
        // From here on nothing is missed: before the client hears that it is attached.
        await ServeAsync(exchange, options, await OpenAsync(exchange, target, pod => pod.Attach(container)).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task ServeAsync(Exchange exchange, RemoteStreamOptions options, ContainerSession session)
    {
        var streams = await AcceptAsync(exchange, options).ConfigureAwait(false);
        await using (streams.ConfigureAwait(false))
        {
            using var closed = CancellationTokenSource.CreateLinkedTokenSource(streams.Gone, exchange.Aborted);
            await EndAsync(streams, async () => ExitStatus.Of(await session(
                new ContainerStreams(options.Input ? streams.Input : null, streams.Output, options.Tty ? streams.Output : streams.Error, options.Tty), closed.Token).ConfigureAwait(false))).ConfigureAwait(false);
        }
    }

    private static (PodTarget Target, string Container, RemoteStreamOptions Options) Read(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var target = PodTarget.Of(row, info);
        var container = target.Container(exchange.Query("container"));
        var options = string.IsNullOrEmpty(target.Node) ? RemoteStreamOptions.None : RemoteStreamOptions.Read(exchange);
        if (target.Phase is "Succeeded" or "Failed")
        {
            throw Errors.BadRequest($"cannot exec into a container in a completed pod; current phase is {target.Phase}");
        }
        return string.IsNullOrEmpty(target.Node) ? throw Errors.BadRequest($"pod {target.Name} does not have a host assigned") : (target, container, options);
    }

    private async Task<ContainerSession> OpenAsync(Exchange exchange, PodTarget target, Func<INodePod, ContainerSession> open)
    {
        var upgrades = Upgrades.IsWebSocket(exchange.Http.Request) || Upgrades.IsSpdy(exchange.Http.Request);
        try
        {
            var pod = await nodes.FindAsync(target, address => upgrades ? $"error dialing backend: {NodeAccess.Refused(address)}" : throw NoUpgrade(), exchange.Aborted).ConfigureAwait(false);
            return upgrades ? open(pod) : throw NoUpgrade();
        }
        catch (NodeException refusal)
        {
            throw Errors.Internal($"unable to upgrade connection: {refusal.Message}");
        }
    }

    private static ApiException NoUpgrade() => Errors.BadRequest("Upgrade request required");

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
        throw NoUpgrade();
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
                status = failure is OperationCanceledException ? ExitStatus.Of(137)
                    : ExitStatus.Failure($"error executing command in container: {(failure is NodeException ? "" : $"{failure.GetType().Name}: ")}{failure.Message}");
            }
            await streams.CompleteAsync(status).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client hung up: its process was killed, and there is nobody to be told.
        }
    }
}
