using Akka.Actor;
using Akka.Event;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

internal sealed class ActorRefSink<T>(IActorRef target, object onComplete, Func<Exception, object> onFailure)
    : SinkStage<T, NotUsed>("actorRefSink")
{
    public override ILogicAndMaterializedValue<NotUsed> CreateLogicAndMaterializedValue(Attributes inheritedAttributes) =>
        new LogicAndMaterializedValue<NotUsed>(new Logic(Shape, target, onComplete, onFailure), NotUsed.Instance);

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Inlet<T> _in;
        private readonly IActorRef _target;
        private readonly object _onComplete;
        private readonly Func<Exception, object> _onFailure;
        private bool _ended;

        public Logic(SinkShape<T> shape, IActorRef target, object onComplete, Func<Exception, object> onFailure) : base(1, 0)
        {
            _in = shape.Inlet;
            _target = target;
            _onComplete = onComplete;
            _onFailure = onFailure;
            SetHandler(_in, this);
        }

        public override void PreStart()
        {
            GetStageActor(args =>
            {
                if (args.Item2 is Terminated terminated && terminated.ActorRef.Equals(_target))
                {
                    _ended = true;
                    CompleteStage();
                }
            }).Watch(_target);
            Pull(_in);
        }

        public override void OnPush()
        {
            _target.Tell(Grab(_in)!, ActorRefs.NoSender);
            Pull(_in);
        }

        public override void OnUpstreamFinish()
        {
            _ended = true;
            _target.Tell(_onComplete, ActorRefs.NoSender);
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _ended = true;
            _target.Tell(_onFailure(e), ActorRefs.NoSender);
            FailStage(e);
        }

        public override void PostStop()
        {
            if (!_ended) _target.Tell(_onFailure(new AbruptStageTerminationException(this)), ActorRefs.NoSender);
        }
    }
}

internal sealed class ActorRefWithAckSink<T>(IActorRef target, object onInit, object ack, object onComplete,
    Func<Exception, object> onFailure) : SinkStage<T, NotUsed>("actorRefWithAckSink")
{
    public override ILogicAndMaterializedValue<NotUsed> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var maxBuffer = inheritedAttributes.GetAttribute<Attributes.InputBuffer>()?.Max ?? 16;
        if (maxBuffer <= 0) throw new ArgumentException("Buffer size must be greater than 0", nameof(inheritedAttributes));
        return new LogicAndMaterializedValue<NotUsed>(
            new Logic(Shape, target, onInit, ack.GetType(), onComplete, onFailure, maxBuffer), NotUsed.Instance);
    }

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Inlet<T> _in;
        private readonly IActorRef _target;
        private readonly object _onInit;
        private readonly Type _ackType;
        private readonly object _onComplete;
        private readonly Func<Exception, object> _onFailure;
        private readonly RingBuffer<T> _buffer;
        private bool _acknowledged;
        private bool _completing;

        public Logic(SinkShape<T> shape, IActorRef target, object onInit, Type ackType, object onComplete,
            Func<Exception, object> onFailure, int maxBuffer) : base(1, 0)
        {
            _in = shape.Inlet;
            _target = target;
            _onInit = onInit;
            _ackType = ackType;
            _onComplete = onComplete;
            _onFailure = onFailure;
            _buffer = new RingBuffer<T>(maxBuffer);
            SetHandler(_in, this);
        }

        public override void PreStart()
        {
            // Buffered elements still go out, one an acknowledgement, after upstream has ended.
            SetKeepGoing(true);
            GetStageActor(Receive).Watch(_target);
            _target.Tell(_onInit, StageActor.Ref);
            Pull(_in);
        }

        private void Receive((IActorRef, object) args)
        {
            if (args.Item2 is Terminated terminated && terminated.ActorRef.Equals(_target)) CompleteStage();
            // An acknowledgement is known by its type, as in Akka.
            else if (args.Item2.GetType() == _ackType)
            {
                if (_buffer.IsEmpty) _acknowledged = true;
                else
                {
                    if (_buffer.IsFull) TryPull(_in);
                    Send();
                }
            }
        }

        public override void OnPush()
        {
            _buffer.Enqueue(Grab(_in));
            if (_acknowledged)
            {
                _acknowledged = false;
                Send();
            }

            if (!_buffer.IsFull) Pull(_in);
        }

        private void Send()
        {
            _target.Tell(_buffer.Dequeue()!, StageActor.Ref);
            if (_completing && _buffer.IsEmpty) Finish();
        }

        private void Finish()
        {
            _target.Tell(_onComplete, StageActor.Ref);
            CompleteStage();
        }

        public override void OnUpstreamFinish()
        {
            if (_buffer.IsEmpty) Finish();
            else _completing = true;
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _target.Tell(_onFailure(e), StageActor.Ref);
            FailStage(e);
        }
    }
}

/// <summary>What is told to an actor. The actor exists before the stream runs, so that it can be given away at once.</summary>
internal sealed class ActorRefSource<T>(int maxBuffer, OverflowStrategy strategy) : SourceStage<T, IActorRef>("actorRefSource")
{
    public override ILogicAndMaterializedValue<IActorRef> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(Shape, maxBuffer, strategy);
        return new LogicAndMaterializedValue<IActorRef>(logic, logic.Mouth);
    }

    private sealed class Logic : OutGraphStageLogic
    {
        private static readonly object Stopped = new();

        private readonly Outlet<T> _out;
        private readonly OverflowStrategy _strategy;
        private readonly int _maxBuffer;
        private readonly RingBuffer<T> _buffer;
        private bool _completing;

        public Logic(SourceShape<T> shape, int maxBuffer, OverflowStrategy strategy) : base(0, 1)
        {
            _out = shape.Outlet;
            _maxBuffer = maxBuffer;
            _strategy = strategy;
            _buffer = new RingBuffer<T>(Math.Max(1, maxBuffer));
            SetHandler(_out, this);
            var tell = GetAsyncCallback<object>(OnMessage);
            var props = Props.Create(() => new Receiver(tell));
            Mouth = Materialization.Creating!.Materializer.StartActor(props, "actorRefSource");
        }

        public IActorRef Mouth { get; }

        private void OnMessage(object message)
        {
            switch (message)
            {
                case Status.Success:
                    _completing = true;
                    CompleteIfDone();
                    break;
                case Status.Failure failure:
                    FailStage(failure.Cause);
                    break;
                case T element when !_completing:
                    OnElement(element);
                    break;
                default:
                    if (message == Stopped) CompleteStage();
                    break;
            }
        }

        private void OnElement(T element)
        {
            if (IsAvailable(_out)) Push(_out, element);
            else if (_maxBuffer == 0) Log.Debug("Dropping element because there is no downstream demand: [{0}]", element!);
            else
            {
                if (_buffer.IsFull)
                {
                    switch (_strategy)
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
                            return;
                        default:
                            FailStage(new BufferOverflowException($"Buffer overflow, max capacity was ({_maxBuffer})"));
                            return;
                    }
                }

                _buffer.Enqueue(element);
            }
        }

        public override void OnPull()
        {
            if (!_buffer.IsEmpty) Push(_out, _buffer.Dequeue());
            CompleteIfDone();
        }

        private void CompleteIfDone()
        {
            if (_completing && _buffer.IsEmpty) CompleteStage();
        }

        public override void PostStop() => ((IInternalActorRef)Mouth).Stop();

        private sealed class Receiver(Action<object> tell) : ActorBase
        {
            protected override bool Receive(object message)
            {
                tell(message);
                return true;
            }

            protected override void PostStop() => tell(Stopped);
        }
    }
}
