using Akka.Actor;

namespace Akka.TestKit;

/// <summary>
/// Code that a test actor runs for each message it receives, before the message is queued for the test to expect.
/// The answer of <see cref="Run"/> takes its place for the next message.
/// </summary>
public abstract class AutoPilot
{
    /// <summary>Nothing runs from now on.</summary>
    public static NoAutoPilot NoAutoPilot => NoAutoPilot.Instance;

    /// <summary>The pilot that is in place stays.</summary>
    public static KeepRunning KeepRunning => KeepRunning.Instance;

    /// <summary>Sees one message, on the test actor's thread.</summary>
    /// <param name="sender">Who sent it.</param>
    /// <param name="message">What was sent.</param>
    /// <returns>The pilot for the next message, or <see cref="KeepRunning"/> or <see cref="NoAutoPilot"/>.</returns>
    public abstract AutoPilot Run(IActorRef sender, object message);
}

/// <summary>Answered by a pilot that has done its work.</summary>
public sealed class NoAutoPilot : AutoPilot
{
    /// <summary>The only one there is.</summary>
    public static readonly NoAutoPilot Instance = new();

    NoAutoPilot()
    {
    }

    /// <inheritdoc />
    public override AutoPilot Run(IActorRef sender, object message) => this;
}

/// <summary>Answered by a pilot that wants the next message too. It is an answer and cannot be installed itself.</summary>
public sealed class KeepRunning : AutoPilot
{
    /// <summary>The only one there is.</summary>
    public static readonly KeepRunning Instance = new();

    KeepRunning()
    {
    }

    /// <inheritdoc />
    public override AutoPilot Run(IActorRef sender, object message) =>
        throw new InvalidOperationException("KeepRunning is what a pilot answers; install a pilot of your own with SetAutoPilot.");
}

/// <summary>A pilot as a function: see <see cref="AutoPilot.Run"/>.</summary>
public delegate AutoPilot AutoPilotDelegate(IActorRef sender, object message);

/// <summary>A pilot made of a function.</summary>
public sealed class DelegateAutoPilot : AutoPilot
{
    readonly AutoPilotDelegate _autoPilotDelegate;

    /// <param name="autoPilotDelegate">What to run for each message.</param>
    public DelegateAutoPilot(AutoPilotDelegate autoPilotDelegate)
    {
        ArgumentNullException.ThrowIfNull(autoPilotDelegate);
        _autoPilotDelegate = autoPilotDelegate;
    }

    /// <inheritdoc />
    public override AutoPilot Run(IActorRef sender, object message) => _autoPilotDelegate(sender, message);
}
