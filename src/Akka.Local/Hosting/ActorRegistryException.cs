namespace Akka.Hosting;

/// <summary>An actor registry could not do what it was asked to.</summary>
public class ActorRegistryException : Exception
{
    /// <param name="message">What is wrong and what to do instead.</param>
    public ActorRegistryException(string message)
        : base(message)
    {
    }

    /// <param name="message">What is wrong and what to do instead.</param>
    /// <param name="innerException">Its cause.</param>
    public ActorRegistryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The key of a new actor is taken.</summary>
public sealed class DuplicateActorRegistryException : ActorRegistryException
{
    /// <inheritdoc cref="ActorRegistryException(string)" />
    public DuplicateActorRegistryException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="ActorRegistryException(string, Exception)" />
    public DuplicateActorRegistryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>No actor is registered under a key.</summary>
public sealed class MissingActorRegistryEntryException : ActorRegistryException
{
    /// <inheritdoc cref="ActorRegistryException(string)" />
    public MissingActorRegistryEntryException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="ActorRegistryException(string, Exception)" />
    public MissingActorRegistryEntryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
