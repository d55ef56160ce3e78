using System.Collections.Immutable;
using Akka.Event;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>The first elements as a list, and a source of the rest.</summary>
internal sealed class PrefixAndTail<T>(int n) : FlowStage<T, (IImmutableList<T>, Source<T, NotUsed>)>("prefixAndTail")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, n, inheritedAttributes.GetMandatoryAttribute<ActorAttributes.StreamSubscriptionTimeout>());

    private sealed class Logic(FlowShape<T, (IImmutableList<T>, Source<T, NotUsed>)> shape, int n, ActorAttributes.StreamSubscriptionTimeout patience)
        : TimerFlowLogic<T, (IImmutableList<T>, Source<T, NotUsed>)>(shape)
    {
        private static readonly object Timer = "SubstreamSubscriptionTimer";

        private readonly List<T> _prefix = [];
        private SubSourceOutlet<T>? _tail;

        public override void OnPull()
        {
            if (_tail is not null) return;
            if (_prefix.Count >= n) OpenTail();
            else if (!HasBeenPulled(In)) Pull(In);
        }

        public override void OnPush()
        {
            if (_tail is not null)
            {
                _tail.Push(Grab(In));
                return;
            }

            _prefix.Add(Grab(In));
            if (_prefix.Count < n) Pull(In);
            else OpenTail();
        }

        private void OpenTail()
        {
            _tail = new SubSourceOutlet<T>(this, "TailSource");
            _tail.SetHandler(new LambdaOutHandler(() =>
            {
                CancelTimer(Timer);
                SetKeepGoing(true);
                if (!IsClosed(In) && !HasBeenPulled(In)) Pull(In);
            }, CancelStage));
            // The stage lives on for the tail after the one element it gives downstream.
            SetKeepGoing(true);
            if (patience.Mode != StreamSubscriptionTimeoutTerminationMode.NoopTermination) ScheduleOnce(Timer, patience.Timeout);
            Push(Out, (ImmutableList.CreateRange(_prefix), Source.FromGraph(_tail.Source)));
            Complete(Out);
        }

        protected internal override void OnTimer(object timerKey)
        {
            if (patience.Mode == StreamSubscriptionTimeoutTerminationMode.WarnTermination)
            {
                Interpreter.Materializer.Logger.Warning("The tail of PrefixAndTail({0}) has not been run within {1}", n, patience.Timeout);
                return;
            }

            _tail!.Timeout(patience.Timeout);
            if (_tail.IsClosed) CompleteStage();
        }

        public override void OnUpstreamFinish()
        {
            if (_tail is not null)
            {
                _tail.Complete();
                CompleteStage();
                return;
            }

            Emit(Out, (ImmutableList.CreateRange(_prefix), Source.Empty<T>()), CompleteStage);
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _tail?.Fail(e);
            FailStage(e);
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            // Once the tail is out it is the tail's consumer who decides.
            if (_tail is null) base.OnDownstreamFinish(cause);
        }
    }
}
