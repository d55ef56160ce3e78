using System.Buffers;
using System.Diagnostics;
using ActorKube.Models;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting;

/// <summary>
/// Webhooks over HTTP, on a listener of their own and in an ASP.NET host alike. What is no review is answered with a code and a <c>Status</c>, whose message API servers pass on to whoever
/// waits for them.
/// </summary>
sealed class WebhookAnswers
{
    const string Json = "application/json";

    readonly WebhookOptions _options;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly Dictionary<string, WebhookEndpoint> _endpoints;

    public WebhookAnswers(WebhookBuilder webhooks, WebhookServices services, ILogger logger)
    {
        (_options, _time, _logger) = (webhooks.Options, services.Time, logger);
        _endpoints = webhooks.Admission.Select(webhook => (WebhookEndpoint)new AdmissionEndpoint(webhook, _options.MaxAdmissionBytes, services, logger))
            .Concat(webhooks.Conversions.Select(conversion => new ConversionEndpoint(conversion, _options.MaxConversionBytes)))
            .ToDictionary(static endpoint => endpoint.Path, StringComparer.Ordinal);
    }

    /// <summary>The paths there are.</summary>
    public IReadOnlyCollection<string> Paths => _endpoints.Keys;

    /// <summary>Makes all handlers.</summary>
    /// <exception cref="InvalidOperationException">The container lacks something that one asks for.</exception>
    public void Prepare()
    {
        foreach (var endpoint in _endpoints.Values)
            endpoint.Prepare();
    }

    /// <summary>Answers a request on a listener that has nothing else to tell.</summary>
    public Task AnswerAsync(HttpContext http) => _endpoints.TryGetValue(http.Request.Path.Value ?? "", out var endpoint)
        ? AnswerAsync(http, endpoint)
        : Refuse(http, StatusCodes.Status404NotFound, StatusReasons.NotFound, $"no webhook is here; there are: {string.Join(", ", Paths.Order(StringComparer.Ordinal))}");

    async Task AnswerAsync(HttpContext http, WebhookEndpoint endpoint)
    {
        var began = Stopwatch.GetTimestamp();
        WebhookMetrics.Began(endpoint.Path);
        try
        {
            await AskAsync(http, endpoint).ConfigureAwait(false);
        }
        finally
        {
            WebhookMetrics.Ended(endpoint.Path, http.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : http.Response.StatusCode, Stopwatch.GetElapsedTime(began));
        }
    }

    async Task AskAsync(HttpContext http, WebhookEndpoint endpoint)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.Headers.Allow = "POST";
            await Refuse(http, StatusCodes.Status405MethodNotAllowed, StatusReasons.MethodNotAllowed, "webhooks are asked with POST").ConfigureAwait(false);
            return;
        }
        if (!IsJson(http.Request.ContentType))
        {
            await Refuse(http, StatusCodes.Status415UnsupportedMediaType, StatusReasons.UnsupportedMediaType, $"the review is sent as {Json}").ConfigureAwait(false);
            return;
        }
        if (!TryTimeout(http.Request, out var timeout))
        {
            await Refuse(http, StatusCodes.Status400BadRequest, StatusReasons.BadRequest, $"the parameter timeout is not {Duration.Expected}").ConfigureAwait(false);
            return;
        }
        using var limit = new CancellationTokenSource(timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, http.RequestAborted);
        try
        {
            await AnswerAsync(http, endpoint, both.Token).ConfigureAwait(false);
        }
        catch (KubeFormatException malformed)
        {
            await Refuse(http, StatusCodes.Status400BadRequest, StatusReasons.BadRequest, malformed.Message).ConfigureAwait(false);
        }
        catch (BadHttpRequestException malformed)
        {
            await Refuse(http, malformed.StatusCode, malformed.StatusCode == 413 ? StatusReasons.RequestEntityTooLarge : StatusReasons.BadRequest, malformed.Message).ConfigureAwait(false);
        }
        catch (Exception gone) when (http.RequestAborted.IsCancellationRequested)
        {
            _logger.LogDebug(gone, "{Webhook}: the server did not wait for the answer", endpoint.Path);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            _logger.LogWarning("{Webhook} has not answered within {Timeout}, for which the server waits", endpoint.Path, timeout);
            await Refuse(http, StatusCodes.Status504GatewayTimeout, StatusReasons.Timeout, $"the webhook has not answered within {timeout.TotalSeconds:0.###} s").ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            _logger.LogError(fault, "{Webhook} could not be asked", endpoint.Path);
            await Refuse(http, StatusCodes.Status503ServiceUnavailable, StatusReasons.ServiceUnavailable, $"the webhook cannot be asked now: {fault.GetType().Name}").ConfigureAwait(false);
        }
    }

    static async Task AnswerAsync(HttpContext http, WebhookEndpoint endpoint, CancellationToken cancellation)
    {
        var rented = await ReadAsync(http.Request, endpoint.Longest, cancellation).ConfigureAwait(false);
        Task<byte[]> answering;
        try
        {
            if (rented.Count > endpoint.Longest)
            {
                await Refuse(http, StatusCodes.Status413PayloadTooLarge, StatusReasons.RequestEntityTooLarge, $"the review has more than {endpoint.Longest} bytes, the most that this webhook reads").ConfigureAwait(false);
                return;
            }
            if (rented.Count == 0)
                throw new KubeFormatException("The request has no body");
            answering = endpoint.AnswerAsync(rented, cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented.Array!);
        }
        await WriteAsync(http, StatusCodes.Status200OK, await answering.ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>The body in a rented array: one byte more than the most, where it is longer.</summary>
    static async Task<ArraySegment<byte>> ReadAsync(HttpRequest request, int longest, CancellationToken cancellation)
    {
        // What somebody says to send is not what they have sent: the array grows with what comes.
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(request.ContentLength + 1 ?? 16 * 1024, 256 * 1024));
        var count = 0;
        try
        {
            while (count <= longest && await request.Body.ReadAsync(buffer.AsMemory(count, Math.Min(buffer.Length - count, longest + 1 - count)), cancellation).ConfigureAwait(false) is var read and > 0)
            {
                count += read;
                if (count < buffer.Length)
                    continue;
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan(0, count).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
            return new ArraySegment<byte>(buffer, 0, count);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    bool TryTimeout(HttpRequest request, out TimeSpan timeout)
    {
        timeout = _options.DefaultTimeout;
        return request.Query["timeout"] is not [{ Length: > 0 } text] || Duration.TryParse(text, out timeout) && timeout > TimeSpan.Zero && timeout <= TimeSpan.FromDays(1);
    }

    static bool IsJson(string? contentType)
    {
        var type = (contentType ?? "").AsSpan();
        if (type.IndexOf(';') is >= 0 and var end)
            type = type[..end];
        return type.Trim().Equals(Json, StringComparison.OrdinalIgnoreCase);
    }

    static Task Refuse(HttpContext http, int code, string reason, string message) => http.Response.HasStarted
        ? Task.CompletedTask
        : WriteAsync(http, code, KubeJson.Serialize(new V1Status { ApiVersion = "v1", Kind = "Status", Metadata = new V1ListMeta(), Status = "Failure", Message = message, Reason = reason, Code = code }));

    static async Task WriteAsync(HttpContext http, int code, byte[] json)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = Json;
        http.Response.ContentLength = json.Length;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        await http.Response.Body.WriteAsync(json, http.RequestAborted).ConfigureAwait(false);
    }
}
