#nullable disable
using System.Runtime.CompilerServices;
using Akka.Actor;

namespace Akka.Dispatch.MessageQueues;

/// <summary>
/// Many writers, one reader, no lock: envelopes lie in a ring that is used again and again, so that telling allocates nothing while the reader
/// keeps up. A ring that is full is frozen, and writers go on in the next one, twice as large; the reader drops the rings it has emptied. A ring
/// that a burst has left too large goes once the actor is found idle twice with little in between. Nothing is allocated before the first message.
/// </summary>
internal struct EnvelopeRings
{
    /// <summary>Marks a ring that takes nothing any more. The other bits count what writers have claimed, and wrap around.</summary>
    private const int Frozen = int.MinValue;

    private const int CountMask = int.MaxValue;
    private const int SecondRing = 4;
    private const int LargestRing = 512;

    // Writers set the head once, before the tail; afterwards the head is the reader's own.
    private Ring _head;
    private Ring _tail;

    /// <summary>
    /// Whether something has been put in, or is being put in this moment. A writer claims its slot with a full fence before it looks
    /// whether the mailbox is scheduled, and the reader asks this after a full fence that makes the mailbox idle: one of the two sees the other.
    /// </summary>
    public bool HasMessages
    {
        get
        {
            for (var ring = Volatile.Read(ref _head); ring is not null; ring = Volatile.Read(ref ring.Next))
            {
                var claimed = Volatile.Read(ref ring.Claimed);
                if ((claimed & CountMask) != Volatile.Read(ref ring.Taken))
                    return true;
                if ((claimed & Frozen) == 0)
                    return false;
            }

            return false;
        }
    }

    public int Count
    {
        get
        {
            var count = 0;
            for (var ring = Volatile.Read(ref _head); ring is not null; ring = Volatile.Read(ref ring.Next))
                count += (Volatile.Read(ref ring.Claimed) - Volatile.Read(ref ring.Taken)) & CountMask;
            return count;
        }
    }

    public void Put(object message, IActorRef sender)
    {
        var ring = Volatile.Read(ref _tail) ?? Begin();
        while (true)
        {
            var claimed = Volatile.Read(ref ring.Claimed);
            if (claimed >= 0)
            {
                if (((claimed - Volatile.Read(ref ring.Taken)) & CountMask) < ring.Size)
                {
                    if (Interlocked.CompareExchange(ref ring.Claimed, (claimed + 1) & CountMask, claimed) != claimed)
                        continue;
                    ref var slot = ref ring.At(claimed);
                    slot.Sender = sender;
                    Volatile.Write(ref slot.Message, message);
                    return;
                }

                Interlocked.Or(ref ring.Claimed, Frozen);
            }

            ring = After(ring);
        }
    }

    public bool TryTake(out Envelope envelope)
    {
        var ring = _head;
        while (ring is not null)
        {
            var taken = ring.Taken;
            ref var slot = ref ring.At(taken);
            var message = Volatile.Read(ref slot.Message);
            if (message is null)
            {
                var claimed = Volatile.Read(ref ring.Claimed);
                if ((claimed & CountMask) == taken)
                {
                    if (claimed >= 0)
                    {
                        if (ring.Size > SecondRing)
                            ring.ConsiderFreezing(taken);
                        break;
                    }

                    ring = Volatile.Read(ref ring.Next);
                    if (ring is not null)
                        Volatile.Write(ref _head, ring);
                    continue;
                }

                message = AwaitWriter(ref slot);
            }

            envelope = new Envelope(message, slot.Sender);
            slot = default;
            Volatile.Write(ref ring.Taken, (taken + 1) & CountMask);
            return true;
        }

        envelope = default;
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Ring Begin()
    {
        var first = new Ring(null);
        first = Interlocked.CompareExchange(ref _head, first, null) ?? first;
        return Interlocked.CompareExchange(ref _tail, first, null) ?? first;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Ring After(Ring frozen)
    {
        var next = Volatile.Read(ref frozen.Next);
        if (next is null)
        {
            var created = new Ring(new Slot[frozen.IsDropped ? SecondRing : Math.Clamp(frozen.Size * 2, SecondRing, LargestRing)]);
            next = Interlocked.CompareExchange(ref frozen.Next, created, null) ?? created;
        }

        Interlocked.CompareExchange(ref _tail, next, frozen);
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

    /// <summary>A ring of a power of two of slots; the first of a mailbox has one slot, in itself: most actors never need another.</summary>
    private sealed class Ring(Slot[] slots)
    {
        /// <summary>Stands for slots that were given up: it has one, which stays empty.</summary>
        private static readonly Slot[] Dropped = new Slot[1];

        public Ring Next;
        public int Claimed;
        public int Taken;
        private Slot[] _slots = slots;
        private Slot _only;
        private int _takenWhenIdle;

        public int Size => _slots is { } slots ? slots.Length : 1;

        public bool IsDropped => ReferenceEquals(_slots, Dropped);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref Slot At(int number)
        {
            var slots = _slots;
            if (slots is null)
                return ref _only;
            return ref slots[number & (slots.Length - 1)];
        }

        /// <summary>The reader has found the ring empty: where little of it was used since it last did, writers are to begin anew with a small one.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        public void ConsiderFreezing(int taken)
        {
            var used = (taken - _takenWhenIdle) & CountMask;
            _takenWhenIdle = taken;
            if (used < Size / 4 && Interlocked.CompareExchange(ref Claimed, taken | Frozen, taken) == taken)
                _slots = Dropped;
        }
    }
}
