using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Util;

namespace Akka.TestKit;

/// <summary>A supervisor that lets each child be decided about by a strategy of its own.</summary>
public class DelegatingSupervisorStrategy : SupervisorStrategy
{
    readonly Dictionary<IActorRef, SupervisorStrategy> _strategies = [];

    /// <inheritdoc />
    public override IDecider Decider => DefaultDecider;

    /// <summary>Gives a child its strategy. Children without one get the default strategy.</summary>
    public void Update(IActorRef child, SupervisorStrategy supervisorStrategy) => _strategies[child] = supervisorStrategy;

    /// <inheritdoc />
    protected override Directive Handle(IActorRef child, Exception exception) => StrategyOf(child).Decider.Decide(exception);

    /// <inheritdoc />
    public override void ProcessFailure(
        IActorContext context,
        bool restart,
        IActorRef child,
        Exception cause,
        ChildRestartStats stats,
        IReadOnlyCollection<ChildRestartStats> children) =>
        StrategyOf(child).ProcessFailure(context, restart, child, cause, stats, children);

    /// <inheritdoc />
    public override void HandleChildTerminated(IActorContext actorContext, IActorRef child, IEnumerable<IInternalActorRef> children) =>
        _strategies.Remove(child);

    /// <inheritdoc />
    public override ISurrogate ToSurrogate(ActorSystem system) =>
        throw new NotSupportedException("A strategy that delegates to others cannot be sent to another node.");

    SupervisorStrategy StrategyOf(IActorRef child) => _strategies.GetValueOrDefault(child, DefaultStrategy);
}
