#nullable disable
using Akka.Actor;

namespace Akka.Pattern;

/// <summary>Common ground of the supervisors that start their child again after a growing pause. Messages for the child go through them.</summary>
public abstract class BackoffSupervisorBase : ActorBase
{
    private readonly TimeSpan _minBackoff;
    private readonly TimeSpan _maxBackoff;
    private readonly double _randomFactor;

    internal BackoffSupervisorBase(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, IBackoffReset reset, double randomFactor, object replyWhileStopped, Func<object, bool> finalStopMessage)
    {
        ChildProps = childProps;
        ChildName = childName;
        Reset = reset;
        ReplyWhileStopped = replyWhileStopped;
        FinalStopMessage = finalStopMessage;
        _minBackoff = minBackoff;
        _maxBackoff = maxBackoff;
        _randomFactor = randomFactor;
    }

    protected Props ChildProps { get; }

    protected string ChildName { get; }

    protected IBackoffReset Reset { get; }

    protected object ReplyWhileStopped { get; }

    protected Func<object, bool> FinalStopMessage { get; }

    protected IActorRef Child { get; set; }

    /// <summary>How often the child was started again since the count last began.</summary>
    protected int RestartCountN { get; set; }

    protected bool FinalStopMessageReceived { get; set; }

    protected override void PreStart()
    {
        StartChild();
        base.PreStart();
    }

    /// <summary>Handles what both kinds have in common; anything else goes to the child.</summary>
    protected bool HandleBackoff(object message)
    {
        switch (message)
        {
            case BackoffSupervisor.StartChild:
                StartChild();
                if (Reset is AutoReset auto)
                    Context.System.Scheduler.ScheduleTellOnce(auto.ResetBackoff, Self, new BackoffSupervisor.ResetRestartCount(RestartCountN), Self);
                return true;
            case BackoffSupervisor.Reset:
                if (Reset is ManualReset)
                    RestartCountN = 0;
                else
                    Unhandled(message);
                return true;
            case BackoffSupervisor.ResetRestartCount reset:
                if (reset.Current == RestartCountN)
                    RestartCountN = 0;
                return true;
            case BackoffSupervisor.GetRestartCount:
                Sender.Tell(new BackoffSupervisor.RestartCount(RestartCountN));
                return true;
            case BackoffSupervisor.GetCurrentChild:
                Sender.Tell(new BackoffSupervisor.CurrentChild(Child));
                return true;
        }

        if (Child is { } child && child.Equals(Sender))
        {
            // What the child tells the supervisor is for the supervisor's parent.
            Context.Parent.Tell(message);
            return true;
        }

        if (Child is null)
        {
            if (ReplyWhileStopped is not null)
                Sender.Tell(ReplyWhileStopped);
            else
                Context.System.DeadLetters.Forward(message);
            if (FinalStopMessage?.Invoke(message) == true)
                Context.Stop(Self);
            return true;
        }

        Child.Forward(message);
        if (!FinalStopMessageReceived && FinalStopMessage is not null)
            FinalStopMessageReceived = FinalStopMessage(message);
        return true;
    }

    private protected TimeSpan NextDelay() => BackoffDelay.Of(RestartCountN, _minBackoff, _maxBackoff, _randomFactor);

    private protected void StartAfterPause()
    {
        Context.System.Scheduler.ScheduleTellOnce(NextDelay(), Self, BackoffSupervisor.StartChild.Instance, Self);
        RestartCountN++;
    }

    private void StartChild()
    {
        if (Child is null)
            Child = Context.Watch(Context.ActorOf(ChildProps, ChildName));
    }
}

/// <summary>
/// Starts its child again after a growing pause whenever the child has stopped. A failure that the strategy answers with a restart
/// restarts the child at once, as everywhere: use <see cref="Backoff.OnFailure(Actor.Props,string,TimeSpan,TimeSpan,double)"/> for a pause there. Made by <see cref="Props(BackoffOptions)"/> with options
/// of either kind, <see cref="Backoff.OnStop(Actor.Props,string,TimeSpan,TimeSpan,double)"/> or <see cref="Backoff.OnFailure(Actor.Props,string,TimeSpan,TimeSpan,double)"/>.
/// </summary>
public sealed class BackoffSupervisor : BackoffSupervisorBase
{
    private readonly SupervisorStrategy _strategy;

    public BackoffSupervisor(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor)
        : this(childProps, childName, minBackoff, maxBackoff, new AutoReset(minBackoff), randomFactor, Actor.SupervisorStrategy.DefaultStrategy) { }

    public BackoffSupervisor(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, IBackoffReset reset, double randomFactor, SupervisorStrategy strategy, object replyWhileStopped = null, Func<object, bool> finalStopMessage = null)
        : base(childProps, childName, minBackoff, maxBackoff, reset, randomFactor, replyWhileStopped, finalStopMessage) =>
        _strategy = strategy;

    public static Props Props(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        PropsWithSupervisorStrategy(childProps, childName, minBackoff, maxBackoff, randomFactor, Actor.SupervisorStrategy.DefaultStrategy);

    public static Props Props(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries) =>
        PropsWithSupervisorStrategy(childProps, childName, minBackoff, maxBackoff, randomFactor, new OneForOneStrategy(Actor.SupervisorStrategy.DefaultDecider).WithMaxNrOfRetries(maxNrOfRetries));

    public static Props Props(BackoffOptions options) => options.ToProps();

    public static Props PropsWithSupervisorStrategy(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, SupervisorStrategy strategy)
    {
        if (minBackoff <= TimeSpan.Zero || maxBackoff < minBackoff)
            throw new ArgumentException($"The pauses grow from above zero, not from {minBackoff} to {maxBackoff}.", nameof(minBackoff));
        if (randomFactor is < 0 or > 1)
            throw new ArgumentException($"randomFactor is between 0.0 and 1.0, not {randomFactor}.", nameof(randomFactor));
        return Actor.Props.Create(() => new BackoffSupervisor(childProps, childName, minBackoff, maxBackoff, new AutoReset(minBackoff), randomFactor, strategy, null, null));
    }

    protected override SupervisorStrategy SupervisorStrategy() => _strategy;

    protected override bool Receive(object message)
    {
        if (message is not Terminated terminated || !terminated.ActorRef.Equals(Child))
            return HandleBackoff(message);
        Child = null;
        if (FinalStopMessageReceived)
        {
            Context.Stop(Self);
            return true;
        }

        var limit = (_strategy as OneForOneStrategy)?.MaxNumberOfRetries ?? -1;
        if (limit == -1 || RestartCountN < limit)
            StartAfterPause();
        else
            Context.Stop(Self);
        return true;
    }

    /// <summary>Asks for <see cref="CurrentChild"/>.</summary>
    public sealed class GetCurrentChild
    {
        public static readonly GetCurrentChild Instance = new();

        private GetCurrentChild() { }
    }

    /// <summary>The child, or null between two.</summary>
    public sealed class CurrentChild(IActorRef @ref)
    {
        public IActorRef Ref { get; } = @ref;
    }

    /// <summary>Counts back to zero, where the options say manual reset.</summary>
    public new sealed class Reset
    {
        public static readonly Reset Instance = new();

        private Reset() { }
    }

    /// <summary>Asks for <see cref="RestartCount"/>.</summary>
    public sealed class GetRestartCount
    {
        public static readonly GetRestartCount Instance = new();

        private GetRestartCount() { }
    }

    public sealed class RestartCount(int count)
    {
        public int Count { get; } = count;
    }

    /// <summary>The pause is over.</summary>
    public sealed class StartChild : Event.IDeadLetterSuppression
    {
        public static readonly StartChild Instance = new();

        private StartChild() { }
    }

    /// <summary>The child has run long enough, if it is still the same.</summary>
    public sealed class ResetRestartCount(int current) : Event.IDeadLetterSuppression
    {
        public int Current { get; } = current;
    }
}

/// <summary>Stops its child when it fails, and starts it again after a growing pause; it stops when the child stops by itself.</summary>
internal sealed class BackoffOnRestartSupervisor(
    Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, IBackoffReset reset, double randomFactor,
    OneForOneStrategy strategy, object replyWhileStopped, Func<object, bool> finalStopMessage)
    : BackoffSupervisorBase(childProps, childName, minBackoff, maxBackoff, reset, randomFactor, replyWhileStopped, finalStopMessage)
{
    private bool _pausing;

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        strategy.MaxNumberOfRetries,
        strategy.WithinTimeRangeMilliseconds,
        cause =>
        {
            var directive = strategy.Decider.Decide(cause);
            return directive == Directive.Restart ? StopAndStartAgain() : directive;
        },
        strategy.LogsFailures);

    protected override bool Receive(object message)
    {
        if (message is not Terminated terminated || !terminated.ActorRef.Equals(Child))
            return HandleBackoff(message);
        Child = null;
        if (_pausing)
        {
            _pausing = false;
            StartAfterPause();
        }
        else
        {
            Context.Stop(Self);
        }

        return true;
    }

    /// <summary>The child stops; once it has, the pause begins.</summary>
    private Directive StopAndStartAgain()
    {
        if (strategy.MaxNumberOfRetries >= 0 && RestartCountN >= strategy.MaxNumberOfRetries)
            Context.Stop(Self);
        else
            _pausing = true;
        return Directive.Stop;
    }
}
