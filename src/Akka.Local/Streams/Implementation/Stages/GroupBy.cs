using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

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
                _outlet.SetHandler(new LambdaOutHandler(OnPull, cause => logic.Close(this, key, cause)));
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
            else PullIfPossible(hasRoom: true);
        }

        /// <param name="hasRoom">Whether some group is known to have room, so that they need not be looked through: with many groups that would cost more than the element.</param>
        private void PullIfPossible(bool hasRoom = false)
        {
            if (IsClosed(In) || HasNext || _toOpen is not null || HasBeenPulled(In)) return;
            // A pull is due while a new group could be given or some group has room.
            if (hasRoom || IsAvailable(Out) || _groups.Values.Any(static g => g.IsAvailable)) Pull(In);
        }

        private void AfterSubstreamChange()
        {
            if (IsClosed(In)) CompleteIfDone();
            else PullIfPossible();
        }

        private void Close(Group group, ValueTuple<TKey> key, Exception cause)
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
            // Without downstream there will be no new group: when the last one goes nobody is left to take elements.
            if (IsClosed(Out) && _groups.Count == 0) CancelStage(cause);
            else AfterSubstreamChange();
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
