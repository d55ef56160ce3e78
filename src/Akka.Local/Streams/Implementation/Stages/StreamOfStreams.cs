using System.Collections.Immutable;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Runs the sources that come in, up to a number at a time, and gives their elements in the order in which they are ready.</summary>
internal sealed class FlattenMerge<TGraph, T, TMat>(int breadth) : FlowStage<TGraph, T>("flattenMerge") where TGraph : IGraph<SourceShape<T>, TMat>
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, breadth, inheritedAttributes);

    private sealed class Logic(FlowShape<TGraph, T> shape, int breadth, Attributes attributes) : FlowLogic<TGraph, T>(shape)
    {
        private readonly HashSet<SubSinkInlet<T>> _sources = [];
        private readonly Queue<SubSinkInlet<T>> _ready = new();

        public override void PreStart() => Pull(In);

        public override void OnPush()
        {
            var source = Grab(In);
            var inner = new SubSinkInlet<T>(this, "FlattenMergeSink");
            inner.SetHandler(new LambdaInHandler(() =>
            {
                if (IsAvailable(Out))
                {
                    Push(Out, inner.Grab());
                    inner.Pull();
                }
                else _ready.Enqueue(inner);
            }, () =>
            {
                if (!inner.IsAvailable) Remove(inner);
            }, null));
            inner.Pull();
            _sources.Add(inner);
            SubFusingMaterializer.Materialize(Source.FromGraph(source).To(inner.Sink), attributes);
            if (_sources.Count < breadth) TryPull(In);
        }

        public override void OnPull()
        {
            if (!_ready.TryDequeue(out var source)) return;
            Push(Out, source.Grab());
            if (source.IsClosed) Remove(source);
            else source.Pull();
        }

        private void Remove(SubSinkInlet<T> source)
        {
            var wasFull = _sources.Count == breadth;
            _sources.Remove(source);
            if (wasFull) TryPull(In);
            if (IsClosed(In) && _sources.Count == 0) CompleteStage();
        }

        public override void OnUpstreamFinish()
        {
            if (_sources.Count == 0) CompleteStage();
        }

        public override void PostStop()
        {
            foreach (var source in _sources) source.Cancel();
        }
    }
}

/// <summary>The first elements as a list, and a source of the rest.</summary>
internal sealed class PrefixAndTail<T>(int n) : FlowStage<T, (IImmutableList<T>, Source<T, NotUsed>)>("prefixAndTail")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, n);

    private sealed class Logic(FlowShape<T, (IImmutableList<T>, Source<T, NotUsed>)> shape, int n)
        : TimerFlowLogic<T, (IImmutableList<T>, Source<T, NotUsed>)>(shape)
    {
        private static readonly TimeSpan SubscriptionTimeout = TimeSpan.FromSeconds(5);
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
            ScheduleOnce(Timer, SubscriptionTimeout);
            Push(Out, (ImmutableList.CreateRange(_prefix), Source.FromGraph(_tail.Source)));
            Complete(Out);
        }

        protected internal override void OnTimer(object timerKey)
        {
            _tail!.Timeout(SubscriptionTimeout);
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

/// <summary>A source for each key, given when its first element comes.</summary>
internal sealed class GroupBy<T, TKey>(int maxSubstreams, Func<T, TKey> keyFor, bool allowClosedSubstreamRecreation)
    : FlowStage<T, Source<T, NotUsed>>("groupBy")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, maxSubstreams, keyFor, allowClosedSubstreamRecreation, inheritedAttributes);

    private sealed class Logic(FlowShape<T, Source<T, NotUsed>> shape, int maxSubstreams, Func<T, TKey> keyFor, bool allowRecreation,
        Attributes attributes) : FlowLogic<T, Source<T, NotUsed>>(shape)
    {
        // Keys are wrapped, since a dictionary does not take null for one.
        private readonly Dictionary<ValueTuple<TKey>, Group> _groups = [];
        private readonly HashSet<ValueTuple<TKey>> _closedKeys = [];
        private Group? _toOpen;
        private T _next = default!;
        private Group? _nextFor;
        private int _firstElements;

        private bool HasNext => _nextFor is not null;

        /// <summary>One substream. Its first element is kept until it is asked for.</summary>
        private sealed class Group
        {
            private readonly Logic _logic;
            private readonly SubSourceOutlet<T> _outlet;
            private T _first;
            private bool _hasFirst = true;

            public Group(Logic logic, ValueTuple<TKey> key, T first)
            {
                _logic = logic;
                _first = first;
                logic._firstElements++;
                _outlet = new SubSourceOutlet<T>(logic, "GroupBySource");
                _outlet.SetHandler(new LambdaOutHandler(OnPull, _ => logic.Close(this, key)));
            }

            public Source<T, NotUsed> Source => Dsl.Source.FromGraph(_outlet.Source);

            public bool IsAvailable => _outlet.IsAvailable && !_hasFirst;

            public bool HasFirst => _hasFirst;

            public bool IsEnding { get; private set; }

            public void Push(T element) => _outlet.Push(element);

            private void OnPull()
            {
                if (_hasFirst)
                {
                    _hasFirst = false;
                    _logic._firstElements--;
                    var first = _first;
                    _first = default!;
                    _outlet.Push(first);
                    if (IsEnding && _logic._nextFor != this) _outlet.Complete();
                    _logic.AfterSubstreamChange();
                    return;
                }

                _logic.OnSubPull(this);
            }

            /// <summary>Completes it once what is meant for it has been taken.</summary>
            public void End(bool hasMore)
            {
                IsEnding = true;
                if (!_hasFirst && !hasMore) _outlet.Complete();
            }

            public void Fail(Exception cause) => _outlet.Fail(cause);

            public void Complete() => _outlet.Complete();

            public void Discard()
            {
                if (!_hasFirst) return;
                _hasFirst = false;
                _first = default!;
                _logic._firstElements--;
            }
        }

        public override void OnPush()
        {
            var element = Grab(In);
            ValueTuple<TKey> key;
            try
            {
                key = new ValueTuple<TKey>(keyFor(element));
            }
            catch (Exception e)
            {
                if (attributes.Decider()(e) == Supervision.Directive.Stop) Fail(e);
                else if (!HasBeenPulled(In)) Pull(In);
                return;
            }

            if (_groups.TryGetValue(key, out var group))
            {
                if (group.IsAvailable) group.Push(element);
                else
                {
                    _next = element;
                    _nextFor = group;
                }
            }
            else if (_closedKeys.Contains(key) && !allowRecreation) Pull(In);
            else if (_groups.Count + (allowRecreation ? 0 : _closedKeys.Count) >= maxSubstreams) Fail(new TooManySubstreamsOpenException());
            else
            {
                group = new Group(this, key, element);
                _groups.Add(key, group);
                if (IsAvailable(Out)) Push(Out, group.Source);
                else _toOpen = group;
            }
        }

        public override void OnPull()
        {
            if (_toOpen is { } group)
            {
                _toOpen = null;
                Push(Out, group.Source);
            }

            PullIfPossible();
        }

        private void OnSubPull(Group group)
        {
            if (_nextFor == group)
            {
                var element = _next;
                _next = default!;
                _nextFor = null;
                group.Push(element);
                if (group.IsEnding) group.Complete();
                AfterSubstreamChange();
            }
            else PullIfPossible();
        }

        private void PullIfPossible()
        {
            if (IsClosed(In) || HasNext || _toOpen is not null || HasBeenPulled(In)) return;
            // A pull is due while a new group could be given or some group has room.
            if (IsAvailable(Out) || _groups.Values.Any(g => g.IsAvailable)) Pull(In);
        }

        private void AfterSubstreamChange()
        {
            if (IsClosed(In)) CompleteIfDone();
            else PullIfPossible();
        }

        private void Close(Group group, ValueTuple<TKey> key)
        {
            group.Discard();
            _groups.Remove(key);
            if (!allowRecreation) _closedKeys.Add(key);
            if (_nextFor == group)
            {
                _next = default!;
                _nextFor = null;
            }

            if (_toOpen == group) _toOpen = null;
            AfterSubstreamChange();
        }

        private void CompleteIfDone()
        {
            if (!HasNext && _toOpen is null && _firstElements == 0) CompleteStage();
        }

        public override void OnUpstreamFinish()
        {
            foreach (var group in _groups.Values) group.End(_nextFor == group);
            // Elements that wait for their substreams, and a substream that waits for downstream, are still delivered.
            SetKeepGoing(true);
            if (_toOpen is null) Complete(Out);
            CompleteIfDone();
        }

        private void Fail(Exception cause)
        {
            foreach (var group in _groups.Values) group.Fail(cause);
            FailStage(cause);
        }

        public override void OnUpstreamFailure(Exception e) => Fail(e);

        public override void OnDownstreamFinish(Exception cause)
        {
            // Nobody will run new groups; those that run are served to the end.
            if (_toOpen is { } group)
            {
                group.Discard();
                _toOpen = null;
            }

            if (_groups.Count == 0 || IsClosed(In) && _firstElements == 0 && !HasNext) CancelStage(cause);
            else
            {
                SetKeepGoing(true);
                PullIfPossible();
            }
        }
    }
}

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
