#nullable disable
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Akka.Util;

namespace Akka.Routing;

/// <summary>A message with a key: messages of one key go to one routee for as long as the routees stay the same.</summary>
public interface IConsistentHashable
{
    object ConsistentHashKey { get; }
}

/// <summary>Gives a message's key, or null where it has none.</summary>
public delegate object ConsistentHashMapping(object msg);

/// <summary>Gives a key to a message that has none.</summary>
public sealed class ConsistentHashableEnvelope(object message, object hashKey) : RouterEnvelope(message), IConsistentHashable
{
    public object HashKey { get; } = hashKey;

    public object ConsistentHashKey => HashKey;
}

/// <summary>
/// Chooses by the message's key on a ring of the routees' virtual nodes, so that few keys move when a routee comes or goes.
/// The key is what the mapping says, or <see cref="IConsistentHashable"/>; a message without one reaches nobody, and the log says so.
/// </summary>
public sealed class ConsistentHashingRoutingLogic : RoutingLogic
{
    private readonly ActorSystem _system;
    private readonly int _virtualNodes;
    private readonly ConsistentHashMapping _mapping;
    private Ring _ring = new([], 1);

    public ConsistentHashingRoutingLogic(ActorSystem system) : this(system, 0, null) { }

    public ConsistentHashingRoutingLogic(ActorSystem system, int virtualNodesFactor, ConsistentHashMapping hashMapping)
    {
        _system = system;
        _mapping = hashMapping;
        _virtualNodes = virtualNodesFactor > 0 ? virtualNodesFactor : system.Settings.DefaultVirtualNodesFactor;
    }

    public ConsistentHashingRoutingLogic WithHashMapping(ConsistentHashMapping mapping) => new(_system, _virtualNodes, mapping);

    public override Routee Select(object message, Routee[] routees)
    {
        if (message is null || routees.Length == 0)
            return Routee.NoRoutee;
        var key = _mapping?.Invoke(message) ?? (message as IConsistentHashable)?.ConsistentHashKey;
        if (key is null)
        {
            _system.Log.Warning("Message [{0}] must be handled by hashMapping, or implement [{1}] or be wrapped in [{2}]",
                message.GetType().Name, nameof(IConsistentHashable), nameof(ConsistentHashableEnvelope));
            return Routee.NoRoutee;
        }

        var ring = Volatile.Read(ref _ring);
        if (!ReferenceEquals(ring.Routees, routees))
            Volatile.Write(ref _ring, ring = new Ring(routees, _virtualNodes));
        return ring.RouteeFor(key);
    }

    /// <summary>The routees' places, in the order of their hashes.</summary>
    private sealed class Ring
    {
        private readonly int[] _hashes;
        private readonly Routee[] _owners;

        public Ring(Routee[] routees, int virtualNodes)
        {
            Routees = routees;
            var places = routees
                .SelectMany(routee => Enumerable.Range(1, virtualNodes).Select(n => (Hash: StableHash.Of($"{NameOf(routee)}-{n}"), Routee: routee)))
                .OrderBy(place => place.Hash)
                .ToArray();
            _hashes = [.. places.Select(p => p.Hash)];
            _owners = [.. places.Select(p => p.Routee)];
        }

        public Routee[] Routees { get; }

        public Routee RouteeFor(object key)
        {
            var hash = key switch
            {
                byte[] bytes => StableHash.Of(bytes),
                string text => StableHash.Of(text),
                _ => StableHash.Of(Convert.ToString(key, CultureInfo.InvariantCulture) ?? ""),
            };
            var place = Array.BinarySearch(_hashes, hash);
            if (place < 0)
                place = ~place;
            return _owners[place % _owners.Length];
        }

        private static string NameOf(Routee routee) => routee switch
        {
            ActorRefRoutee actor => actor.Actor.Path.ToString(),
            ActorSelectionRoutee selection => selection.Selection.ToString(),
            _ => routee.ToString(),
        };
    }
}

/// <summary>A pool with <see cref="ConsistentHashingRoutingLogic"/>.</summary>
public sealed class ConsistentHashingPool : Pool
{
    private readonly ConsistentHashMapping _mapping;

    public ConsistentHashingPool(Config config)
        : this(Read(config).Instances, null, Dispatchers.DefaultDispatcherId, Read(config).UsePoolDispatcher, config.GetInt("virtual-nodes-factor"), null) { }

    public ConsistentHashingPool(int nrOfInstances) : this(nrOfInstances, null, Dispatchers.DefaultDispatcherId, false, 0, null) { }

    public ConsistentHashingPool(int nrOfInstances, ConsistentHashMapping hashMapping)
        : this(nrOfInstances, null, Dispatchers.DefaultDispatcherId, false, 0, hashMapping) { }

    private ConsistentHashingPool(int nrOfInstances, SupervisorStrategy supervisorStrategy, string routerDispatcher, bool usePoolDispatcher, int virtualNodesFactor, ConsistentHashMapping hashMapping)
        : base(nrOfInstances, supervisorStrategy, routerDispatcher, usePoolDispatcher)
    {
        VirtualNodesFactor = virtualNodesFactor;
        _mapping = hashMapping;
    }

    public int VirtualNodesFactor { get; }

    public ConsistentHashingPool WithVirtualNodesFactor(int vnodes) => new(NrOfInstances, GivenStrategy, RouterDispatcher, UsePoolDispatcher, vnodes, _mapping);

    public ConsistentHashingPool WithHashMapping(ConsistentHashMapping mapping) => new(NrOfInstances, GivenStrategy, RouterDispatcher, UsePoolDispatcher, VirtualNodesFactor, mapping);

    public ConsistentHashingPool WithSupervisorStrategy(SupervisorStrategy strategy) => new(NrOfInstances, strategy, RouterDispatcher, UsePoolDispatcher, VirtualNodesFactor, _mapping);

    public ConsistentHashingPool WithDispatcher(string dispatcher) => new(NrOfInstances, GivenStrategy, dispatcher, UsePoolDispatcher, VirtualNodesFactor, _mapping);

    public override Router CreateRouter(ActorSystem system) => new(new ConsistentHashingRoutingLogic(system, VirtualNodesFactor, _mapping));

    public override int GetNrOfInstances(ActorSystem system) => NrOfInstances;

    /// <summary>Settings cannot hold a mapping: it comes from the code's router.</summary>
    public override RouterConfig WithFallback(RouterConfig routerConfig) =>
        _mapping is null && routerConfig is ConsistentHashingPool { _mapping: { } mapping } ? WithHashMapping(mapping) : this;

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);
}

/// <summary>A group with <see cref="ConsistentHashingRoutingLogic"/>.</summary>
public sealed class ConsistentHashingGroup : Group
{
    private readonly ConsistentHashMapping _mapping;

    public ConsistentHashingGroup(Config config) : this(ReadPaths(config), config.GetInt("virtual-nodes-factor"), null, Dispatchers.DefaultDispatcherId) { }

    public ConsistentHashingGroup(params string[] paths) : this(paths, 0, null, Dispatchers.DefaultDispatcherId) { }

    public ConsistentHashingGroup(IEnumerable<string> paths) : this(paths, 0, null, Dispatchers.DefaultDispatcherId) { }

    public ConsistentHashingGroup(IEnumerable<string> paths, ConsistentHashMapping hashMapping) : this(paths, 0, hashMapping, Dispatchers.DefaultDispatcherId) { }

    public ConsistentHashingGroup(IEnumerable<string> paths, int virtualNodesFactor, ConsistentHashMapping hashMapping, string routerDispatcher) : base(paths, routerDispatcher)
    {
        VirtualNodesFactor = virtualNodesFactor;
        _mapping = hashMapping;
    }

    public int VirtualNodesFactor { get; }

    public ConsistentHashingGroup WithVirtualNodesFactor(int vnodes) => new(InternalPaths, vnodes, _mapping, RouterDispatcher);

    public ConsistentHashingGroup WithHashMapping(ConsistentHashMapping mapping) => new(InternalPaths, VirtualNodesFactor, mapping, RouterDispatcher);

    public ConsistentHashingGroup WithDispatcher(string dispatcher) => new(InternalPaths, VirtualNodesFactor, _mapping, dispatcher);

    public override Router CreateRouter(ActorSystem system) => new(new ConsistentHashingRoutingLogic(system, VirtualNodesFactor, _mapping));

    public override IEnumerable<string> GetPaths(ActorSystem system) => InternalPaths;

    /// <summary>Settings cannot hold a mapping: it comes from the code's router.</summary>
    public override RouterConfig WithFallback(RouterConfig routerConfig) =>
        _mapping is null && routerConfig is ConsistentHashingGroup { _mapping: { } mapping } ? WithHashMapping(mapping) : this;

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);
}
