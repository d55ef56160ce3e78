using ActorKube.Models;
using ActorKube.Transport;
using Microsoft.Extensions.Logging;

namespace ActorKube.ControllerManager;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "left to {Manager}, which manages it")]
    public static partial void LogManagedByOther(this ILogger logger, string manager);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Kind} {Key} has no owner left: deleted with {Propagation}")]
    public static partial void LogCollected(this ILogger logger, string kind, NamespacedName key, DeletePropagation propagation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the garbage collector has not read every resource of the server after {Seconds} s; it goes on with those that it has, and takes the others in when they can be read")]
    public static partial void LogCollectingFromPart(this ILogger logger, double seconds);
}
