namespace Akka.Streams;

/// <summary>Tells what a stream has last done. May be read from any thread.</summary>
public interface IFlowMonitor
{
    FlowMonitor.IStreamState State { get; }
}

/// <summary>What a monitored stream can have done last.</summary>
public static class FlowMonitor
{
    public interface IStreamState;

    /// <summary>Nothing yet.</summary>
    public class Initialized : IStreamState
    {
        public static Initialized Instance { get; } = new();

        private Initialized() { }
    }

    /// <summary>An element has passed.</summary>
    public sealed class Received<T> : IStreamState
    {
        public Received(T message) => Message = message;

        public T Message { get; }
    }

    /// <summary>The stream has failed.</summary>
    public sealed class Failed : IStreamState
    {
        public Failed(Exception cause) => Cause = cause;

        public Exception Cause { get; }
    }

    /// <summary>The stream has completed or was cancelled.</summary>
    public class Finished : IStreamState
    {
        public static Finished Instance { get; } = new();

        private Finished() { }
    }
}
