using Akka.Streams.Stage;
using Akka.Streams.Supervision;
using Akka.Util;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Reads a resource that is opened when the stream starts and closed, once, however the stream ends.</summary>
internal sealed class UnfoldResource<T, TSource>(Func<TSource> create, Func<TSource, Option<T>> read, Action<TSource> close)
    : SourceStage<T>("unfoldResourceSource")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, create, read, close, inheritedAttributes);

    private sealed class Logic(SourceShape<T> shape, Func<TSource> create, Func<TSource, Option<T>> read, Action<TSource> close,
        Attributes attributes) : SourceLogic<T>(shape)
    {
        private TSource _source = default!;
        private bool _isOpen;

        public override void PreStart() => Open();

        private void Open()
        {
            _source = create();
            _isOpen = true;
        }

        private void Close()
        {
            _isOpen = false;
            close(_source);
        }

        public override void OnPull()
        {
            while (true)
            {
                Option<T> element;
                try
                {
                    element = read(_source);
                }
                catch (Exception e)
                {
                    switch (attributes.Decider()(e))
                    {
                        case Directive.Stop:
                            Close();
                            FailStage(e);
                            return;
                        case Directive.Restart:
                            Close();
                            Open();
                            break;
                    }

                    continue;
                }

                if (element.HasValue) Push(Out, element.Value);
                else
                {
                    Close();
                    CompleteStage();
                }

                return;
            }
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            Close();
            base.OnDownstreamFinish(cause);
        }

        public override void PostStop()
        {
            if (_isOpen) Close();
        }
    }
}

/// <summary>
/// The same with asynchronous steps, one at a time. The stage waits for a step under way before it closes, and for the closing before it
/// ends; cancelled while the resource is being opened, it closes it as soon as it is open.
/// </summary>
internal sealed class UnfoldResourceAsync<T, TSource>(Func<Task<TSource>> create, Func<TSource, Task<Option<T>>> read,
    Func<TSource, Task<Done>> close) : SourceStage<T>("unfoldResourceSourceAsync")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, create, read, close, inheritedAttributes);

    private sealed class Logic(SourceShape<T> shape, Func<Task<TSource>> create, Func<TSource, Task<Option<T>>> read,
        Func<TSource, Task<Done>> close, Attributes attributes) : SourceLogic<T>(shape)
    {
        private enum State
        {
            Opening,
            Open,
            Reading,
            Closing,
            Closed,
        }

        private State _state = State.Closed;
        private TSource _source = default!;
        private Task<TSource>? _opening;
        private Task<Option<T>>? _reading;
        private Action<Task<TSource>> _opened = null!;
        private Action<Task<Option<T>>> _read = null!;

        public override void PreStart()
        {
            _opened = GetAsyncCallback<Task<TSource>>(OnOpened);
            _read = GetAsyncCallback<Task<Option<T>>>(OnRead);
            Open();
        }

        private void Open()
        {
            var task = _opening = create();
            // From here on somebody has to close it: the stage keeps going until it is known whether there is anything to close.
            _state = State.Opening;
            SetKeepGoing(true);
            if (task.IsCompleted) OnOpened(task);
            else task.WhenDone(_opened);
        }

        private void OnOpened(Task<TSource> task)
        {
            if (!task.IsCompletedSuccessfully)
            {
                _state = State.Closed;
                FailStage(task.Cause());
                return;
            }

            _source = task.GetAwaiter().GetResult();
            _state = State.Open;
            if (IsClosed(Out)) Close(CompleteStage);
            else if (IsAvailable(Out)) OnPull();
        }

        public override void OnPull()
        {
            if (_state != State.Open) return;
            _state = State.Reading;
            Task<Option<T>> task;
            try
            {
                task = _reading = read(_source);
            }
            catch (Exception e)
            {
                OnReadFailed(e);
                return;
            }

            if (task.IsCompleted) OnRead(task);
            else task.WhenDone(_read);
        }

        private void OnRead(Task<Option<T>> task)
        {
            _state = State.Open;
            if (IsClosed(Out)) Close(CompleteStage);
            else if (!task.IsCompletedSuccessfully) OnReadFailed(task.Cause());
            else if (task.GetAwaiter().GetResult() is { HasValue: true } element) Push(Out, element.Value);
            else Close(CompleteStage);
        }

        private void OnReadFailed(Exception cause)
        {
            _state = State.Open;
            switch (attributes.Decider()(cause))
            {
                case Directive.Stop:
                    Close(() => FailStage(cause));
                    break;
                case Directive.Restart:
                    Close(Open);
                    break;
                default:
                    OnPull();
                    break;
            }
        }

        private void Close(Action andThen)
        {
            _state = State.Closing;
            Task<Done> task;
            try
            {
                task = close(_source);
            }
            catch (Exception e)
            {
                _state = State.Closed;
                FailStage(e);
                return;
            }

            if (task.IsCompleted) OnClosed(task, andThen);
            else task.WhenDone(GetAsyncCallback<Task<Done>>(t => OnClosed(t, andThen)));
        }

        private void OnClosed(Task<Done> task, Action andThen)
        {
            _state = State.Closed;
            if (task.IsCompletedSuccessfully) andThen();
            else FailStage(task.Cause());
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            // The port is closed, but the stage lives on until the resource is.
            if (_state == State.Open) Close(CompleteStage);
        }

        public override void PostStop()
        {
            switch (_state)
            {
                case State.Open:
                    _ = close(_source);
                    break;
                // Only when the stream is torn down: nobody is left to wait, but the resource must not leak.
                case State.Opening:
                    _opening!.WhenDone(t =>
                    {
                        if (t.IsCompletedSuccessfully) _ = close(t.GetAwaiter().GetResult());
                    });
                    break;
                case State.Reading:
                    _reading!.WhenDone(_ => close(_source));
                    break;
            }
        }
    }
}
