#nullable disable
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Dispatch.MessageQueues;

/// <summary>
/// A queue with a capacity. A sender that finds it full waits at most <see cref="PushTimeOut"/>; then its message becomes a dead letter.
/// </summary>
public class BoundedMessageQueue : IMessageQueue, IBoundedMessageQueueSemantics
{
    private readonly Queue<Envelope> _queue = new();
    private readonly int _capacity;

    public BoundedMessageQueue(Config config)
        : this(config.GetInt("mailbox-capacity"), config.GetTimeSpan("mailbox-push-timeout-time")) { }

    public BoundedMessageQueue(int boundedCapacity, TimeSpan pushTimeOut)
    {
        if (boundedCapacity <= 0)
            throw new ArgumentException($"A bounded queue needs a capacity above 0, not {boundedCapacity}.", nameof(boundedCapacity));
        _capacity = boundedCapacity;
        PushTimeOut = pushTimeOut;
    }

    public TimeSpan PushTimeOut { get; set; }

    public bool HasMessages => Count > 0;

    public int Count
    {
        get
        {
            lock (_queue)
                return _queue.Count;
        }
    }

    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        if (TryEnqueue(envelope))
            return;
        // Outside of the lock: whoever hears of dead letters may do as it likes.
        ((IInternalActorRef)receiver).Provider.DeadLetters.Tell(new Event.DeadLetter(envelope.Message, envelope.Sender, receiver), envelope.Sender);
    }

    private bool TryEnqueue(Envelope envelope)
    {
        lock (_queue)
        {
            var deadline = Environment.TickCount64 + (long)PushTimeOut.TotalMilliseconds;
            while (_queue.Count >= _capacity)
            {
                var left = PushTimeOut < TimeSpan.Zero ? Timeout.Infinite : (int)Math.Clamp(deadline - Environment.TickCount64, 0, int.MaxValue);
                if (left == 0 || (!Monitor.Wait(_queue, left) && _queue.Count >= _capacity))
                    return false;
            }

            _queue.Enqueue(envelope);
            return true;
        }
    }

    public bool TryDequeue(out Envelope envelope)
    {
        lock (_queue)
        {
            if (!_queue.TryDequeue(out envelope))
                return false;
            Monitor.Pulse(_queue);
            return true;
        }
    }

    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (TryDequeue(out var envelope))
            deadletters.Enqueue(owner, envelope);
    }
}
