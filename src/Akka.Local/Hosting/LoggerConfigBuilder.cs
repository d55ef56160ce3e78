using System.Text;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Hosting;

/// <summary>Says where and how much an actor system logs.</summary>
public sealed class LoggerConfigBuilder
{
    readonly List<Type> _loggers = [typeof(DefaultLogger)];

    internal LoggerConfigBuilder(AkkaConfigurationBuilder builder) => Builder = builder;

    /// <summary>The lowest level that is logged: info, unless set.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.InfoLevel;

    /// <summary>Whether the whole configuration is logged when the system starts.</summary>
    public bool LogConfigOnStart { get; set; }

    internal AkkaConfigurationBuilder Builder { get; }

    /// <summary>Forgets the loggers so far, the default one included.</summary>
    public LoggerConfigBuilder ClearLoggers()
    {
        _loggers.Clear();
        return this;
    }

    /// <summary>Adds a logger: an actor that is sent log events.</summary>
    public LoggerConfigBuilder AddLogger<T>()
        where T : IRequiresMessageQueue<ILoggerMessageQueueSemantics> => AddLogger(typeof(T));

    internal LoggerConfigBuilder AddLogger(Type logger)
    {
        _loggers.Add(logger);
        return this;
    }

    internal AkkaConfigurationBuilder Build()
    {
        var level = LogLevel switch
        {
            LogLevel.DebugLevel => "DEBUG",
            LogLevel.InfoLevel => "INFO",
            LogLevel.WarningLevel => "WARNING",
            LogLevel.ErrorLevel => "ERROR",
            _ => throw new ConfigurationException($"LogLevel is {(int)LogLevel}, which is no level of {nameof(LogLevel)}."),
        };
        var hocon = new StringBuilder()
            .Append("akka.loglevel = ").AppendLine(level)
            .Append("akka.loggers = [").AppendJoin(", ", _loggers.Select(logger => $"\"{logger.FullName}, {logger.Assembly.GetName().Name}\"")).AppendLine("]")
            .Append("akka.log-config-on-start = ").AppendLine(LogConfigOnStart ? "on" : "off");
        return Builder.AddHocon(ConfigurationFactory.ParseString(hocon.ToString()), HoconAddMode.Prepend);
    }
}
