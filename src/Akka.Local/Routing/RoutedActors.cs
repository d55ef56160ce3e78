#nullable disable
using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Configuration;
using Akka.Dispatch;

namespace Akka.Routing;

/// <summary>Makes the references of routers: messages go to the routees on the sender's thread, without a stop at the router.</summary>
internal static class RoutedActors
{
    public static IInternalActorRef Make(ActorSystemImpl system, Props props, IInternalActorRef supervisor, ActorPath path)
    {
        var config = props.RouterConfig;
        config.VerifyConfig(path);
        var pool = config as Pool;
        var strategy = props.SupervisorStrategy ?? pool?.SupervisorStrategy ?? SupervisorStrategy.DefaultStrategy;
        var dispatcherId = string.IsNullOrEmpty(config.RouterDispatcher) ? Dispatchers.DefaultDispatcherId : config.RouterDispatcher;
        var routerProps = Props.CreateBy(new RouterActorProducer(config)).WithSupervisorStrategy(strategy).WithDispatcher(dispatcherId);
        var routeeProps = props.WithRouter(NoRouter.Instance);
        if (pool is { UsePoolDispatcher: true } && props.Dispatcher == Dispatchers.DefaultDispatcherId)
            routeeProps = routeeProps.WithDispatcher($"akka.actor.deployment.\"{RelativePath(path)}\".pool-dispatcher");
        if (!system.Dispatchers.HasDispatcher(routeeProps.Dispatcher))
            throw new ConfigurationException($"Dispatcher [{routeeProps.Dispatcher}] not configured for routees of {path}");
        return new RoutedActorRef(system, routerProps, routeeProps, config, system.Dispatchers.Lookup(dispatcherId), supervisor, path);
    }

    private static string RelativePath(ActorPath path) => "/" + string.Join("/", path.Elements.Skip(1));

    private sealed class RouterActorProducer(RouterConfig config) : IIndirectActorProducer
    {
        public Type ActorType => typeof(RouterActor);

        public ActorBase Produce() => config.CreateRouterActor();

        public void Release(ActorBase actor) { }
    }

    private sealed class RoutedActorRef(ActorSystemImpl system, Props routerProps, Props routeeProps, RouterConfig config, MessageDispatcher dispatcher, IInternalActorRef supervisor, ActorPath path)
        : LocalActorRef(system, routerProps, dispatcher, new UnboundedMailbox(), supervisor, path)
    {
        protected override ActorCell NewActorCell(ActorSystemImpl system, IInternalActorRef self, Props props, MessageDispatcher dispatcher, IInternalActorRef supervisor) =>
            new RoutedActorCell(system, self, props, routeeProps, config, dispatcher, supervisor);
    }
}

/// <summary>The cell of a router: it has the routees, and sends to them what is not for itself.</summary>
internal sealed class RoutedActorCell(ActorSystemImpl system, IInternalActorRef self, Props props, Props routeeProps, RouterConfig config, MessageDispatcher dispatcher, IInternalActorRef parent)
    : ActorCell(system, self, props, dispatcher, parent)
{
    private readonly Lock _gate = new();
    private Router _router;

    public Router Router => Volatile.Read(ref _router);

    public RouterConfig Config => config;

    public override void Start()
    {
        _router = config.CreateRouter(System);
        if (config is Pool pool)
            AddChildren(pool.GetNrOfInstances(System));
        else if (config is Group group)
            Change(router => router.WithRoutees(group.GetPaths(System).Select(path => (Routee)new ActorSelectionRoutee(System.ActorSelection(path))).ToArray()));
        base.Start();
    }

    public override void SendMessage(Envelope message)
    {
        if (config.IsManagementMessage(message.Message))
            base.SendMessage(message);
        else if (message.Message is null)
            throw new InvalidMessageException("Message is null");
        else
            Router.Route(message.Message, message.Sender);
    }

    /// <summary>Makes routees of a pool. Watching them is for the router's own thread.</summary>
    public IReadOnlyList<IActorRef> AddChildren(int count)
    {
        var added = Enumerable.Range(0, count).Select(_ => ActorOf(routeeProps)).ToArray();
        Change(router => router.WithRoutees([.. router.Routees, .. added.Select(Routee.FromActorRef)]));
        return added;
    }

    public void Add(Routee routee) => Change(router => router.AddRoutee(routee));

    public void Remove(Routee routee) => Change(router => router.RemoveRoutee(routee));

    private void Change(Func<Router, Router> change)
    {
        lock (_gate)
            Volatile.Write(ref _router, change(_router));
    }
}

/// <summary>The actor of a router: supervises a pool's routees, forgets those that stop, and answers management messages.</summary>
internal sealed class RouterActor : ActorBase
{
    private readonly RoutedActorCell _cell = Context as RoutedActorCell
        ?? throw new ActorInitializationException("Router actor can only be used in RoutedActorRef");

    protected override void PreStart()
    {
        foreach (var routee in _cell.Router.Routees.OfType<ActorRefRoutee>())
            Context.Watch(routee.Actor);
    }

    /// <summary>A router's restart restarts its routees instead of stopping them.</summary>
    protected override void PreRestart(Exception reason, object message) { }

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case GetRoutees:
                Sender.Tell(new Routees(_cell.Router.Routees));
                return true;
            case AddRoutee add:
                if (add.Routee is ActorRefRoutee added)
                    Context.Watch(added.Actor);
                _cell.Add(add.Routee);
                return true;
            case RemoveRoutee remove:
                Remove(remove.Routee);
                return true;
            case AdjustPoolSize { Change: > 0 } grow when _cell.Config is Pool:
                foreach (var routee in _cell.AddChildren(grow.Change))
                    Context.Watch(routee);
                return true;
            case AdjustPoolSize { Change: < 0 } shrink when _cell.Config is Pool:
                foreach (var routee in _cell.Router.Routees.Reverse().Take(-shrink.Change).ToArray())
                    Remove(routee);
                return true;
            case AdjustPoolSize:
                return true;
            case Terminated terminated:
                _cell.Remove(new ActorRefRoutee(terminated.ActorRef));
                StopWhenEmpty();
                return true;
            default:
                return false;
        }
    }

    private void Remove(Routee routee)
    {
        _cell.Remove(routee);
        if (routee is ActorRefRoutee { Actor: var actor })
        {
            Context.Unwatch(actor);
            // What the routee has in its mailbox is done before it stops.
            if (Context.Child(actor.Path.Name).Equals(actor))
                actor.Tell(PoisonPill.Instance);
        }

        StopWhenEmpty();
    }

    private void StopWhenEmpty()
    {
        if (_cell.Config.StopRouterWhenAllRouteesRemoved && !_cell.Router.Routees.Any())
            Context.Stop(Self);
    }
}
