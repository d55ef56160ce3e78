namespace Akka.Streams;

/// <summary>Why a stream was cancelled, where it was not because of an error.</summary>
public static class SubscriptionWithCancelException
{
    /// <summary>A cancellation that is no failure. Carries no stack trace: there is one instance of each kind.</summary>
    public abstract class NonFailureCancellation : Exception
    {
        protected NonFailureCancellation() { }

        public sealed override string StackTrace => "";
    }

    /// <summary>Downstream has had enough.</summary>
    public sealed class NoMoreElementsNeeded : NonFailureCancellation
    {
        public static readonly NoMoreElementsNeeded Instance = new();

        private NoMoreElementsNeeded() { }
    }

    /// <summary>A stage downstream has completed for reasons of its own.</summary>
    public sealed class StageWasCompleted : NonFailureCancellation
    {
        public static readonly StageWasCompleted Instance = new();

        private StageWasCompleted() { }
    }
}
