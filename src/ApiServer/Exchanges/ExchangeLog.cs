using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorKube.ApiServer;

/// <summary>Remembers the last exchanges, for the one who asks why a test failed. Bounded; secrets never enter it. Thread-safe.</summary>
internal sealed class ExchangeLog(ExchangeLogOptions options, TimeProvider time)
{
    private const string Redacted = "<redacted>";
    private static readonly string[] SecretResources = ["secrets", "tokenreviews", "token", "certificatesigningrequests"];
    private static readonly string[] SecretParameters = ["token", "access_token"];
    private readonly Lock _lock = new();
    private readonly Queue<Entry> _entries = new();
    private long _last;

    /// <summary>The exchanges that are remembered, in the order in which they came.</summary>
    public IReadOnlyList<RecordedExchange> Exchanges
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries.Select(e => e.Show())];
            }
        }
    }

    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        var entry = Begin(context);
        try
        {
            await next(context).ConfigureAwait(false);
            if (entry.Answer is { } answer && !context.RequestAborted.IsCancellationRequested)
            {
                await answer.CompleteAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            entry.End(context.Response.StatusCode, time.GetElapsedTime(entry.Started));
        }
    }

    private Entry Begin(HttpContext context)
    {
        var request = context.Request;
        var secret = request.Path.Value?.Split('/').Any(s => Array.IndexOf(SecretResources, s) >= 0) == true;
        var entry = new Entry(new RecordedExchange
        {
            Number = Interlocked.Increment(ref _last),
            At = time.GetUtcNow(),
            Method = request.Method,
            Path = request.Path.Value + Query(request.QueryString.Value),
            UserAgent = request.Headers.UserAgent.ToString(),
        }, secret ? 0 : options.BodyBytes, secret, time.GetTimestamp());
        if (entry.Limit > 0 && request.Headers.Upgrade.Count == 0)
        {
            request.Body = new ListeningStream(request.Body, entry.Request);
            var feature = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
            entry.Answer = new StreamResponseBodyFeature(new ListeningStream(feature.Stream, entry.Response), feature);
            context.Features.Set<IHttpResponseBodyFeature>(entry.Answer);
        }
        lock (_lock)
        {
            _entries.Enqueue(entry);
            while (_entries.Count > options.Exchanges)
            {
                _entries.Dequeue();
            }
        }
        return entry;
    }

    private static string Query(string? query) => string.IsNullOrEmpty(query) ? "" : '?' + string.Join('&', query.TrimStart('?').Split('&')
        .Select(p => Array.IndexOf(SecretParameters, p.Split('=')[0]) >= 0 ? $"{p.Split('=')[0]}={Redacted}" : p));

    /// <summary>The exchanges as text: a line each, and the bodies.</summary>
    public void WriteTo(TextWriter writer)
    {
        foreach (var exchange in Exchanges)
        {
            var outcome = exchange.StatusCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"{code} in {exchange.Duration?.TotalMilliseconds:0.0} ms") : "goes on";
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{exchange.Number} {exchange.At:HH:mm:ss.fff} {exchange.Method} {exchange.Path} -> {outcome} [{exchange.UserAgent}]"));
            foreach (var (mark, body) in (ReadOnlySpan<(string, string)>)[(">", exchange.RequestBody), ("<", exchange.ResponseBody)])
            {
                if (body.Length > 0)
                {
                    writer.WriteLine($"  {mark} {body.TrimEnd().Replace("\n", "\n    ", StringComparison.Ordinal)}");
                }
            }
        }
    }

    private sealed class Entry(RecordedExchange begun, int limit, bool secret, long started)
    {
        public int Limit => limit;

        public long Started => started;

        public IHttpResponseBodyFeature? Answer { get; set; }

        public Beginning Request { get; } = new(limit);

        public Beginning Response { get; } = new(limit);

        private RecordedExchange _exchange = begun;

        public void End(int status, TimeSpan duration) => Volatile.Write(ref _exchange, _exchange with { StatusCode = status, Duration = duration });

        public RecordedExchange Show() => Volatile.Read(ref _exchange) with { RequestBody = secret ? Redacted : Request.ToString(), ResponseBody = secret ? Redacted : Response.ToString() };
    }

    /// <summary>The first bytes of a body.</summary>
    private sealed class Beginning(int limit)
    {
        private readonly MemoryStream _kept = new();
        private long _all;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            lock (_kept)
            {
                _all += bytes.Length;
                _kept.Write(bytes[..(int)Math.Min(bytes.Length, limit - _kept.Length)]);
            }
        }

        public override string ToString()
        {
            lock (_kept)
            {
                var text = Encoding.UTF8.GetString(_kept.GetBuffer(), 0, (int)_kept.Length);
                return _all > _kept.Length ? string.Create(CultureInfo.InvariantCulture, $"{text}… ({_all} bytes)") : text;
            }
        }
    }

    /// <summary>A stream that is listened to.</summary>
    private sealed class ListeningStream(Stream inner, Beginning heard) : UnseekableStream
    {
        public override bool CanRead => inner.CanRead;

        public override bool CanWrite => inner.CanWrite;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            heard.Add(buffer.Span[..count]);
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            heard.Add(buffer.Span);
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            heard.Add(buffer.AsSpan(offset, read));
            return read;
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            heard.Add(buffer.AsSpan(offset, count));
            inner.Write(buffer, offset, count);
        }
    }
}
