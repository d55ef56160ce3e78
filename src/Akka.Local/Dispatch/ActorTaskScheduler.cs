#nullable disable
using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>
/// Runs the steps of an asynchronous receive as the actor: each step is a system message to it, so that Context, Self and Sender are there after an await,
/// and user messages wait until the task has ended.
/// </summary>
public class ActorTaskScheduler : TaskScheduler
{
    private readonly ActorCell _cell;
    private Turn _turn;

    internal ActorTaskScheduler(ActorCell cell) => _cell = cell;

    /// <summary>The message whose asynchronous processing is under way.</summary>
    public object CurrentMessage => _turn?.Message;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs <paramref name="action"/> as the running actor.</summary>
    public static void RunTask(Action action) => RunTask(() =>
    {
        action();
        return Task.CompletedTask;
    });

    /// <summary>Runs <paramref name="asyncAction"/> as the running actor, whose mailbox stays closed until the task has ended.</summary>
    /// <exception cref="InvalidOperationException">No actor runs on this thread.</exception>
    public static void RunTask(Func<Task> asyncAction) => Run(asyncAction);

    internal static void RunTask<T>(Func<T, Task> handler, T message) => Run(() => handler(message));

    protected virtual void OnBeforeTaskStarted() { }

    protected virtual void OnAfterTaskCompleted() { }

    protected override IEnumerable<Task> GetScheduledTasks() => null;

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override void QueueTask(Task task)
    {
        if (ReferenceEquals(ActorCell.Current, _cell) && (task.CreationOptions & TaskCreationOptions.LongRunning) == 0)
            TryExecuteTask(task);
        else
            _cell.SendSystemMessage(new ActorTask(task) { Turn = _turn });
    }

    internal void Execute(ActorTask step)
    {
        if (step.Turn is { } turn)
        {
            _cell.CurrentMessage = turn.Message;
            _cell.Sender = turn.Sender;
        }

        TryExecuteTask(step.Task);
    }

    private static void Run(Func<Task> asyncAction)
    {
        var cell = ActorCell.Current ?? throw new InvalidOperationException("RunTask must be called from an actor context.");
        var scheduler = cell.TaskScheduler;
        var turn = new Turn(cell.CurrentMessage, cell.Sender);
        var outer = scheduler._turn;
        scheduler._turn = turn;
        scheduler.OnBeforeTaskStarted();
        var task = Task.Factory.StartNew(asyncAction, CancellationToken.None, TaskCreationOptions.None, scheduler).Unwrap();
        if (task.IsCompletedSuccessfully)
        {
            scheduler._turn = outer;
            scheduler.OnAfterTaskCompleted();
            return;
        }

        cell.Mailbox.Suspend();
        task.ContinueWith(ended => scheduler.Complete(ended, turn), CancellationToken.None, TaskContinuationOptions.None, scheduler);
    }

    private void Complete(Task ended, Turn turn)
    {
        if (ReferenceEquals(_turn, turn))
            _turn = null;
        var failure = Failure(ended);
        if (failure is null)
        {
            _cell.CurrentMessage = null;
            _cell.Mailbox.Resume();
            _cell.CheckReceiveTimeout(turn.Message is not INotInfluenceReceiveTimeout);
        }
        else
        {
            _cell.SendSystemMessage(new ActorTaskCompleted(failure, turn));
        }

        OnAfterTaskCompleted();
    }

    private static Exception Failure(Task ended) => ended.Status switch
    {
        TaskStatus.Canceled => new TaskCanceledException(ended),
        TaskStatus.Faulted => ended.Exception!.InnerExceptions.Count == 1 ? ended.Exception.InnerExceptions[0] : ended.Exception,
        _ => null,
    };

    /// <summary>The message that an asynchronous receive is about, and its sender.</summary>
    internal sealed record Turn(object Message, IActorRef Sender);
}
