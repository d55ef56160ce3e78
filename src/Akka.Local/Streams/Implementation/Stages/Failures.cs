using Akka.Actor;
using Akka.Event;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;
using Akka.Util;

namespace Akka.Streams.Implementation.Stages;

internal sealed class Recover<T>(Func<Exception, Option<T>> recovery) : FlowStage<T, T>("recover")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, recovery);

    private sealed class Logic(FlowShape<T, T> shape, Func<Exception, Option<T>> recovery) : FlowLogic<T, T>(shape)
    {
        public override void OnPush() => Push(Out, Grab(In));

        public override void OnUpstreamFailure(Exception e)
        {
            var last = recovery(e);
            if (last.HasValue) Emit(Out, last.Value, CompleteStage);
            else FailStage(e);
        }
    }
}

internal sealed class RecoverWith<T, TMat>(Func<Exception, IGraph<SourceShape<T>, TMat>?> recovery, int attempts)
    : FlowStage<T, T>("recoverWith")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, recovery, attempts);

    private sealed class Logic(FlowShape<T, T> shape, Func<Exception, IGraph<SourceShape<T>, TMat>?> recovery, int attempts)
        : FlowLogic<T, T>(shape)
    {
        private int _attempt;

        public override void OnPush() => Push(Out, Grab(In));

        public override void OnUpstreamFailure(Exception e) => OnFailure(e);

        private void OnFailure(Exception cause)
        {
            if (attempts >= 0 && _attempt >= attempts || recovery(cause) is not { } source)
            {
                FailStage(cause);
                return;
            }

            _attempt++;
            var inner = new SubSinkInlet<T>(this, "RecoverWithSink");
            inner.SetHandler(new LambdaInHandler(() =>
            {
                if (IsAvailable(Out))
                {
                    Push(Out, inner.Grab());
                    inner.Pull();
                }
            }, () =>
            {
                if (!inner.IsAvailable) CompleteStage();
            }, OnFailure));
            SetHandler(Out, new LambdaOutHandler(() =>
            {
                if (inner.IsAvailable)
                {
                    Push(Out, inner.Grab());
                    if (inner.IsClosed) CompleteStage();
                    else inner.Pull();
                }
                else if (!inner.HasBeenPulled && !inner.IsClosed) inner.Pull();
            }, reason =>
            {
                inner.Cancel(reason);
                CancelStage(reason);
            }));
            // The stage outlives its failed input.
            SubFusingMaterializer.Materialize(Source.FromGraph(source).To(inner.Sink), Attributes);
            if (IsAvailable(Out)) inner.Pull();
        }
    }
}

internal sealed class Log<T>(string name, Func<T, object>? extract, ILoggingAdapter? log) : FlowStage<T, T>("log")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, name, extract, log, inheritedAttributes);

    private sealed class Logic(FlowShape<T, T> shape, string name, Func<T, object>? extract, ILoggingAdapter? given, Attributes attributes)
        : SupervisedLogic<T, T>(shape, attributes)
    {
        private static readonly Attributes.LogLevels DefaultLevels = new(LogLevel.DebugLevel, LogLevel.DebugLevel, LogLevel.ErrorLevel);

        private readonly Attributes.LogLevels _levels = attributes.GetAttribute(DefaultLevels);
        private ILoggingAdapter _log = null!;

        protected override object LogSource => $"Akka.Streams.Log.{name}";

        public override void PreStart() => _log = given ?? Log;

        private bool IsEnabled(LogLevel level) => level != Attributes.LogLevels.Off && _log.IsEnabled(level);

        public override void OnPush()
        {
            try
            {
                var element = Grab(In);
                if (IsEnabled(_levels.OnElement))
                    _log.Log(_levels.OnElement, null, "[{0}] Element: {1}", name, extract is null ? element! : extract(element));
                Push(Out, element);
            }
            catch (Exception e)
            {
                if (GoesOn(e)) TryPull(In);
            }
        }

        public override void OnUpstreamFinish()
        {
            if (IsEnabled(_levels.OnFinish)) _log.Log(_levels.OnFinish, null, "[{0}] Upstream finished.", name);
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            if (_levels.OnFailure == LogLevel.ErrorLevel) _log.Error(e, "[{0}] Upstream failed.", name);
            else if (IsEnabled(_levels.OnFailure))
                _log.Log(_levels.OnFailure, e, "[{0}] Upstream failed, cause: {1} {2}", name, e.GetType(), e.Message);
            FailStage(e);
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            if (IsEnabled(_levels.OnFinish)) _log.Log(_levels.OnFinish, null, "[{0}] Downstream finished, cause: {1}", name, cause.GetType());
            base.OnDownstreamFinish(cause);
        }
    }
}

internal sealed class Watch<T>(IActorRef target) : FlowStage<T, T>("watch")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, target);

    private sealed class Logic(FlowShape<T, T> shape, IActorRef target) : FlowLogic<T, T>(shape)
    {
        public override void PreStart() => GetStageActor(args =>
        {
            if (args.Item2 is Terminated terminated && terminated.ActorRef.Equals(target))
                FailStage(new WatchedActorTerminatedException("Watch", target));
        }).Watch(target);

        public override void OnPush() => Push(Out, Grab(In));
    }
}

internal sealed class TerminationWatcher<T>() : FlowStage<T, T, Task<Done>>("terminationWatcher")
{
    public override ILogicAndMaterializedValue<Task<Done>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var ended = new TaskCompletionSource<Done>(TaskCreationOptions.RunContinuationsAsynchronously);
        return new LogicAndMaterializedValue<Task<Done>>(new Logic(Shape, ended), ended.Task);
    }

    private sealed class Logic(FlowShape<T, T> shape, TaskCompletionSource<Done> ended) : FlowLogic<T, T>(shape)
    {
        public override void OnPush() => Push(Out, Grab(In));

        public override void OnUpstreamFinish()
        {
            ended.TrySetResult(Done.Instance);
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            ended.TrySetException(e);
            FailStage(e);
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            if (cause is SubscriptionWithCancelException.NonFailureCancellation) ended.TrySetResult(Done.Instance);
            else ended.TrySetException(cause);
            base.OnDownstreamFinish(cause);
        }

        public override void PostStop() => ended.TrySetException(new AbruptStageTerminationException(this));
    }
}

internal sealed class MonitorFlow<T>() : FlowStage<T, T, IFlowMonitor>("monitorFlow")
{
    public override ILogicAndMaterializedValue<IFlowMonitor> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(Shape);
        return new LogicAndMaterializedValue<IFlowMonitor>(logic, logic);
    }

    private sealed class Logic(FlowShape<T, T> shape) : FlowLogic<T, T>(shape), IFlowMonitor
    {
        private volatile object _last = FlowMonitor.Initialized.Instance;

        // An element is wrapped when it is asked for, so that the stream allocates nothing for reference types.
        public FlowMonitor.IStreamState State =>
            _last as FlowMonitor.IStreamState ?? new FlowMonitor.Received<T>((T)_last);

        public override void OnPush()
        {
            var element = Grab(In);
            Push(Out, element);
            _last = element is FlowMonitor.IStreamState ? new FlowMonitor.Received<T>(element) : element!;
        }

        public override void OnUpstreamFinish()
        {
            CompleteStage();
            _last = FlowMonitor.Finished.Instance;
        }

        public override void OnUpstreamFailure(Exception e)
        {
            FailStage(e);
            _last = new FlowMonitor.Failed(e);
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            base.OnDownstreamFinish(cause);
            _last = FlowMonitor.Finished.Instance;
        }

        public override void PostStop()
        {
            if (_last is not (FlowMonitor.Finished or FlowMonitor.Failed))
                _last = new FlowMonitor.Failed(new AbruptStageTerminationException(this));
        }
    }
}
