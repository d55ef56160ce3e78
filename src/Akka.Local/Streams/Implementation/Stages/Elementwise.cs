using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

internal sealed class Select<TIn, TOut>(Func<TIn, TOut> mapper) : FlowStage<TIn, TOut>("select")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, mapper, inheritedAttributes);

    private sealed class Logic(FlowShape<TIn, TOut> shape, Func<TIn, TOut> mapper, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(shape, attributes)
    {
        public override void OnPush()
        {
            TOut mapped;
            try
            {
                mapped = mapper(Grab(In));
            }
            catch (Exception e)
            {
                if (GoesOn(e)) TryPull(In);
                return;
            }

            Push(Out, mapped);
        }
    }
}

internal sealed class Where<T>(Predicate<T> predicate) : FlowStage<T, T>("where")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, predicate, inheritedAttributes);

    private sealed class Logic(FlowShape<T, T> shape, Predicate<T> predicate, Attributes attributes) : SupervisedLogic<T, T>(shape, attributes)
    {
        public override void OnPush()
        {
            var element = Grab(In);
            bool passes;
            try
            {
                passes = predicate(element);
            }
            catch (Exception e)
            {
                if (GoesOn(e)) TryPull(In);
                return;
            }

            if (passes) Push(Out, element);
            else Pull(In);
        }
    }
}

internal sealed class Collect<TIn, TOut>(Func<TIn, bool> isDefined, Func<TIn, TOut> collector) : FlowStage<TIn, TOut>("collect")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, isDefined, collector, inheritedAttributes);

    private sealed class Logic(FlowShape<TIn, TOut> shape, Func<TIn, bool> isDefined, Func<TIn, TOut> collector, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(shape, attributes)
    {
        public override void OnPush()
        {
            var element = Grab(In);
            TOut collected;
            try
            {
                if (!isDefined(element))
                {
                    Pull(In);
                    return;
                }

                collected = collector(element);
            }
            catch (Exception e)
            {
                if (GoesOn(e)) TryPull(In);
                return;
            }

            Push(Out, collected);
        }
    }
}

internal sealed class TakeWhile<T>(Predicate<T> predicate, bool inclusive) : FlowStage<T, T>("takeWhile")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, predicate, inclusive, inheritedAttributes);

    private sealed class Logic(FlowShape<T, T> shape, Predicate<T> predicate, bool inclusive, Attributes attributes)
        : SupervisedLogic<T, T>(shape, attributes)
    {
        public override void OnPush()
        {
            var element = Grab(In);
            bool passes;
            try
            {
                passes = predicate(element);
            }
            catch (Exception e)
            {
                if (GoesOn(e)) TryPull(In);
                return;
            }

            if (passes || inclusive) Push(Out, element);
            if (!passes) CompleteStage();
        }
    }
}

internal sealed class SkipWhile<T>(Predicate<T> predicate) : FlowStage<T, T>("skipWhile")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, predicate, inheritedAttributes);

    private sealed class Logic(FlowShape<T, T> shape, Predicate<T> predicate, Attributes attributes) : SupervisedLogic<T, T>(shape, attributes)
    {
        private bool _skipping = true;

        public override void OnPush()
        {
            var element = Grab(In);
            if (_skipping)
            {
                try
                {
                    _skipping = predicate(element);
                }
                catch (Exception e)
                {
                    if (GoesOn(e)) TryPull(In);
                    return;
                }
            }

            if (_skipping) Pull(In);
            else Push(Out, element);
        }
    }
}

internal sealed class Take<T>(long count) : FlowStage<T, T>("take")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, count);

    private sealed class Logic(FlowShape<T, T> shape, long left) : FlowLogic<T, T>(shape)
    {
        private long _left = left;

        public override void OnPull()
        {
            if (_left > 0) Pull(In);
            else CompleteStage();
        }

        public override void OnPush()
        {
            _left--;
            Push(Out, Grab(In));
            if (_left <= 0) CompleteStage();
        }
    }
}

internal sealed class Skip<T>(long count) : FlowStage<T, T>("skip")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, count);

    private sealed class Logic(FlowShape<T, T> shape, long left) : FlowLogic<T, T>(shape)
    {
        private long _left = left;

        public override void OnPush()
        {
            var element = Grab(In);
            if (_left-- > 0) Pull(In);
            else Push(Out, element);
        }
    }
}

internal sealed class LimitWeighted<T>(long max, Func<T, long> cost) : FlowStage<T, T>("limitWeighted")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, max, cost, inheritedAttributes);

    private sealed class Logic(FlowShape<T, T> shape, long max, Func<T, long> cost, Attributes attributes)
        : SupervisedLogic<T, T>(shape, attributes)
    {
        private readonly long _max = max;
        private long _left = max;

        protected override void Restart() => _left = _max;

        public override void OnPush()
        {
            var element = Grab(In);
            try
            {
                _left -= cost(element);
            }
            catch (Exception e)
            {
                if (GoesOn(e)) TryPull(In);
                return;
            }

            if (_left >= 0) Push(Out, element);
            else FailStage(new StreamLimitReachedException(_max));
        }
    }
}

/// <summary>Each element becomes any number of elements; the function may keep state, which a restart renews.</summary>
internal sealed class StatefulSelectMany<TIn, TOut>(Func<Func<TIn, IEnumerable<TOut>>> factory) : FlowStage<TIn, TOut>("statefulSelectMany")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, factory, inheritedAttributes);

    private sealed class Logic(FlowShape<TIn, TOut> shape, Func<Func<TIn, IEnumerable<TOut>>> factory, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(shape, attributes)
    {
        private Func<TIn, IEnumerable<TOut>> _concat = factory();
        private IEnumerator<TOut>? _current;
        private bool _hasNext;

        protected override void Restart() => _concat = factory();

        public override void OnPush()
        {
            try
            {
                _current = _concat(Grab(In)).GetEnumerator();
                _hasNext = _current.MoveNext();
            }
            catch (Exception e)
            {
                Drop(e);
                return;
            }

            PushNext();
        }

        public override void OnPull()
        {
            if (_hasNext) PushNext();
            else if (IsClosed(In)) CompleteStage();
            else Pull(In);
        }

        private void PushNext()
        {
            if (!_hasNext)
            {
                End();
                if (IsClosed(In)) CompleteStage();
                else Pull(In);
                return;
            }

            TOut element;
            try
            {
                element = _current!.Current;
                _hasNext = _current.MoveNext();
            }
            catch (Exception e)
            {
                Drop(e);
                return;
            }

            Push(Out, element);
            if (_hasNext) return;
            End();
            if (IsClosed(In)) CompleteStage();
        }

        /// <summary>Gives up what is left of the current element.</summary>
        private void Drop(Exception cause)
        {
            End();
            if (!GoesOn(cause)) return;
            if (IsClosed(In)) CompleteStage();
            else if (!HasBeenPulled(In)) Pull(In);
        }

        private void End()
        {
            _hasNext = false;
            _current?.Dispose();
            _current = null;
        }

        public override void OnUpstreamFinish()
        {
            if (!_hasNext) CompleteStage();
        }

        public override void PostStop() => _current?.Dispose();
    }
}

internal sealed class Intersperse<T>(bool hasEnds, T start, T inject, T end) : FlowStage<T, T>("intersperse")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, hasEnds, start, inject, end);

    private sealed class Logic(FlowShape<T, T> shape, bool hasEnds, T start, T inject, T end) : FlowLogic<T, T>(shape)
    {
        private bool _started;

        public override void OnPush()
        {
            var element = Grab(In);
            if (_started) EmitMultiple(Out, [inject, element]);
            else if (hasEnds) EmitMultiple(Out, [start, element]);
            else Push(Out, element);
            _started = true;
        }

        public override void OnUpstreamFinish()
        {
            if (hasEnds)
            {
                if (!_started) Emit(Out, start);
                Emit(Out, end);
            }

            CompleteStage();
        }
    }
}

internal sealed class SelectError<T>(Func<Exception, Exception> selector) : FlowStage<T, T>("selectError")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, selector);

    private sealed class Logic(FlowShape<T, T> shape, Func<Exception, Exception> selector) : FlowLogic<T, T>(shape)
    {
        public override void OnPush() => Push(Out, Grab(In));

        public override void OnUpstreamFailure(Exception e) => FailStage(selector(e));
    }
}
