using Akka.Configuration;

namespace Akka.Streams;

/// <summary>What happens to a substream that nobody has run in time.</summary>
public enum StreamSubscriptionTimeoutTerminationMode
{
    /// <summary>It goes on waiting.</summary>
    NoopTermination,

    /// <summary>It goes on waiting, and a warning is logged.</summary>
    WarnTermination,

    /// <summary>It is cancelled: who runs it later gets a failure.</summary>
    CancelTermination,
}

/// <summary>How long a substream may wait for somebody to run it, and what happens to it then. Immutable.</summary>
public sealed class StreamSubscriptionTimeoutSettings : IEquatable<StreamSubscriptionTimeoutSettings>
{
    public readonly StreamSubscriptionTimeoutTerminationMode Mode;
    public readonly TimeSpan Timeout;

    public StreamSubscriptionTimeoutSettings(StreamSubscriptionTimeoutTerminationMode mode, TimeSpan timeout)
    {
        Mode = mode;
        Timeout = timeout;
    }

    /// <summary>The settings under <c>subscription-timeout</c> of <paramref name="config"/>, which is <c>akka.stream.materializer</c>.</summary>
    /// <exception cref="ArgumentException">The mode has a name that is none.</exception>
    public static StreamSubscriptionTimeoutSettings Create(Config config)
    {
        var mode = config.GetString("subscription-timeout.mode", "cancel");
        return new StreamSubscriptionTimeoutSettings(
            mode.ToLowerInvariant() switch
            {
                "no" or "off" or "false" or "noop" => StreamSubscriptionTimeoutTerminationMode.NoopTermination,
                "warn" => StreamSubscriptionTimeoutTerminationMode.WarnTermination,
                "cancel" => StreamSubscriptionTimeoutTerminationMode.CancelTermination,
                _ => throw new ArgumentException($"akka.stream.materializer.subscription-timeout.mode is '{mode}': it can be cancel, warn or noop.", nameof(config)),
            },
            config.GetTimeSpan("subscription-timeout.timeout", TimeSpan.FromSeconds(5)));
    }

    public bool Equals(StreamSubscriptionTimeoutSettings? other) => other is not null && Mode == other.Mode && Timeout == other.Timeout;

    public override bool Equals(object? obj) => obj is StreamSubscriptionTimeoutSettings other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Mode, Timeout);

    public override string ToString() => $"StreamSubscriptionTimeoutSettings<{Mode}, {Timeout}>";
}
