using System.Text;
using Microsoft.Extensions.Logging;

namespace ActorKube.Transport;

/// <summary>
/// Writes requests to the log, as much of each as the configuration says. Credentials are left out of headers and addresses; bodies of resources that hold secrets are
/// left out whole; other bodies lose what <see cref="SecretFreeText"/> takes for a secret.
/// </summary>
internal sealed partial class RequestLog(ILogger logger, RequestLogDetail detail, TimeProvider time)
{
    static readonly string[] HiddenHeaders = ["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Sec-WebSocket-Protocol"];

    bool IsEnabled(RequestLogDetail wanted) => detail >= wanted && logger.IsEnabled(LogLevel.Debug);

    /// <summary>Whether answers' bodies are to be kept for <see cref="AnswerBody"/>.</summary>
    public bool WantsBodies => IsEnabled(RequestLogDetail.Bodies);

    public long Started => IsEnabled(RequestLogDetail.Url) ? time.GetTimestamp() : 0;

    public void Sending(HttpRequestMessage request, RestCall call)
    {
        if (!IsEnabled(RequestLogDetail.Headers)) return;
        if (IsEnabled(RequestLogDetail.Curl)) LogCurl(logger, Curl(request));
        LogHeaders(logger, "Request", Headers(request.Headers));
        if (WantsBodies && !call.Body.IsEmpty) LogBody(logger, "Request", Body(call.Body.Span, call));
    }

    public void Answered(HttpRequestMessage request, HttpResponseMessage answer, long started)
    {
        if (!IsEnabled(RequestLogDetail.Url)) return;
        LogAnswer(logger, request.Method.Method, Shown(request.RequestUri!), (int)answer.StatusCode, (long)time.GetElapsedTime(started).TotalMilliseconds);
        if (IsEnabled(RequestLogDetail.Headers)) LogHeaders(logger, "Response", Headers(answer.Headers));
    }

    public void Failed(HttpRequestMessage request, Exception failure, long started)
    {
        if (IsEnabled(RequestLogDetail.Url))
            LogFailure(logger, request.Method.Method, Shown(request.RequestUri!), failure.GetType().Name, (long)time.GetElapsedTime(started).TotalMilliseconds);
    }

    public void AnswerBody(ReadOnlySpan<byte> body, RestCall call)
    {
        if (WantsBodies) LogBody(logger, "Response", Body(body, call));
    }

    string Body(ReadOnlySpan<byte> body, RestCall call)
    {
        if (call.IsSensitive) return $"<{body.Length} bytes that may hold secrets>";
        var limit = detail >= RequestLogDetail.WholeBodies ? int.MaxValue : detail >= RequestLogDetail.Curl ? 10240 : 1024;
        // A cut must not hide where a secret ends, so hiding comes first.
        var text = SecretFreeText.OfBody(body);
        return text.Length <= limit ? text : $"{text.AsSpan(0, limit)} [cut {text.Length - limit} characters]";
    }

    static string Headers(System.Net.Http.Headers.HttpHeaders headers)
    {
        var text = new StringBuilder();
        foreach (var (name, values) in headers.NonValidated)
        {
            if (text.Length > 0) text.Append("; ");
            text.Append(name).Append(": ").Append(Shown(name, values.ToString()));
        }
        return text.ToString();
    }

    static string Curl(HttpRequestMessage request)
    {
        var text = new StringBuilder("curl -v -X").Append(request.Method.Method);
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            text.Append(" -H '").Append(name).Append(": ").Append(Shown(name, values.ToString()).Replace("'", "'\\''")).Append('\'');
        }
        return text.Append(" '").Append(Shown(request.RequestUri!)).Append('\'').ToString();
    }

    static string Shown(string header, string value) =>
        HiddenHeaders.Contains(header, StringComparer.OrdinalIgnoreCase) || SecretFreeText.IsTelling(header) ? SecretFreeText.Hidden : value;

    static string Shown(Uri address) => SecretFreeText.OfAddress(address.ToString());

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} {Url} {Status} in {Milliseconds} ms")]
    static partial void LogAnswer(ILogger logger, string method, string url, int status, long milliseconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} {Url} failed ({Failure}) after {Milliseconds} ms")]
    static partial void LogFailure(ILogger logger, string method, string url, string failure, long milliseconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Direction} headers: {Headers}")]
    static partial void LogHeaders(ILogger logger, string direction, string headers);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Direction} body: {Body}")]
    static partial void LogBody(ILogger logger, string direction, string body);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Command}")]
    static partial void LogCurl(ILogger logger, string command);
}
