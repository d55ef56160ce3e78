#nullable disable
using System.Runtime.ExceptionServices;
using Akka.Actor.Internal;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Debug = Akka.Event.Debug;

namespace Akka.Actor;

public partial class ActorCell
{
    private bool IsFailed => Perpetrator is not null;

    /// <summary>Whose failure suspended this actor: itself or a child; null while it has not failed.</summary>
    private IActorRef Perpetrator
    {
        get => _extras?.Perpetrator;
        set
        {
            if (value is not null || _extras is not null)
                Extras.Perpetrator = value;
        }
    }

    /// <summary>Stops processing until the supervisor has decided, and tells it.</summary>
    private void HandleInvokeFailure(Exception cause, IReadOnlyCollection<IActorRef> childrenNotToSuspend = null)
    {
        if (IsFailed)
            return;
        try
        {
            Mailbox.Suspend();
            if (CurrentMessage is Failed)
            {
                Perpetrator = Sender;
                childrenNotToSuspend = [.. childrenNotToSuspend ?? [], Sender];
            }
            else
            {
                Perpetrator = _self;
            }

            SuspendChildren(childrenNotToSuspend);
            _parent.SendSystemMessage(new Failed(_self, cause, _self.Path.Uid));
        }
        catch (Exception e)
        {
            Publish(new Error(e, _self.Path.ToString(), ActorType, "Emergency stop: exception in failure handling for " + cause));
            try
            {
                StopChildren();
            }
            finally
            {
                FinishTerminate();
            }
        }
    }

    private void FaultRecreate(Exception cause)
    {
        if (_actor is null)
        {
            Publish(new Error(null, _self.Path.ToString(), ActorType, "Changing Recreate into Create after " + cause));
            FaultCreate();
            return;
        }

        if (!IsNormal)
        {
            // Already on its way out: only keep the suspend counter balanced.
            FaultResume(null);
            return;
        }

        var failedActor = _actor;
        if (SystemImpl.Settings.DebugLifecycle)
            Publish(new Debug(_self.Path.ToString(), ActorType, "Restarting"));
        var message = CurrentMessage;
        try
        {
            if (!_actorHasBeenCleared)
            {
                failedActor.AroundPreRestart(cause, message);
                (failedActor as IActorStash)?.Stash?.UnstashAll();
            }
        }
        catch (Exception e)
        {
            var failure = new PreRestartException(_self, e, cause, message);
            Publish(new Error(failure, _self.Path.ToString(), ActorType, e.Message));
        }
        finally
        {
            TimerScheduler.CancelAllOf(failedActor);
            ClearActor(failedActor);
        }

        if (!SetChildrenTerminationReason(new SuspendReason.Recreation(cause)))
            FinishRecreate(cause, failedActor);
    }

    private void FinishRecreate(Exception cause, ActorBase failedActor)
    {
        var survivors = GetChildren().ToArray();
        try
        {
            Mailbox.Resume();
            Perpetrator = null;
            var fresh = NewActor();
            _actor = fresh;
            if (ReferenceEquals(fresh, failedActor))
                SetActorFields(fresh);
            fresh.AroundPostRestart(cause, null);
            CheckReceiveTimeout();
            if (SystemImpl.Settings.DebugLifecycle)
                Publish(new Debug(_self.Path.ToString(), ActorType, $"Restarted ({fresh})"));
            foreach (var survivor in survivors)
                survivor.Restart(cause);
        }
        catch (Exception e)
        {
            // So that PreRestart is not called once more for an incarnation that never ran.
            ClearActor(_actor);
            HandleInvokeFailure(new PostRestartException(_self, e, cause), survivors);
        }
    }

    private void FaultSuspend()
    {
        Mailbox.Suspend();
        SuspendChildren();
    }

    private void FaultResume(Exception causedByFailure)
    {
        if (_actor is null)
        {
            Publish(new Error(null, _self.Path.ToString(), ActorType, "Changing Resume into Create after " + causedByFailure));
            FaultCreate();
            return;
        }

        var perpetrator = Perpetrator;
        Mailbox.Resume();
        if (causedByFailure is not null)
            Perpetrator = null;
        foreach (var child in GetChildren())
            child.Resume(child.Equals(perpetrator) ? causedByFailure : null);
    }

    private void FaultCreate()
    {
        CancelReceiveTimeout();
        StopChildren();
        if (!SetChildrenTerminationReason(new SuspendReason.Creation()))
            FinishCreate();
    }

    private void FinishCreate()
    {
        Mailbox.Resume();
        Perpetrator = null;
        try
        {
            Create(null);
        }
        catch (Exception e)
        {
            HandleInvokeFailure(e);
        }
    }

    private void Terminate()
    {
        CancelReceiveTimeout();
        UnwatchWatchedActors(_actor);
        var container = Volatile.Read(ref _children) ?? Interlocked.CompareExchange(ref _children, ChildrenContainer.Terminated, null) ?? ChildrenContainer.Terminated;
        var (children, wasTerminating) = container.Terminate();
        foreach (var child in children)
            child.Stop();
        if (children.Length == 0)
        {
            FinishTerminate();
            return;
        }

        if (wasTerminating)
            return;
        Mailbox.Suspend();
        // While it stops, its failures concern nobody.
        Perpetrator = _self;
        if (SystemImpl.Settings.DebugLifecycle)
            Publish(new Debug(_self.Path.ToString(), ActorType, "Stopping"));
    }

    /// <summary>
    /// The end. The order matters: the mailbox is closed before anybody hears of the end, so that a name that is free again
    /// belongs to an actor that cannot process any more; the parent hears before the watchers.
    /// </summary>
    private void FinishTerminate()
    {
        var actor = _actor;
        try
        {
            if (actor is not null)
            {
                actor.AroundPostStop();
                (actor as IActorStash)?.Stash?.UnstashAll();
            }
        }
        catch (Exception e)
        {
            Publish(new Error(e, _self.Path.ToString(), ActorType, e.Message));
        }

        TimerScheduler.CancelAllOf(actor);
        Dispatcher.Detach(this);
        _parent.SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: true, addressTerminated: false));
        StopFunctionRefs();
        TellWatchersWeDied();
        UnwatchWatchedActors(actor);
        if (SystemImpl.Settings.DebugLifecycle)
            Publish(new Debug(_self.Path.ToString(), ActorType, "Stopped"));
        ClearActor(actor);
        ClearActorCell();
        _actor = null;
    }

    private void StopChildren()
    {
        if (_children is null)
            return;
        foreach (var child in _children.AllShallDie())
            child.Stop();
    }

    private void SuspendChildren(IReadOnlyCollection<IActorRef> except = null)
    {
        if (_children is null)
            return;
        foreach (var child in GetChildren())
        {
            if (except is null || !except.Contains(child))
                child.Suspend();
        }
    }

    private void HandleFailed(Failed failed)
    {
        CurrentMessage = failed;
        Sender = failed.Child.IsNobody() ? SystemImpl.DeadLetters : failed.Child;
        if (!TryGetChildStatsByRef(failed.Child, out var stats) || stats.Uid != failed.Uid)
        {
            Publish(new Debug(_self.Path.ToString(), ActorType, $"Dropping Failed({failed.Cause}) from unknown child {failed.Child}"));
            return;
        }

        var strategy = Strategy;
        if (!strategy.HandleFailure(this, failed.Child, failed.Cause, stats, new ChildStatsOnDemand(_children)))
            ExceptionDispatchInfo.Throw(failed.Cause);
    }

    private void HandleChildTerminated(IActorRef child)
    {
        var ended = RemoveChildAndGetStateChange(child);
        if (_actor is not null && !_actorHasBeenCleared)
        {
            try
            {
                Strategy.HandleChildTerminated(this, child, Extras.ChildrenOnDemand ??= new LivingChildren(this));
            }
            catch (Exception e)
            {
                Publish(new Error(e, _self.Path.ToString(), ActorType, "HandleChildTerminated failed"));
                HandleInvokeFailure(e);
            }
        }

        switch (ended)
        {
            case SuspendReason.Recreation recreation:
                FinishRecreate(recreation.Cause, _actor);
                break;
            case SuspendReason.Creation:
                FinishCreate();
                break;
            case SuspendReason.Termination:
                FinishTerminate();
                break;
        }
    }
}
