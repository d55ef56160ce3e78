using Akka.Actor;
using Akka.Dispatch.MessageQueues;

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
}
