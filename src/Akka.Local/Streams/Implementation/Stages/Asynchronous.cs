using Akka.Streams.Stage;
using Akka.Util;

namespace Akka.Streams.Implementation.Stages;

/// <summary>
/// Starts up to a number of tasks at a time and gives their results in the order of the elements. A task that is done at once costs no
/// round trip through the actor.
/// </summary>
internal sealed class SelectAsync<TIn, TOut>(int parallelism, Func<TIn, Task<TOut>> mapper) : FlowStage<TIn, TOut>("selectAsync")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, parallelism, mapper, inheritedAttributes);

    private struct Slot
    {
        public bool IsDone;
        public bool IsDropped;
        public TOut Result;
    }

    private sealed class Logic(FlowShape<TIn, TOut> shape, int parallelism, Func<TIn, Task<TOut>> mapper, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(shape, attributes)
    {
        private readonly RingBuffer<Slot> _slots = new(parallelism);
        private Action<(long Number, Task<TOut> Task)> _done = null!;

        public override void PreStart() => _done = GetAsyncCallback<(long, Task<TOut>)>(args => OnDone(args.Item1, args.Item2));

        public override void OnPush()
        {
            Task<TOut> task;
            try
            {
                task = mapper(Grab(In));
            }
            catch (Exception e)
            {
                if (GoesOn(e)) PullIfPossible();
                return;
            }

            if (task.IsCompletedSuccessfully && _slots.IsEmpty && task.Result is { } result && IsAvailable(Out))
            {
                Push(Out, result);
                PullIfPossible();
                return;
            }

            var number = _slots.Enqueue(default);
            if (task.IsCompleted) OnDone(number, task);
            else
            {
                var done = _done;
                task.WhenDone(t => done((number, t)));
            }

            PullIfPossible();
        }

        private void OnDone(long number, Task<TOut> task)
        {
            ref var slot = ref _slots[number];
            slot.IsDone = true;
            if (task.IsCompletedSuccessfully && task.Result is { } result) slot.Result = result;
            else
            {
                slot.IsDropped = true;
                var cause = task.IsCompletedSuccessfully
                    ? new ArgumentNullException(nameof(mapper), "A task of SelectAsync gave null: a stream's elements must not be null")
                    : task.Cause();
                if (!GoesOn(cause)) return;
            }

            PushIfPossible();
        }

        private void PushIfPossible()
        {
            while (!_slots.IsEmpty && _slots.Peek().IsDone && (_slots.Peek().IsDropped || IsAvailable(Out)))
            {
                var slot = _slots.Dequeue();
                if (!slot.IsDropped) Push(Out, slot.Result);
            }

            if (_slots.IsEmpty && IsClosed(In)) CompleteStage();
            else PullIfPossible();
        }

        private void PullIfPossible()
        {
            if (!_slots.IsFull && !IsClosed(In) && !HasBeenPulled(In)) Pull(In);
        }

        public override void OnPull() => PushIfPossible();

        public override void OnUpstreamFinish()
        {
            if (_slots.IsEmpty) CompleteStage();
        }
    }
}

/// <summary>Starts up to a number of tasks at a time and gives their results as they come.</summary>
internal sealed class SelectAsyncUnordered<TIn, TOut>(int parallelism, Func<TIn, Task<TOut>> mapper)
    : FlowStage<TIn, TOut>("selectAsyncUnordered")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, parallelism, mapper, inheritedAttributes);

    private sealed class Logic(FlowShape<TIn, TOut> shape, int parallelism, Func<TIn, Task<TOut>> mapper, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(shape, attributes)
    {
        private readonly Queue<TOut> _results = new();
        private int _inFlight;
        private Action<Task<TOut>> _done = null!;

        public override void PreStart() => _done = GetAsyncCallback<Task<TOut>>(OnDone);

        public override void OnPush()
        {
            try
            {
                var task = mapper(Grab(In));
                _inFlight++;
                if (task.IsCompleted) OnDone(task);
                else task.WhenDone(_done);
            }
            catch (Exception e)
            {
                if (!GoesOn(e)) return;
            }

            PullIfPossible();
        }

        private void OnDone(Task<TOut> task)
        {
            _inFlight--;
            if (task.IsCompletedSuccessfully && task.Result is { } result)
            {
                if (!IsAvailable(Out)) _results.Enqueue(result);
                else
                {
                    PullIfPossible();
                    Push(Out, result);
                }
            }
            else
            {
                var cause = task.IsCompletedSuccessfully
                    ? new ArgumentNullException(nameof(mapper), "A task of SelectAsyncUnordered gave null: a stream's elements must not be null")
                    : task.Cause();
                if (!GoesOn(cause)) return;
                PullIfPossible();
            }

            if (IsClosed(In) && _inFlight + _results.Count == 0) CompleteStage();
        }

        public override void OnPull()
        {
            if (_results.TryDequeue(out var result)) Push(Out, result);
            if (IsClosed(In) && _inFlight + _results.Count == 0) CompleteStage();
            else PullIfPossible();
        }

        private void PullIfPossible()
        {
            if (_inFlight + _results.Count < parallelism && !IsClosed(In) && !HasBeenPulled(In)) Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (_inFlight + _results.Count == 0) CompleteStage();
        }
    }
}

/// <summary>A scan, or an aggregate, whose steps are asynchronous. One step at a time.</summary>
internal sealed class FoldAsync<TIn, TOut>(bool emitsEach, TOut zero, Func<TOut, TIn, Task<TOut>> fold)
    : FlowStage<TIn, TOut>(emitsEach ? "scanAsync" : "aggregateAsync")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, emitsEach, zero, fold, inheritedAttributes);

    private sealed class Logic(FlowShape<TIn, TOut> shape, bool emitsEach, TOut zero, Func<TOut, TIn, Task<TOut>> fold,
        Attributes attributes) : SupervisedLogic<TIn, TOut>(shape, attributes)
    {
        private readonly TOut _zero = zero;
        private TOut _state = zero;
        private bool _zeroSent = !emitsEach;
        private bool _isFolding;
        private Action<Task<TOut>> _done = null!;

        public override void PreStart() => _done = GetAsyncCallback<Task<TOut>>(OnDone);

        protected override void Restart() => _state = _zero;

        public override void OnPull()
        {
            if (!_zeroSent)
            {
                _zeroSent = true;
                Push(Out, _zero);
                if (IsClosed(In)) CompleteStage();
            }
            else if (!IsClosed(In))
            {
                if (!HasBeenPulled(In) && !_isFolding) Pull(In);
            }
            else if (!_isFolding) Finish();
        }

        public override void OnPush()
        {
            try
            {
                var task = fold(_state, Grab(In));
                _isFolding = true;
                if (task.IsCompleted) OnDone(task);
                else task.WhenDone(_done);
            }
            catch (Exception e)
            {
                if (GoesOn(e)) GoOn();
            }
        }

        private void OnDone(Task<TOut> task)
        {
            _isFolding = false;
            if (task.IsCompletedSuccessfully && task.Result is { } result)
            {
                _state = result;
                if (!emitsEach) GoOn();
                else
                {
                    Push(Out, result);
                    if (IsClosed(In)) CompleteStage();
                }

                return;
            }

            var cause = task.IsCompletedSuccessfully
                ? new ArgumentNullException(nameof(fold), "An asynchronous step gave null: a stream's elements must not be null")
                : task.Cause();
            if (GoesOn(cause)) GoOn();
        }

        private void GoOn()
        {
            if (!IsClosed(In)) Pull(In);
            else if (emitsEach) CompleteStage();
            else if (IsAvailable(Out)) Finish();
        }

        public override void OnUpstreamFinish()
        {
            if (_isFolding) return;
            if (emitsEach)
            {
                if (_zeroSent) CompleteStage();
            }
            else if (IsAvailable(Out)) Finish();
        }

        private void Finish()
        {
            if (!emitsEach) Push(Out, _state);
            CompleteStage();
        }
    }
}

/// <summary>The elements of an asynchronous sequence, asked for one at a time.</summary>
internal sealed class AsyncEnumerableSource<T>(Func<IAsyncEnumerable<T>> open) : SourceStage<T>("fromAsyncEnumerable")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, open);

    private sealed class Logic(SourceShape<T> shape, Func<IAsyncEnumerable<T>> open) : SourceLogic<T>(shape)
    {
        private readonly CancellationTokenSource _cancellation = new();
        private IAsyncEnumerator<T> _enumerator = null!;
        private Task<bool>? _moving;
        private Action<Task<bool>> _moved = null!;

        public override void PreStart()
        {
            _moved = GetAsyncCallback<Task<bool>>(OnMoved);
            _enumerator = open().GetAsyncEnumerator(_cancellation.Token);
        }

        public override void OnPull()
        {
            var move = _enumerator.MoveNextAsync();
            if (move.IsCompletedSuccessfully)
            {
                if (move.Result) Push(Out, _enumerator.Current);
                else CompleteStage();
                return;
            }

            _moving = move.AsTask();
            if (_moving.IsCompleted) OnMoved(_moving);
            else _moving.WhenDone(_moved);
        }

        private void OnMoved(Task<bool> moved)
        {
            _moving = null;
            if (!moved.IsCompletedSuccessfully) FailStage(moved.Cause());
            else if (moved.GetAwaiter().GetResult()) Push(Out, _enumerator.Current);
            else CompleteStage();
        }

        public override void PostStop()
        {
            if (_enumerator is null) return;
            _cancellation.Cancel();
            _ = DisposeAsync(_moving, _enumerator, _cancellation);
        }

        /// <summary>An enumerator must not be disposed while it moves; what comes of that move no longer matters.</summary>
        private static async Task DisposeAsync(Task<bool>? moving, IAsyncEnumerator<T> enumerator, CancellationTokenSource cancellation)
        {
            if (moving is not null) await moving.ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
            await enumerator.DisposeAsync().ConfigureAwait(false);
            cancellation.Dispose();
        }
    }
}
