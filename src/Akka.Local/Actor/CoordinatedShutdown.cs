#nullable disable
using System.Runtime.InteropServices;
using Akka.Actor.Internal;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// Ends a system in phases, in the order that <c>akka.coordinated-shutdown.phases</c> gives them. The tasks of a phase run at the same time; a phase that
/// does not end within its timeout, and a task that fails, are logged and do not stop the rest, unless the phase says <c>recover = off</c>. It runs once, when the
/// system is terminated, when the process gets SIGTERM or exits, or when somebody calls <see cref="Run"/>; the first reason counts.
/// </summary>
public sealed class CoordinatedShutdown : IExtension
{
    public const string PhaseBeforeServiceUnbind = "before-service-unbind";
    public const string PhaseServiceUnbind = "service-unbind";
    public const string PhaseServiceRequestsDone = "service-requests-done";
    public const string PhaseServiceStop = "service-stop";
    public const string PhaseBeforeClusterShutdown = "before-cluster-shutdown";
    public const string PhaseClusterShardingShutdownRegion = "cluster-sharding-shutdown-region";
    public const string PhaseClusterLeave = "cluster-leave";
    public const string PhaseClusterExiting = "cluster-exiting";
    public const string PhaseClusterExitingDone = "cluster-exiting-done";
    public const string PhaseClusterShutdown = "cluster-shutdown";
    public const string PhaseBeforeActorSystemTerminate = "before-actor-system-terminate";
    public const string PhaseActorSystemTerminate = "actor-system-terminate";

    private readonly ShutdownPhases _phases;
    private readonly Dictionary<string, List<(string Name, Func<Task<Done>> Task)>> _tasks = [];
    private readonly TaskCompletionSource<Done> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILoggingAdapter _log;
    private Reason _reason;

    internal CoordinatedShutdown(ExtendedActorSystem system)
    {
        System = system;
        _log = Logging.GetLogger(system, typeof(CoordinatedShutdown));
        _phases = ShutdownPhases.Read(system.Settings.Config.GetConfig("akka.coordinated-shutdown"));
    }

    public ExtendedActorSystem System { get; }

    /// <summary>Why the shutdown has begun, or null while it has not.</summary>
    public Reason ShutdownReason => Volatile.Read(ref _reason);

    /// <summary>How long the phases that have tasks may take together.</summary>
    public TimeSpan TotalTimeout
    {
        get
        {
            lock (_tasks)
                return _tasks.Keys.Aggregate(TimeSpan.Zero, (sum, phase) => sum + Timeout(phase));
        }
    }

    public static CoordinatedShutdown Get(ActorSystem sys) => sys.WithExtension<CoordinatedShutdown, CoordinatedShutdownExtension>();

    /// <summary>Adds a task to a phase. One added to a phase that is over, or running, does not run.</summary>
    /// <exception cref="ArgumentException">The phase is not configured, or the task has no name.</exception>
    public void AddTask(string phase, string taskName, Func<Task<Done>> task)
    {
        if (!_phases.Contains(phase))
            throw new ArgumentException($"Unknown phase [{phase}], known phases [{string.Join(", ", _phases.Ordered)}]. All phases (along with their optional dependencies) must be defined in configuration (akka.coordinated-shutdown.phases).", nameof(phase));
        if (string.IsNullOrEmpty(taskName))
            throw new ArgumentException("A shutdown task needs a name: it is what the log says when the task fails.", nameof(taskName));
        ArgumentNullException.ThrowIfNull(task);
        lock (_tasks)
        {
            if (!_tasks.TryGetValue(phase, out var tasks))
                _tasks[phase] = tasks = [];
            tasks.Add((taskName, task));
        }
    }

    /// <summary>How long a phase may take.</summary>
    /// <exception cref="ArgumentException">The phase is not configured.</exception>
    public TimeSpan Timeout(string phase) => _phases.TryGet(phase, out var settings)
        ? settings.Timeout
        : throw new ArgumentException($"Unknown phase [{phase}]. All phases must be defined in configuration.", nameof(phase));

    /// <summary>Runs the phases, from <paramref name="fromPhase"/> on where given. Later calls return the first one's task.</summary>
    /// <returns>Ends after the last phase; fails where a phase that must not be skipped failed.</returns>
    public Task<Done> Run(Reason reason, string fromPhase = null)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (fromPhase is not null && !_phases.Contains(fromPhase))
            throw new ArgumentException($"Unknown phase [{fromPhase}]. All phases must be defined in configuration.", nameof(fromPhase));
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
            _ = RunToEndAsync(fromPhase);
        return _ended.Task;
    }

    /// <summary>
    /// Set by a host that this system belongs to: it stops in its own order, which ends with running this shutdown. To run it beside that would stop actors
    /// while the host's other services still use them.
    /// </summary>
    internal Action StopHost { get; set; }

    /// <summary>The process was asked to end.</summary>
    internal void OnSignal(PosixSignalContext context)
    {
        if (StopHost is not { } stopHost)
        {
            RunAtExit();
            return;
        }

        context.Cancel = true;
        stopHost();
    }

    internal void AddOwnTasks()
    {
        var config = System.Settings.Config.GetConfig("akka.coordinated-shutdown");
        var terminates = System.Settings.CoordinatedShutdownTerminateActorSystem;
        var exits = config.GetBoolean("exit-clr");
        if (terminates || exits)
        {
            AddTask(PhaseActorSystemTerminate, "terminate-system", async () =>
            {
                if (terminates)
                {
                    ((ActorSystemImpl)System).FinalTerminate();
                    await System.WhenTerminated.ConfigureAwait(false);
                }

                if (exits && ShutdownReason is not ClrExitReason)
                    _ = Task.Run(static () => Environment.Exit(0));
                return Done.Instance;
            });
        }

        if (config.GetBoolean("run-by-clr-shutdown-hook"))
            HookProcessExit();
    }

    private async Task RunToEndAsync(string fromPhase)
    {
        try
        {
            // Callers are not held up by the tasks' synchronous parts.
            await Task.Yield();
            foreach (var phase in _phases.Ordered.SkipWhile(p => fromPhase is not null && p != fromPhase))
                await RunPhaseAsync(phase).ConfigureAwait(false);
            _ended.TrySetResult(Done.Instance);
        }
        catch (Exception e)
        {
            _ended.TrySetException(e);
        }
    }

    private async Task RunPhaseAsync(string phase)
    {
        (string Name, Func<Task<Done>> Task)[] tasks;
        lock (_tasks)
            tasks = _tasks.TryGetValue(phase, out var added) ? [.. added] : [];
        _log.Debug("Performing phase [{0}] with [{1}] tasks: [{2}]", phase, tasks.Length, string.Join(", ", tasks.Select(t => t.Name)));
        if (tasks.Length == 0)
            return;
        _phases.TryGet(phase, out var settings);
        var all = Task.WhenAll(tasks.Select(t => RunTaskAsync(phase, t.Name, t.Task, settings.Recover)));
        using var limit = new PhaseLimit(System, settings.Timeout);
        if (await Task.WhenAny(all, limit.Task).ConfigureAwait(false) == all || all.IsCompleted)
        {
            await all.ConfigureAwait(false);
            return;
        }

        if (!settings.Recover)
            throw new TimeoutException($"Coordinated shutdown phase [{phase}] timed out after {settings.Timeout}");
        _log.Warning("Coordinated shutdown phase [{0}] timed out after {1}", phase, settings.Timeout);
    }

    private async Task RunTaskAsync(string phase, string name, Func<Task<Done>> task, bool recover)
    {
        try
        {
            await task().ConfigureAwait(false);
        }
        catch (Exception e) when (recover)
        {
            _log.Warning("Task [{0}] failed in phase [{1}]: {2}", name, phase, e.Message);
        }
    }

    /// <summary>
    /// The runtime does not end a process gracefully at SIGTERM by itself; whoever wants the process to live on (a host) cancels the signal in its own handler.
    /// Both handlers hold the ending process until the shutdown is over: that is what they are for.
    /// </summary>
    private void HookProcessExit()
    {
        EventHandler onExit = (_, _) => RunAtExit();
        var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        AppDomain.CurrentDomain.ProcessExit += onExit;
        System.WhenTerminated.ContinueWith(_ =>
        {
            AppDomain.CurrentDomain.ProcessExit -= onExit;
            // Not from inside the handler: disposing waits for it.
            ThreadPool.UnsafeQueueUserWorkItem(static s => s.Dispose(), signal, preferLocal: false);
        }, TaskScheduler.Default);
    }

    private void RunAtExit()
    {
        if (System.WhenTerminated.IsCompleted)
            return;
        if (ShutdownReason is null)
            _log.Info("Starting coordinated shutdown from CLR termination hook.");
        var run = Run(ClrExitReason.Instance);
        ((IAsyncResult)run).AsyncWaitHandle.WaitOne(TotalTimeout);
    }

    /// <summary>Why a shutdown runs.</summary>
    public class Reason
    {
        protected Reason() { }
    }

    /// <summary>Nobody said why.</summary>
    public class UnknownReason : Reason
    {
        public static readonly Reason Instance = new UnknownReason();

        private UnknownReason() { }
    }

    /// <summary>The system was terminated.</summary>
    public class ActorSystemTerminateReason : Reason
    {
        public static readonly Reason Instance = new ActorSystemTerminateReason();

        private ActorSystemTerminateReason() { }
    }

    /// <summary>The process ends.</summary>
    public class ClrExitReason : Reason
    {
        public static readonly Reason Instance = new ClrExitReason();

        private ClrExitReason() { }
    }

    /// <summary>Ends after a time of the system's clock. Where the system's scheduler is gone, it never does.</summary>
    private sealed class PhaseLimit : IDisposable
    {
        private readonly TaskCompletionSource _elapsed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ICancelable _scheduled;

        public PhaseLimit(ActorSystem system, TimeSpan timeout)
        {
            try
            {
                _scheduled = system.Scheduler.Advanced.ScheduleOnceCancelable(timeout, () => _elapsed.TrySetResult());
            }
            catch (SchedulerException)
            {
                _scheduled = null;
            }
        }

        public Task Task => _elapsed.Task;

        public void Dispose() => _scheduled?.Cancel(false);
    }
}

/// <summary>The key of <see cref="CoordinatedShutdown"/>.</summary>
public sealed class CoordinatedShutdownExtension : ExtensionIdProvider<CoordinatedShutdown>
{
    public override CoordinatedShutdown CreateExtension(ExtendedActorSystem system)
    {
        var shutdown = new CoordinatedShutdown(system);
        shutdown.AddOwnTasks();
        return shutdown;
    }
}
