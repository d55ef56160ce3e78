using Microsoft.Extensions.Logging;

namespace ActorKube.ControllerManager;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "left to {Manager}, which manages it")]
    public static partial void LogManagedByOther(this ILogger logger, string manager);
}
