using System.Runtime.CompilerServices;
using ActorKube.Testing;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace ActorKube.Actors.Tests;

/// <summary>
/// A dispatcher whose turns run when a test says so, on the test's thread and in the order in which they came: with virtual time, what its actors do depends on the test's seed and on nothing else.
/// </summary>
sealed class PumpedDispatcherConfigurator : MessageDispatcherConfigurator
{
    readonly Dispatcher _dispatcher;

    public PumpedDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites) : base(config, prerequisites) =>
        _dispatcher = new Dispatcher(this, config.GetString("id"), config.GetInt("throughput", 30), null, new Factory(Pump.Of(prerequisites.Scheduler)), TimeSpan.FromSeconds(1));

    public override MessageDispatcher Dispatcher() => _dispatcher;

    sealed class Factory(Pump pump) : ExecutorServiceFactory
    {
        public override ExecutorService Produce(string id) => new Executor(id, pump);
    }

    sealed class Executor(string id, Pump pump) : ExecutorService(id)
    {
        public override void Execute(IRunnable run) => pump.Add(run);

        public override void Shutdown()
        {
        }
    }
}

/// <summary>Turns that wait for the test; the thread pool's once the test is over.</summary>
sealed class Pump
{
    /// <summary>The name of the dispatcher.</summary>
    public const string Dispatcher = "pumped";

    static readonly ConditionalWeakTable<IScheduler, Pump> Systems = [];

    readonly Lock _lock = new();
    readonly Queue<IRunnable> _turns = [];
    bool _isReleased;

    public static Config Configuration { get; } = ConfigurationFactory.ParseString(
        $$"""{{Dispatcher}} { type = "{{typeof(PumpedDispatcherConfigurator).FullName}}, {{typeof(PumpedDispatcherConfigurator).Assembly.GetName().Name}}" }""");

    public static Pump Of(IScheduler scheduler) => Systems.GetValue(scheduler, static _ => new Pump());

    public void Add(IRunnable turn)
    {
        lock (_lock)
        {
            if (!_isReleased)
            {
                _turns.Enqueue(turn);
                return;
            }
        }
        ThreadPool.UnsafeQueueUserWorkItem(static turn => turn.Run(), turn, preferLocal: false);
    }

    /// <summary>Runs all turns there are, and those that they bring about.</summary>
    public void Drain() => Inline.Run(() =>
    {
        while (Next() is { } turn)
            turn.Run();
    });

    IRunnable? Next()
    {
        lock (_lock)
            return _turns.TryDequeue(out var turn) ? turn : null;
    }

    /// <summary>The test is over: actors may end in their own time.</summary>
    public void Release()
    {
        lock (_lock)
            _isReleased = true;
        Drain();
    }
}
