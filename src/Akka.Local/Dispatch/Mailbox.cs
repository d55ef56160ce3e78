#nullable disable
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Dispatch.MessageQueues;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>
/// An actor's inbox: user messages in a queue, system messages in a list that goes first. At most one thread runs it at a time;
/// a run takes all system messages and up to the dispatcher's throughput of user messages.
/// </summary>
public class Mailbox : IRunnable
{
    private const int Open = 0;
    private const int Closed = 1;
    private const int Scheduled = 2;
    private const int ScheduleMask = Closed | Scheduled;
    private const int SuspendUnit = 4;

    /// <summary>Stands at the head of a closed mailbox's system messages: nothing can be added any more.</summary>
    private static readonly NoMessage ClosedMark = new();

    private int _status;
    private SystemMessage _systemMessages;
    private ActorCell _actor;

    public Mailbox(IMessageQueue messageQueue) => MessageQueue = messageQueue;

    /// <summary>A mailbox that is its own queue.</summary>
    private protected Mailbox() => MessageQueue = (IMessageQueue)this;

    public IMessageQueue MessageQueue { get; }

    public MessageDispatcher Dispatcher => _actor.Dispatcher;

    internal bool IsClosed => (Volatile.Read(ref _status) & Closed) != 0;

    internal bool IsScheduled => (Volatile.Read(ref _status) & Scheduled) != 0;

    internal bool IsSuspended => Volatile.Read(ref _status) >= SuspendUnit;

    internal int SuspendCount => Volatile.Read(ref _status) / SuspendUnit;

    internal virtual bool HasMessages => MessageQueue.HasMessages;

    internal virtual int NumberOfMessages => MessageQueue.Count;

    internal bool HasSystemMessages => Volatile.Read(ref _systemMessages) is { } head && !ReferenceEquals(head, ClosedMark);

    public virtual void SetActor(ActorCell actorCell) => _actor = actorCell;

    public void Execute() => Run();

    public void Run()
    {
        var outer = InternalCurrentActorCellKeeper.Current;
        var turnIsOver = false;
        try
        {
            if (!IsClosed)
            {
                InternalCurrentActorCellKeeper.Current = _actor;
                ProcessAllSystemMessages();
                turnIsOver = ProcessMailbox();
            }
        }
        finally
        {
            InternalCurrentActorCellKeeper.Current = outer;
            Interlocked.And(ref _status, ~Scheduled);
            _actor.Dispatcher.RegisterForExecution(this, false, false, again: turnIsOver);
        }
    }

    /// <summary>Empties the mailbox of a stopped actor into the dead letters.</summary>
    public virtual void CleanUp()
    {
        if (_actor is null)
            return;
        var deadLetters = _actor.SystemImpl.Mailboxes.DeadLetterMailbox;
        var left = Interlocked.Exchange(ref _systemMessages, ClosedMark);
        if (!ReferenceEquals(left, ClosedMark))
        {
            for (var message = Reverse(left); message is not null;)
            {
                var next = message.Next;
                message.Next = null;
                deadLetters.SystemEnqueue(_actor.Self, message);
                message = next;
            }
        }

        lock (MessageQueue)
            MessageQueue.CleanUp(_actor.Self, deadLetters.MessageQueue);
    }

    internal virtual void Enqueue(IActorRef receiver, Envelope envelope) => MessageQueue.Enqueue(receiver, envelope);

    internal virtual bool TryDequeue(out Envelope envelope) => MessageQueue.TryDequeue(out envelope);

    internal virtual void SystemEnqueue(IActorRef receiver, SystemMessage message)
    {
        var head = Volatile.Read(ref _systemMessages);
        while (true)
        {
            if (ReferenceEquals(head, ClosedMark))
            {
                _actor.SystemImpl.Mailboxes.DeadLetterMailbox.SystemEnqueue(receiver, message);
                return;
            }

            message.Next = head;
            var seen = Interlocked.CompareExchange(ref _systemMessages, message, head);
            if (ReferenceEquals(seen, head))
                return;
            head = seen;
        }
    }

    /// <summary>Whether there is work that the present state allows.</summary>
    internal bool CanBeScheduledForExecution(bool hasMessageHint, bool hasSystemMessageHint)
    {
        var status = Volatile.Read(ref _status);
        if (status is Open or Scheduled)
            return hasMessageHint || hasSystemMessageHint || HasSystemMessages || HasMessages;
        return (status & Closed) == 0 && (hasSystemMessageHint || HasSystemMessages);
    }

    /// <summary>Claims the right to run. The one who gets true must see that <see cref="Run"/> is called.</summary>
    internal bool SetAsScheduled()
    {
        while (true)
        {
            var status = Volatile.Read(ref _status);
            if ((status & ScheduleMask) != 0)
                return false;
            if (Interlocked.CompareExchange(ref _status, status | Scheduled, status) == status)
                return true;
        }
    }

    /// <summary>Undoes <see cref="SetAsScheduled"/> where no executor took the work.</summary>
    internal void SetAsIdle() => Interlocked.And(ref _status, ~Scheduled);

    internal void Suspend()
    {
        if (!IsClosed)
            Interlocked.Add(ref _status, SuspendUnit);
    }

    /// <summary>Undoes one <see cref="Suspend"/>; true where user messages may run again.</summary>
    internal bool Resume()
    {
        while (true)
        {
            var status = Volatile.Read(ref _status);
            if ((status & Closed) != 0)
                return false;
            var next = status < SuspendUnit ? status : status - SuspendUnit;
            if (Interlocked.CompareExchange(ref _status, next, status) == status)
                return next < SuspendUnit;
        }
    }

    internal void BecomeClosed() => Interlocked.Or(ref _status, Closed);

    /// <summary>Processes user messages; says whether it ended because others are to have their turn.</summary>
    private bool ProcessMailbox()
    {
        var dispatcher = _actor.Dispatcher;
        var left = Math.Max(dispatcher.Throughput, 1);
        var budget = dispatcher.ThroughputDeadlineTime.GetValueOrDefault();
        var deadline = budget > 0 ? DateTime.UtcNow.Ticks + budget : long.MaxValue;
        var actor = _actor;
        while ((Volatile.Read(ref _status) & ~Scheduled) == Open && TryDequeue(out var envelope))
        {
            actor.Invoke(envelope);
            if (Volatile.Read(ref _systemMessages) is not null)
                ProcessAllSystemMessages();
            if (--left <= 0 || (budget > 0 && DateTime.UtcNow.Ticks >= deadline))
                return true;
        }

        return false;
    }

    private void ProcessAllSystemMessages()
    {
        while (HasSystemMessages)
        {
            var message = TakeSystemMessages();
            while (message is not null)
            {
                var next = message.Next;
                message.Next = null;
                if (IsClosed)
                    _actor.SystemImpl.Mailboxes.DeadLetterMailbox.SystemEnqueue(_actor.Self, message);
                else
                    _actor.SystemInvoke(message);
                message = next;
            }
        }
    }

    /// <summary>Takes the list, oldest first.</summary>
    private SystemMessage TakeSystemMessages()
    {
        var head = Volatile.Read(ref _systemMessages);
        while (head is not null && !ReferenceEquals(head, ClosedMark))
        {
            var seen = Interlocked.CompareExchange(ref _systemMessages, null, head);
            if (ReferenceEquals(seen, head))
                return Reverse(head);
            head = seen;
        }

        return null;
    }

    private static SystemMessage Reverse(SystemMessage head)
    {
        SystemMessage reversed = null;
        while (head is not null)
        {
            var next = head.Next;
            head.Next = reversed;
            reversed = head;
            head = next;
        }

        return reversed;
    }
}
