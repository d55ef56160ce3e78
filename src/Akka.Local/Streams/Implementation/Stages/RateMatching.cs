using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Collects while downstream is busy, up to a weight; gives what it has as soon as there is demand.</summary>
internal sealed class Batch<TIn, TOut>(long max, Func<TIn, long> cost, Func<TIn, TOut> seed, Func<TOut, TIn, TOut> aggregate)
    : FlowStage<TIn, TOut>("batch")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, max, cost, seed, aggregate, inheritedAttributes);

    private sealed class Logic(FlowShape<TIn, TOut> shape, long max, Func<TIn, long> cost, Func<TIn, TOut> seed,
        Func<TOut, TIn, TOut> aggregate, Attributes attributes) : SupervisedLogic<TIn, TOut>(shape, attributes)
    {
        private readonly long _max = max;
        private TOut _batch = default!;
        private bool _hasBatch;
        private long _left = max;
        private TIn _pending = default!;
        private bool _hasPending;

        public override void PreStart() => Pull(In);

        protected override void Restart()
        {
            _batch = default!;
            _hasBatch = false;
            _left = _max;
        }

        public override void OnPush()
        {
            var element = Grab(In);
            try
            {
                var weight = cost(element);
                if (!_hasBatch) Begin(element, weight);
                else if (_left < weight)
                {
                    _pending = element;
                    _hasPending = true;
                }
                else
                {
                    _left -= weight;
                    _batch = aggregate(_batch, element);
                }
            }
            catch (Exception e)
            {
                if (!GoesOn(e)) return;
            }

            if (_hasBatch && IsAvailable(Out)) Flush();
            if (!_hasPending) TryPull(In);
        }

        public override void OnPull()
        {
            if (_hasBatch)
            {
                Flush();
                if (IsClosed(In))
                {
                    if (!_hasBatch) CompleteStage();
                    return;
                }
            }
            else if (IsClosed(In))
            {
                CompleteStage();
                return;
            }

            if (!_hasPending && !HasBeenPulled(In)) Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (!_hasBatch) CompleteStage();
        }

        private void Begin(TIn element, long weight)
        {
            _left = _max - weight;
            _batch = seed(element);
            _hasBatch = true;
        }

        private void Flush()
        {
            Push(Out, _batch);
            _batch = default!;
            _hasBatch = false;
            _left = _max;
            if (!_hasPending) return;
            var element = _pending;
            _pending = default!;
            _hasPending = false;
            try
            {
                Begin(element, cost(element));
            }
            catch (Exception e)
            {
                GoesOn(e);
            }
        }
    }
}

/// <summary>Answers each pull from the latest element's series, as long as no newer element has come.</summary>
internal sealed class Expand<TIn, TOut>(Func<TIn, IEnumerator<TOut>> extrapolate) : FlowStage<TIn, TOut>("expand")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, extrapolate);

    private sealed class Logic(FlowShape<TIn, TOut> shape, Func<TIn, IEnumerator<TOut>> extrapolate) : FlowLogic<TIn, TOut>(shape)
    {
        private IEnumerator<TOut>? _series;
        private bool _isAhead;
        private bool _expanded;

        public override void PreStart() => Pull(In);

        public override void OnPush()
        {
            _series?.Dispose();
            _series = extrapolate(Grab(In));
            _isAhead = false;
            if (!HasNext())
            {
                Pull(In);
                return;
            }

            _expanded = IsAvailable(Out);
            if (!_expanded) return;
            Pull(In);
            PushNext();
        }

        public override void OnPull()
        {
            if (!HasNext()) return;
            if (!_expanded)
            {
                _expanded = true;
                if (IsClosed(In))
                {
                    PushNext();
                    CompleteStage();
                    return;
                }

                // Asked first, so that a fast upstream is preferred to extrapolation.
                Pull(In);
            }

            PushNext();
        }

        private bool HasNext() => _isAhead || _series is not null && (_isAhead = _series.MoveNext());

        private void PushNext()
        {
            _isAhead = false;
            Push(Out, _series!.Current);
        }

        public override void OnUpstreamFinish()
        {
            // An element that nobody has seen yet is still delivered, once.
            if (_expanded || !HasNext()) CompleteStage();
        }

        public override void PostStop() => _series?.Dispose();
    }
}
