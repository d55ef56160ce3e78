using Akka.Streams.Implementation.Stages;
using Akka.Streams.Stage;

namespace Akka.Streams;

/// <summary>Ends a stream from outside. Thread-safe; the first call counts.</summary>
public interface IKillSwitch
{
    /// <summary>Completes downstream and cancels upstream.</summary>
    void Shutdown();

    /// <summary>Fails downstream and cancels upstream.</summary>
    void Abort(Exception cause);
}

/// <summary>Makes switches that end streams from outside.</summary>
public static class KillSwitches
{
    /// <summary>One switch for any number of streams. The name is for logs.</summary>
    public static SharedKillSwitch Shared(string name) => new(name);

    /// <summary>A flow that materializes to a switch of its own.</summary>
    public static IGraph<FlowShape<T, T>, UniqueKillSwitch> Single<T>() => new UniqueSwitchFlow<T>();

    /// <summary>Two flows in opposite directions that materialize to one switch.</summary>
    public static IGraph<BidiShape<T1, T1, T2, T2>, UniqueKillSwitch> SingleBidi<T1, T2>() => new UniqueSwitchBidi<T1, T2>();

    /// <summary>A flow that ends when a token is cancelled: fails with <see cref="OperationCanceledException"/>, or completes gracefully.</summary>
    public static IGraph<FlowShape<T, T>, NotUsed> AsFlow<T>(this CancellationToken cancellationToken, bool cancelGracefully = false) =>
        new TokenSwitchFlow<T>(cancellationToken, cancelGracefully);
}

/// <summary>Ends the one stream it belongs to.</summary>
public sealed class UniqueKillSwitch : IKillSwitch
{
    internal readonly KillSignal Signal = new();

    internal UniqueKillSwitch() { }

    public void Shutdown() => Signal.Fire(null);

    public void Abort(Exception cause) => Signal.Fire(cause);

    public override string ToString() => $"SingleKillSwitch({GetHashCode()})";
}

/// <summary>Ends every stream with its flow in it, also those that are run after it was used.</summary>
public sealed class SharedKillSwitch : IKillSwitch
{
    private readonly string _name;
    private readonly KillSignal _signal = new();

    internal SharedKillSwitch(string name) => _name = name;

    public void Shutdown() => _signal.Fire(null);

    public void Abort(Exception cause) => _signal.Fire(cause);

    /// <summary>The flow to be put in the streams.</summary>
    public IGraph<FlowShape<T, T>, SharedKillSwitch> Flow<T>() => new SharedSwitchFlow<T>(this, _signal);

    public override string ToString() => $"SharedKillSwitch({_name})";
}
