#nullable disable
using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Event;

namespace Akka.Cluster.Sharding;

/// <summary>Keeps a fixed number of actors alive in the cluster, each once. In this runtime's cluster of one node all of them run here.</summary>
public class ShardedDaemonProcess : IExtension
{
    private readonly ExtendedActorSystem _system;

    public ShardedDaemonProcess(ExtendedActorSystem system) => _system = system;

    public static ShardedDaemonProcess Get(ActorSystem system) => system.WithExtension<ShardedDaemonProcess, ShardedDaemonProcessExtensionProvider>();

    /// <inheritdoc cref="Init(string, int, Func{int, Props}, ShardedDaemonProcessSettings, object)" />
    public IActorRef Init(string name, int numberOfInstances, Func<int, Props> propsFactory) =>
        Init(name, numberOfInstances, propsFactory, ShardedDaemonProcessSettings.Create(_system), null);

    /// <inheritdoc cref="Init(string, int, Func{int, Props}, ShardedDaemonProcessSettings, object)" />
    public IActorRef Init(string name, int numberOfInstances, Func<int, Props> propsFactory, object stopMessage) =>
        Init(name, numberOfInstances, propsFactory, ShardedDaemonProcessSettings.Create(_system), stopMessage);

    /// <summary>Starts a set of actors, numbered from zero, and keeps them alive until the system shuts down.</summary>
    /// <param name="name">The set's name.</param>
    /// <param name="numberOfInstances">How many actors.</param>
    /// <param name="propsFactory">An actor by its number.</param>
    /// <param name="settings">Where and how.</param>
    /// <param name="stopMessage">What an actor is told when it must stop; null for <see cref="PoisonPill"/>. It stops when it is ready to.</param>
    /// <returns>Passes messages on to the actors in turn; null where this node has not the role.</returns>
    public IActorRef Init(string name, int numberOfInstances, Func<int, Props> propsFactory, ShardedDaemonProcessSettings settings, object stopMessage)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numberOfInstances, 1);
        if (!string.IsNullOrEmpty(settings.Role) && !OneNode.RolesOf(_system).Contains(settings.Role))
        {
            _system.Log.Warning("ShardedDaemonProcess [{0}] not started because the role [{1}] is not included in the self roles [{2}]", name, settings.Role, string.Join(", ", OneNode.RolesOf(_system)));
            return null;
        }

        var daemons = _system.ActorOf(
            Props.Create(() => new DaemonsActor(numberOfInstances, propsFactory, settings.KeepAliveInterval, stopMessage ?? PoisonPill.Instance)),
            $"ShardedDaemonProcessRouter-{name}");
        var shutdown = CoordinatedShutdown.Get(_system);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterShardingShutdownRegion, $"stop-{name}", async () =>
        {
            await daemons.GracefulStop(shutdown.Timeout(CoordinatedShutdown.PhaseClusterShardingShutdownRegion), DaemonsActor.StopAll.Instance).ConfigureAwait(false);
            return Done.Instance;
        });
        return daemons;
    }
}

public class ShardedDaemonProcessExtensionProvider : ExtensionIdProvider<ShardedDaemonProcess>
{
    public override ShardedDaemonProcess CreateExtension(ExtendedActorSystem system) => new(system);
}

/// <summary>The parent of one set of daemons: starts each, starts again what has stopped, passes messages on in turn.</summary>
internal sealed class DaemonsActor : UntypedActor, IWithTimers
{
    private readonly int _count;
    private readonly Func<int, Props> _props;
    private readonly TimeSpan _keepAlive;
    private readonly object _stopMessage;
    private int _next;
    private bool _stopping;

    public DaemonsActor(int count, Func<int, Props> props, TimeSpan keepAlive, object stopMessage)
    {
        _count = count;
        _props = props;
        _keepAlive = keepAlive;
        _stopMessage = stopMessage;
    }

    /// <summary>Stops all daemons, then their parent.</summary>
    public sealed class StopAll
    {
        public static readonly StopAll Instance = new();
    }

    private sealed record KeepAlive;

    public ITimerScheduler Timers { get; set; }

    protected override void PreStart()
    {
        StartMissing();
        Timers.StartPeriodicTimer(nameof(KeepAlive), new KeepAlive(), _keepAlive);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case KeepAlive:
                StartMissing();
                break;
            case StopAll:
                _stopping = true;
                foreach (var daemon in Context.GetChildren())
                    daemon.Tell(_stopMessage);
                StopIfEmpty();
                break;
            case Terminated:
                StopIfEmpty();
                break;
            default:
                Context.Child((_next++ % _count).ToString()).Forward(message);
                break;
        }
    }

    private void StartMissing()
    {
        if (_stopping)
            return;
        for (var i = 0; i < _count; i++)
        {
            var number = i;
            if (Context.Child(number.ToString()).IsNobody())
                Context.Watch(Context.ActorOf(_props(number), number.ToString()));
        }
    }

    private void StopIfEmpty()
    {
        if (_stopping && !Context.GetChildren().Any())
            Context.Stop(Self);
    }
}
