using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

internal sealed class Scan<TIn, TOut>(TOut zero, Func<TOut, TIn, TOut> scan) : FlowStage<TIn, TOut>("scan")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, zero, scan, inheritedAttributes);

    private sealed class Logic(FlowShape<TIn, TOut> shape, TOut zero, Func<TOut, TIn, TOut> scan, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(shape, attributes)
    {
        private readonly TOut _zero = zero;
        private TOut _state = zero;
        private bool _zeroSent;
        private bool _restarted;

        protected override void Restart()
        {
            _state = _zero;
            _restarted = true;
        }

        public override void OnPull()
        {
            if (_zeroSent)
            {
                Pull(In);
                return;
            }

            _zeroSent = true;
            Push(Out, _zero);
            if (IsClosed(In)) CompleteStage();
        }

        public override void OnPush()
        {
            try
            {
                _state = scan(_state, Grab(In));
            }
            catch (Exception e)
            {
                if (!GoesOn(e)) return;
                if (!_restarted)
                {
                    TryPull(In);
                    return;
                }
            }

            _restarted = false;
            Push(Out, _state);
        }

        public override void OnUpstreamFinish()
        {
            if (_zeroSent) CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            // The _zero belongs to the stream whatever happens to it.
            if (!_zeroSent) Emit(Out, _zero, () => FailStage(e));
            else FailStage(e);
        }
    }
}

internal sealed class Aggregate<TIn, TOut>(TOut zero, Func<TOut, TIn, TOut> fold) : FlowStage<TIn, TOut>("aggregate")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, zero, fold, inheritedAttributes);

    private sealed class Logic(FlowShape<TIn, TOut> shape, TOut zero, Func<TOut, TIn, TOut> fold, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(shape, attributes)
    {
        private readonly TOut _zero = zero;
        private TOut _state = zero;

        protected override void Restart() => _state = _zero;

        public override void OnPull()
        {
            if (!IsClosed(In)) Pull(In);
            else Finish();
        }

        public override void OnPush()
        {
            try
            {
                _state = fold(_state, Grab(In));
            }
            catch (Exception e)
            {
                if (!GoesOn(e)) return;
            }

            TryPull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (IsAvailable(Out)) Finish();
        }

        private void Finish()
        {
            Push(Out, _state);
            CompleteStage();
        }
    }
}

/// <summary>An aggregate that begins with the first element; a stream without one fails.</summary>
internal sealed class Reduce<T>(Func<T, T, T> reduce) : FlowStage<T, T>("sum")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, reduce, inheritedAttributes);

    private sealed class Logic(FlowShape<T, T> shape, Func<T, T, T> reduce, Attributes attributes) : SupervisedLogic<T, T>(shape, attributes)
    {
        private T _state = default!;
        private bool _hasState;

        protected override void Restart()
        {
            _state = default!;
            _hasState = false;
        }

        public override void OnPull()
        {
            if (!IsClosed(In)) Pull(In);
            else Finish();
        }

        public override void OnPush()
        {
            var element = Grab(In);
            try
            {
                _state = _hasState ? reduce(_state, element) : element;
                _hasState = true;
            }
            catch (Exception e)
            {
                if (!GoesOn(e)) return;
            }

            TryPull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (!_hasState) FailStage(new NoSuchElementException("Sum over empty stream"));
            else if (IsAvailable(Out)) Finish();
        }

        private void Finish()
        {
            Push(Out, _state);
            CompleteStage();
        }
    }
}
