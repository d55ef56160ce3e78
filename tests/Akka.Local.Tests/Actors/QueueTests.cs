using Akka.Actor;
using Akka.Dispatch.MessageQueues;
using FsCheck;
using FsCheck.Fluent;

namespace Akka.Local.Tests.Actors;

public sealed class QueueTests
{
    private sealed record Item(int Writer, int Number);

    [Fact]
    public async Task Each_writers_messages_come_out_in_their_order_and_none_is_lost()
    {
        const int writers = 4, each = 50_000;
        var queue = new UnboundedMessageQueue();
        var writing = Enumerable.Range(0, writers).Select(writer => Task.Run(() =>
        {
            for (var number = 0; number < each; number++)
                queue.Enqueue(ActorRefs.Nobody, new Envelope(new Item(writer, number), ActorRefs.Nobody));
        })).ToArray();
        var reading = Task.Run(() =>
        {
            var next = new int[writers];
            var spin = new SpinWait();
            for (var taken = 0; taken < writers * each;)
            {
                if (!queue.TryDequeue(out var envelope))
                {
                    spin.SpinOnce();
                    continue;
                }

                var item = (Item)envelope.Message;
                Assert.Equal(next[item.Writer]++, item.Number);
                taken++;
            }
        });
        await Task.WhenAll([.. writing, reading]);
        Assert.False(queue.HasMessages);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void It_counts_what_it_has()
    {
        var queue = new UnboundedMessageQueue();
        Assert.False(queue.HasMessages);
        for (var i = 1; i <= 5_000; i++)
        {
            queue.Enqueue(ActorRefs.Nobody, new Envelope(i, null));
            Assert.Equal(i, queue.Count);
        }

        for (var i = 4_999; i >= 0; i--)
        {
            Assert.True(queue.HasMessages);
            Assert.True(queue.TryDequeue(out _));
            Assert.Equal(i, queue.Count);
        }

        Assert.False(queue.TryDequeue(out _));
    }

    [Fact]
    public void It_does_not_hold_on_to_what_was_taken()
    {
        var queue = new UnboundedMessageQueue();
        var message = PutAndTake(queue);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(message.IsAlive);
        GC.KeepAlive(queue);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference PutAndTake(UnboundedMessageQueue queue)
    {
        var message = new object();
        queue.Enqueue(ActorRefs.Nobody, new Envelope(message, null));
        queue.TryDequeue(out _);
        return new WeakReference(message);
    }

    [Fact]
    public void Telling_allocates_nothing_while_the_reader_keeps_up()
    {
        var queue = new UnboundedMessageQueue();
        var message = new object();
        void Round(int backlog, int times)
        {
            for (var round = 0; round < times; round++)
            {
                for (var i = 0; i < backlog; i++)
                    queue.Enqueue(ActorRefs.Nobody, new Envelope(message, null));
                for (var i = 0; i < backlog; i++)
                    queue.TryDequeue(out _);
                queue.TryDequeue(out _);
            }
        }

        foreach (var backlog in new[] { 1, 3, 100 })
        {
            Round(backlog, 10);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Round(backlog, 1_000);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void A_queue_that_a_burst_has_made_large_gets_small_again()
    {
        var queue = new UnboundedMessageQueue();
        Use(queue, 1_000);
        // The memory is the queue's as long as it is used as it was: a burst of the same size takes little.
        Assert.InRange(AllocatedBy(() => Use(queue, 300)), 0, 0);
        // It is given back where little of it is used, and a burst needs it anew.
        for (var i = 0; i < 3; i++)
            Use(queue, 1);
        Assert.InRange(AllocatedBy(() => Use(queue, 300)), 300 * 16, 1_000 * 40);
    }

    private void Use(UnboundedMessageQueue queue, int backlog)
    {
        for (var i = 0; i < backlog; i++)
            queue.Enqueue(ActorRefs.Nobody, new Envelope(this, null));
        for (var i = 0; i < backlog; i++)
            Assert.True(queue.TryDequeue(out _));
        Assert.False(queue.TryDequeue(out _));
    }

    private static long AllocatedBy(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Any order of putting and taking does what a plain queue does.</summary>
    [Fact]
    public void It_is_a_queue() => Prop.ForAll<int[]>(IsAQueue).QuickCheckThrowOnFailure();

    private static bool IsAQueue(int[] steps)
    {
        var queue = new UnboundedMessageQueue();
        var model = new Queue<int>();
        var number = 0;
        foreach (var step in steps)
        {
            // How many are put, or taken, and one more, so that it is found empty too.
            for (var i = 0; i < Math.Abs(step % 70); i++)
            {
                if (step > 0)
                {
                    queue.Enqueue(ActorRefs.Nobody, new Envelope(number, null));
                    model.Enqueue(number++);
                }
                else if (queue.TryDequeue(out var envelope) != model.TryDequeue(out var expected) || (envelope.Message is int taken && taken != expected))
                {
                    return false;
                }
            }

            if (queue.Count != model.Count || queue.HasMessages != model.Count > 0)
                return false;
        }

        return true;
    }
}
