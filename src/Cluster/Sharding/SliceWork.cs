using ActorKube.Actors;
using ActorKube.Models;
using Akka.Actor;

namespace ActorKube.Cluster;

/// <summary>How a node begins and ends to work on a slice: what is said to the runtime, and which answer means that the slice is left.</summary>
abstract class SliceWork
{
    public abstract void Take(IActorRef self);

    public abstract void Leave(TimeSpan bound, IActorRef self);

    /// <summary>The controller that was asked for is there.</summary>
    public virtual void Added(IActorRef self)
    {
    }

    /// <summary>Whether a message says that nothing of the slice can write any more.</summary>
    public abstract bool IsLeft(object message);
}

/// <summary>The node's one controller takes another slice: its cache, its subscriptions and its gate are there already, so a slice costs nothing but its keys.</summary>
sealed class SharedSliceWork(IActorRef runtime, string controller, KeySlice slice) : SliceWork
{
    public override void Take(IActorRef self) => runtime.Tell(new ControllersActor.To(controller, new ControllerActor.TakeSlice(slice)), self);

    public override void Leave(TimeSpan bound, IActorRef self) => runtime.Tell(new ControllersActor.To(controller, new ControllerActor.LeaveSlice(slice.Name, bound)), self);

    public override bool IsLeft(object message) => message is ControllerActor.SliceLeft left && left.Slice == slice.Name;
}

/// <summary>A controller of the slice's own, whose caches hold the slice's objects alone.</summary>
sealed class OwnSliceWork(IActorRef runtime, ControllerSpec controller, KeySlice slice) : SliceWork
{
    public override void Take(IActorRef self) => runtime.Tell(new ControllersActor.Add(controller), self);

    // Not before: one of the same name may still be on its way out.
    public override void Added(IActorRef self) => runtime.Tell(new ControllersActor.To(controller.Name, new ControllerActor.TakeSlice(slice)), self);

    public override void Leave(TimeSpan bound, IActorRef self) => runtime.Tell(new ControllersActor.Remove(controller.Name, bound), self);

    public override bool IsLeft(object message) => message is ControllersActor.AllDrained;
}
