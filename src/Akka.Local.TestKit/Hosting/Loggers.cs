using Akka.Actor;
using Akka.Event;
using Akka.Hosting.Logging;
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Akka.Hosting.TestKit.Internals;

/// <summary>Hands a system's log to the host's, besides the loggers that are configured.</summary>
public class TestKitLoggerFactoryLogger : LoggerFactoryLogger
{
    /// <inheritdoc />
    protected override bool Receive(object message)
    {
        // A configured logger is subscribed by the system; this one is started by hand.
        if (message is InitializeLogger initialize)
            initialize.LoggingBus.Subscribe(Self, typeof(LogEvent));
        return base.Receive(message);
    }
}

/// <summary>Writes to a test's output.</summary>
public class XUnitLogger : ILogger
{
    readonly string _category;
    readonly ITestOutputHelper _helper;
    readonly LogLevel _logLevel;

    /// <param name="category">What is logged about.</param>
    /// <param name="helper">Where to.</param>
    /// <param name="logLevel">The lowest level that is written.</param>
    public XUnitLogger(string category, ITestOutputHelper helper, LogLevel logLevel)
    {
        _category = category;
        _helper = helper;
        _logLevel = logLevel;
    }

    /// <inheritdoc />
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && logLevel >= _logLevel;

    /// <summary>Scopes are not written.</summary>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc />
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        try
        {
            _helper.WriteLine($"{logLevel} {_category} {formatter(state, exception)}{(exception is null ? "" : Environment.NewLine + exception)}");
        }
        catch (InvalidOperationException)
        {
            // The test is over, and with it its output; what the host says while it stops has nowhere to go.
        }
    }
}

/// <summary>Makes <see cref="XUnitLogger"/>s.</summary>
public class XUnitLoggerProvider : ILoggerProvider
{
    readonly ITestOutputHelper _helper;
    readonly LogLevel _logLevel;

    /// <param name="helper">Where to.</param>
    /// <param name="logLevel">The lowest level that is written.</param>
    public XUnitLoggerProvider(ITestOutputHelper helper, LogLevel logLevel)
    {
        _helper = helper;
        _logLevel = logLevel;
    }

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => new XUnitLogger(categoryName, _helper, _logLevel);

    /// <inheritdoc />
    public void Dispose()
    {
    }
}
