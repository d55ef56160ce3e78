#nullable disable
using System.Collections.Concurrent;
using Akka.Configuration;

namespace Akka.Dispatch;

/// <summary>Gives an actor a thread of its own, for work that blocks or is bound to a thread. Each actor gets a dispatcher of its own.</summary>
public sealed class PinnedDispatcher(MessageDispatcherConfigurator configurator, string id, int throughput, long? throughputDeadlineTime,
    ExecutorServiceFactory executorServiceFactory, TimeSpan shutdownTimeout)
    : Dispatcher(configurator, id, throughput, throughputDeadlineTime, executorServiceFactory, shutdownTimeout)
{
    internal override void OnDeserted() => Shutdown();
}

/// <summary>Runs actors in the <see cref="SynchronizationContext"/> of whoever made the dispatcher, such as a user interface's.</summary>
public sealed class CurrentSynchronizationContextDispatcher(MessageDispatcherConfigurator configurator, string id, int throughput,
    long? throughputDeadlineTime, ExecutorServiceFactory executorServiceFactory, TimeSpan shutdownTimeout)
    : Dispatcher(configurator, id, throughput, throughputDeadlineTime, executorServiceFactory, shutdownTimeout);

internal sealed class PinnedDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : MessageDispatcherConfigurator(config, prerequisites)
{
    public override MessageDispatcher Dispatcher() => new PinnedDispatcher(
        this,
        Config.GetString("id"),
        Config.GetInt("throughput", 30),
        DispatcherConfigurator.DeadlineTicks(Config),
        new OwnThreadExecutorFactory(),
        Config.GetTimeSpan("shutdown-timeout", TimeSpan.FromSeconds(1)));
}

internal sealed class SynchronizedDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : MessageDispatcherConfigurator(config, prerequisites)
{
    public override MessageDispatcher Dispatcher() => new CurrentSynchronizationContextDispatcher(
        this,
        Config.GetString("id"),
        Config.GetInt("throughput", 30),
        DispatcherConfigurator.DeadlineTicks(Config),
        new SynchronizationContextExecutorFactory(SynchronizationContext.Current
            ?? throw new InvalidOperationException("A SynchronizedDispatcher runs in the caller's SynchronizationContext, and this thread has none. Create the actor on a thread that has one.")),
        Config.GetTimeSpan("shutdown-timeout", TimeSpan.FromSeconds(1)));
}

/// <summary>A thread per executor, from its first work to its shutdown.</summary>
internal sealed class OwnThreadExecutorFactory : ExecutorServiceFactory
{
    public override ExecutorService Produce(string id) => new OwnThreadExecutor(id);

    private sealed class OwnThreadExecutor(string id) : ExecutorService(id)
    {
        private readonly BlockingCollection<IRunnable> _work = [];
        private int _started;

        public override void Execute(IRunnable run)
        {
            _work.Add(run);
            if (Interlocked.Exchange(ref _started, 1) == 0)
                new Thread(Loop) { IsBackground = true, Name = Id }.Start();
        }

        public override void Shutdown() => _work.CompleteAdding();

        private void Loop()
        {
            foreach (var run in _work.GetConsumingEnumerable())
                run.Run();
        }
    }
}

internal sealed class SynchronizationContextExecutorFactory(SynchronizationContext context) : ExecutorServiceFactory
{
    public override ExecutorService Produce(string id) => new ContextExecutor(id, context);

    private sealed class ContextExecutor(string id, SynchronizationContext context) : ExecutorService(id)
    {
        public override void Execute(IRunnable run) => context.Post(static state => ((IRunnable)state).Run(), run);

        public override void Shutdown() { }
    }
}
