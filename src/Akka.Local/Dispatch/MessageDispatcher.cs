#nullable disable
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Dispatch;

/// <summary>Decides on which threads actors run and how many messages they take in a row.</summary>
public abstract class MessageDispatcher
{
    private long _inhabitants;

    protected MessageDispatcher(MessageDispatcherConfigurator configurator)
    {
        Configurator = configurator;
        Throughput = configurator?.Config?.GetInt("throughput", DefaultThroughput) ?? DefaultThroughput;
        Mailboxes = configurator?.Prerequisites?.Mailboxes;
        EventStream = configurator?.Prerequisites?.EventStream;
    }

    public static readonly int DefaultThroughput = 100;

    public MessageDispatcherConfigurator Configurator { get; }

    public EventStream EventStream { get; }

    public Mailboxes Mailboxes { get; }

    public string Id { get; protected set; }

    /// <summary>How many user messages an actor takes before another may have its thread.</summary>
    public int Throughput { get; set; }

    /// <summary>For how long at most, in ticks; null or 0 for no limit.</summary>
    public long? ThroughputDeadlineTime { get; protected set; }

    public TimeSpan ShutdownTimeout { get; protected set; }

    /// <summary>How many actors use this dispatcher.</summary>
    protected long Inhabitants => Interlocked.Read(ref _inhabitants);

    /// <summary>Runs <paramref name="run"/> on the dispatcher's threads.</summary>
    public void Schedule(IRunnable run) => ExecuteTask(run);

    public void Schedule(Action run) => ExecuteTask(new ActionRunnable(run));

    protected abstract void ExecuteTask(IRunnable run);

    /// <summary>Releases the dispatcher's threads at the system's end.</summary>
    protected abstract void Shutdown();

    /// <summary>Takes a cell in, and runs what its mailbox already has.</summary>
    public virtual void Attach(ActorCell cell)
    {
        Interlocked.Increment(ref _inhabitants);
        RegisterForExecution(cell.Mailbox, false, true);
    }

    /// <summary>Lets a stopped cell go: its mailbox is closed and what is left in it becomes dead letters.</summary>
    public virtual void Detach(ActorCell cell)
    {
        var mailbox = cell.SwapMailbox(cell.SystemImpl.Mailboxes.DeadLetterMailbox);
        mailbox.BecomeClosed();
        mailbox.CleanUp();
        if (Interlocked.Decrement(ref _inhabitants) == 0)
            OnDeserted();
    }

    /// <summary>Takes in a user message.</summary>
    public virtual void Dispatch(ActorCell cell, Envelope envelope)
    {
        var mailbox = cell.Mailbox;
        mailbox.Enqueue(cell.Self, envelope);
        if (!RegisterForExecution(mailbox, true, false) && mailbox.IsClosed && mailbox is not DeadLetterMailbox)
            mailbox.CleanUp();
    }

    /// <summary>Takes in a system message.</summary>
    public virtual void SystemDispatch(ActorCell cell, SystemMessage message)
    {
        var mailbox = cell.Mailbox;
        mailbox.SystemEnqueue(cell.Self, message);
        RegisterForExecution(mailbox, false, true);
    }

    /// <summary>Puts a failure of the dispatcher itself into the log.</summary>
    protected void ReportFailure(Exception ex) =>
        EventStream?.Publish(new Error(ex, GetType().FullName, GetType(), ex.Message));

    /// <summary>Schedules the mailbox where it has work and is not scheduled already; says whether it did.</summary>
    internal bool RegisterForExecution(Mailbox mailbox, bool hasMessageHint, bool hasSystemMessageHint, bool again = false)
    {
        if (!mailbox.CanBeScheduledForExecution(hasMessageHint, hasSystemMessageHint) || !mailbox.SetAsScheduled())
            return false;
        try
        {
            if (again)
                ExecuteAgain(mailbox);
            else
                ExecuteTask(mailbox);
            return true;
        }
        catch (Exception e)
        {
            mailbox.SetAsIdle();
            ReportFailure(e);
            throw;
        }
    }

    /// <summary>Runs a mailbox that has had its turn and has more to do: after the others.</summary>
    internal virtual void ExecuteAgain(IRunnable run) => ExecuteTask(run);

    internal void ShutdownNow() => Shutdown();

    /// <summary>The last actor has gone.</summary>
    internal virtual void OnDeserted() { }
}

/// <summary>Makes one kind of dispatcher from its settings.</summary>
public abstract class MessageDispatcherConfigurator
{
    protected MessageDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    {
        Config = config;
        Prerequisites = prerequisites;
    }

    public Config Config { get; }

    public IDispatcherPrerequisites Prerequisites { get; }

    public abstract MessageDispatcher Dispatcher();
}

/// <summary>What a dispatcher may need of its system.</summary>
public interface IDispatcherPrerequisites
{
    EventStream EventStream { get; }

    IScheduler Scheduler { get; }

    Settings Settings { get; }

    Mailboxes Mailboxes { get; }
}

/// <summary>The ordinary <see cref="IDispatcherPrerequisites"/>.</summary>
public sealed class DefaultDispatcherPrerequisites(EventStream eventStream, IScheduler scheduler, Settings settings, Mailboxes mailboxes)
    : IDispatcherPrerequisites
{
    public EventStream EventStream { get; } = eventStream;

    public IScheduler Scheduler { get; } = scheduler;

    public Settings Settings { get; } = settings;

    public Mailboxes Mailboxes { get; } = mailboxes;
}
