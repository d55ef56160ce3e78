using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace ActorKube.ApiServer;

/// <summary>Runs requests through the pipeline without a socket. The answer's body streams through a bounded pipe: a reader that stops reading stops the writer.</summary>
internal sealed class InProcessHandler(RequestDelegate handle, CancellationToken stopping) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (stopping.IsCancellationRequested)
        {
            throw new HttpRequestException("The embedded API server has been stopped.");
        }
        var body = request.Content is null ? Stream.Null : await request.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var exchange = new InProcessExchange(request, body, stopping);
        var running = Task.Run(() => exchange.RunAsync(handle), CancellationToken.None);
        var registration = cancellationToken.UnsafeRegister(static state => ((InProcessExchange)state!).ClientGone(), exchange);
        _ = running.ContinueWith(static (_, state) => ((CancellationTokenRegistration)state!).Dispose(), registration, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await exchange.HeadersSent.WaitAsync(cancellationToken).ConfigureAwait(false);
        return exchange.ToMessage(request);
    }
}

/// <summary>One request on its way through the pipeline.</summary>
internal sealed class InProcessExchange : IHttpRequestLifetimeFeature, IHttpResponseBodyFeature, IHttpResponseFeature, IHttpUpgradeFeature
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false));
    private readonly CancellationTokenSource _aborted;
    private readonly TaskCompletionSource _headersSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DefaultHttpContext _context;
    private readonly GatedWriter _writer;
    private List<(Func<object, Task> Call, object State)>? _onStarting;
    private int _started;
    private bool _brokenByServer;
    private Pipe? _upgraded;

    public InProcessExchange(HttpRequestMessage request, Stream body, CancellationToken stopping)
    {
        _aborted = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _writer = new GatedWriter(_pipe.Writer, StartAsync, () => RequestAborted);
        var uri = request.RequestUri ?? throw new InvalidOperationException("The request has no address.");
        IHeaderDictionary headers = new HeaderDictionary();
        foreach (var header in request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>()))
        {
            headers[header.Key] = new StringValues([.. header.Value]);
        }
        if (headers.Accept.Count > 1)
        {
            headers.Accept = string.Join(',', headers.Accept!);
        }
        if (headers.UserAgent.Count > 1)
        {
            headers.UserAgent = string.Join(' ', headers.UserAgent!);
        }
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = request.Method.Method,
            Scheme = uri.Scheme,
            Path = Uri.UnescapeDataString(uri.AbsolutePath),
            QueryString = uri.Query,
            Protocol = "HTTP/2",
            Headers = headers,
            Body = body,
        });
        headers.Host = uri.Authority;
        features.Set<IHttpResponseFeature>(this);
        features.Set<IHttpResponseBodyFeature>(this);
        features.Set<IHttpRequestLifetimeFeature>(this);
        IsUpgradableRequest = headers.Upgrade.Count > 0;
        if (IsUpgradableRequest)
        {
            features.Set<IHttpUpgradeFeature>(this);
        }
        if (!headers.ContainsKey("Authorization"))
        {
            features.Set(new TrustedUserFeature(UserInfo.Admin));
        }
        _context = new DefaultHttpContext(features);
    }

    /// <summary>Completes when status and headers are known.</summary>
    public Task HeadersSent => _headersSent.Task;

    public async Task RunAsync(RequestDelegate handle)
    {
        try
        {
            await handle(_context).ConfigureAwait(false);
            await StartAsync().ConfigureAwait(false);
            await _pipe.Writer.CompleteAsync(_brokenByServer ? new IOException("The server broke the connection.") : null).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            _headersSent.TrySetException(new HttpRequestException("The embedded API server failed to answer.", failure));
            await _pipe.Writer.CompleteAsync(new IOException("The embedded API server failed to answer.", failure)).ConfigureAwait(false);
        }
    }

    /// <summary>The client has cancelled or thrown away the answer.</summary>
    public void ClientGone()
    {
        _aborted.Cancel();
        _pipe.Writer.CancelPendingFlush();
    }

    public HttpResponseMessage ToMessage(HttpRequestMessage request)
    {
        var message = new HttpResponseMessage((HttpStatusCode)StatusCode)
        {
            RequestMessage = request,
            Version = HttpVersion.Version20,
            Content = _upgraded is null
                ? new StreamContent(new ClientStream(_pipe.Reader.AsStream(), this))
                : new ConnectionContent(new ClientStream(new DuplexStream(_pipe.Reader.AsStream(), _upgraded.Writer.AsStream()), this)),
        };
        foreach (var (name, values) in Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!))
            {
                message.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!);
            }
        }
        return message;
    }

    public CancellationToken RequestAborted
    {
        get => _aborted.Token;
        set => throw new NotSupportedException("The token belongs to the exchange.");
    }

    public void Abort()
    {
        _brokenByServer = true;
        if (Volatile.Read(ref _started) == 0)
        {
            _headersSent.TrySetException(new HttpRequestException("The server broke the connection.", new IOException("connection reset")));
        }
        ClientGone();
    }

    public bool IsUpgradableRequest { get; }

    /// <summary>The answer is 101; from then on both ends have a connection.</summary>
    public async Task<Stream> UpgradeAsync()
    {
        _upgraded = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false));
        StatusCode = 101;
        await StartAsync().ConfigureAwait(false);
        return new DuplexStream(_upgraded.Reader.AsStream(), _pipe.Writer.AsStream());
    }

    public Stream Stream => _writer.AsStream();

    public PipeWriter Writer => _writer;

    public void DisableBuffering()
    {
    }

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            return;
        }
        if (_onStarting is not null)
        {
            foreach (var (call, state) in Enumerable.Reverse(_onStarting))
            {
                await call(state).ConfigureAwait(false);
            }
        }
        _headersSent.TrySetResult();
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The server sends no files.");

    public Task CompleteAsync() => StartAsync();

    public int StatusCode { get; set; } = 200;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    public Stream Body
    {
        get => Stream;
        set => throw new NotSupportedException("The body belongs to the exchange.");
    }

    public bool HasStarted => Volatile.Read(ref _started) != 0;

    public void OnStarting(Func<object, Task> callback, object state) => (_onStarting ??= []).Add((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state)
    {
    }

    /// <summary>Sends the headers before the first byte of the body.</summary>
    private sealed class GatedWriter(PipeWriter inner, Func<CancellationToken, Task> start, Func<CancellationToken> aborted) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null)
        {
            // The exchange completes the pipe when the pipeline is done.
        }

        public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            aborted().ThrowIfCancellationRequested();
            await start(cancellationToken).ConfigureAwait(false);
            var result = await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (result.IsCanceled || result.IsCompleted)
            {
                aborted().ThrowIfCancellationRequested();
            }
            return result;
        }
    }

    /// <summary>What the client reads; throwing it away tells the server that nobody reads any more.</summary>
    private sealed class ClientStream(Stream inner, InProcessExchange exchange) : UnseekableStream
    {
        public override bool CanRead => true;

        public override bool CanWrite => inner.CanWrite;

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => inner.WriteAsync(buffer, offset, count, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => inner.ReadAsync(buffer, offset, count, cancellationToken);

        public override void Flush()
        {
        }

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                exchange.ClientGone();
                inner.Dispose();
            }
            base.Dispose(disposing);
        }
    }

    /// <summary>The content of an answer that became a connection: its stream is read and written.</summary>
    private sealed class ConnectionContent(Stream connection) : HttpContent
    {
        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(connection);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException("A connection has no content to copy.");

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                connection.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
