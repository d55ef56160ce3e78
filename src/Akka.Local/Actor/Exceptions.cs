#nullable disable
namespace Akka.Actor;

/// <summary>An actor's constructor, or a hook around its start or restart, threw.</summary>
public class ActorInitializationException : AkkaException
{
    public ActorInitializationException() { }

    public ActorInitializationException(string message) : base(message) { }

    public ActorInitializationException(string message, Exception cause) : base(message, cause) { }

    public ActorInitializationException(IActorRef actor, string message, Exception cause = null) : base(message, cause) => Actor = actor;

    public IActorRef Actor { get; set; }

    public override string ToString() => Actor is null ? base.ToString() : $"{Actor}: {base.ToString()}";
}

/// <summary><see cref="ActorBase.PreRestart"/> threw.</summary>
public class PreRestartException : ActorInitializationException
{
    public PreRestartException(IActorRef actor, Exception restartException, Exception cause, object optionalMessage)
        : base(actor, $"exception in preRestart({cause?.GetType().ToString() ?? "null"}, {optionalMessage?.GetType().ToString() ?? "null"})", restartException)
    {
        RestartException = restartException;
        OptionalMessage = optionalMessage;
    }

    public Exception RestartException { get; }

    public object OptionalMessage { get; }
}

/// <summary>Making the new incarnation, or <see cref="ActorBase.PostRestart"/>, threw.</summary>
public class PostRestartException : ActorInitializationException
{
    public PostRestartException(IActorRef actor, Exception cause, Exception originalCause)
        : base(actor, $"Exception post restart ({originalCause?.GetType().ToString() ?? "null"})", cause) => OriginalCause = originalCause;

    public Exception OriginalCause { get; }
}

/// <summary>An actor got <see cref="Kill"/>.</summary>
public class ActorKilledException : AkkaException
{
    public ActorKilledException() { }

    public ActorKilledException(string message) : base(message) { }
}

/// <summary>No actor answers at a path.</summary>
public class ActorNotFoundException : AkkaException
{
    public ActorNotFoundException() { }

    public ActorNotFoundException(string message, Exception innerException = null) : base(message, innerException) { }
}

/// <summary>No answer came to an ask in time.</summary>
public class AskTimeoutException : AkkaException
{
    public AskTimeoutException(string message) : base(message) { }
}

/// <summary>An actor did not handle the <see cref="Terminated"/> of an actor it watched.</summary>
public class DeathPactException : AkkaException
{
    public DeathPactException(IActorRef deadActor) : base($"Monitored actor [{deadActor}] terminated") => DeadActor = deadActor;

    public IActorRef DeadActor { get; }
}

/// <summary>A name no actor can have here: malformed or taken.</summary>
public class InvalidActorNameException : AkkaException
{
    public InvalidActorNameException(string message) : base(message) { }

    public InvalidActorNameException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A message that cannot be sent: null.</summary>
public class InvalidMessageException : AkkaException
{
    public InvalidMessageException() { }

    public InvalidMessageException(string message) : base(message) { }
}

/// <summary>Something asked of an actor in a state that forbids it.</summary>
public class IllegalActorStateException : AkkaException
{
    public IllegalActorStateException(string message) : base(message) { }
}

/// <summary>A logger did not start.</summary>
public class LoggerInitializationException : AkkaException
{
    public LoggerInitializationException() { }

    public LoggerInitializationException(string message) : base(message) { }

    public LoggerInitializationException(string message, Exception cause = null) : base(message, cause) { }
}

/// <summary>A stash is full.</summary>
public class StashOverflowException : AkkaException
{
    public StashOverflowException(string message, Exception cause = null) : base(message, cause) { }
}

/// <summary>Something was scheduled after the scheduler had been shut down.</summary>
public sealed class SchedulerException : AkkaException
{
    public SchedulerException(string message) : base(message) { }
}
