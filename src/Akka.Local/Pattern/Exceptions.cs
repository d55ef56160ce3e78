#nullable disable
using Akka.Actor;

namespace Akka.Pattern;

/// <summary>Something was asked in a state that forbids it.</summary>
public class IllegalStateException : AkkaException
{
    public IllegalStateException(string message) : base(message) { }

    public IllegalStateException(string message, Exception innerEx) : base(message, innerEx) { }
}

/// <summary>A circuit breaker is open and did not make the call.</summary>
public class OpenCircuitException : AkkaException
{
    private const string Text = "Circuit Breaker is open; calls are failing fast";

    public OpenCircuitException() : base(Text) { }

    public OpenCircuitException(string message) : base(message) { }

    public OpenCircuitException(string message, TimeSpan remainingDuration) : base(message) => RemainingDuration = remainingDuration;

    public OpenCircuitException(string message, Exception cause) : base(message, cause) { }

    public OpenCircuitException(string message, Exception cause, TimeSpan remainingDuration) : base(message, cause) => RemainingDuration = remainingDuration;

    public OpenCircuitException(Exception cause) : base(Text, cause) { }

    public OpenCircuitException(Exception cause, TimeSpan remainingDuration) : base(Text, cause) => RemainingDuration = remainingDuration;

    /// <summary>How long until the breaker tries again.</summary>
    public TimeSpan RemainingDuration { get; }
}

/// <summary>The failure that <see cref="CircuitBreaker.Fail"/> counts.</summary>
public class UserCalledFailException : AkkaException
{
    public UserCalledFailException() : base("User code caused the circuit breaker to fail because it called the Fail method.") { }
}
