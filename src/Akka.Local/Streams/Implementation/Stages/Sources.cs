using Akka.Actor;
using Akka.Streams.Stage;
using Akka.Util;
using Directive = Akka.Streams.Supervision.Directive;

namespace Akka.Streams.Implementation.Stages;

/// <summary>A logic with one output only.</summary>
internal abstract class SourceLogic<T> : OutGraphStageLogic
{
    protected readonly Outlet<T> Out;

    protected SourceLogic(SourceShape<T> shape) : base(0, 1)
    {
        Out = shape.Outlet;
        SetHandler(Out, this);
    }
}

/// <summary>The elements of a sequence, taken one at a time as they are asked for.</summary>
internal sealed class EnumeratorSource<T>(string name, Func<IEnumerator<T>> open) : SourceStage<T>(name)
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, open, inheritedAttributes);

    private sealed class Logic(SourceShape<T> shape, Func<IEnumerator<T>> open, Attributes attributes) : SourceLogic<T>(shape)
    {
        private IEnumerator<T>? _enumerator;
        private bool _isAhead;

        public override void OnPull()
        {
            if (_enumerator is null)
            {
                _enumerator = open();
                if (!Advance())
                {
                    CompleteStage();
                    return;
                }
            }

            if (!_isAhead) return;
            Push(Out, _enumerator.Current);
            if (!Advance()) CompleteStage();
        }

        /// <summary>Moves to the next element; the supervision strategy may skip ones that throw, or begin anew.</summary>
        private bool Advance()
        {
            while (true)
            {
                try
                {
                    return _isAhead = _enumerator!.MoveNext();
                }
                catch (Exception e)
                {
                    _isAhead = false;
                    switch (attributes.Decider()(e))
                    {
                        case Directive.Stop:
                            FailStage(e);
                            return false;
                        case Directive.Restart:
                            _enumerator!.Dispose();
                            _enumerator = open();
                            break;
                    }
                }
            }
        }

        public override void PostStop() => _enumerator?.Dispose();
    }
}

internal sealed class SingleSource<T>(T element) : SourceStage<T>("single")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, element);

    private sealed class Logic(SourceShape<T> shape, T element) : SourceLogic<T>(shape)
    {
        public override void OnPull()
        {
            Push(Out, element);
            CompleteStage();
        }
    }
}

/// <summary>Ends as soon as it starts: completes, or fails where there is a cause.</summary>
internal sealed class EndedSource<T>(string name, Exception? cause) : SourceStage<T>(name)
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, cause);

    private sealed class Logic(SourceShape<T> shape, Exception? cause) : SourceLogic<T>(shape)
    {
        public override void PreStart()
        {
            if (cause is null) CompleteStage();
            else FailStage(cause);
        }

        public override void OnPull() { }
    }
}

internal sealed class NeverSource<T>() : SourceStage<T>("never")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape);

    private sealed class Logic(SourceShape<T> shape) : SourceLogic<T>(shape)
    {
        public override void OnPull() { }
    }
}

internal sealed class RepeatSource<T>(T element) : SourceStage<T>("repeat")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, element);

    private sealed class Logic(SourceShape<T> shape, T element) : SourceLogic<T>(shape)
    {
        public override void OnPull() => Push(Out, element);
    }
}

internal sealed class Unfold<TState, T>(TState zero, Func<TState, Option<(TState, T)>> unfold) : SourceStage<T>("unfold")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, zero, unfold);

    private sealed class Logic(SourceShape<T> shape, TState zero, Func<TState, Option<(TState, T)>> unfold) : SourceLogic<T>(shape)
    {
        private TState _state = zero;

        public override void OnPull()
        {
            var next = unfold(_state);
            if (!next.HasValue)
            {
                CompleteStage();
                return;
            }

            _state = next.Value.Item1;
            Push(Out, next.Value.Item2);
        }
    }
}

internal sealed class UnfoldAsync<TState, T>(TState zero, Func<TState, Task<Option<(TState, T)>>> unfold) : SourceStage<T>("unfoldAsync")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, zero, unfold);

    private sealed class Logic(SourceShape<T> shape, TState zero, Func<TState, Task<Option<(TState, T)>>> unfold) : SourceLogic<T>(shape)
    {
        private TState _state = zero;
        private Action<Task<Option<(TState, T)>>> _finished = null!;

        public override void PreStart() => _finished = GetAsyncCallback<Task<Option<(TState, T)>>>(OnFinished);

        public override void OnPull()
        {
            var task = unfold(_state);
            if (task.IsCompleted) OnFinished(task);
            else task.WhenDone(_finished);
        }

        private void OnFinished(Task<Option<(TState, T)>> task)
        {
            if (!task.IsCompletedSuccessfully)
            {
                FailStage(task.Cause());
                return;
            }

            var next = task.GetAwaiter().GetResult();
            if (!next.HasValue)
            {
                CompleteStage();
                return;
            }

            _state = next.Value.Item1;
            Push(Out, next.Value.Item2);
        }
    }
}

/// <summary>One element and completion, or failure, once the task is done.</summary>
internal sealed class TaskSource<T>(Task<T> task) : SourceStage<T>("fromTask")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, task);

    private sealed class Logic(SourceShape<T> shape, Task<T> task) : SourceLogic<T>(shape)
    {
        public override void OnPull()
        {
            if (task.IsCompleted) OnFinished(task);
            else
            {
                task.WhenDone(GetAsyncCallback<Task<T>>(OnFinished));
                SetHandler(Out, EagerTerminateOutput);
            }
        }

        private void OnFinished(Task<T> finished)
        {
            if (finished.IsCompletedSuccessfully) Emit(Out, finished.GetAwaiter().GetResult(), CompleteStage);
            else FailStage(finished.Cause());
        }
    }
}

internal sealed class MaybeSource<T>() : SourceStage<T, TaskCompletionSource<T>>("maybe")
{
    public override ILogicAndMaterializedValue<TaskCompletionSource<T>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        // Continuations must not run inside of whoever completes it.
        var promise = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return new LogicAndMaterializedValue<TaskCompletionSource<T>>(new Logic(Shape, promise), promise);
    }

    private sealed class Logic(SourceShape<T> shape, TaskCompletionSource<T> promise) : SourceLogic<T>(shape)
    {
        private bool _arrived;

        public override void PreStart()
        {
            if (promise.Task.IsCompleted) OnCompleted(promise.Task);
            else promise.Task.WhenDone(GetAsyncCallback<Task<T>>(OnCompleted));
        }

        private void OnCompleted(Task<T> task)
        {
            if (!task.IsCompletedSuccessfully)
            {
                FailStage(task.Cause());
                return;
            }

            var element = task.GetAwaiter().GetResult();
            // Null, or a value type's default, is how the promise says that there is no element after all.
            if (EqualityComparer<T>.Default.Equals(element, default)) CompleteStage();
            else
            {
                _arrived = true;
                Emit(Out, element, CompleteStage);
            }
        }

        public override void OnPull() { }

        public override void OnDownstreamFinish(Exception cause)
        {
            promise.TrySetResult(default!);
            base.OnDownstreamFinish(cause);
        }

        public override void PostStop()
        {
            if (!_arrived) promise.TrySetException(new AbruptStageTerminationException(this));
        }
    }
}

/// <summary>The same element at intervals; ticks that come without demand are lost.</summary>
internal sealed class TickSource<T>(TimeSpan initialDelay, TimeSpan interval, T tick) : SourceStage<T, ICancelable>("tickSource")
{
    public override ILogicAndMaterializedValue<ICancelable> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(Shape, initialDelay, interval, tick);
        return new LogicAndMaterializedValue<ICancelable>(logic, logic);
    }

    private sealed class Logic : TimerGraphStageLogic, ICancelable
    {
        private static readonly object Timer = "TickTimer";

        private readonly CancellationTokenSource _cancellation = new();
        private readonly Outlet<T> _out;
        private readonly TimeSpan _initialDelay;
        private readonly TimeSpan _interval;
        private readonly T _tick;
        private readonly Action _complete;

        public Logic(SourceShape<T> shape, TimeSpan initialDelay, TimeSpan interval, T tick) : base(shape)
        {
            _out = shape.Outlet;
            _initialDelay = initialDelay;
            _interval = interval;
            _tick = tick;
            _complete = GetAsyncCallback(CompleteStage);
            SetHandler(_out, EagerTerminateOutput);
        }

        public override void PreStart()
        {
            if (_cancellation.IsCancellationRequested) CompleteStage();
            else ScheduleRepeatedly(Timer, _initialDelay, _interval);
        }

        protected internal override void OnTimer(object timerKey)
        {
            if (IsAvailable(_out)) Push(_out, _tick);
        }

        public bool IsCancellationRequested => _cancellation.IsCancellationRequested;

        public CancellationToken Token => _cancellation.Token;

        public void Cancel() => Cancel(false);

        public void Cancel(bool throwOnFirstException)
        {
            if (_cancellation.IsCancellationRequested) return;
            _cancellation.Cancel(throwOnFirstException);
            _complete();
        }

        public void CancelAfter(TimeSpan delay) => Interpreter.Materializer.ScheduleOnce(delay, Cancel);

        public void CancelAfter(int millisecondsDelay) => CancelAfter(TimeSpan.FromMilliseconds(millisecondsDelay));
    }
}

/// <summary>A source that is made when there is first demand.</summary>
internal sealed class LazySource<T, TMat>(Func<Dsl.Source<T, TMat>> create) : SourceStage<T, Task<TMat>>("lazySource")
{
    public override ILogicAndMaterializedValue<Task<TMat>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var value = new TaskCompletionSource<TMat>(TaskCreationOptions.RunContinuationsAsynchronously);
        return new LogicAndMaterializedValue<Task<TMat>>(new Logic(Shape, create, value), value.Task);
    }

    private sealed class Logic(SourceShape<T> shape, Func<Dsl.Source<T, TMat>> create, TaskCompletionSource<TMat> value) : SourceLogic<T>(shape)
    {
        public override void OnPull()
        {
            var inner = new SubSinkInlet<T>(this, "LazySource");
            SetHandler(Out, new LambdaOutHandler(inner.Pull, cause =>
            {
                inner.Cancel(cause);
                InternalOnDownstreamFinish(cause);
            }));
            inner.SetHandler(new LambdaInHandler(() => Push(Out, inner.Grab()), null, null));
            inner.Pull();
            try
            {
                value.TrySetResult(SubFusingMaterializer.Materialize(create().ToMaterialized(inner.Sink, Dsl.Keep.Left), Attributes));
            }
            catch (Exception e)
            {
                inner.Cancel();
                value.TrySetException(e);
                FailStage(e);
            }
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            value.TrySetException(new InvalidOperationException("Downstream canceled without triggering lazy source materialization"));
            base.OnDownstreamFinish(cause);
        }

        public override void PostStop() => value.TrySetException(new AbruptStageTerminationException(this));
    }
}

internal static class TaskExtensions
{
    /// <summary>Calls back when the task has ended, however it has.</summary>
    public static void WhenDone<T>(this Task<T> task, Action<Task<T>> callback) =>
        task.ContinueWith(static (t, c) => ((Action<Task<T>>)c!)(t), callback, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <inheritdoc cref="WhenDone{T}"/>
    public static void WhenDone(this Task task, Action<Task> callback) =>
        task.ContinueWith(static (t, c) => ((Action<Task>)c!)(t), callback, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Why a task failed: its one exception where there is one, so that causes arrive as they were thrown.</summary>
    public static Exception Cause(this Task task)
    {
        if (task.Exception is { } failure) return failure.InnerExceptions.Count == 1 ? failure.InnerExceptions[0] : failure;
        return new TaskCanceledException(task);
    }
}
