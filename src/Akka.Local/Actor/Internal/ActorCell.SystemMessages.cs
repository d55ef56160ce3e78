#nullable disable
using Akka.Actor.Internal;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;
using Debug = Akka.Event.Debug;

namespace Akka.Actor;

public partial class ActorCell
{
    /// <summary>Processes one system message, and those it lets out of the stash.</summary>
    internal void SystemInvoke(SystemMessage message)
    {
        var before = State();
        if (MustWait(message, before))
        {
            var extras = Extras;
            message.Next = extras.StashedSystemMessages;
            extras.StashedSystemMessages = message;
            return;
        }

        try
        {
            Handle(message);
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause);
        }

        if (_extras?.StashedSystemMessages is not null && (IsTerminated || State() < before))
            ReleaseSystemMessages();
    }

    protected void ClearActorCell()
    {
        while (_extras?.StashedSystemMessages is { } message)
        {
            _extras.StashedSystemMessages = message.Next;
            message.Next = null;
        }
    }

    private void Handle(SystemMessage message)
    {
        switch (message)
        {
            case ActorTask task:
                TaskScheduler.Execute(task);
                break;
            case ActorTaskCompleted completed:
                CurrentMessage = completed.Turn.Message;
                Sender = completed.Turn.Sender;
                Mailbox.Resume();
                global::System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(completed.Failure);
                break;
            case Failed failed:
                HandleFailed(failed);
                break;
            case DeathWatchNotification notification:
                WatchedActorTerminated(notification.Actor, notification.ExistenceConfirmed, notification.AddressTerminated);
                break;
            case Create create:
                Create(create.Failure);
                break;
            case Watch watch:
                AddWatcher(watch.Watchee, watch.Watcher);
                break;
            case Unwatch unwatch:
                RemWatcher(unwatch.Watchee, unwatch.Watcher);
                break;
            case Recreate recreate:
                FaultRecreate(recreate.Cause);
                break;
            case Dispatch.SysMsg.Suspend:
                FaultSuspend();
                break;
            case Resume resume:
                FaultResume(resume.CausedByFailure);
                break;
            case Dispatch.SysMsg.Terminate:
                Terminate();
                break;
            case NoMessage:
                break;
            default:
                throw new NotSupportedException($"{message.GetType()} is no system message an actor understands.");
        }
    }

    private void Create(ActorInitializationException failure)
    {
        if (failure is not null)
            throw failure;
        try
        {
            _actor = NewActor();
            PreStart();
            CheckReceiveTimeout();
            if (SystemImpl.Settings.DebugLifecycle)
                Publish(new Debug(_self.Path.ToString(), ActorType, $"Started ({_actor})"));
        }
        catch (Exception e)
        {
            if (_actor is not null)
            {
                ClearActor(_actor);
                _actor = null; // so that a restart makes it anew instead of calling its PreRestart
            }

            if (e is not ActorInitializationException)
            {
                throw new ActorInitializationException(_self,
                    $"Exception during creation: {(e is global::System.Reflection.TargetInvocationException { InnerException: { } inner } ? inner : e).Message}", e);
            }

            throw;
        }
    }

    private ActorBase NewActor()
    {
        _behaviour = null;
        _actorHasBeenCleared = false;
        if (_extras is not null)
            _extras.Strategy = null;
        var instance = CreateNewActorInstance()
            ?? throw new ActorInitializationException(_self, "Actor instance passed to actorOf can't be null");
        if (_behaviour is null)
        {
            // The creator gave an instance that has lived before.
            SetActorFields(instance);
            Begin(instance);
        }

        if (instance is IActorStash stashing)
            stashing.Stash = StashFactory.CreateStash(this, stashing);
        if (instance is IInitializableActor initializable)
            initializable.Init();
        return instance;
    }

    private int State() => IsWaitingForChildren ? 2 : Mailbox.IsSuspended ? 1 : 0;

    private static bool MustWait(SystemMessage message, int state) => state switch
    {
        2 => message is IStashWhenWaitingForChildren,
        1 => message is IStashWhenFailed,
        _ => false,
    };

    private void ReleaseSystemMessages()
    {
        SystemMessage oldest = null;
        while (_extras?.StashedSystemMessages is { } newest)
        {
            _extras.StashedSystemMessages = newest.Next;
            newest.Next = oldest;
            oldest = newest;
        }

        while (oldest is not null)
        {
            var next = oldest.Next;
            oldest.Next = null;
            if (IsTerminated)
                SystemImpl.Mailboxes.DeadLetterMailbox.SystemEnqueue(_self, oldest);
            else
                SystemInvoke(oldest);
            oldest = next;
        }
    }
}
