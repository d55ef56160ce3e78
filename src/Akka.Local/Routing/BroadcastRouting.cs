#nullable disable
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Util;

namespace Akka.Routing;

/// <summary>Chooses all routees.</summary>
public sealed class BroadcastRoutingLogic : RoutingLogic
{
    public override Routee Select(object message, Routee[] routees) =>
        routees.Length == 0 ? Routee.NoRoutee : new SeveralRoutees(routees);
}

/// <summary>A pool with <see cref="BroadcastRoutingLogic"/>.</summary>
public sealed class BroadcastPool : Pool
{
    public BroadcastPool(Config config) : this(Read(config).Instances, null, Dispatchers.DefaultDispatcherId, Read(config).UsePoolDispatcher) { }

    public BroadcastPool(int nrOfInstances) : this(nrOfInstances, null, Dispatchers.DefaultDispatcherId, false) { }

    private BroadcastPool(int nrOfInstances, SupervisorStrategy supervisorStrategy, string routerDispatcher, bool usePoolDispatcher)
        : base(nrOfInstances, supervisorStrategy, routerDispatcher, usePoolDispatcher) { }

    public BroadcastPool WithSupervisorStrategy(SupervisorStrategy strategy) => new(NrOfInstances, strategy, RouterDispatcher, UsePoolDispatcher);

    public BroadcastPool WithDispatcher(string dispatcher) => new(NrOfInstances, GivenStrategy, dispatcher, UsePoolDispatcher);

    public override Router CreateRouter(ActorSystem system) => new(new BroadcastRoutingLogic());

    public override int GetNrOfInstances(ActorSystem system) => NrOfInstances;

    public override RouterConfig WithFallback(RouterConfig routerConfig) =>
        GivenStrategy is null && routerConfig is Pool pool ? WithSupervisorStrategy(pool.SupervisorStrategy) : this;

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);
}

/// <summary>A group with <see cref="BroadcastRoutingLogic"/>.</summary>
public sealed class BroadcastGroup : Group
{
    public BroadcastGroup(Config config) : this(ReadPaths(config), Dispatchers.DefaultDispatcherId) { }

    public BroadcastGroup(params string[] paths) : this(paths, Dispatchers.DefaultDispatcherId) { }

    public BroadcastGroup(IEnumerable<string> paths) : this(paths, Dispatchers.DefaultDispatcherId) { }

    public BroadcastGroup(IEnumerable<string> paths, string routerDispatcher) : base(paths, routerDispatcher) { }

    public Group WithDispatcher(string dispatcher) => new BroadcastGroup(InternalPaths, dispatcher);

    public override Router CreateRouter(ActorSystem system) => new(new BroadcastRoutingLogic());

    public override IEnumerable<string> GetPaths(ActorSystem system) => InternalPaths;

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);
}
