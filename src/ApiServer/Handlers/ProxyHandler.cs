using System.IO.Pipelines;
using System.Net;
using System.Text.Json.Nodes;
using ActorKube.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorKube.ApiServer;

/// <summary>
/// Passes requests on to what listens in pods (<c>pods/proxy</c>, <c>services/proxy</c>) and on nodes (<c>nodes/proxy</c>): any verb, path, query and body, and connections that are upgraded.
/// Never to a socket: where no node's agent answers, the connection is refused.
/// </summary>
internal sealed class ProxyHandler(ObjectService objects, NodeAccess nodes)
{
    private static readonly HashSet<string> OfOneConnection = new(StringComparer.OrdinalIgnoreCase) { "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Authorization", "Host", "Content-Length" };

    public Task AnswerAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        if (row.Plural == "nodes")
        {
            return NodeAsync(exchange, row, info);
        }
        var target = row.Plural == "pods" ? ProxyTarget.OfPod(row, info) : ProxyTarget.OfService(objects, row, info);
        var (path, query) = Rest(exchange.Http.Request, info);
        if (path.Length == 0 && exchange.Http.Request.Headers.Upgrade.Count == 0)
        {
            exchange.Http.Response.StatusCode = 301;
            exchange.Http.Response.Headers.Location = $"{exchange.Http.Request.Path.ToUriComponent()}/{query}";
            return Task.CompletedTask;
        }
        return PassAsync(exchange, target, path + query);
    }

    /// <summary>What stands behind <c>proxy</c> in the request's path, as it came.</summary>
    private static (string Path, string Query) Rest(HttpRequest request, RequestInfo info)
    {
        var whole = request.Path.ToUriComponent();
        // The marker is the one after the object's name: names hold no slash.
        var name = whole.IndexOf($"/{info.Resource}/", StringComparison.Ordinal) + info.Resource!.Length + 2;
        var at = whole.IndexOf("/proxy", whole.IndexOf('/', name), StringComparison.Ordinal) + "/proxy".Length;
        return (whole[at..], request.QueryString.ToUriComponent());
    }

    private async Task PassAsync(Exchange exchange, ProxyTarget target, string uri)
    {
        var refused = false;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted);
        Task? serving = null;
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false, UseCookies = false, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = async (_, _) =>
            {
                if (await ConnectAsync(target, ended.Token).ConfigureAwait(false) is not var (stream, task))
                {
                    refused = true;
                    throw new IOException("Nothing listens.");
                }
                serving = WatchAsync(task);
                return stream;
            },
        };
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = Request(exchange.Http.Request, target.Address, target.Port, uri);
        try
        {
            using var response = await invoker.SendAsync(request, ended.Token).ConfigureAwait(false);
            await RelayAsync(exchange, response).ConfigureAwait(false);
        }
        catch (HttpRequestException) when (refused)
        {
            throw target.Refused();
        }
        catch (HttpRequestException failure) when (!exchange.Http.Response.HasStarted)
        {
            throw ProxyTarget.Unavailable($"error trying to reach service: {(failure.InnerException is { } inner ? inner : failure).Message}");
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await (serving ?? Task.CompletedTask).ConfigureAwait(false);
        }

        async Task WatchAsync(Task<bool> task)
        {
            try
            {
                refused |= !await task.ConfigureAwait(false);
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The client is gone.
            }
        }
    }

    /// <summary>Connects to a port of a pod; null where nothing listens.</summary>
    private async Task<(Stream Stream, Task<bool> Serving)?> ConnectAsync(ProxyTarget target, CancellationToken closed)
    {
        if (target.Pod is not { } tree || await nodes.TryFindAsync(tree, closed).ConfigureAwait(false) is not { } pod)
        {
            return null;
        }
        var (up, down) = (new Pipe(), new Pipe());
        var serving = ServeAsync(pod, target.Port, new DuplexStream(up.Reader.AsStream(), down.Writer.AsStream()), closed);
        return serving is { IsCompletedSuccessfully: true, Result: false } ? null : (new DuplexStream(down.Reader.AsStream(), up.Writer.AsStream()), serving);
    }

    private static async Task<bool> ServeAsync(INodePod pod, int port, Stream connection, CancellationToken closed)
    {
        await using (connection.ConfigureAwait(false))
        {
            return await pod.ConnectAsync(port, connection, closed).ConfigureAwait(false);
        }
    }

    private static HttpRequestMessage Request(HttpRequest asked, string address, int port, string uri)
    {
        var request = new HttpRequestMessage(new HttpMethod(asked.Method), new Uri($"http://{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}:{port}{uri}"))
        {
            Version = HttpVersion.Version11,
        };
        if (asked.ContentLength is > 0 || asked.Headers.TransferEncoding.Count > 0 || (asked.ContentLength is null && HttpProtocol.IsHttp2(asked.Protocol) && !HttpMethods.IsGet(asked.Method) && !HttpMethods.IsHead(asked.Method)))
        {
            request.Content = new StreamContent(asked.Body);
            request.Content.Headers.ContentLength = asked.ContentLength;
        }
        foreach (var (name, values) in asked.Headers)
        {
            if (!OfOneConnection.Contains(name) && !name.StartsWith(':') && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }
        request.Headers.TryAddWithoutValidation("X-Forwarded-Uri", asked.Path.ToUriComponent());
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", asked.Host.Value);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", asked.Scheme);
        if (asked.Headers.Upgrade.Count > 0)
        {
            request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", (IEnumerable<string?>)asked.Headers.Upgrade);
        }
        return request;
    }

    private static async Task RelayAsync(Exchange exchange, HttpResponseMessage answer)
    {
        var response = exchange.Http.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (name is "Content-Length" || !OfOneConnection.Contains(name))
            {
                response.Headers[name] = values.ToArray();
            }
        }
        if (answer.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            await UpgradeAsync(exchange, answer).ConfigureAwait(false);
            return;
        }
        var content = await answer.Content.ReadAsStreamAsync(exchange.Aborted).ConfigureAwait(false);
        var buffer = new byte[16 * 1024];
        while (await content.ReadAsync(buffer, exchange.Aborted).ConfigureAwait(false) is > 0 and var count)
        {
            // What comes is passed on at once: it may be a stream.
            await response.Body.WriteAsync(buffer.AsMemory(0, count), exchange.Aborted).ConfigureAwait(false);
            await response.Body.FlushAsync(exchange.Aborted).ConfigureAwait(false);
        }
    }

    private static async Task UpgradeAsync(Exchange exchange, HttpResponseMessage answer)
    {
        var upgrade = exchange.Http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } feature ? feature : throw Errors.BadRequest("this connection cannot be upgraded");
        exchange.Http.Response.Headers.Connection = "Upgrade";
        exchange.Http.Response.Headers.Upgrade = answer.Headers.Upgrade.Select(u => u.ToString()).ToArray();
        using var client = await upgrade.UpgradeAsync().ConfigureAwait(false);
        using var pod = await answer.Content.ReadAsStreamAsync(exchange.Aborted).ConfigureAwait(false);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted);
        var both = new[] { client.CopyToAsync(pod, ended.Token), pod.CopyToAsync(client, ended.Token) };
        await Task.WhenAny(both).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(both).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // One side has left: so does the other.
        }
    }

    /// <summary>What a node's agent serves itself.</summary>
    private async Task NodeAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var (name, asked) = ProxyTarget.Split(info.Name!, "node");
        var node = (row.Store.Current.Get("", name) ?? throw Errors.NotFound(row.GroupResource, name)).ToTree();
        var address = NodeAccess.AddressOf(node);
        var port = asked.Length == 0 ? NodeAccess.PortOf(node) : ProxyTarget.Number(asked);
        var (path, query) = Rest(exchange.Http.Request, info);
        using var request = Request(exchange.Http.Request, address, port, path.Length == 0 ? $"/{query}" : path + query);
        using var answer = nodes.Connector is { } connector ? await connector.SendAsync(name, port, request, exchange.Aborted).ConfigureAwait(false) : null;
        if (answer is null)
        {
            throw ProxyTarget.Unavailable($"error trying to reach service: {NodeAccess.Refused($"{address}:{port}")}");
        }
        await RelayAsync(exchange, answer).ConfigureAwait(false);
    }
}
