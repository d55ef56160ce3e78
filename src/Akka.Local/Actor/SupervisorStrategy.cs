#nullable disable
using Akka.Actor.Internal;
using Akka.Event;
using Akka.Util;

namespace Akka.Actor;

/// <summary>What becomes of a child that failed.</summary>
public enum Directive
{
    /// <summary>It goes on with the next message as if nothing had happened.</summary>
    Resume,

    /// <summary>A new incarnation goes on with the next message.</summary>
    Restart,

    /// <summary>The supervisor fails in its turn, with the same exception.</summary>
    Escalate,

    /// <summary>It stops.</summary>
    Stop,
}

/// <summary>Decides by exception.</summary>
public interface IDecider
{
    Directive Decide(Exception cause);
}

/// <summary>How a supervisor decides about its children's failures. Instances hold no state of their own and may be shared.</summary>
public abstract class SupervisorStrategy : ISurrogated
{
    /// <summary>Stops a child that could not be made, was killed, or broke a death pact; restarts it otherwise.</summary>
    public static readonly IDecider DefaultDecider = Actor.Decider.From(
        Directive.Restart,
        Directive.Stop.When<ActorInitializationException>(),
        Directive.Stop.When<ActorKilledException>(),
        Directive.Stop.When<DeathPactException>());

    /// <summary>One for one with <see cref="DefaultDecider"/>, without limits.</summary>
    public static readonly SupervisorStrategy DefaultStrategy = new OneForOneStrategy(DefaultDecider);

    /// <summary>Stops whatever fails.</summary>
    public static readonly OneForOneStrategy StoppingStrategy = new(static _ => Directive.Stop);

    protected SupervisorStrategy() { }

    public abstract IDecider Decider { get; }

    protected bool LoggingEnabled { get; set; } = true;

    internal bool LogsFailures
    {
        get => LoggingEnabled;
        init => LoggingEnabled = value;
    }

    protected abstract Directive Handle(IActorRef child, Exception exception);

    /// <summary>Called when a child has stopped.</summary>
    public abstract void HandleChildTerminated(IActorContext actorContext, IActorRef child, IEnumerable<IInternalActorRef> children);

    /// <summary>Restarts or stops those the strategy holds liable for a child's failure.</summary>
    public abstract void ProcessFailure(IActorContext context, bool restart, IActorRef child, Exception cause, ChildRestartStats stats, IReadOnlyCollection<ChildRestartStats> children);

    public abstract ISurrogate ToSurrogate(ActorSystem system);

    /// <summary>Carries out the decision about a failure; false where the supervisor is to fail itself.</summary>
    public bool HandleFailure(ActorCell actorCell, IActorRef child, Exception cause, ChildRestartStats stats, IReadOnlyCollection<ChildRestartStats> children)
    {
        var directive = Handle(child, cause);
        LogFailure(actorCell, child, cause, directive);
        switch (directive)
        {
            case Directive.Escalate:
                return false;
            case Directive.Resume:
                ResumeChild(child, cause);
                return true;
            case Directive.Restart:
                ProcessFailure(actorCell, true, child, cause, stats, children);
                return true;
            case Directive.Stop:
                ProcessFailure(actorCell, false, child, cause, stats, children);
                return true;
            default:
                throw new InvalidOperationException($"{directive} is no directive; a decider answers Resume, Restart, Stop or Escalate.");
        }
    }

    protected void RestartChild(IActorRef child, Exception cause, bool suspendFirst)
    {
        var target = (IInternalActorRef)child;
        if (suspendFirst)
            target.Suspend();
        target.Restart(cause);
    }

    protected void ResumeChild(IActorRef child, Exception exception) => ((IInternalActorRef)child).Resume(exception);

    protected virtual void LogFailure(IActorContext context, IActorRef child, Exception cause, Directive directive)
    {
        if (!LoggingEnabled)
            return;
        var source = child.Path.ToString();
        var message = cause is ActorInitializationException { InnerException: { } inner } ? inner.Message : cause.Message;
        LogEvent entry = directive switch
        {
            Directive.Resume => new Warning(cause, source, GetType(), message),
            Directive.Escalate => null,
            _ => new Error(cause, source, GetType(), message),
        };
        if (entry is null)
            return;
        try
        {
            context.System.EventStream.Publish(entry);
        }
        catch (Exception)
        {
            // The log is best effort: it must not change the decision.
        }
    }
}

/// <summary>Lets the failed child alone take the consequences.</summary>
public class OneForOneStrategy : SupervisorStrategy, IEquatable<OneForOneStrategy>
{
    private readonly StrategyLimits _limits;

    /// <param name="maxNrOfRetries">How many restarts are allowed; negative or null for any number, 0 for none.</param>
    /// <param name="withinTimeRange">Within what time; null or 0 for the child's whole life.</param>
    /// <param name="localOnlyDecider">Decides by exception.</param>
    public OneForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> localOnlyDecider)
        : this(StrategyLimits.From(maxNrOfRetries, withinTimeRange), Actor.Decider.From(localOnlyDecider), true) { }

    public OneForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, IDecider decider)
        : this(StrategyLimits.From(maxNrOfRetries, withinTimeRange), decider, true) { }

    public OneForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : this(new StrategyLimits(maxNrOfRetries, withinTimeMilliseconds), Actor.Decider.From(localOnlyDecider), loggingEnabled) { }

    public OneForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, IDecider decider, bool loggingEnabled = true)
        : this(new StrategyLimits(maxNrOfRetries, withinTimeMilliseconds), decider, loggingEnabled) { }

    public OneForOneStrategy(Func<Exception, Directive> localOnlyDecider)
        : this(StrategyLimits.None, Actor.Decider.From(localOnlyDecider), true) { }

    public OneForOneStrategy(Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : this(StrategyLimits.None, Actor.Decider.From(localOnlyDecider), loggingEnabled) { }

    public OneForOneStrategy(IDecider decider) : this(StrategyLimits.None, decider, true) { }

    protected OneForOneStrategy() : this(DefaultDecider) { }

    private OneForOneStrategy(StrategyLimits limits, IDecider decider, bool loggingEnabled)
    {
        _limits = limits;
        Decider = decider;
        LoggingEnabled = loggingEnabled;
    }

    public override IDecider Decider { get; }

    public int MaxNumberOfRetries => _limits.MaxRetries;

    public int WithinTimeRangeMilliseconds => _limits.WithinMilliseconds;

    public OneForOneStrategy WithMaxNrOfRetries(int maxNrOfRetries) =>
        new(_limits with { MaxRetries = maxNrOfRetries }, Decider, LoggingEnabled);

    public override void HandleChildTerminated(IActorContext actorContext, IActorRef child, IEnumerable<IInternalActorRef> children) { }

    public override void ProcessFailure(IActorContext context, bool restart, IActorRef child, Exception cause, ChildRestartStats stats, IReadOnlyCollection<ChildRestartStats> children)
    {
        if (restart && stats.RequestRestartPermission(MaxNumberOfRetries, WithinTimeRangeMilliseconds))
            RestartChild(child, cause, suspendFirst: false);
        else
            context.Stop(child);
    }

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);

    public bool Equals(OneForOneStrategy other) => other is not null && _limits == other._limits && Equals(Decider, other.Decider);

    public override bool Equals(object obj) => obj is OneForOneStrategy other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_limits, Decider);

    protected override Directive Handle(IActorRef child, Exception exception) => Decider.Decide(exception);
}

/// <summary>Lets all children take the consequences of one's failure.</summary>
public class AllForOneStrategy : SupervisorStrategy, IEquatable<AllForOneStrategy>
{
    private readonly StrategyLimits _limits;

    /// <param name="maxNrOfRetries">How many restarts of the failing child are allowed; negative or null for any number, 0 for none.</param>
    /// <param name="withinTimeRange">Within what time; null or 0 for the child's whole life.</param>
    /// <param name="localOnlyDecider">Decides by exception.</param>
    public AllForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> localOnlyDecider)
        : this(StrategyLimits.From(maxNrOfRetries, withinTimeRange), Actor.Decider.From(localOnlyDecider), true) { }

    public AllForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, IDecider decider)
        : this(StrategyLimits.From(maxNrOfRetries, withinTimeRange), decider, true) { }

    public AllForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : this(new StrategyLimits(maxNrOfRetries, withinTimeMilliseconds), Actor.Decider.From(localOnlyDecider), loggingEnabled) { }

    public AllForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, IDecider decider, bool loggingEnabled = true)
        : this(new StrategyLimits(maxNrOfRetries, withinTimeMilliseconds), decider, loggingEnabled) { }

    public AllForOneStrategy(Func<Exception, Directive> localOnlyDecider)
        : this(StrategyLimits.None, Actor.Decider.From(localOnlyDecider), true) { }

    public AllForOneStrategy(IDecider decider) : this(StrategyLimits.None, decider, true) { }

    protected AllForOneStrategy() : this(DefaultDecider) { }

    private AllForOneStrategy(StrategyLimits limits, IDecider decider, bool loggingEnabled)
    {
        _limits = limits;
        Decider = decider;
        LoggingEnabled = loggingEnabled;
    }

    public override IDecider Decider { get; }

    public int MaxNumberOfRetries => _limits.MaxRetries;

    public int WithinTimeRangeMilliseconds => _limits.WithinMilliseconds;

    public override void HandleChildTerminated(IActorContext actorContext, IActorRef child, IEnumerable<IInternalActorRef> children) { }

    public override void ProcessFailure(IActorContext context, bool restart, IActorRef child, Exception cause, ChildRestartStats stats, IReadOnlyCollection<ChildRestartStats> children)
    {
        if (children.Count == 0)
            return;
        var failed = child;
        var allowed = restart && children.All(c => c.RequestRestartPermission(MaxNumberOfRetries, WithinTimeRangeMilliseconds));
        foreach (var each in children)
        {
            if (allowed)
                RestartChild(each.Child, cause, suspendFirst: !failed.Equals(each.Child));
            else
                context.Stop(each.Child);
        }
    }

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);

    public bool Equals(AllForOneStrategy other) => other is not null && _limits == other._limits && Equals(Decider, other.Decider);

    public override bool Equals(object obj) => obj is AllForOneStrategy other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_limits, Decider);

    protected override Directive Handle(IActorRef child, Exception exception) => Decider.Decide(exception);
}

/// <summary>How many restarts within what time.</summary>
internal readonly record struct StrategyLimits(int MaxRetries, int WithinMilliseconds)
{
    public static readonly StrategyLimits None = new(-1, 0);

    public static StrategyLimits From(int? maxRetries, TimeSpan? within) =>
        new(maxRetries ?? -1, within is { } range && range > TimeSpan.Zero ? (int)range.TotalMilliseconds : 0);
}
