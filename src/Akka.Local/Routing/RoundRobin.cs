#nullable disable
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Util;

namespace Akka.Routing;

/// <summary>Chooses one routee after the other.</summary>
public sealed class RoundRobinRoutingLogic : RoutingLogic
{
    private int _next;

    public RoundRobinRoutingLogic() : this(-1) { }

    public RoundRobinRoutingLogic(int next) => _next = next;

    public override Routee Select(object message, Routee[] routees) =>
        routees.Length == 0 ? Routee.NoRoutee : routees[(int)((uint)Interlocked.Increment(ref _next) % (uint)routees.Length)];
}

/// <summary>A pool with <see cref="RoundRobinRoutingLogic"/>.</summary>
public sealed class RoundRobinPool : Pool
{
    public RoundRobinPool(Config config) : this(Read(config).Instances, null, Dispatchers.DefaultDispatcherId, Read(config).UsePoolDispatcher) { }

    public RoundRobinPool(int nrOfInstances) : this(nrOfInstances, null, Dispatchers.DefaultDispatcherId, false) { }

    private RoundRobinPool(int nrOfInstances, SupervisorStrategy supervisorStrategy, string routerDispatcher, bool usePoolDispatcher)
        : base(nrOfInstances, supervisorStrategy, routerDispatcher, usePoolDispatcher) { }

    public RoundRobinPool WithSupervisorStrategy(SupervisorStrategy strategy) => new(NrOfInstances, strategy, RouterDispatcher, UsePoolDispatcher);

    public RoundRobinPool WithDispatcher(string dispatcher) => new(NrOfInstances, GivenStrategy, dispatcher, UsePoolDispatcher);

    public override Router CreateRouter(ActorSystem system) => new(new RoundRobinRoutingLogic());

    public override int GetNrOfInstances(ActorSystem sys) => NrOfInstances;

    public override RouterConfig WithFallback(RouterConfig routerConfig) =>
        GivenStrategy is null && routerConfig is Pool pool ? WithSupervisorStrategy(pool.SupervisorStrategy) : this;

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);
}

/// <summary>A group with <see cref="RoundRobinRoutingLogic"/>.</summary>
public sealed class RoundRobinGroup : Group
{
    public RoundRobinGroup(Config config) : this(ReadPaths(config), Dispatchers.DefaultDispatcherId) { }

    public RoundRobinGroup(params string[] paths) : this(paths, Dispatchers.DefaultDispatcherId) { }

    public RoundRobinGroup(IEnumerable<string> paths) : this(paths, Dispatchers.DefaultDispatcherId) { }

    public RoundRobinGroup(IEnumerable<string> paths, string routerDispatcher) : base(paths, routerDispatcher) { }

    public Group WithDispatcher(string dispatcherId) => new RoundRobinGroup(InternalPaths, dispatcherId);

    public override Router CreateRouter(ActorSystem system) => new(new RoundRobinRoutingLogic());

    public override IEnumerable<string> GetPaths(ActorSystem system) => InternalPaths;

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);
}
