#nullable disable
using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>The sender of an ask: it completes the ask's task with the first reply.</summary>
public class FutureActorRef<T> : MinimalActorRef
{
    private readonly TaskCompletionSource<T> _result;
    private readonly IActorRefProvider _provider;
    private readonly ActorPath _path;

    public FutureActorRef(TaskCompletionSource<T> result, ActorPath path, IActorRefProvider provider)
    {
        _result = result;
        _path = path;
        _provider = provider;
    }

    public override ActorPath Path => _path;

    public override IActorRefProvider Provider => _provider;

    public override IInternalActorRef Parent => _provider.TempContainer;

    public virtual void DeliverAsk(object message, ICanTell destination) => destination.Tell(message, this);

    public override void SendSystemMessage(ISystemMessage message)
    {
        // Nobody watches an ask for long: it counts as stopped once it has its reply.
        if (message is Watch watch && _result.Task.IsCompleted)
            watch.Watcher.SendSystemMessage(new DeathWatchNotification(watch.Watchee, existenceConfirmed: true, addressTerminated: false));
    }

    protected override void TellInternal(object message, IActorRef sender)
    {
        var taken = message switch
        {
            T reply => _result.TrySetResult(reply),
            null => _result.TrySetResult(default),
            Status.Failure failure => _result.TrySetException(failure.Cause ?? new TaskCanceledException("Task cancelled by actor via Failure message.")),
            _ => _result.TrySetException(new ArgumentException($"Received message of type [{message.GetType()}] - Ask expected message of type [{typeof(T)}]")),
        };
        if (!taken && !_result.Task.IsCanceled)
            _provider.DeadLetters.Tell(message ?? (object)default(T), this);
    }
}
