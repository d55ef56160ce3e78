using System.IO.Pipelines;
using System.Net;
using System.Text.Json.Nodes;
using ActorKube.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorKube.ApiServer;

/// <summary>
/// Passes requests on to what listens in simulated pods (<c>pods/proxy</c>, <c>services/proxy</c>) and to the simulated node (<c>nodes/proxy</c>): any verb, path, query and body, and connections that are upgraded.
/// Never to a socket: what the simulator does not have refuses.
/// </summary>
internal sealed class ProxyHandler(ObjectService objects, SimulatedPods? pods)
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
            ConnectCallback = (_, _) =>
            {
                if (Connect(target, ended.Token) is not var (stream, task))
                {
                    refused = true;
                    throw new IOException("Nothing listens.");
                }
                serving = WatchAsync(task);
                return ValueTask.FromResult(stream);
            },
        };
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = Request(exchange.Http.Request, target, uri);
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
    private (Stream Stream, Task<bool> Serving)? Connect(ProxyTarget target, CancellationToken closed)
    {
        if (pods is null || target.Pod is not { } tree || !pods.TryFind(tree.Metadata().Text("uid") ?? "", out var pod) || (pods.Options.Ports is null && !SimulatedPorts.Declares(tree, target.Port)))
        {
            return null;
        }
        var (up, down) = (new Pipe(), new Pipe());
        var connection = new SimulatedConnection
        {
            Namespace = pod.Namespace, Pod = pod.Name, Port = target.Port, Stream = new DuplexStream(up.Reader.AsStream(), down.Writer.AsStream()), Closed = closed,
        };
        var serving = ServeAsync(connection);
        return serving is { IsCompletedSuccessfully: true, Result: false } ? null : (new DuplexStream(down.Reader.AsStream(), up.Writer.AsStream()), serving);
    }

    private async Task<bool> ServeAsync(SimulatedConnection connection)
    {
        try
        {
            if (pods!.Options.Ports is { } handler)
            {
                return await handler(connection).ConfigureAwait(false);
            }
            await SimulatedPorts.ServeAsync(connection).ConfigureAwait(false);
            return true;
        }
        finally
        {
            await connection.Stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static HttpRequestMessage Request(HttpRequest asked, ProxyTarget target, string uri)
    {
        var request = new HttpRequestMessage(new HttpMethod(asked.Method), new Uri($"http://{(target.Address.Contains(':', StringComparison.Ordinal) ? $"[{target.Address}]" : target.Address)}:{target.Port}{uri}"))
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

    /// <summary>The simulated node says that it is well, and which pods it has.</summary>
    private Task NodeAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var (name, port) = ProxyTarget.Split(info.Name!, "node");
        var node = (row.Store.Current.Get("", name) ?? throw Errors.NotFound(row.GroupResource, name)).ToTree();
        var address = (node.At("status", "addresses") as JsonArray).Objects().FirstOrDefault(a => a.Text("type") == "InternalIP")?.Text("address");
        if (address is null)
        {
            throw Errors.Of(500, "", "no preferred addresses found; known addresses: []");
        }
        if (pods is null || name != pods.Options.NodeName || port is not ("" or "10250"))
        {
            throw ProxyTarget.Unavailable($"error trying to reach service: dial tcp {address}:{(port.Length == 0 ? "10250" : port)}: connect: connection refused");
        }
        var (path, _) = Rest(exchange.Http.Request, info);
        switch (path)
        {
            case "/healthz":
                return exchange.Http.Response.WriteAsync("ok", exchange.Aborted);
            case "/pods" or "/pods/":
                var here = objects.Cluster.Store(new GroupResource("", "pods")).Current.Enumerate(null).Select(p => p.ToTree()).Where(p => p.TextAt("spec", "nodeName") == name);
                return exchange.Answer(200, new JsonObject { ["kind"] = "PodList", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["items"] = new JsonArray([.. here]) });
            default:
                exchange.Http.Response.StatusCode = 404;
                exchange.Http.Response.ContentType = "text/plain; charset=utf-8";
                return exchange.Http.Response.WriteAsync("404 page not found\n", exchange.Aborted);
        }
    }
}
