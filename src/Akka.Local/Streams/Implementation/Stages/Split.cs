using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>On which side of the deciding element a stream is split.</summary>
internal enum SplitDecision
{
    Before,
    After,
}

/// <summary>A new source whenever the predicate holds; the one before is completed.</summary>
internal sealed class Split<T>(SplitDecision decision, Func<T, bool> predicate, SubstreamCancelStrategy cancelStrategy)
    : FlowStage<T, Source<T, NotUsed>>("split")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, decision, predicate, cancelStrategy);

    private sealed class Logic(FlowShape<T, Source<T, NotUsed>> shape, SplitDecision decision, Func<T, bool> predicate,
        SubstreamCancelStrategy cancelStrategy) : FlowLogic<T, Source<T, NotUsed>>(shape)
    {
        private SubSourceOutlet<T>? _current;
        private bool _isDraining;
        private T _waiting = default!;
        private bool _hasWaiting;
        private bool _splitAfterWaiting;

        public override void OnPull()
        {
            if (_current is not null || _isDraining) return;
            if (_hasWaiting) Open();
            else if (IsClosed(In)) CompleteStage();
            else if (!HasBeenPulled(In)) Pull(In);
        }

        public override void OnPush()
        {
            var element = Grab(In);
            var decides = predicate(element);
            if (_isDraining && !(decides && decision == SplitDecision.Before))
            {
                if (decides)
                {
                    _isDraining = false;
                    if (!IsAvailable(Out)) return;
                }

                Pull(In);
                return;
            }

            if (_current is null || decides && decision == SplitDecision.Before)
            {
                // The element begins a substream: the one before ends, and this one waits until downstream takes it.
                _current?.Complete();
                _current = null;
                _isDraining = false;
                _waiting = element;
                _hasWaiting = true;
                _splitAfterWaiting = decides && decision == SplitDecision.After;
                if (IsAvailable(Out)) Open();
                return;
            }

            _current.Push(element);
            if (decides) End();
        }

        private void Open()
        {
            var outlet = new SubSourceOutlet<T>(this, "SplitSource");
            _current = outlet;
            outlet.SetHandler(new LambdaOutHandler(() =>
            {
                if (_hasWaiting)
                {
                    var element = _waiting;
                    _waiting = default!;
                    _hasWaiting = false;
                    outlet.Push(element);
                    if (_splitAfterWaiting) End();
                    else if (IsClosed(In))
                    {
                        outlet.Complete();
                        CompleteStage();
                    }
                }
                else if (!HasBeenPulled(In)) TryPull(In);
            }, cause =>
            {
                _current = null;
                _hasWaiting = false;
                _waiting = default!;
                if (IsClosed(In)) CompleteStage();
                else if (IsClosed(Out)) CancelStage(cause);
                else if (cancelStrategy == SubstreamCancelStrategy.Propagate) CancelStage(cause);
                else if (_splitAfterWaiting)
                {
                    _splitAfterWaiting = false;
                    if (IsAvailable(Out) && !HasBeenPulled(In)) Pull(In);
                }
                else
                {
                    _isDraining = true;
                    if (!HasBeenPulled(In)) Pull(In);
                }
            }));
            Push(Out, Source.FromGraph(outlet.Source));
        }

        /// <summary>The current substream has had its last element.</summary>
        private void End()
        {
            _splitAfterWaiting = false;
            _current!.Complete();
            _current = null;
            if (IsClosed(In)) CompleteStage();
            else if (IsAvailable(Out) && !HasBeenPulled(In)) Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (_hasWaiting)
            {
                SetKeepGoing(true);
                return;
            }

            _current?.Complete();
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _current?.Fail(e);
            FailStage(e);
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            if (_current is null) base.OnDownstreamFinish(cause);
            else SetKeepGoing(true);
        }
    }
}
