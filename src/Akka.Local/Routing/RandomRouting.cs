#nullable disable
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Util;

namespace Akka.Routing;

/// <summary>Chooses a routee at random.</summary>
public sealed class RandomLogic : RoutingLogic
{
    public override Routee Select(object message, Routee[] routees) =>
        routees.Length == 0 ? Routee.NoRoutee : routees[Random.Shared.Next(routees.Length)];
}

/// <summary>A pool with <see cref="RandomLogic"/>.</summary>
public sealed class RandomPool : Pool
{
    public RandomPool(Config config) : this(Read(config).Instances, null, Dispatchers.DefaultDispatcherId, Read(config).UsePoolDispatcher) { }

    public RandomPool(int nrOfInstances) : this(nrOfInstances, null, Dispatchers.DefaultDispatcherId, false) { }

    private RandomPool(int nrOfInstances, SupervisorStrategy supervisorStrategy, string routerDispatcher, bool usePoolDispatcher)
        : base(nrOfInstances, supervisorStrategy, routerDispatcher, usePoolDispatcher) { }

    public RandomPool WithSupervisorStrategy(SupervisorStrategy strategy) => new(NrOfInstances, strategy, RouterDispatcher, UsePoolDispatcher);

    public RandomPool WithDispatcher(string dispatcher) => new(NrOfInstances, GivenStrategy, dispatcher, UsePoolDispatcher);

    public override Router CreateRouter(ActorSystem system) => new(new RandomLogic());

    public override int GetNrOfInstances(ActorSystem system) => NrOfInstances;

    public override RouterConfig WithFallback(RouterConfig routerConfig) =>
        GivenStrategy is null && routerConfig is Pool pool ? WithSupervisorStrategy(pool.SupervisorStrategy) : this;

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);
}

/// <summary>A group with <see cref="RandomLogic"/>.</summary>
public sealed class RandomGroup : Group
{
    public RandomGroup(Config config) : this(ReadPaths(config), Dispatchers.DefaultDispatcherId) { }

    public RandomGroup(params string[] paths) : this(paths, Dispatchers.DefaultDispatcherId) { }

    public RandomGroup(IEnumerable<string> paths) : this(paths, Dispatchers.DefaultDispatcherId) { }

    public RandomGroup(IEnumerable<string> paths, string routerDispatcher) : base(paths, routerDispatcher) { }

    public RandomGroup WithDispatcher(string dispatcher) => new RandomGroup(InternalPaths, dispatcher);

    public override Router CreateRouter(ActorSystem system) => new(new RandomLogic());

    public override IEnumerable<string> GetPaths(ActorSystem system) => InternalPaths;

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);
}
