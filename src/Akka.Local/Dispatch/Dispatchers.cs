#nullable disable
using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Configuration;
using Akka.Event;
using Akka.Util;

namespace Akka.Dispatch;

/// <summary>A system's dispatchers by their configuration path.</summary>
public sealed class Dispatchers
{
    public static readonly string DefaultDispatcherId = "akka.actor.default-dispatcher";
    public static readonly string DefaultBlockingDispatcherId = "akka.actor.default-blocking-io-dispatcher";
    public static readonly string SynchronizedDispatcherId = "akka.actor.synchronized-dispatcher";
    internal static readonly string InternalDispatcherId = "akka.actor.internal-dispatcher";

    private const int MaxAliasDepth = 20;

    private readonly ConcurrentDictionary<string, MessageDispatcherConfigurator> _configurators = new();
    private readonly ActorSystem _system;
    private readonly Lazy<MessageDispatcher> _default;

    public Dispatchers(ActorSystem system, IDispatcherPrerequisites prerequisites, ILoggingAdapter logger)
    {
        _ = logger;
        _system = system;
        Prerequisites = prerequisites;
        _default = new Lazy<MessageDispatcher>(() => Lookup(DefaultDispatcherId));
    }

    public IDispatcherPrerequisites Prerequisites { get; }

    public MessageDispatcher DefaultGlobalDispatcher => _default.Value;

    public Config DefaultDispatcherConfig => Prerequisites.Settings.Config.GetConfig(DefaultDispatcherId);

    /// <summary>The dispatcher configured at <paramref name="dispatcherName"/>.</summary>
    /// <exception cref="ConfigurationException">There is no such section.</exception>
    public MessageDispatcher Lookup(string dispatcherName) => LookupConfigurator(dispatcherName).Dispatcher();

    public bool HasDispatcher(string id) => _configurators.ContainsKey(id) || Prerequisites.Settings.Config.HasPath(id);

    /// <summary>Registers a dispatcher by code; false where the id is taken.</summary>
    public bool RegisterConfigurator(string id, MessageDispatcherConfigurator configurator) => _configurators.TryAdd(id, configurator);

    /// <summary>The section at <paramref name="id"/>; where it holds text, that is another section's path.</summary>
    public static Config GetConfig(Config config, string id, int depth = 0)
    {
        if (depth > MaxAliasDepth)
            throw new ConfigurationException($"The dispatcher alias '{id}' is more than {MaxAliasDepth} steps long; it probably leads to itself.");
        var value = config.GetValue(id)
            ?? throw new ConfigurationException($"Dispatcher [{id}] not configured: there is no section of that path.");
        if (value.IsString())
            return GetConfig(config, value.GetString(), depth + 1);
        return IdConfig(id).WithFallback(value.ToConfig()).WithFallback(config.GetConfig(DefaultDispatcherId));
    }

    private static Config IdConfig(string id) =>
        ConfigurationFactory.ParseString($"id = {Configuration.Hocon.HoconValue.Quote(id)}");

    private MessageDispatcherConfigurator LookupConfigurator(string id)
    {
        if (_configurators.TryGetValue(id, out var known))
            return known;
        var config = GetConfig(Prerequisites.Settings.Config, id);
        return _configurators.GetOrAdd(id, _ => ConfiguratorFrom(config));
    }

    private MessageDispatcherConfigurator ConfiguratorFrom(Config config)
    {
        var type = config.GetString("type");
        switch (type)
        {
            case "Dispatcher":
            case "TaskDispatcher":
            case "ForkJoinDispatcher":
                return new DispatcherConfigurator(config, Prerequisites);
            case "PinnedDispatcher":
                return new PinnedDispatcherConfigurator(config, Prerequisites);
            case "SynchronizedDispatcher":
                return new SynchronizedDispatcherConfigurator(config, Prerequisites);
            case null or "":
                throw new ConfigurationException($"The dispatcher {config.GetString("id")} has no 'type'.");
            default:
                var found = TypeResolver.Find(type)
                    ?? throw new ConfigurationException($"The dispatcher {config.GetString("id")} has the type '{type}', which cannot be found. Name a MessageDispatcherConfigurator with its assembly, or use Dispatcher, PinnedDispatcher or SynchronizedDispatcher.");
                return (MessageDispatcherConfigurator)Activator.CreateInstance(found, config, Prerequisites);
        }
    }

    internal void ShutdownAll()
    {
        foreach (var configurator in _configurators.Values)
        {
            if (configurator is IOwnsDispatcher { Created: { } dispatcher })
                dispatcher.ShutdownNow();
        }
    }
}

/// <summary>A configurator that knows which dispatcher it has made.</summary>
internal interface IOwnsDispatcher
{
    MessageDispatcher Created { get; }
}

/// <summary>Makes the ordinary dispatcher: one for everybody who asks.</summary>
public sealed class DispatcherConfigurator : MessageDispatcherConfigurator, IOwnsDispatcher
{
    private readonly Lazy<MessageDispatcher> _instance;

    public DispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites) : base(config, prerequisites) =>
        _instance = new Lazy<MessageDispatcher>(() => new Dispatcher(
            this,
            config.GetString("id"),
            config.GetInt("throughput", 30),
            DeadlineTicks(config),
            new ThreadPoolExecutorFactory(),
            config.GetTimeSpan("shutdown-timeout", TimeSpan.FromSeconds(1))));

    MessageDispatcher IOwnsDispatcher.Created => _instance.IsValueCreated ? _instance.Value : null;

    public override MessageDispatcher Dispatcher() => _instance.Value;

    internal static long? DeadlineTicks(Config config)
    {
        var deadline = config.GetTimeSpan("throughput-deadline-time", TimeSpan.Zero);
        return deadline > TimeSpan.Zero ? deadline.Ticks : null;
    }
}
