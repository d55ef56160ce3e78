#nullable disable
namespace Akka.Dispatch;

/// <summary>Work for a dispatcher.</summary>
public interface IRunnable : IThreadPoolWorkItem
{
    void Run();
}

/// <summary>An action as work.</summary>
public sealed class ActionRunnable(Action action) : IRunnable
{
    public void Run() => action();

    public void Execute() => action();
}

/// <summary>An action and its argument as work.</summary>
public sealed class ActionWithStateRunnable(Action<object> actionWithState, object state) : IRunnable
{
    public void Run() => actionWithState(state);

    public void Execute() => actionWithState(state);
}
