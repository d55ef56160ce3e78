#nullable disable
namespace Akka.Actor;

/// <summary>
/// Sends a task's outcome to an actor: its result, or a <see cref="Status.Failure"/> with its exception, unless functions make something else of it.
/// </summary>
public static class PipeToSupport
{
    public static Task PipeTo<T>(this Task<T> taskToPipe, ICanTell recipient, IActorRef sender = null, Func<T, object> success = null, Func<Exception, object> failure = null) =>
        PipeTo(taskToPipe, recipient, true, sender, success, failure);

    /// <param name="taskToPipe">The task.</param>
    /// <param name="recipient">Who gets its outcome.</param>
    /// <param name="useConfigureAwait">Whether to come back to where the call was made; telling is possible from anywhere.</param>
    /// <param name="sender">The sender of the outcome; the running actor's own reference is not taken by itself.</param>
    /// <param name="success">Makes the message of a result.</param>
    /// <param name="failure">Makes the message of an exception.</param>
    public static async Task PipeTo<T>(this Task<T> taskToPipe, ICanTell recipient, bool useConfigureAwait, IActorRef sender = null, Func<T, object> success = null, Func<Exception, object> failure = null)
    {
        sender ??= ActorRefs.NoSender;
        try
        {
            var result = await taskToPipe.ConfigureAwait(useConfigureAwait);
            recipient.Tell(success is null ? result : success(result), sender);
        }
        catch (Exception e)
        {
            recipient.Tell(failure is null ? new Status.Failure(e) : failure(e), sender);
        }
    }

    public static Task PipeTo<T>(this ValueTask<T> taskToPipe, ICanTell recipient, IActorRef sender = null, Func<T, object> success = null, Func<Exception, object> failure = null) =>
        PipeTo(taskToPipe.AsTask(), recipient, true, sender, success, failure);

    public static Task PipeTo<T>(this ValueTask<T> taskToPipe, ICanTell recipient, bool useConfigureAwait, IActorRef sender = null, Func<T, object> success = null, Func<Exception, object> failure = null) =>
        PipeTo(taskToPipe.AsTask(), recipient, useConfigureAwait, sender, success, failure);

    /// <summary>Sends what <paramref name="success"/> makes of the end, or nothing where it is null.</summary>
    public static Task PipeTo(this Task taskToPipe, ICanTell recipient, IActorRef sender = null, Func<object> success = null, Func<Exception, object> failure = null) =>
        PipeTo(taskToPipe, recipient, true, sender, success, failure);

    public static async Task PipeTo(this Task taskToPipe, ICanTell recipient, bool useConfigureAwait, IActorRef sender = null, Func<object> success = null, Func<Exception, object> failure = null)
    {
        sender ??= ActorRefs.NoSender;
        try
        {
            await taskToPipe.ConfigureAwait(useConfigureAwait);
            if (success is not null)
                recipient.Tell(success(), sender);
        }
        catch (Exception e)
        {
            recipient.Tell(failure is null ? new Status.Failure(e) : failure(e), sender);
        }
    }

    public static Task PipeTo(this ValueTask taskToPipe, ICanTell recipient, IActorRef sender = null, Func<object> success = null, Func<Exception, object> failure = null) =>
        PipeTo(taskToPipe.AsTask(), recipient, true, sender, success, failure);

    public static Task PipeTo(this ValueTask taskToPipe, ICanTell recipient, bool useConfigureAwait, IActorRef sender = null, Func<object> success = null, Func<Exception, object> failure = null) =>
        PipeTo(taskToPipe.AsTask(), recipient, useConfigureAwait, sender, success, failure);
}
