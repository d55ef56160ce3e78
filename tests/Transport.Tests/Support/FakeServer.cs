using System.Net;
using System.Text;

namespace Transport.Tests;

/// <summary>A server that is a function: records what it was asked and answers what the test says. No socket.</summary>
sealed class FakeServer : HttpMessageHandler
{
    readonly Lock _lock = new();
    readonly List<Asked> _asked = [];

    public FakeServer(Func<Asked, HttpResponseMessage> answer) : this(asked => Task.FromResult(answer(asked))) { }

    public FakeServer(Func<Asked, Task<HttpResponseMessage>> answer) => Answer = answer;

    public static FakeServer Failing(Exception failure) => new(_ => Task.FromException<HttpResponseMessage>(failure));

    public Func<Asked, Task<HttpResponseMessage>> Answer { get; set; }

    public IReadOnlyList<Asked> Requests { get { lock (_lock) return [.. _asked]; } }

    public Asked Last => Requests[^1];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        var asked = new Asked(request.Method.Method, request.RequestUri!.PathAndQuery, body, request.Content?.Headers.ContentType?.ToString(),
            request.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase), _asked.Count + 1, cancellationToken);
        lock (_lock) _asked.Add(asked);
        var answer = await Answer(asked).WaitAsync(cancellationToken);
        answer.RequestMessage = request;
        return answer;
    }

    public static HttpResponseMessage Json(string json, HttpStatusCode code = HttpStatusCode.OK) =>
        new(code) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    public static HttpResponseMessage Status(HttpStatusCode code, string reason, string message = "no", string? retryAfter = null)
    {
        var answer = Json($$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{message}}","reason":"{{reason}}","code":{{(int)code}}}""", code);
        if (retryAfter is not null) answer.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        return answer;
    }

    public static HttpResponseMessage Stream(Stream stream, string contentType = "application/json")
    {
        var answer = new HttpResponseMessage { Content = new ConnectionContent(stream) };
        answer.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return answer;
    }
}

/// <summary>A body that is read as it comes, and disposes its stream once, as the one of a real connection does.</summary>
sealed class ConnectionContent(Stream stream) : HttpContent
{
    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(stream);

    protected override Task SerializeToStreamAsync(Stream target, TransportContext? context) => stream.CopyToAsync(target);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>What a fake server was asked.</summary>
sealed record Asked(string Method, string Path, string? Body, string? ContentType, IReadOnlyDictionary<string, string> Headers, int Number, CancellationToken Cancellation);
