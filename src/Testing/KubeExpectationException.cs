namespace ActorKube.Testing;

/// <summary>What a test expected of a controller did not happen, or what it did not expect did. Any test framework reports it as a failure.</summary>
public sealed class KubeExpectationException(string message, Exception? cause = null) : Exception(message, cause);
