#nullable disable
using Akka.Dispatch;
using Akka.Util;

namespace Akka.Actor.Internal;

/// <summary>A list of messages kept aside, over a mailbox that takes messages in front.</summary>
public abstract class AbstractStash : IStash
{
    private readonly ActorCell _cell;
    private readonly IDequeBasedMessageQueueSemantics _mailbox;
    private LinkedList<Envelope> _stashed = new();
    private int _lastStashed;

    protected AbstractStash(IActorContext context)
    {
        _cell = (ActorCell)context;
        _mailbox = _cell.Mailbox.MessageQueue as IDequeBasedMessageQueueSemantics
            ?? throw new ActorInitializationException(_cell.Self,
                $"A stash needs a deque-based mailbox, and this actor has a {_cell.Mailbox.MessageQueue.GetType().Name}. Implement IWithUnboundedStash, or name a mailbox whose mailbox-type is Akka.Dispatch.UnboundedDequeBasedMailbox.");
        Capacity = _cell.Props.Deploy.StashCapacity == Deploy.NoStashSize
            ? _cell.System.Mailboxes.StashCapacity(_cell.Props.Dispatcher, _cell.Props.Mailbox)
            : _cell.Props.Deploy.StashCapacity;
    }

    public int Count => _stashed.Count;

    public bool IsEmpty => Count == 0;

    public bool NonEmpty => Count > 0;

    public bool IsFull => Capacity >= 0 && Count >= Capacity;

    public virtual int Capacity { get; }

    public void Stash()
    {
        var message = _cell.CurrentMessage;
        if (_cell.CurrentEnvelopeId == _lastStashed)
            throw new IllegalActorStateException($"Can't stash the same message {message} more than once");
        _lastStashed = _cell.CurrentEnvelopeId;
        if (Capacity > 0 && Count >= Capacity)
            throw new StashOverflowException($"Couldn't enqueue message {message} from {_cell.Sender} to stash of {_cell.Self}: it holds {Count}.");
        _stashed.AddLast(new Envelope(message, _cell.Sender));
    }

    public void Unstash()
    {
        if (_stashed.First is not { } first)
            return;
        _stashed.RemoveFirst();
        EnqueueFirst(first.Value);
    }

    public void UnstashAll() => UnstashAll(static _ => true);

    public void UnstashAll(Func<Envelope, bool> filterPredicate)
    {
        if (_stashed.Count == 0)
            return;
        var all = _stashed;
        _stashed = new LinkedList<Envelope>();
        for (var node = all.Last; node is not null; node = node.Previous)
        {
            if (filterPredicate(node.Value))
                EnqueueFirst(node.Value);
        }
    }

    public IEnumerable<Envelope> ClearStash()
    {
        var all = _stashed;
        _stashed = new LinkedList<Envelope>();
        return all;
    }

    public void Prepend(IEnumerable<Envelope> envelopes)
    {
        foreach (var envelope in envelopes.Distinct().Reverse())
            _stashed.AddFirst(envelope);
    }

    private void EnqueueFirst(Envelope envelope)
    {
        _mailbox.EnqueueFirst(envelope);
        if (envelope.Message is Terminated terminated)
            _cell.TerminatedQueuedFor(terminated.ActorRef, Option<object>.None);
    }
}

/// <summary>The stash of <see cref="IWithUnboundedStash"/>.</summary>
public class UnboundedStashImpl(IActorContext context) : AbstractStash(context)
{
    public override int Capacity => -1;
}

/// <summary>The stash of <see cref="IWithBoundedStash"/>.</summary>
public class BoundedStashImpl(IActorContext context) : AbstractStash(context);

internal sealed class UnrestrictedStashImpl(IActorContext context) : AbstractStash(context);
