using Akka.Dispatch;

namespace Akka.Event;

/// <summary>Asks, with <see cref="IRequiresMessageQueue{T}"/>, for the mailbox that is configured for loggers.</summary>
public interface ILoggerMessageQueueSemantics : ISemantics;
