namespace ActorKube.Kubelet;

/// <summary>What one life of a container wrote: its last lines, bounded. Thread-safe; readers follow at their own speed.</summary>
internal sealed class ContainerLog(TimeProvider time)
{
    private const int MaxBytes = 1024 * 1024;
    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = new();
    private readonly MemoryStream _partial = new();
    private TaskCompletionSource _news = NewSignal();
    private long _first;
    private int _bytes;
    private bool _ended;

    /// <summary>A stream whose bytes become lines.</summary>
    public Stream Writer => new LogStream(this);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            while (!bytes.IsEmpty && !_ended)
            {
                var end = bytes.IndexOf((byte)'\n');
                _partial.Write(end < 0 ? bytes : bytes[..end]);
                if (end < 0 && _partial.Length < 16 * 1024)
                {
                    break;
                }
                EndLine();
                bytes = end < 0 ? [] : bytes[(end + 1)..];
            }
        }
    }

    /// <summary>The container has ended: so do those who follow.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_partial.Length > 0)
            {
                EndLine();
            }
            _ended = true;
            _news.TrySetResult();
        }
    }

    private void EndLine()
    {
        var text = _partial.ToArray();
        _partial.SetLength(0);
        _lines.Enqueue(new LogLine(time.GetUtcNow(), text));
        _bytes += text.Length + 64;
        while (_bytes > MaxBytes)
        {
            _bytes -= _lines.Dequeue().Text.Length + 64;
            _first++;
        }
        _news.TrySetResult();
        _news = NewSignal();
    }

    /// <summary>The lines from a position on (0 is the first that was ever written), the position after them, and a signal of more; null when no more can come.</summary>
    public (LogLine[] Lines, long Next, Task? More) Read(long position)
    {
        lock (_lock)
        {
            var skip = (int)Math.Max(0, position - _first);
            return ([.. _lines.Skip(skip)], _first + _lines.Count, _ended ? null : _news.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class LogStream(ContainerLog log) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => log.Append(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => log.Append(buffer);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            log.Append(buffer.Span);
            return default;
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            log.Append(buffer.AsSpan(offset, count));
            return Task.CompletedTask;
        }
    }
}

/// <summary>A line without its end, and when it was written.</summary>
internal readonly record struct LogLine(DateTimeOffset Time, byte[] Text);
