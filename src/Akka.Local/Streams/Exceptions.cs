using Akka.Actor;
using Akka.Streams.Stage;

namespace Akka.Streams;

/// <summary>A buffer or queue that was told to fail when full is full.</summary>
public class BufferOverflowException : Exception
{
    public BufferOverflowException(string message) : base(message) { }

    public BufferOverflowException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A stream that had to have an element had none.</summary>
public class NoSuchElementException : Exception
{
    public NoSuchElementException(string message) : base(message) { }
}

/// <summary>More elements came than a limit allows.</summary>
public class StreamLimitReachedException : Exception
{
    public StreamLimitReachedException(long max) : base($"Limit of {max} reached") { }
}

/// <summary>A stream was to be split into more substreams than allowed.</summary>
public class TooManySubstreamsOpenException : InvalidOperationException
{
    public TooManySubstreamsOpenException() : base("Cannot open a new substream as there are too many substreams open") { }
}

/// <summary>The stream on the other side is not running (any more).</summary>
public class StreamDetachedException : Exception
{
    public static readonly StreamDetachedException Instance = new();

    public StreamDetachedException() : base("Stream is terminated. The operation cannot be performed.") { }

    public StreamDetachedException(string message) : base(message) { }

    public StreamDetachedException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>The actor that ran the stream was stopped before the stream had ended.</summary>
public class AbruptTerminationException : Exception
{
    public readonly IActorRef Actor;

    public AbruptTerminationException(IActorRef actor) : base($"Processor actor [{actor}] terminated abruptly") => Actor = actor;
}

/// <summary>A stage was stopped before it had ended, together with the actor, materializer or system that ran it.</summary>
public sealed class AbruptStageTerminationException : Exception
{
    public AbruptStageTerminationException(GraphStageLogic logic)
        : base($"GraphStage {logic} terminated abruptly, caused by for example materializer or actor system termination.") { }
}

/// <summary>An actor that the stream watches has stopped.</summary>
public class WatchedActorTerminatedException : AkkaException
{
    public WatchedActorTerminatedException(string stageName, IActorRef actorRef)
        : base($"Actor watched by [{stageName}] has terminated! Was: {actorRef}") { }
}
