using Microsoft.Extensions.Logging;

namespace Transport.Tests;

/// <summary>Keeps every line that is logged, at every level.</summary>
sealed class CollectingLogs : ILoggerFactory, ILogger
{
    readonly Lock _lock = new();
    readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines { get { lock (_lock) return [.. _lines]; } }

    public string All => string.Join('\n', Lines);

    public ILogger CreateLogger(string categoryName) => this;
    public void AddProvider(ILoggerProvider provider) { }
    public void Dispose() { }
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lock) _lines.Add($"{logLevel} {formatter(state, exception)} {exception}");
    }
}
