using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorKube.ApiServer;

/// <summary>Turns a request into a connection: WebSocket, or SPDY/3.1 as clients before Kubernetes 1.31 (and many programs since) ask for it.</summary>
internal static class Upgrades
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    public static bool IsWebSocket(HttpRequest request) => Asks(request, "websocket");

    public static bool IsSpdy(HttpRequest request) => Asks(request, "SPDY/3.1");

    private static bool Asks(HttpRequest request, string protocol) =>
        request.Headers.Upgrade.Any(value => string.Equals(value?.Trim(), protocol, StringComparison.OrdinalIgnoreCase));

    /// <summary>The first protocol of the server's that the client offers under a header; null where there is none.</summary>
    public static string? Choose(HttpRequest request, string header, params ReadOnlySpan<string> known)
    {
        foreach (var offered in request.Headers[header].SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            if (known.Contains(offered))
            {
                return offered;
            }
        }
        return null;
    }

    /// <exception cref="ApiException">400: the request is no WebSocket handshake.</exception>
    public static async Task<WebSocket> AcceptWebSocketAsync(Exchange exchange, string protocol)
    {
        var request = exchange.Http.Request;
        var key = request.Headers.SecWebSocketKey.ToString();
        if (request.Headers.SecWebSocketVersion.ToString() != "13" || !IsKey(key))
        {
            throw Errors.BadRequest("unable to upgrade: the request is no WebSocket handshake of version 13");
        }
        var headers = exchange.Http.Response.Headers;
        headers.Upgrade = "websocket";
        headers.SecWebSocketProtocol = protocol;
        headers.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        var stream = await UpgradeAsync(exchange).ConfigureAwait(false);
        // The protocol is not told to the socket, which takes no name with a slash.
        return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = KeepAlive });
    }

    /// <summary>Agrees to SPDY/3.1 and to what is spoken in its streams.</summary>
    public static Task<Stream> AcceptSpdyAsync(Exchange exchange, string protocol)
    {
        exchange.Http.Response.Headers.Upgrade = "SPDY/3.1";
        exchange.Http.Response.Headers["X-Stream-Protocol-Version"] = protocol;
        return UpgradeAsync(exchange);
    }

    private static Task<Stream> UpgradeAsync(Exchange exchange)
    {
        if (exchange.Http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            throw Errors.BadRequest("Upgrade request required");
        }
        exchange.Http.Response.Headers.Connection = "Upgrade";
        // A connection that was handed over is nobody's cached answer.
        exchange.Http.Response.Headers.CacheControl = default;
        return upgrade.UpgradeAsync();
    }

    private static bool IsKey(string key)
    {
        Span<byte> bytes = stackalloc byte[24];
        return Convert.TryFromBase64String(key, bytes, out var count) && count == 16;
    }
}
