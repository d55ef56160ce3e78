using Akka.Actor.Setup;
using Microsoft.Extensions.Logging;

namespace Akka.Hosting.Logging;

/// <summary>Tells <see cref="LoggerFactoryLogger"/> where to log to.</summary>
public class LoggerFactorySetup : Setup
{
    /// <param name="loggerFactory">Where to log to.</param>
    public LoggerFactorySetup(ILoggerFactory loggerFactory) => LoggerFactory = loggerFactory;

    /// <summary>Where to log to.</summary>
    public ILoggerFactory LoggerFactory { get; }
}
