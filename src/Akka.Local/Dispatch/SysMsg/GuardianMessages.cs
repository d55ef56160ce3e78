#nullable disable
using Akka.Actor;

namespace Akka.Dispatch.SysMsg;

/// <summary>Asks a guardian to stop one of its children.</summary>
public sealed class StopChild(IActorRef child) : Event.IDeadLetterSuppression
{
    public IActorRef Child { get; } = child;

    public override string ToString() => $"<StopChild> {Child}";
}

/// <summary>Tells the system guardian to wait for the sender when the system ends.</summary>
public sealed class RegisterTerminationHook
{
    private RegisterTerminationHook() { }

    public static RegisterTerminationHook Instance { get; } = new();

    public override string ToString() => "<RegisterTerminationHook>";
}

/// <summary>The system ends: whoever registered does what it has to do.</summary>
public sealed class TerminationHook
{
    private TerminationHook() { }

    public static TerminationHook Instance { get; } = new();

    public override string ToString() => "<TerminationHook>";
}

/// <summary>The answer to <see cref="TerminationHook"/>.</summary>
public sealed class TerminationHookDone
{
    private TerminationHookDone() { }

    public static TerminationHookDone Instance { get; } = new();

    public override string ToString() => "<TerminationHookDone>";
}
