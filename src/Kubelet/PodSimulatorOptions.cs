using ActorKube.Actors;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorKube.Kubelet;

/// <summary>How a simulated node moves pods. Times are on <see cref="Time"/>.</summary>
public sealed record PodSimulatorOptions
{
    /// <summary>How long a new pod stays Pending.</summary>
    public TimeSpan StartDelay { get; init; } = TimeSpan.Zero;

    /// <summary>How long the containers of a pod run that is to end (restartPolicy OnFailure or Never), beyond what their commands take.</summary>
    public TimeSpan RunTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a deleted pod takes to stop; never longer than its grace period.</summary>
    public TimeSpan StopDelay { get; init; } = TimeSpan.Zero;

    /// <summary>The node that pods are put on.</summary>
    public string NodeName { get; init; } = "simulated-node";

    /// <summary>
    /// Whether that node is an object too, with capacity, conditions, addresses and a lease that is renewed: for <c>kubectl get nodes</c>, daemon sets and schedulers. Without it pods run on a name.
    /// </summary>
    public bool RegisterNode { get; init; }

    /// <summary>
    /// Whether containers do what their commands say, as far as the simulator knows the programs (<c>sh -c</c> with echo, sleep, exit and the like): their output is the
    /// log, their exit code the container's. Else, and for all other commands, a container runs for its time and succeeds.
    /// </summary>
    public bool RunCommands { get; init; } = true;

    /// <summary>Whether Events are written as scheduler and kubelet write them.</summary>
    public bool Events { get; init; } = true;

    /// <summary>The pause before a container that ends again and again is started once more; it doubles up to <see cref="MaxRestartBackOff"/>.</summary>
    public TimeSpan RestartBackOff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest pause between restarts.</summary>
    public TimeSpan MaxRestartBackOff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Runs programs in containers (exec, and containers' own commands): the exit code, or null for those that the simulator's own shell shall run. Called
    /// concurrently. An exception is the process's failure.
    /// </summary>
    public Func<SimulatedProcess, Task<int?>>? Processes { get; init; }

    /// <summary>
    /// Serves connections to ports of pods; false where nothing listens. Null: every port that a container declares answers HTTP requests with a small page and
    /// echoes everything else. Called concurrently.
    /// </summary>
    public Func<SimulatedConnection, Task<bool>>? Ports { get; init; }

    /// <summary>The clock of containers, and of all that the node waits for; null for the machine's, or the server's where the node is started for one.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>The actor system that it runs in, beside whatever else does; null for one of its own. Pauses after errors go by the system's clock.</summary>
    public ActorSystem? System { get; init; }

    /// <summary>Who hears what the node's reconciles do.</summary>
    public IReadOnlyList<IRuntimeObserver> Observers { get; init; } = [];

    /// <summary>Where logs go; null for nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
