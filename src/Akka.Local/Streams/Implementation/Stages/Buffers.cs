using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Holds up to a number of elements, so that upstream may be ahead of downstream; says what happens when that is not enough.</summary>
internal sealed class Buffer<T>(int size, OverflowStrategy strategy) : FlowStage<T, T>("buffer")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, size, strategy);

    private sealed class Logic(FlowShape<T, T> shape, int size, OverflowStrategy strategy) : FlowLogic<T, T>(shape)
    {
        private readonly RingBuffer<T> _buffer = new(size);

        public override void PreStart() => Pull(In);

        public override void OnPush()
        {
            var element = Grab(In);
            // An element that downstream waits for does not count as buffered.
            if (IsAvailable(Out)) Push(Out, element);
            else if (!Enqueue(element)) return;
            if (strategy != OverflowStrategy.Backpressure || !_buffer.IsFull) Pull(In);
        }

        private bool Enqueue(T element)
        {
            if (_buffer.IsFull)
            {
                switch (strategy)
                {
                    case OverflowStrategy.DropHead:
                        _buffer.DropHead();
                        break;
                    case OverflowStrategy.DropTail:
                        _buffer.DropTail();
                        break;
                    case OverflowStrategy.DropBuffer:
                        _buffer.Clear();
                        break;
                    case OverflowStrategy.DropNew:
                        return true;
                    case OverflowStrategy.Fail:
                        FailStage(new BufferOverflowException($"Buffer overflow (max capacity was {size})"));
                        return false;
                }
            }

            _buffer.Enqueue(element);
            return true;
        }

        public override void OnPull()
        {
            if (!_buffer.IsEmpty) Push(Out, _buffer.Dequeue());
            if (IsClosed(In))
            {
                if (_buffer.IsEmpty) CompleteStage();
            }
            else if (!HasBeenPulled(In)) Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (_buffer.IsEmpty) CompleteStage();
        }
    }
}

/// <summary>One element of buffer that is filled without being asked: takes upstream's rhythm off downstream's.</summary>
internal sealed class Detacher<T>() : FlowStage<T, T>("detacher")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape);

    private sealed class Logic(FlowShape<T, T> shape) : FlowLogic<T, T>(shape)
    {
        public override void PreStart() => TryPull(In);

        public override void OnPush()
        {
            if (!IsAvailable(Out)) return;
            Push(Out, Grab(In));
            TryPull(In);
        }

        public override void OnPull()
        {
            if (!IsAvailable(In)) return;
            Push(Out, Grab(In));
            if (IsClosed(In)) CompleteStage();
            else Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (!IsAvailable(In)) CompleteStage();
        }
    }
}

/// <summary>Gives each element a while after it came.</summary>
internal sealed class Delay<T>(TimeSpan delay, DelayOverflowStrategy strategy) : FlowStage<T, T>("delay")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, delay, strategy,
        inheritedAttributes.GetAttribute<Attributes.InputBuffer>()?.Max ?? 16);

    private sealed class Logic(FlowShape<T, T> shape, TimeSpan delay, DelayOverflowStrategy strategy, int size) : TimerFlowLogic<T, T>(shape)
    {
        private static readonly object Timer = "DelayedTimer";

        private readonly RingBuffer<(TimeSpan Due, T Element)> _buffer = new(size);

        public override void PreStart() => Pull(In);

        public override void OnPush()
        {
            if (_buffer.IsFull)
            {
                switch (strategy)
                {
                    case DelayOverflowStrategy.EmitEarly:
                        // A full buffer is pulled for only while downstream waits: its oldest element makes room.
                        CancelTimer(Timer);
                        Push(Out, _buffer.Dequeue().Element);
                        break;
                    case DelayOverflowStrategy.DropHead:
                        _buffer.DropHead();
                        break;
                    case DelayOverflowStrategy.DropTail:
                        _buffer.DropTail();
                        break;
                    case DelayOverflowStrategy.DropBuffer:
                        _buffer.Clear();
                        CancelTimer(Timer);
                        break;
                    case DelayOverflowStrategy.DropNew:
                        Grab(In);
                        Pull(In);
                        return;
                    case DelayOverflowStrategy.Fail:
                        FailStage(new BufferOverflowException($"Buffer overflow for delay operator (max capacity was: {size})!"));
                        return;
                }
            }

            _buffer.Enqueue((Now + delay, Grab(In)));
            if (IsAvailable(Out) && !IsTimerActive(Timer)) ScheduleOnce(Timer, Remaining());
            PullIfPossible();
        }

        private void PullIfPossible()
        {
            if (IsClosed(In) || HasBeenPulled(In)) return;
            var hasRoom = strategy switch
            {
                DelayOverflowStrategy.Backpressure => !_buffer.IsFull,
                DelayOverflowStrategy.EmitEarly => !_buffer.IsFull || IsAvailable(Out),
                _ => true,
            };
            if (hasRoom) Pull(In);
        }

        private TimeSpan Remaining()
        {
            var left = _buffer.Peek().Due - Now;
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }

        public override void OnPull()
        {
            if (_buffer.IsEmpty)
            {
                if (IsClosed(In)) CompleteStage();
                else PullIfPossible();
                return;
            }

            if (Remaining() == TimeSpan.Zero) PushHead();
            else if (!IsTimerActive(Timer)) ScheduleOnce(Timer, Remaining());
            PullIfPossible();
        }

        private void PushHead()
        {
            Push(Out, _buffer.Dequeue().Element);
            if (_buffer.IsEmpty && IsClosed(In)) CompleteStage();
        }

        protected internal override void OnTimer(object timerKey)
        {
            if (!IsAvailable(Out) || _buffer.IsEmpty) return;
            PushHead();
            PullIfPossible();
        }

        public override void OnUpstreamFinish()
        {
            // Elements that are waiting out their delay are still given.
            if (_buffer.IsEmpty) CompleteStage();
        }
    }
}
