using System.Text;
using ActorKube.Transport;

namespace ActorKube.Testing;

/// <summary>How a rule ends a watch.</summary>
enum WatchEnd
{
    Cut,
    Close,
    Expire,
}

/// <summary>What befalls the events of watches on their way to the client. Thread-safe.</summary>
sealed class WatchRules
{
    const string Expired = """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version, as the test wants","reason":"Expired","code":410}}""";

    readonly Lock _lock = new();
    readonly List<Rule> _rules = [];
    readonly Dictionary<string, TaskCompletionSource> _held = [];

    public void EndAfter(int events, string? resource, WatchEnd how)
    {
        lock (_lock)
            _rules.Add(new Rule(resource, how) { Left = events });
    }

    public IDisposable Hold(string resource)
    {
        lock (_lock)
            _held.TryAdd(resource, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        return new Release(this, resource);
    }

    public bool Holds(string resource)
    {
        lock (_lock)
            return _held.ContainsKey(resource);
    }

    /// <summary>A reactor for all watches: their events go through these rules.</summary>
    public async Task<HttpResponseMessage> WatchAsync(ApiCall call, Func<Task<HttpResponseMessage>> pass)
    {
        var answer = await pass().ConfigureAwait(false);
        if (answer.IsSuccessStatusCode)
        {
            var type = answer.Content.Headers.ContentType;
            answer.Content = new StreamContent(new Events(this, call.Resource, await answer.Content.ReadAsStreamAsync(call.Cancellation).ConfigureAwait(false)));
            answer.Content.Headers.ContentType = type;
        }
        return answer;
    }

    Task Released(string resource)
    {
        lock (_lock)
            return _held.TryGetValue(resource, out var held) ? held.Task : Task.CompletedTask;
    }

    // The first rule that has counted down ends the watch that brought the last of its events.
    WatchEnd? Count(string resource)
    {
        lock (_lock)
        {
            foreach (var rule in _rules.Where(r => r.Resource is null || r.Resource == resource))
                rule.Left--;
            if (_rules.Find(r => r.Left <= 0) is not { } due)
                return null;
            _rules.Remove(due);
            return due.How;
        }
    }

    sealed class Rule(string? resource, WatchEnd how)
    {
        public string? Resource => resource;

        public WatchEnd How => how;

        public int Left { get; set; }
    }

    sealed class Release(WatchRules rules, string resource) : IDisposable
    {
        public void Dispose()
        {
            TaskCompletionSource? held;
            lock (rules._lock)
                rules._held.Remove(resource, out held);
            held?.TrySetResult();
        }
    }

    /// <summary>A watch's lines, read only as far as they are asked for.</summary>
    sealed class Events(WatchRules rules, string resource, Stream inner) : Stream
    {
        readonly StreamReader _lines = new(inner);
        ReadOnlyMemory<byte> _line;
        WatchEnd? _end;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_line.IsEmpty && !await NextAsync(cancellationToken).ConfigureAwait(false))
                return 0;
            var count = Math.Min(buffer.Length, _line.Length);
            _line[..count].CopyTo(buffer);
            _line = _line[count..];
            return count;
        }

        async Task<bool> NextAsync(CancellationToken cancellation)
        {
            switch (_end)
            {
                case WatchEnd.Cut:
                    throw new IOException("the watch was cut, as the test wants");
                case WatchEnd.Close:
                    return false;
                case WatchEnd.Expire:
                    _end = WatchEnd.Close;
                    _line = Encoding.UTF8.GetBytes(Expired + "\n");
                    return true;
            }
            if (await _lines.ReadLineAsync(cancellation).ConfigureAwait(false) is not { } line)
                return false;
            await rules.Released(resource).WaitAsync(cancellation).ConfigureAwait(false);
            if (!line.StartsWith("""{"type":"BOOKMARK""", StringComparison.Ordinal))
                _end = rules.Count(resource);
            _line = Encoding.UTF8.GetBytes(line + "\n");
            return true;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        protected override void Dispose(bool disposing)
        {
            // The stream below too: the server learns that nobody reads any more.
            if (disposing)
                _lines.Dispose();
            base.Dispose(disposing);
        }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Events are read asynchronously.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
