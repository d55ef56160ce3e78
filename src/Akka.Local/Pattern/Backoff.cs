#nullable disable
using Akka.Actor;

namespace Akka.Pattern;

/// <summary>How a backoff supervisor counts its restarts back to zero.</summary>
public interface IBackoffReset;

internal sealed record ManualReset : IBackoffReset;

/// <summary>After the child has run that long.</summary>
internal sealed record AutoReset(TimeSpan ResetBackoff) : IBackoffReset;

/// <summary>Starts of options for <see cref="BackoffSupervisor"/>.</summary>
public static class Backoff
{
    /// <summary>For a child that stops by itself or whose failure means stop: it is started again after a pause.</summary>
    /// <param name="childProps">The child.</param>
    /// <param name="childName">Its name.</param>
    /// <param name="minBackoff">The first pause.</param>
    /// <param name="maxBackoff">The longest pause, before the random part.</param>
    /// <param name="randomFactor">The largest random part of a pause, as a fraction of it; 0 for none.</param>
    public static BackoffOptions OnStop(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        new BackoffOptionsImpl(RestartOn.Stop, childProps, childName, minBackoff, maxBackoff, randomFactor);

    public static BackoffOptions OnStop(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries) =>
        OnStop(childProps, childName, minBackoff, maxBackoff, randomFactor).WithMaxNrOfRetries(maxNrOfRetries);

    /// <summary>For a child that throws: it is stopped and started again after a pause. When it stops by itself, the supervisor stops too.</summary>
    public static BackoffOptions OnFailure(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        new BackoffOptionsImpl(RestartOn.Failure, childProps, childName, minBackoff, maxBackoff, randomFactor);

    public static BackoffOptions OnFailure(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries) =>
        OnFailure(childProps, childName, minBackoff, maxBackoff, randomFactor).WithMaxNrOfRetries(maxNrOfRetries);
}

/// <summary>How a <see cref="BackoffSupervisor"/> works. Immutable.</summary>
public abstract class BackoffOptions
{
    protected BackoffOptions() { }

    /// <summary>Counts back to zero when the child has run for <paramref name="resetBackoff"/>. Unless said otherwise that is minBackoff.</summary>
    public abstract BackoffOptions WithAutoReset(TimeSpan resetBackoff);

    /// <summary>Counts back to zero only at <see cref="BackoffSupervisor.Reset"/>.</summary>
    public abstract BackoffOptions WithManualReset();

    public abstract BackoffOptions WithSupervisorStrategy(OneForOneStrategy supervisorStrategy);

    public abstract BackoffOptions WithMaxNrOfRetries(int maxNrOfRetries);

    /// <summary>Lets the child stop at every failure.</summary>
    public abstract BackoffOptions WithDefaultStoppingStrategy();

    /// <summary>Answers so to messages that come while there is no child; unless said, they become dead letters.</summary>
    public abstract BackoffOptions WithReplyWhileStopped(object replyWhileStopped);

    /// <summary>When the child stops after such a message, the supervisor stops too.</summary>
    public abstract BackoffOptions WithFinalStopMessage(Func<object, bool> isFinalStopMessage);

    internal abstract Props ToProps();
}

internal enum RestartOn
{
    Stop,
    Failure,
}

internal sealed class BackoffOptionsImpl(RestartOn on, Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) : BackoffOptions
{
    private IBackoffReset _reset;
    private OneForOneStrategy _strategy = new(SupervisorStrategy.DefaultDecider);
    private object _reply;
    private Func<object, bool> _isFinal;

    public override BackoffOptions WithAutoReset(TimeSpan resetBackoff) => With(o => o._reset = new AutoReset(resetBackoff));

    public override BackoffOptions WithManualReset() => With(o => o._reset = new ManualReset());

    public override BackoffOptions WithSupervisorStrategy(OneForOneStrategy supervisorStrategy) => With(o => o._strategy = supervisorStrategy);

    public override BackoffOptions WithMaxNrOfRetries(int maxNrOfRetries) => With(o => o._strategy = _strategy.WithMaxNrOfRetries(maxNrOfRetries));

    public override BackoffOptions WithDefaultStoppingStrategy() =>
        With(o => o._strategy = new OneForOneStrategy(_strategy.MaxNumberOfRetries, _strategy.WithinTimeRangeMilliseconds, static _ => Directive.Stop));

    public override BackoffOptions WithReplyWhileStopped(object replyWhileStopped) => With(o => o._reply = replyWhileStopped);

    public override BackoffOptions WithFinalStopMessage(Func<object, bool> isFinalStopMessage) => With(o => o._isFinal = isFinalStopMessage);

    internal override Props ToProps()
    {
        if (minBackoff <= TimeSpan.Zero)
            throw new ArgumentException($"minBackoff is longer than zero, not {minBackoff}.");
        if (maxBackoff < minBackoff)
            throw new ArgumentException($"maxBackoff is at least minBackoff ({minBackoff}), not {maxBackoff}.");
        if (randomFactor is < 0 or > 1)
            throw new ArgumentException($"randomFactor is between 0.0 and 1.0, not {randomFactor}.");
        var reset = _reset ?? new AutoReset(minBackoff);
        if (reset is AutoReset auto && (auto.ResetBackoff < minBackoff || auto.ResetBackoff > maxBackoff))
            throw new ArgumentException($"The reset time is between minBackoff ({minBackoff}) and maxBackoff ({maxBackoff}), not {auto.ResetBackoff}.");
        return on == RestartOn.Stop
            ? Props.Create(() => new BackoffSupervisor(childProps, childName, minBackoff, maxBackoff, reset, randomFactor, _strategy, _reply, _isFinal))
            : Props.Create(() => new BackoffOnRestartSupervisor(childProps, childName, minBackoff, maxBackoff, reset, randomFactor, _strategy, _reply, _isFinal));
    }

    private BackoffOptionsImpl With(Action<BackoffOptionsImpl> change)
    {
        var copy = (BackoffOptionsImpl)MemberwiseClone();
        change(copy);
        return copy;
    }
}
