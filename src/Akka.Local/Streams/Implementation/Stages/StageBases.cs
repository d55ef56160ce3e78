using Akka.Streams.Stage;
using Akka.Streams.Supervision;

namespace Akka.Streams.Implementation.Stages;

/// <summary>A stage that is called by its name, and its ports after it.</summary>
internal abstract class NamedStage<TShape, TMat>(string name, TShape shape) : GraphStageWithMaterializedValue<TShape, TMat> where TShape : Shape
{
    public sealed override TShape Shape => shape;

    protected sealed override Attributes InitialAttributes => Attributes.CreateName(name);

    public sealed override string ToString() => name;
}

/// <summary>A stage with one input, one output and a materialized value.</summary>
internal abstract class FlowStage<TIn, TOut, TMat>(string name)
    : NamedStage<FlowShape<TIn, TOut>, TMat>(name, new FlowShape<TIn, TOut>(new Inlet<TIn>($"{name}.in"), new Outlet<TOut>($"{name}.out")))
{
    public Inlet<TIn> In => Shape.Inlet;

    public Outlet<TOut> Out => Shape.Outlet;
}

/// <summary>A stage with one input and one output.</summary>
internal abstract class FlowStage<TIn, TOut>(string name) : FlowStage<TIn, TOut, NotUsed>(name)
{
    public sealed override ILogicAndMaterializedValue<NotUsed> CreateLogicAndMaterializedValue(Attributes inheritedAttributes) =>
        new LogicAndMaterializedValue<NotUsed>(CreateLogic(inheritedAttributes), NotUsed.Instance);

    protected abstract GraphStageLogic CreateLogic(Attributes inheritedAttributes);
}

/// <summary>A stage with one output and a materialized value.</summary>
internal abstract class SourceStage<T, TMat>(string name) : NamedStage<SourceShape<T>, TMat>(name, new SourceShape<T>(new Outlet<T>($"{name}.out")))
{
    public Outlet<T> Out => Shape.Outlet;
}

/// <summary>A stage with one output.</summary>
internal abstract class SourceStage<T>(string name) : SourceStage<T, NotUsed>(name)
{
    public sealed override ILogicAndMaterializedValue<NotUsed> CreateLogicAndMaterializedValue(Attributes inheritedAttributes) =>
        new LogicAndMaterializedValue<NotUsed>(CreateLogic(inheritedAttributes), NotUsed.Instance);

    protected abstract GraphStageLogic CreateLogic(Attributes inheritedAttributes);
}

/// <summary>A stage with one input and a materialized value.</summary>
internal abstract class SinkStage<T, TMat>(string name) : NamedStage<SinkShape<T>, TMat>(name, new SinkShape<T>(new Inlet<T>($"{name}.in")))
{
    public Inlet<T> In => Shape.Inlet;
}

/// <summary>One input, one output; pulls when pulled.</summary>
internal abstract class FlowLogic<TIn, TOut> : InAndOutGraphStageLogic
{
    protected readonly Inlet<TIn> In;
    protected readonly Outlet<TOut> Out;

    protected FlowLogic(FlowShape<TIn, TOut> shape) : base(1, 1)
    {
        In = shape.Inlet;
        Out = shape.Outlet;
        SetHandlers(In, Out, this);
    }

    public override void OnPull() => Pull(In);
}

/// <summary>One input, one output, timers; pulls when pulled.</summary>
internal abstract class TimerFlowLogic<TIn, TOut> : TimerGraphStageLogic, IInHandler, IOutHandler
{
    protected readonly Inlet<TIn> In;
    protected readonly Outlet<TOut> Out;

    protected TimerFlowLogic(FlowShape<TIn, TOut> shape) : base(1, 1)
    {
        In = shape.Inlet;
        Out = shape.Outlet;
        SetHandler(In, this);
        SetHandler(Out, this);
    }

    /// <summary>The time by the clock that moves the timers.</summary>
    protected TimeSpan Now => Interpreter.Materializer.Now;

    public abstract void OnPush();

    public virtual void OnPull() => Pull(In);

    public virtual void OnUpstreamFinish() => CompleteStage();

    public virtual void OnUpstreamFailure(Exception e) => FailStage(e);

    public virtual void OnDownstreamFinish(Exception cause) => InternalOnDownstreamFinish(cause);
}

/// <summary>One input, one output, and user functions whose exceptions the supervision strategy judges.</summary>
internal abstract class SupervisedLogic<TIn, TOut>(FlowShape<TIn, TOut> shape, Attributes attributes) : FlowLogic<TIn, TOut>(shape)
{
    private readonly Decider _decider = attributes.Decider();

    /// <summary>Judges an exception. Fails the stage if that is what it means.</summary>
    /// <returns>Whether the stage goes on, without the element.</returns>
    protected bool GoesOn(Exception cause)
    {
        var directive = _decider(cause);
        if (directive == Directive.Stop)
        {
            FailStage(cause);
            return false;
        }

        if (directive == Directive.Restart) Restart();
        return true;
    }

    /// <summary>Forgets what has been accumulated.</summary>
    protected virtual void Restart() { }
}

/// <summary>The plain pass-through. Composition leaves it out where it can.</summary>
internal sealed class Identity<T>() : FlowStage<T, T>("identity")
{
    private protected override bool IsIdentity => true;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape);

    private sealed class Logic(FlowShape<T, T> shape) : FlowLogic<T, T>(shape)
    {
        public override void OnPush() => Push(Out, Grab(In));
    }
}

internal static class AttributesExtensions
{
    public static Decider Decider(this Attributes attributes) =>
        attributes.GetAttribute<ActorAttributes.SupervisionStrategy>()?.Decider ?? Deciders.StoppingDecider;
}
