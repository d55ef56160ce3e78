#nullable disable
using System.Runtime.CompilerServices;
using Akka.Actor;

namespace Akka.Dispatch.MessageQueues;

/// <summary>
/// The queue of an ordinary mailbox: many writers, one reader, no lock. Envelopes lie in segments that grow with use, so that
/// telling costs no allocation of its own and an actor that never got a message has no segment at all.
/// </summary>
public class UnboundedMessageQueue : IMessageQueue, IUnboundedMessageQueueSemantics
{
    private const int FirstSegment = 2;
    private const int LargestSegment = 512;

    // Writers set the head once, before the tail; afterwards the head is the reader's own.
    private Segment _head;
    private Segment _tail;
    private int _read;

    /// <summary>
    /// Whether something has been enqueued, or is being enqueued this moment. A writer claims its slot with a full fence before it looks
    /// whether the mailbox is scheduled, and the reader asks this after a full fence that makes the mailbox idle: one of the two sees the other.
    /// </summary>
    public bool HasMessages
    {
        get
        {
            var head = Volatile.Read(ref _head);
            if (head is null)
                return false;
            return _read < head.Slots.Length
                ? Volatile.Read(ref head.Claimed) > _read
                : Volatile.Read(ref head.Next) is { } next && Volatile.Read(ref next.Claimed) > 0;
        }
    }

    public int Count
    {
        get
        {
            var count = -_read;
            for (var segment = Volatile.Read(ref _head); segment is not null; segment = Volatile.Read(ref segment.Next))
                count += Math.Min(Volatile.Read(ref segment.Claimed), segment.Slots.Length);
            return Math.Max(count, 0);
        }
    }

    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        var tail = Volatile.Read(ref _tail) ?? Begin();
        while (true)
        {
            var slots = tail.Slots;
            var index = Interlocked.Increment(ref tail.Claimed) - 1;
            if ((uint)index < (uint)slots.Length)
            {
                ref var slot = ref slots[index];
                slot.Sender = envelope.Sender;
                Volatile.Write(ref slot.Message, envelope.Message);
                return;
            }

            tail = Grow(tail);
        }
    }

    public bool TryDequeue(out Envelope envelope)
    {
        var head = Volatile.Read(ref _head);
        if (head is null)
        {
            envelope = default;
            return false;
        }

        if (_read >= head.Slots.Length)
        {
            var next = Volatile.Read(ref head.Next);
            if (next is null)
            {
                envelope = default;
                return false;
            }

            _head = head = next;
            _read = 0;
        }

        ref var slot = ref head.Slots[_read];
        var message = Volatile.Read(ref slot.Message);
        if (message is null)
        {
            if (Volatile.Read(ref head.Claimed) <= _read)
            {
                envelope = default;
                return false;
            }

            message = AwaitWriter(ref slot);
        }

        envelope = new Envelope(message, slot.Sender);
        slot = default;
        _read++;
        return true;
    }

    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (TryDequeue(out var envelope))
            deadletters.Enqueue(owner, envelope);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Segment Begin()
    {
        var first = new Segment(FirstSegment);
        first = Interlocked.CompareExchange(ref _head, first, null) ?? first;
        return Interlocked.CompareExchange(ref _tail, first, null) ?? first;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Segment Grow(Segment full)
    {
        var next = Volatile.Read(ref full.Next);
        if (next is null)
        {
            var created = new Segment(Math.Min(full.Slots.Length * 2, LargestSegment));
            next = Interlocked.CompareExchange(ref full.Next, created, null) ?? created;
        }

        Interlocked.CompareExchange(ref _tail, next, full);
        return next;
    }

    /// <summary>A writer has claimed the slot and fills it within a few instructions, unless its thread lost the processor just there.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object AwaitWriter(ref Slot slot)
    {
        var spin = new SpinWait();
        object message;
        while ((message = Volatile.Read(ref slot.Message)) is null)
            spin.SpinOnce(sleep1Threshold: -1);
        return message;
    }

    private struct Slot
    {
        public object Message;
        public IActorRef Sender;
    }

    private sealed class Segment(int size)
    {
        public readonly Slot[] Slots = new Slot[size];
        public int Claimed;
        public Segment Next;
    }
}
