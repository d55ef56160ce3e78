using System.Collections.Immutable;
using Akka.Streams.Stage;
using Akka.Util;

namespace Akka.Streams.Implementation.Stages;

/// <summary>
/// A logic with one input and the task that its sink gives: the task ends exactly when the stream does, whatever ends it.
/// </summary>
internal abstract class SinkLogic<T, TResult> : InGraphStageLogic
{
    protected readonly Inlet<T> In;

    // Continuations must not run inside of the stream.
    protected readonly TaskCompletionSource<TResult> Result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected SinkLogic(SinkShape<T> shape) : base(1, 0)
    {
        In = shape.Inlet;
        SetHandler(In, this);
    }

    public Task<TResult> Task => Result.Task;

    public override void PreStart() => Pull(In);

    public override void OnUpstreamFailure(Exception e)
    {
        Result.TrySetException(e);
        FailStage(e);
    }

    public override void PostStop() => Result.TrySetException(new AbruptStageTerminationException(this));
}

internal sealed class IgnoreSink<T>() : SinkStage<T, Task<Done>>("ignoreSink")
{
    public override ILogicAndMaterializedValue<Task<Done>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(Shape);
        return new LogicAndMaterializedValue<Task<Done>>(logic, logic.Task);
    }

    private sealed class Logic(SinkShape<T> shape) : SinkLogic<T, Done>(shape)
    {
        public override void OnPush()
        {
            Grab(In);
            Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            Result.TrySetResult(Done.Instance);
            CompleteStage();
        }
    }
}

internal sealed class ForEachSink<T>(Action<T> action) : SinkStage<T, Task<Done>>("forEachSink")
{
    public override ILogicAndMaterializedValue<Task<Done>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(Shape, action, inheritedAttributes);
        return new LogicAndMaterializedValue<Task<Done>>(logic, logic.Task);
    }

    private sealed class Logic(SinkShape<T> shape, Action<T> action, Attributes attributes) : SinkLogic<T, Done>(shape)
    {
        public override void OnPush()
        {
            try
            {
                action(Grab(In));
            }
            catch (Exception e)
            {
                if (attributes.Decider()(e) == Supervision.Directive.Stop)
                {
                    Result.TrySetException(e);
                    FailStage(e);
                    return;
                }
            }

            Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            Result.TrySetResult(Done.Instance);
            CompleteStage();
        }
    }
}

internal sealed class SeqSink<T>() : SinkStage<T, Task<IImmutableList<T>>>("seqSink")
{
    public override ILogicAndMaterializedValue<Task<IImmutableList<T>>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(Shape);
        return new LogicAndMaterializedValue<Task<IImmutableList<T>>>(logic, logic.Task);
    }

    private sealed class Logic(SinkShape<T> shape) : SinkLogic<T, IImmutableList<T>>(shape)
    {
        private readonly ImmutableArray<T>.Builder _elements = ImmutableArray.CreateBuilder<T>();

        public override void OnPush()
        {
            _elements.Add(Grab(In));
            Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            Result.TrySetResult(ImmutableList.CreateRange(_elements));
            CompleteStage();
        }
    }
}

/// <summary>The first or the last element of a stream, or none.</summary>
internal sealed class OneElementSink<T>(bool first, bool orDefault) : SinkStage<T, Task<T>>(first ? "headSink" : "lastSink")
{
    public override ILogicAndMaterializedValue<Task<T>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(Shape, first, orDefault);
        return new LogicAndMaterializedValue<Task<T>>(logic, logic.Task);
    }

    private sealed class Logic(SinkShape<T> shape, bool first, bool orDefault) : SinkLogic<T, T>(shape)
    {
        private Option<T> _element = Option<T>.None;

        public override void OnPush()
        {
            var element = Grab(In);
            if (first)
            {
                Result.TrySetResult(element);
                CompleteStage();
                return;
            }

            _element = Option<T>.Create(element);
            Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (_element.HasValue) Result.TrySetResult(_element.Value);
            else if (orDefault) Result.TrySetResult(default!);
            else Result.TrySetException(new NoSuchElementException(first ? "First of empty stream" : "Last of empty stream"));
            CompleteStage();
        }
    }
}

internal sealed class CancelledSink<T>() : SinkStage<T, NotUsed>("cancelledSink")
{
    public override ILogicAndMaterializedValue<NotUsed> CreateLogicAndMaterializedValue(Attributes inheritedAttributes) =>
        new LogicAndMaterializedValue<NotUsed>(new Logic(Shape), NotUsed.Instance);

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Inlet<T> _in;

        public Logic(SinkShape<T> shape) : base(shape)
        {
            _in = shape.Inlet;
            SetHandler(_in, this);
        }

        public override void PreStart() => Cancel(_in);

        public override void OnPush() { }
    }
}

internal sealed class OnCompleteSink<T>(Action success, Action<Exception> failure) : SinkStage<T, NotUsed>("onCompletedSink")
{
    public override ILogicAndMaterializedValue<NotUsed> CreateLogicAndMaterializedValue(Attributes inheritedAttributes) =>
        new LogicAndMaterializedValue<NotUsed>(new Logic(Shape, success, failure), NotUsed.Instance);

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Inlet<T> _in;
        private readonly Action _success;
        private readonly Action<Exception> _failure;
        private bool _told;

        public Logic(SinkShape<T> shape, Action success, Action<Exception> failure) : base(shape)
        {
            _in = shape.Inlet;
            _success = success;
            _failure = failure;
            SetHandler(_in, this);
        }

        public override void PreStart() => Pull(_in);

        public override void OnPush()
        {
            Grab(_in);
            Pull(_in);
        }

        public override void OnUpstreamFinish()
        {
            _told = true;
            _success();
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _told = true;
            _failure(e);
            FailStage(e);
        }

        public override void PostStop()
        {
            if (!_told) _failure(new AbruptStageTerminationException(this));
        }
    }
}

/// <summary>A sink that is made when the first element comes.</summary>
internal sealed class LazySink<T, TMat>(Func<T, Task<Dsl.Sink<T, TMat>>> create, Func<TMat>? fallback)
    : SinkStage<T, Task<Option<TMat>>>("lazySink")
{
    public override ILogicAndMaterializedValue<Task<Option<TMat>>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(Shape, create, fallback);
        return new LogicAndMaterializedValue<Task<Option<TMat>>>(logic, logic.Value.Task);
    }

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Inlet<T> _in;
        private readonly Func<T, Task<Dsl.Sink<T, TMat>>> _create;
        private readonly Func<TMat>? _fallback;
        private T _first = default!;
        private bool _hasFirst;
        private bool _ended;

        public Logic(SinkShape<T> shape, Func<T, Task<Dsl.Sink<T, TMat>>> create, Func<TMat>? fallback) : base(shape)
        {
            _in = shape.Inlet;
            _create = create;
            _fallback = fallback;
            SetHandler(_in, this);
        }

        public TaskCompletionSource<Option<TMat>> Value { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void PreStart() => Pull(_in);

        public override void OnPush()
        {
            _first = Grab(_in);
            _hasFirst = true;
            try
            {
                _create(_first).WhenDone(GetAsyncCallback<Task<Dsl.Sink<T, TMat>>>(OnCreated));
            }
            catch (Exception e)
            {
                Value.TrySetException(e);
                FailStage(e);
                return;
            }

            // The element must not be lost if upstream ends while the sink is being made.
            SetKeepGoing(true);
        }

        private void OnCreated(Task<Dsl.Sink<T, TMat>> task)
        {
            if (!task.IsCompletedSuccessfully)
            {
                Value.TrySetException(task.Cause());
                FailStage(task.Cause());
                return;
            }

            var inner = new SubSourceOutlet<T>(this, "LazySink");
            inner.SetHandler(new LambdaOutHandler(() =>
            {
                if (_hasFirst)
                {
                    var first = _first;
                    _hasFirst = false;
                    _first = default!;
                    inner.Push(first);
                    if (!_ended) return;
                    inner.Complete();
                    CompleteStage();
                }
                else Pull(_in);
            }, cause =>
            {
                if (!IsClosed(_in)) Cancel(_in, cause);
                SetKeepGoing(false);
            }));
            SetHandler(_in, new LambdaInHandler(() => inner.Push(Grab(_in)), () =>
            {
                if (_hasFirst)
                {
                    _ended = true;
                    return;
                }

                inner.Complete();
                CompleteStage();
            }, e =>
            {
                inner.Fail(e);
                FailStage(e);
            }));
            try
            {
                var value = SubFusingMaterializer.Materialize(
                    Dsl.Source.FromGraph(inner.Source).ToMaterialized(task.GetAwaiter().GetResult(), Dsl.Keep.Right), Attributes);
                Value.TrySetResult(Option<TMat>.Create(value));
            }
            catch (Exception e)
            {
                Value.TrySetException(e);
                FailStage(e);
            }
        }

        public override void OnUpstreamFinish()
        {
            if (_hasFirst)
            {
                _ended = true;
                return;
            }

            try
            {
                Value.TrySetResult(_fallback is null ? Option<TMat>.None : Option<TMat>.Create(_fallback()));
            }
            catch (Exception e)
            {
                Value.TrySetException(e);
            }

            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            Value.TrySetException(e);
            FailStage(e);
        }

        public override void PostStop() => Value.TrySetException(new AbruptStageTerminationException(this));
    }
}
