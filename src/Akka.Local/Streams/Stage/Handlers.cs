using Akka.Streams.Implementation;

namespace Akka.Streams.Stage;

/// <summary>Told what happens at an input. Called by the stream only, one call at a time.</summary>
public interface IInHandler
{
    /// <summary>An element is there to be grabbed.</summary>
    void OnPush();

    /// <summary>Upstream has ended; the input is closed.</summary>
    void OnUpstreamFinish();

    /// <summary>Upstream has failed; the input is closed.</summary>
    void OnUpstreamFailure(Exception e);
}

/// <summary>Told what happens at an output. Called by the stream only, one call at a time.</summary>
public interface IOutHandler
{
    /// <summary>Downstream wants one element.</summary>
    void OnPull();

    /// <summary>Downstream has cancelled; the output is closed. The cause says whether it simply had enough.</summary>
    void OnDownstreamFinish(Exception cause);
}

/// <summary>An input handler that completes or fails its stage when upstream does.</summary>
public abstract class InHandler : IInHandler
{
    protected InHandler() { }

    public abstract void OnPush();

    public virtual void OnUpstreamFinish() => GraphInterpreter.Current.ActiveStage.CompleteStage();

    public virtual void OnUpstreamFailure(Exception e) => GraphInterpreter.Current.ActiveStage.FailStage(e);
}

/// <summary>An output handler that cancels its stage when downstream does.</summary>
public abstract class OutHandler : IOutHandler
{
    protected OutHandler() { }

    public abstract void OnPull();

    public virtual void OnDownstreamFinish(Exception cause) => GraphInterpreter.Current.ActiveStage.InternalOnDownstreamFinish(cause);
}

/// <summary>A handler for one input and one output that passes their ends on.</summary>
public abstract class InAndOutHandler : IInHandler, IOutHandler
{
    protected InAndOutHandler() { }

    public abstract void OnPush();

    public virtual void OnUpstreamFinish() => GraphInterpreter.Current.ActiveStage.CompleteStage();

    public virtual void OnUpstreamFailure(Exception e) => GraphInterpreter.Current.ActiveStage.FailStage(e);

    public abstract void OnPull();

    public virtual void OnDownstreamFinish(Exception cause) => GraphInterpreter.Current.ActiveStage.InternalOnDownstreamFinish(cause);
}

/// <summary>Takes no element; ends with upstream.</summary>
public sealed class EagerTerminateInput : InHandler
{
    public static readonly EagerTerminateInput Instance = new();

    private EagerTerminateInput() { }

    public override void OnPush() { }
}

/// <summary>Takes no element; lives on when upstream ends, but fails with it.</summary>
public sealed class IgnoreTerminateInput : InHandler
{
    public static readonly IgnoreTerminateInput Instance = new();

    private IgnoreTerminateInput() { }

    public override void OnPush() { }

    public override void OnUpstreamFinish() { }
}

/// <summary>Takes no element; completes with upstream only while the predicate holds.</summary>
public class ConditionalTerminateInput : InHandler
{
    private readonly Func<bool> _predicate;

    public ConditionalTerminateInput(Func<bool> predicate) => _predicate = predicate;

    public override void OnPush() { }

    public override void OnUpstreamFinish()
    {
        if (_predicate()) GraphInterpreter.Current.ActiveStage.CompleteStage();
    }
}

/// <summary>Takes no element and does not care how upstream ends.</summary>
public sealed class TotallyIgnorantInput : InHandler
{
    public static readonly TotallyIgnorantInput Instance = new();

    private TotallyIgnorantInput() { }

    public override void OnPush() { }

    public override void OnUpstreamFinish() { }

    public override void OnUpstreamFailure(Exception e) { }
}

/// <summary>Gives no element; ends with downstream.</summary>
public sealed class EagerTerminateOutput : OutHandler
{
    public static readonly EagerTerminateOutput Instance = new();

    private EagerTerminateOutput() { }

    public override void OnPull() { }
}

/// <summary>Gives no element and lives on when downstream cancels.</summary>
public sealed class IgnoreTerminateOutput : OutHandler
{
    public static readonly IgnoreTerminateOutput Instance = new();

    private IgnoreTerminateOutput() { }

    public override void OnPull() { }

    public override void OnDownstreamFinish(Exception cause) { }
}

/// <summary>Gives no element; ends with downstream only while the predicate holds.</summary>
public class ConditionalTerminateOutput : OutHandler
{
    private readonly Func<bool> _predicate;

    public ConditionalTerminateOutput(Func<bool> predicate) => _predicate = predicate;

    public override void OnPull() { }

    public override void OnDownstreamFinish(Exception cause)
    {
        if (_predicate()) GraphInterpreter.Current.ActiveStage.CompleteStage();
    }
}

internal sealed class LambdaInHandler(Action onPush, Action? onUpstreamFinish, Action<Exception>? onUpstreamFailure) : InHandler
{
    public override void OnPush() => onPush();

    public override void OnUpstreamFinish()
    {
        if (onUpstreamFinish is null) base.OnUpstreamFinish();
        else onUpstreamFinish();
    }

    public override void OnUpstreamFailure(Exception e)
    {
        if (onUpstreamFailure is null) base.OnUpstreamFailure(e);
        else onUpstreamFailure(e);
    }
}

internal sealed class LambdaOutHandler(Action onPull, Action<Exception>? onDownstreamFinish) : OutHandler
{
    public override void OnPull() => onPull();

    public override void OnDownstreamFinish(Exception cause)
    {
        if (onDownstreamFinish is null) base.OnDownstreamFinish(cause);
        else onDownstreamFinish(cause);
    }
}
