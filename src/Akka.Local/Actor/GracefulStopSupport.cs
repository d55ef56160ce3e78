#nullable disable
using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>Stopping an actor and waiting for its end.</summary>
public static class GracefulStopSupport
{
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) => GracefulStop(target, timeout, PoisonPill.Instance);

    /// <summary>Tells <paramref name="stopMessage"/> and waits.</summary>
    /// <returns>True when the actor has stopped, false where it has not in time.</returns>
    public static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        var ended = DeathWatching.Begin(target, out var watcher);
        target.Tell(stopMessage, ActorRefs.NoSender);
        try
        {
            return await ended.WaitAsync(timeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            DeathWatching.End(target, watcher);
        }
    }
}

/// <summary>Waiting for an actor's end.</summary>
public static class WatchAsyncSupport
{
    /// <returns>True when the actor has stopped, false where it had not when <paramref name="token"/> was cancelled.</returns>
    public static async Task<bool> WatchAsync(this IActorRef target, CancellationToken token = default)
    {
        var ended = DeathWatching.Begin(target, out var watcher);
        try
        {
            return await ended.WaitAsync(token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            DeathWatching.End(target, watcher);
        }
    }
}

internal static class DeathWatching
{
    public static Task<bool> Begin(IActorRef target, out IInternalActorRef watcher)
    {
        var watchee = (IInternalActorRef)target;
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher = new Watcher(watchee.Provider, ended);
        watchee.SendSystemMessage(new Watch(watchee, watcher));
        return ended.Task;
    }

    public static void End(IActorRef target, IInternalActorRef watcher)
    {
        var watchee = (IInternalActorRef)target;
        watchee.SendSystemMessage(new Unwatch(watchee, watcher));
    }

    private sealed class Watcher(IActorRefProvider provider, TaskCompletionSource<bool> ended) : MinimalActorRef
    {
        public override ActorPath Path { get; } = provider.TempPath();

        public override IActorRefProvider Provider => provider;

        public override void SendSystemMessage(ISystemMessage message)
        {
            if (message is DeathWatchNotification)
                ended.TrySetResult(true);
        }
    }
}
