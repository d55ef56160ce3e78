#nullable disable
using Akka.Actor.Internal;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

public partial class ActorCell
{
    private CellExtras _extras;

    /// <summary>Decides about children's failures. The actor is asked once an incarnation.</summary>
    private SupervisorStrategy Strategy => Extras.Strategy ??= Props.SupervisorStrategy ?? _actor.OwnStrategy();

    /// <summary>For the children, whose cells mostly have one origin in common.</summary>
    private CellOrigin OriginOfChild(ActorSystemImpl system, Props props, MessageDispatcher dispatcher)
    {
        var extras = Extras;
        var last = Volatile.Read(ref extras.OriginOfChildren);
        if (last is not null && ReferenceEquals(last.Props, props) && ReferenceEquals(last.Dispatcher, dispatcher))
            return last;
        var origin = new CellOrigin(system, props, dispatcher);
        Volatile.Write(ref extras.OriginOfChildren, origin);
        return origin;
    }

    private CellExtras Extras =>
        Volatile.Read(ref _extras) ?? Interlocked.CompareExchange(ref _extras, new CellExtras(), null) ?? _extras;

    /// <summary>What a cell is made of and may have in common with others.</summary>
    private sealed class CellOrigin(ActorSystemImpl system, Props props, MessageDispatcher dispatcher)
    {
        public readonly ActorSystemImpl System = system;
        public readonly Props Props = props;
        public readonly MessageDispatcher Dispatcher = dispatcher;
    }

    /// <summary>What most cells never need: those that do have one of these.</summary>
    private sealed class CellExtras
    {
        public CellOrigin OriginOfChildren;
        public LivingChildren ChildrenOnDemand;
        public Dictionary<string, FunctionRef> FunctionRefs;
        public DeathWatchState DeathWatch;
        public ReceiveTimeoutState ReceiveTimeout;
        public SystemMessage StashedSystemMessages;
        public ActorTaskScheduler TaskScheduler;
        public SupervisorStrategy Strategy;
        public IActorRef Perpetrator;
    }

    /// <summary>The children as they are when somebody enumerates them: a parent of a million loses them one at a time and nobody looks.</summary>
    private sealed class LivingChildren(ActorCell cell) : IEnumerable<IInternalActorRef>
    {
        public IEnumerator<IInternalActorRef> GetEnumerator() => cell.GetChildren().GetEnumerator();

        global::System.Collections.IEnumerator global::System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
