using System.Buffers.Binary;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// Answers <c>pods/portforward</c>: SPDY streams, alone or tunnelled through a WebSocket as kubectl does since 1.31, and the older form with two channels a port.
/// </summary>
internal sealed class PortForwardHandler(NodeAccess nodes)
{
    private const int MaxHalves = 256;
    private const string Tunnel = "SPDY/3.1+portforward.k8s.io";
    private const string Streams = "portforward.k8s.io";

    public async Task AnswerAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var target = PodTarget.Of(row, info);
        if (string.IsNullOrEmpty(target.Node))
        {
            throw Errors.BadRequest($"pod {target.Name} does not have a host assigned");
        }
        if (target.Phase != "Running")
        {
            throw Errors.BadRequest($"unable to forward port because pod is not running. Current status={target.Phase}");
        }
        var request = exchange.Http.Request;
        var upgrades = Upgrades.IsSpdy(request) || Upgrades.IsWebSocket(request);
        var pod = await nodes.FindAsync(target, address => upgrades ? $"error dialing backend: {NodeAccess.Refused(address)}" : throw Errors.BadRequest("Upgrade request required"), exchange.Aborted).ConfigureAwait(false);
        if (Upgrades.IsSpdy(request))
        {
            _ = Upgrades.Choose(request, "X-Stream-Protocol-Version", Streams) ?? throw Errors.BadRequest($"unable to upgrade: give the protocol {Streams}");
            await ServeSessionAsync(await Upgrades.AcceptSpdyAsync(exchange, Streams).ConfigureAwait(false), target, pod, exchange.Aborted).ConfigureAwait(false);
        }
        else if (Upgrades.IsWebSocket(request))
        {
            var protocol = Upgrades.Choose(request, "Sec-WebSocket-Protocol", Tunnel, WebSocketChannels.V4)
                ?? throw Errors.BadRequest($"unable to upgrade: give one of the protocols {Tunnel}, {WebSocketChannels.V4}");
            var ports = protocol == Tunnel ? [] : Ports(exchange);
            var socket = await Upgrades.AcceptWebSocketAsync(exchange, protocol).ConfigureAwait(false);
            await (protocol == Tunnel
                ? ServeSessionAsync(WebSocketStream.Create(socket, WebSocketMessageType.Binary, TimeSpan.FromSeconds(1)), target, pod, exchange.Aborted)
                : ServeChannelsAsync(socket, ports, target, pod, exchange.Aborted)).ConfigureAwait(false);
        }
        else
        {
            throw Errors.BadRequest("Upgrade request required");
        }
    }

    private static List<ushort> Ports(Exchange exchange)
    {
        var ports = new List<ushort>();
        foreach (var text in exchange.Http.Request.Query["ports"].SelectMany(p => (p ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)))
        {
            ports.Add(ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : throw Errors.BadRequest($"unable to upgrade: \"{text}\" is no port"));
        }
        return ports.Count is > 0 and < 100 ? ports : throw Errors.BadRequest("query parameter \"ports\" is required");
    }

    /// <summary>Each connection is a pair of streams with one request id: data, and what goes wrong.</summary>
    private static async Task ServeSessionAsync(Stream connection, PodTarget target, INodePod pod, CancellationToken aborted)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(aborted, pod.Gone);
        var session = new SpdySession(connection, ended.Token);
        await using (session.ConfigureAwait(false))
        {
            var halves = new Dictionary<string, SpdyStream>(StringComparer.Ordinal);
            var serving = new List<Task>();
            await foreach (var stream in session.Opened.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                var id = $"{stream.Header("requestID")}/{stream.Header("port")}";
                if (!halves.Remove(id, out var other))
                {
                    if (halves.Count >= MaxHalves)
                    {
                        // Halves that their client has given up wait for nothing.
                        foreach (var lone in halves.Where(h => h.Value.IsGone).Select(h => h.Key).ToArray())
                        {
                            halves.Remove(lone);
                        }
                    }
                    halves.Add(id, stream);
                    continue;
                }
                var (data, error) = stream.Header("streamType") == "data" ? (stream, other) : (other, stream);
                serving.RemoveAll(s => s.IsCompleted);
                serving.Add(ServeStreamsAsync(data, error, target, pod, ended.Token));
            }
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(serving).ConfigureAwait(false);
        }
    }

    private static async Task ServeStreamsAsync(SpdyStream data, SpdyStream error, PodTarget target, INodePod pod, CancellationToken ended)
    {
        await using (data.ConfigureAwait(false))
        await using (error.ConfigureAwait(false))
        {
            try
            {
                var port = int.TryParse(data.Header("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
                if (await ConnectAsync(data, port, target, pod, ended).ConfigureAwait(false) is { } problem)
                {
                    await error.WriteAsync(Encoding.UTF8.GetBytes(problem), ended).ConfigureAwait(false);
                }
                await data.CloseWriteAsync(ended).ConfigureAwait(false);
                await error.CloseWriteAsync(ended).ConfigureAwait(false);
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException or WebSocketException)
            {
                // The client is gone.
            }
        }
    }

    /// <summary>Two channels a port, each of which begins with the port's number.</summary>
    private static async Task ServeChannelsAsync(WebSocket socket, List<ushort> ports, PodTarget target, INodePod pod, CancellationToken aborted)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(aborted, pod.Gone);
        var channels = new WebSocketChannels(socket, WebSocketChannels.V4, Enumerable.Range(0, ports.Count).Select(i => (byte)(2 * i)), ended.Token);
        await using (channels.ConfigureAwait(false))
        {
            using var open = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, channels.Gone);
            await Task.WhenAll(ports.Select((port, i) => ServePortAsync(channels, (byte)(2 * i), port, target, pod, open.Token))).ConfigureAwait(false);
        }
    }

    private static async Task ServePortAsync(WebSocketChannels channels, byte channel, ushort port, PodTarget target, INodePod pod, CancellationToken open)
    {
        try
        {
            var number = new byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(number, port);
            await channels.SendAsync(channel, number, open).ConfigureAwait(false);
            await channels.SendAsync((byte)(channel + 1), number, open).ConfigureAwait(false);
            var data = new DuplexStream(channels.Reader(channel), channels.Writer(channel));
            if (await ConnectAsync(data, port, target, pod, open).ConfigureAwait(false) is { } problem)
            {
                await channels.SendAsync((byte)(channel + 1), Encoding.UTF8.GetBytes(problem), open).ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client is gone.
        }
    }

    /// <summary>Serves one connection to its end.</summary>
    /// <returns>What went wrong, in the kubelet's words; null where nothing did.</returns>
    private static async Task<string?> ConnectAsync(Stream stream, int port, PodTarget target, INodePod pod, CancellationToken ended)
    {
        try
        {
            return await pod.ConnectAsync(port, stream, ended).ConfigureAwait(false) ? null
                : $"error forwarding port {port} to pod {target.Uid}, uid : dial tcp4 127.0.0.1:{port}: connect: connection refused";
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or IOException))
        {
            return $"error forwarding port {port} to pod {target.Uid}, uid : {failure.GetType().Name}: {failure.Message}";
        }
    }
}
