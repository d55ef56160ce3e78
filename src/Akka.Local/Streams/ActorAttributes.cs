using Akka.Streams.Supervision;

namespace Akka.Streams;

/// <summary>Attributes that concern how a stage is run.</summary>
public static class ActorAttributes
{
    /// <summary>The dispatcher of the actor that runs the graph; the graph gets an actor of its own.</summary>
    public sealed class Dispatcher : Attributes.IMandatoryAttribute, IEquatable<Dispatcher>
    {
        public readonly string Name;

        public Dispatcher(string name) => Name = name;

        public bool Equals(Dispatcher? other) => other is not null && Name == other.Name;
        public override bool Equals(object? obj) => obj is Dispatcher other && Equals(other);
        public override int GetHashCode() => Name.GetHashCode();
        public override string ToString() => $"Dispatcher({Name})";
    }

    /// <summary>What user functions' exceptions mean to the stages that run them.</summary>
    public sealed class SupervisionStrategy : Attributes.IMandatoryAttribute
    {
        public readonly Decider Decider;

        public SupervisionStrategy(Decider decider) => Decider = decider;

        public override string ToString() => "SupervisionStrategy";
    }

    /// <summary>How long a substream that was given away may wait for somebody to run it, and what happens to it then.</summary>
    public sealed class StreamSubscriptionTimeout : Attributes.IMandatoryAttribute, IEquatable<StreamSubscriptionTimeout>
    {
        public StreamSubscriptionTimeout(TimeSpan timeout, StreamSubscriptionTimeoutTerminationMode mode)
        {
            Timeout = timeout;
            Mode = mode;
        }

        public TimeSpan Timeout { get; }

        public StreamSubscriptionTimeoutTerminationMode Mode { get; }

        public bool Equals(StreamSubscriptionTimeout? other) => other is not null && Timeout == other.Timeout && Mode == other.Mode;
        public override bool Equals(object? obj) => obj is StreamSubscriptionTimeout other && Equals(other);
        public override int GetHashCode() => HashCode.Combine(Timeout, Mode);
        public override string ToString() => $"StreamSubscriptionTimeout({Timeout}, {Mode})";
    }

    /// <summary>The dispatcher of the actor that runs the graph.</summary>
    public static Attributes CreateDispatcher(string dispatcherName) => new(new Dispatcher(dispatcherName));

    /// <summary>
    /// Decides, for the stages inside, whether an exception in a user function stops the stream (the default), drops the element, or drops
    /// it and the stage's state. Only stages that say so in their documentation ask it.
    /// </summary>
    public static Attributes CreateSupervisionStrategy(Decider strategy) => new(new SupervisionStrategy(strategy));

    /// <summary>
    /// For the stages inside: how long a substream that was given away (the tail of <c>PrefixAndTail</c>) may wait for somebody to run it, and what happens to it then.
    /// Left out, <c>akka.stream.materializer.subscription-timeout</c> says it.
    /// </summary>
    public static Attributes CreateStreamSubscriptionTimeout(TimeSpan timeout, StreamSubscriptionTimeoutTerminationMode mode) =>
        new(new StreamSubscriptionTimeout(timeout, mode));
}
