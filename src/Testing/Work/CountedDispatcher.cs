using Akka.Configuration;
using Akka.Dispatch;

namespace ActorKube.Testing;

/// <summary>Makes a dispatcher on the thread pool whose turns are counted as <see cref="OutstandingWork"/> of its system.</summary>
sealed class CountedDispatcherConfigurator : MessageDispatcherConfigurator
{
    [ThreadStatic]
    static OutstandingWork? _turnOf;

    readonly Dispatcher _dispatcher;

    public CountedDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites) : base(config, prerequisites) =>
        _dispatcher = new Dispatcher(this, config.GetString("id"), config.GetInt("throughput", 30), null, new Factory(OutstandingWork.Of(prerequisites.Scheduler)), TimeSpan.FromSeconds(1));

    /// <summary>The work that counts the turn which this thread runs; null outside of turns.</summary>
    public static OutstandingWork? TurnOf => _turnOf;

    public override MessageDispatcher Dispatcher() => _dispatcher;

    sealed class Factory(OutstandingWork work) : ExecutorServiceFactory
    {
        public override ExecutorService Produce(string id) => new Executor(id, work);
    }

    sealed class Executor(string id, OutstandingWork work) : ExecutorService(id)
    {
        public override void Execute(IRunnable run)
        {
            work.TurnBegins();
            // Without the flow of whoever told the actor something: the turn is the actor's.
            ThreadPool.UnsafeQueueUserWorkItem(
                static turn =>
                {
                    _turnOf = turn.work;
                    try
                    {
                        turn.run.Run();
                    }
                    finally
                    {
                        _turnOf = null;
                        turn.work.TurnEnds();
                    }
                },
                (run, work),
                preferLocal: false);
        }

        public override void Shutdown()
        {
        }
    }
}
