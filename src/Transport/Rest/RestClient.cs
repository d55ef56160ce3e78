using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using ActorKube.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Transport;

/// <summary>Reads the answer to a request; the answer is disposed afterwards.</summary>
internal delegate ValueTask<T> AnswerReader<T>(HttpResponseMessage answer, CancellationToken cancellation);

/// <summary>
/// Sends requests: rate limit, identity, time limit, retries, warnings, logs, and errors as exceptions. Everything above it speaks in objects, everything
/// below in connections.
/// </summary>
internal sealed partial class RestClient : IRestClient, IDisposable
{
    const int MaxErrorBody = 1024 * 1024;

    readonly HttpMessageInvoker _http;
    readonly RequestRateLimiter? _limiter;
    readonly RequestBackoff? _backoff;
    readonly ServerTrust? _trust;
    readonly RequestLog _log;
    readonly ClientTelemetry _telemetry;
    readonly ILogger _logger;
    readonly Action<ServerWarning> _warn;
    readonly string _userAgent;
    readonly string? _host;
    readonly string _basePath;
    readonly Version _version;
    /// <summary>Kinds that the server did not take in protobuf: learnt once, for all parts of the client.</summary>
    readonly ConcurrentDictionary<GroupVersionKind, bool> _jsonOnly = new();

    /// <exception cref="KubeConfigException">A credential or certificate of the configuration cannot be used.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of the configuration makes no sense.</exception>
    public RestClient(KubernetesClientConfiguration configuration, KubernetesClientOptions options)
    {
        configuration.Validate();
        Configuration = configuration;
        Time = options.Time;
        _logger = options.LoggerFactory.CreateLogger<RestClient>();
        _log = new RequestLog(_logger, configuration.LogDetail, Time);
        _telemetry = new ClientTelemetry(configuration.Server);
        _limiter = options.RateLimiter ?? RequestRateLimiter.For(configuration, configuration.Burst, Time);
        DiscoveryLimiter = RequestRateLimiter.For(configuration, configuration.Discovery.Burst, Time);
        _backoff = options.Backoff;
        _warn = options.OnWarning ?? new WarningLog(_logger).Handle;
        _userAgent = configuration.UserAgent ?? KubernetesClientConfiguration.DefaultUserAgent;
        _basePath = configuration.Server.AbsolutePath.TrimEnd('/');
        var isTls = configuration.Server.Scheme == Uri.UriSchemeHttps;
        // The name for TLS is taken from the Host header by the handler below.
        _host = isTls ? configuration.TlsServerName : null;
        _version = isTls ? HttpVersion.Version20 : HttpVersion.Version11;
        HttpMessageHandler connections;
        Action<ClientIdentity?>? identityChanged = null;
        if (options is { Handler: not null, HttpClient: not null }) throw new ArgumentException("A client has either a Handler or an HttpClient of the program around.", nameof(options));
        if (options.Handler is { } given)
        {
            connections = new BorrowedHandler(given);
        }
        else if (options.HttpClient is { } client)
        {
            connections = new BorrowedClient(client);
        }
        else
        {
            _trust = ConnectionFactory.CreateTrust(configuration, Time);
            var identities = new ClientIdentitySource(configuration, Time, _logger);
            identityChanged = identities.Set;
            connections = ConnectionFactory.Create(configuration, identities, _trust, Time);
        }
        ConfigurationResolver.CheckImpersonation(configuration.Impersonation);
        var credentials = Credentials.Create(configuration, Time, options.LoggerFactory, identityChanged);
        _http = new HttpMessageInvoker(new AuthenticationHandler(credentials, configuration.Impersonation, connections));
    }

    public KubernetesClientConfiguration Configuration { get; }

    public TimeProvider Time { get; }

    /// <summary>What holds discovery back; null for nothing.</summary>
    public RequestRateLimiter? DiscoveryLimiter { get; }

    /// <summary>Whether bodies are logged, and should be such as people can read.</summary>
    public bool LogsBodies => _log.WantsBodies;

    /// <summary>Whether objects of a kind may be sent as protobuf: until the server has refused one.</summary>
    public bool TakesProtobuf(ResourceDefinition resource) => !_jsonOnly.ContainsKey(resource.Kind);

    /// <summary>The server has refused an object of this kind because it came as protobuf.</summary>
    public void RefusesProtobuf(ResourceDefinition resource) => _jsonOnly[resource.Kind] = true;

    /// <summary>The pipeline with identity and connections, for upgrades to WebSocket.</summary>
    internal HttpMessageInvoker Invoker => _http;

    /// <summary>The address of a path below the server's.</summary>
    internal Uri AddressOf(string path) => new(Configuration.Server, _basePath + path);

    public RestRequest Verb(string verb) => new(this, verb);

    /// <summary>Sends a request and reads its answer whole, within the time limit of a try.</summary>
    public Task<T> SendAsync<T>(RestCall call, AnswerReader<T> read, CancellationToken cancellation) =>
        ClientTelemetry.IsTraced ? TracedAsync(call, read, false, cancellation) : RunAsync(call, read, false, cancellation);

    /// <summary>Sends a request and gives its answer once its headers are there: only that far does the time limit go. The caller disposes the answer.</summary>
    public Task<HttpResponseMessage> OpenAsync(RestCall call, CancellationToken cancellation)
    {
        AnswerReader<HttpResponseMessage> read = static (answer, _) => new(answer);
        return ClientTelemetry.IsTraced ? TracedAsync(call, read, true, cancellation) : RunAsync(call, read, true, cancellation);
    }

    async Task<T> TracedAsync<T>(RestCall call, AnswerReader<T> read, bool keepsAnswer, CancellationToken cancellation)
    {
        using var span = _telemetry.Begin(call);
        try
        {
            return await RunAsync(call, read, keepsAnswer, cancellation).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            ClientTelemetry.Failed(span, error);
            throw;
        }
    }

    async Task<T> RunAsync<T>(RestCall call, AnswerReader<T> read, bool keepsAnswer, CancellationToken cancellation)
    {
        var address = AddressOf(call.Path);
        var maxRetries = call.CanRepeat ? call.MaxRetries ?? Configuration.MaxRetries : 0;
        var limit = call.Timeout ?? Configuration.Timeout;
        for (var tries = 1; ; tries++)
        {
            if (call.IsThrottled) await ThrottleAsync(call, cancellation).ConfigureAwait(false);
            if (BackoffOf(call)?.DelayFor(address) is { } hold && hold > TimeSpan.Zero) await Task.Delay(hold, Time, cancellation).ConfigureAwait(false);
            // What limits one try is gone before the wait for the next.
            var again = await TryAsync(call, address, limit, tries, maxRetries, read, keepsAnswer, cancellation).ConfigureAwait(false);
            if (again.IsDone) return again.Result;
            if (again.Delay > TimeSpan.Zero) await Task.Delay(again.Delay, Time, cancellation).ConfigureAwait(false);
        }
    }

    RequestBackoff? BackoffOf(RestCall call) => call.Backoff ?? _backoff;

    /// <summary>How a try ended: with a result, or with a wait before the next.</summary>
    readonly record struct TryOutcome<T>(bool IsDone, T Result, TimeSpan Delay);

    async ValueTask<TryOutcome<T>> TryAsync<T>(
        RestCall call, Uri address, TimeSpan limit, int tries, int maxRetries, AnswerReader<T> read, bool keepsAnswer, CancellationToken cancellation)
    {
        HttpResponseMessage? answer = null;
        using var timer = limit == Timeout.InfiniteTimeSpan ? null : new CancellationTokenSource(limit, Time);
        using var both = timer is null ? null : CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        var token = both?.Token ?? cancellation;
        try
        {
            answer = await SendOnceAsync(call, address, token).ConfigureAwait(false);
            BackoffOf(call)?.Record(address, (int)answer.StatusCode);
            if (call.Upgrades ? answer.StatusCode == HttpStatusCode.SwitchingProtocols : answer.IsSuccessStatusCode)
            {
                var result = await read(answer, token).ConfigureAwait(false);
                if (keepsAnswer) answer = null;
                return new(true, result, default);
            }
            if (RetryPolicy.AfterAnswer(answer, tries, maxRetries, Time) is not { } delay)
                throw await ReadErrorAsync(call, answer, token).ConfigureAwait(false);
            _telemetry.Retried(call.Method.Method, (int)answer.StatusCode);
            LogRetry(_logger, call.Verb, call.Resource, (int)answer.StatusCode, delay.TotalSeconds, tries, maxRetries);
            return new(false, default!, delay);
        }
        catch (OperationCanceledException) when (timer is { IsCancellationRequested: true } && !cancellation.IsCancellationRequested)
        {
            BackoffOf(call)?.Record(address, null);
            throw ConnectionProblems.TimedOut(call, Configuration.Server, limit);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            BackoffOf(call)?.Record(address, null);
            if (RetryPolicy.AfterFailure(failure, call.IsRead, tries, maxRetries) is { } delay)
            {
                _telemetry.Retried(call.Method.Method, null);
                LogBroken(_logger, call.Verb, call.Resource, delay.TotalSeconds, tries, maxRetries);
                return new(false, default!, delay);
            }
            if (failure is HttpRequestException request) throw ConnectionProblems.Explain(request, Configuration.Server, _trust);
            throw;
        }
        finally
        {
            answer?.Dispose();
        }
    }

    async Task<HttpResponseMessage> SendOnceAsync(RestCall call, Uri address, CancellationToken cancellation)
    {
        using var request = CreateRequest(call, address);
        var started = _log.Started;
        if (started == 0 && ClientTelemetry.WantsTimes) started = Time.GetTimestamp();
        _log.Sending(request, call);
        try
        {
            var answer = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
            _telemetry.Answered(call.Method.Method, (int)answer.StatusCode, Time.GetElapsedTime(started));
            _log.Answered(request, answer, started);
            call.Warnings = WarningsOf(answer);
            foreach (var warning in call.Warnings) _warn(warning);
            return answer;
        }
        catch (Exception failure)
        {
            _telemetry.Answered(call.Method.Method, null, Time.GetElapsedTime(started));
            _log.Failed(request, failure, started);
            throw;
        }
    }

    HttpRequestMessage CreateRequest(RestCall call, Uri address)
    {
        var request = new HttpRequestMessage(call.Method, address)
        {
            Version = call.Upgrades ? HttpVersion.Version11 : _version, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower
        };
        if (_host is not null) request.Headers.Host = _host;
        request.Headers.TryAddWithoutValidation("Accept", call.Accept);
        request.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        if (call.HasBody)
        {
            request.Content = call.BodyStream is { } stream ? new StreamContent(stream) : new ReadOnlyMemoryContent(call.Body);
            if (call.ContentType is not null) request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(call.ContentType);
        }
        foreach (var (name, value) in call.Headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return request;
    }

    async ValueTask ThrottleAsync(RestCall call, CancellationToken cancellation)
    {
        if ((call.Limiter ?? _limiter) is not { } limiter) return;
        var wait = limiter.Take();
        if (wait == TimeSpan.Zero) return;
        if (wait > Configuration.LogLongThrottleAfter) LogLongWait(_logger, wait.TotalSeconds, call.Verb, SecretFreeText.OfAddress(call.Path));
        else if (wait > Configuration.LogThrottleAfter) LogWait(_logger, wait.TotalSeconds, call.Verb, SecretFreeText.OfAddress(call.Path));
        try
        {
            await Task.Delay(wait, Time, cancellation).ConfigureAwait(false);
            _telemetry.Throttled(call.Method.Method, wait);
        }
        catch (OperationCanceledException)
        {
            limiter.GiveBack();
            throw;
        }
    }

    async ValueTask<KubernetesException> ReadErrorAsync(RestCall call, HttpResponseMessage answer, CancellationToken cancellation)
    {
        using var body = await AnswerBody.ReadAsync(answer, MaxErrorBody, cutsOff: true, cancellation).ConfigureAwait(false);
        _log.AnswerBody(body.Memory.Span, call);
        return ErrorAnswers.Create(call, answer, body.Memory.Span, RetryPolicy.RetryAfter(answer, Time));
    }

    /// <summary>Reads an answer whole, as a reader for <see cref="SendAsync"/>, and hands its bytes on; they are gone afterwards.</summary>
    public AnswerReader<T> Whole<T>(RestCall call, Func<ReadOnlyMemory<byte>, HttpResponseMessage, T> decode) => async (answer, cancellation) =>
    {
        using var body = await AnswerBody.ReadAsync(answer, AnswerBody.Limit, cutsOff: false, cancellation).ConfigureAwait(false);
        _log.AnswerBody(body.Memory.Span, call);
        return decode(body.Memory, answer);
    };

    /// <summary>Gives an answer's body as a stream to be read item by item; whole first, where the log wants to see it.</summary>
    public AnswerReader<T> Streamed<T>(RestCall call, Func<Stream, HttpResponseMessage, CancellationToken, ValueTask<T>> read) => async (answer, cancellation) =>
    {
        if (!_log.WantsBodies)
        {
            var stream = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            return await read(stream, answer, cancellation).ConfigureAwait(false);
        }
        using var body = await AnswerBody.ReadAsync(answer, AnswerBody.Limit, cutsOff: false, cancellation).ConfigureAwait(false);
        _log.AnswerBody(body.Memory.Span, call);
        return await read(new MemoryStream(body.Memory.ToArray()), answer, cancellation).ConfigureAwait(false);
    };

    static IReadOnlyList<ServerWarning> WarningsOf(HttpResponseMessage answer) =>
        answer.Headers.NonValidated.TryGetValues("Warning", out var headers) ? [.. headers.SelectMany(ServerWarning.Parse)] : [];

    public void Dispose() => _http.Dispose();

    [LoggerMessage(Level = LogLevel.Information, Message = "The client's own rate limit delays a request by {Seconds:0.0} s: {Verb} {Path}. Raise Qps and Burst if that is too long.")]
    static partial void LogLongWait(ILogger logger, double seconds, string verb, string path);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The client's own rate limit delays a request by {Seconds:0.00} s: {Verb} {Path}")]
    static partial void LogWait(ILogger logger, double seconds, string verb, string path);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Verb} {Resource} got {Status} and is sent again in {Seconds:0.0} s (try {Try} of {Max})")]
    static partial void LogRetry(ILogger logger, string verb, string resource, int status, double seconds, int @try, int max);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Verb} {Resource} lost its connection and is sent again in {Seconds:0.00} s (try {Try} of {Max})")]
    static partial void LogBroken(ILogger logger, string verb, string resource, double seconds, int @try, int max);

    /// <summary>A client of the caller's, which the caller disposes. Bodies come as they come: a watch's has no end.</summary>
    sealed class BorrowedClient(HttpClient client) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>A handler of the caller's, which the caller disposes.</summary>
    sealed class BorrowedHandler(HttpMessageHandler handler) : HttpMessageHandler
    {
        readonly HttpMessageInvoker _invoker = new(handler, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _invoker.SendAsync(request, cancellationToken);
    }
}
