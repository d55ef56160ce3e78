using Akka.Configuration;
using Akka.Dispatch;

namespace Akka.TestKit;

/// <summary>
/// Runs an actor on the thread that sends to it: when Tell returns, the message has been handled, unless the actor was busy
/// on another thread, which then handles it.
/// </summary>
public class CallingThreadDispatcher : MessageDispatcher
{
    /// <summary>Where its configuration is.</summary>
    public static new string Id = "akka.test.calling-thread-dispatcher";

    /// <param name="configurator">Whose it is.</param>
    public CallingThreadDispatcher(MessageDispatcherConfigurator configurator)
        : base(configurator)
    {
    }

    /// <inheritdoc />
    protected override void ExecuteTask(IRunnable run) => run.Run();

    /// <inheritdoc />
    protected override void Shutdown()
    {
    }
}

/// <summary>Makes <see cref="CallingThreadDispatcher"/>s.</summary>
public class CallingThreadDispatcherConfigurator : MessageDispatcherConfigurator
{
    /// <param name="config">The dispatcher's configuration.</param>
    /// <param name="prerequisites">What dispatchers need of their system.</param>
    public CallingThreadDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
    }

    /// <inheritdoc />
    public override MessageDispatcher Dispatcher() => new CallingThreadDispatcher(this);
}
