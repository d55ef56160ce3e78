#nullable disable
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Routing;

/// <summary>A router that makes its routees itself, as its children.</summary>
public abstract class Pool : RouterConfig, IEquatable<Pool>
{
    private static readonly SupervisorStrategy Escalating = new OneForOneStrategy(static _ => Directive.Escalate);

    private readonly SupervisorStrategy _supervisorStrategy;

    private protected Pool(int nrOfInstances, SupervisorStrategy supervisorStrategy, string routerDispatcher, bool usePoolDispatcher) : base(routerDispatcher)
    {
        if (nrOfInstances < 0)
            throw new ArgumentException($"A pool has 0 or more routees, not {nrOfInstances}.", nameof(nrOfInstances));
        NrOfInstances = nrOfInstances;
        _supervisorStrategy = supervisorStrategy;
        UsePoolDispatcher = usePoolDispatcher;
    }

    /// <summary>Gives every failure of a routee to the router's own supervisor, which by default restarts the router with all its routees.</summary>
    public static SupervisorStrategy DefaultSupervisorStrategy => Escalating;

    public int NrOfInstances { get; }

    public virtual SupervisorStrategy SupervisorStrategy => _supervisorStrategy ?? DefaultSupervisorStrategy;

    /// <summary>Whether routees run on the dispatcher <c>pool-dispatcher</c> of the router's deployment.</summary>
    public virtual bool UsePoolDispatcher { get; }

    public abstract int GetNrOfInstances(ActorSystem system);

    /// <summary>The router's props, from its routees'.</summary>
    public Props Props(Props routeeProps) => routeeProps.WithRouter(this);

    public override ActorBase CreateRouterActor() => new RouterActor();

    public bool Equals(Pool other) => other is not null && Equals((RouterConfig)other) && NrOfInstances == other.NrOfInstances
        && UsePoolDispatcher == other.UsePoolDispatcher;

    public override bool Equals(object obj) => obj is Pool other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(GetType(), NrOfInstances, RouterDispatcher);

    /// <summary>What a pool's settings in <c>akka.actor.deployment</c> say.</summary>
    private protected static (int Instances, bool UsePoolDispatcher) Read(Config config)
    {
        if (config.GetBoolean("resizer.enabled"))
            throw new ConfigurationException("This runtime's pools do not resize themselves: take resizer.enabled out.");
        return (config.GetInt("nr-of-instances"), config.HasPath("pool-dispatcher"));
    }

    private protected SupervisorStrategy GivenStrategy => _supervisorStrategy;
}

/// <summary>A router to actors that live elsewhere, by their paths.</summary>
public abstract class Group : RouterConfig, IEquatable<Group>
{
    protected readonly string[] InternalPaths;

    protected Group(IEnumerable<string> paths, string routerDispatcher) : base(routerDispatcher) => InternalPaths = paths?.ToArray() ?? [];

    public abstract IEnumerable<string> GetPaths(ActorSystem system);

    public Props Props() => Actor.Props.Empty.WithRouter(this);

    public override ActorBase CreateRouterActor() => new RouterActor();

    public bool Equals(Group other) => other is not null && Equals((RouterConfig)other) && InternalPaths.SequenceEqual(other.InternalPaths);

    public override bool Equals(object obj) => obj is Group other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(GetType(), InternalPaths.Length, RouterDispatcher);

    private protected static IList<string> ReadPaths(Config config) => config.GetStringList("routees.paths");
}
