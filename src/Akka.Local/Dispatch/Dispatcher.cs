#nullable disable
namespace Akka.Dispatch;

/// <summary>Runs actors on an executor; by default on the .NET thread pool.</summary>
public class Dispatcher : MessageDispatcher
{
    /// <summary>
    /// A pool thread's own queue is quick, and last in, first out: two actors that talk to each other without end would keep everybody else from
    /// that thread. So one in this many goes to the end of the queue that all threads share. A power of two.
    /// </summary>
    private const int FairEvery = 64;

    [ThreadStatic]
    private static int _queuedByThisThread;

    private readonly ExecutorServiceFactory _factory;
    private readonly bool _usesThreadPool;
    private ExecutorService _executor;

    public Dispatcher(MessageDispatcherConfigurator configurator, string id, int throughput, long? throughputDeadlineTime,
        ExecutorServiceFactory executorServiceFactory, TimeSpan shutdownTimeout) : base(configurator)
    {
        Id = id;
        Throughput = throughput;
        ThroughputDeadlineTime = throughputDeadlineTime;
        ShutdownTimeout = shutdownTimeout;
        _factory = executorServiceFactory;
        _usesThreadPool = executorServiceFactory is ThreadPoolExecutorFactory;
    }

    protected override void ExecuteTask(IRunnable run)
    {
        if (_usesThreadPool)
            ThreadPool.UnsafeQueueUserWorkItem(run, preferLocal: (++_queuedByThisThread & FairEvery - 1) != 0);
        else
            Executor().Execute(run);
    }

    internal override void ExecuteAgain(IRunnable run)
    {
        if (_usesThreadPool)
            ThreadPool.UnsafeQueueUserWorkItem(run, preferLocal: false);
        else
            Executor().Execute(run);
    }

    protected override void Shutdown() => Volatile.Read(ref _executor)?.Shutdown();

    private ExecutorService Executor()
    {
        var executor = Volatile.Read(ref _executor);
        if (executor is not null)
            return executor;
        lock (_factory)
            return _executor ??= _factory.Produce(Id);
    }
}

/// <summary>Threads that run a dispatcher's work.</summary>
public abstract class ExecutorService
{
    protected ExecutorService(string id) => Id = id;

    public string Id { get; }

    public abstract void Execute(IRunnable run);

    public abstract void Shutdown();
}

/// <summary>Makes <see cref="ExecutorService"/>s.</summary>
public abstract class ExecutorServiceFactory
{
    protected ExecutorServiceFactory() { }

    public abstract ExecutorService Produce(string id);
}

/// <summary>The .NET thread pool.</summary>
internal sealed class ThreadPoolExecutorFactory : ExecutorServiceFactory
{
    public override ExecutorService Produce(string id) => new ThreadPoolExecutor(id);

    private sealed class ThreadPoolExecutor(string id) : ExecutorService(id)
    {
        public override void Execute(IRunnable run) => ThreadPool.UnsafeQueueUserWorkItem(run, preferLocal: true);

        public override void Shutdown() { }
    }
}
