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

internal sealed class Grouped<T>(int size) : FlowStage<T, IEnumerable<T>>("grouped")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, size);

    private sealed class Logic(FlowShape<T, IEnumerable<T>> shape, int size) : FlowLogic<T, IEnumerable<T>>(shape)
    {
        private List<T> _group = new(Math.Min(size, 64));

        public override void OnPush()
        {
            _group.Add(Grab(In));
            if (_group.Count < size)
            {
                Pull(In);
                return;
            }

            var group = _group;
            _group = new List<T>(Math.Min(size, 64));
            Push(Out, group);
        }

        public override void OnUpstreamFinish()
        {
            // The rest is pushed at once: there is demand, since an unfinished group is pulled for.
            if (_group.Count > 0) Push(Out, _group);
            CompleteStage();
        }
    }
}

internal sealed class Sliding<T>(int size, int step) : FlowStage<T, IEnumerable<T>>("sliding")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, size, step);

    private sealed class Logic(FlowShape<T, IEnumerable<T>> shape, int size, int step) : FlowLogic<T, IEnumerable<T>>(shape)
    {
        private readonly Queue<T> _window = new();
        private int _toSkip;
        private bool _hasNew;

        public override void OnPush()
        {
            var element = Grab(In);
            if (_toSkip > 0)
            {
                _toSkip--;
                Pull(In);
                return;
            }

            _window.Enqueue(element);
            _hasNew = true;
            if (_window.Count < size)
            {
                Pull(In);
                return;
            }

            T[] window = [.. _window];
            for (var i = 0; i < step && _window.Count > 0; i++) _window.Dequeue();
            _toSkip = Math.Max(0, step - size);
            _hasNew = false;
            Push(Out, window);
        }

        public override void OnUpstreamFinish()
        {
            // A last, shorter window only if it has an element that no window had before.
            if (_hasNew) Push(Out, _window.ToArray());
            CompleteStage();
        }
    }
}

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
