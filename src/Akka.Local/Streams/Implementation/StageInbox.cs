using System.Collections.Concurrent;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>
/// What reaches a stage from outside when nothing may get lost: every item is handled either inside of the stage, one at a time with the
/// stream running on in between, or, once the stage has stopped, by <paramref name="afterStop"/>. May be used from any thread, also before
/// the stream has started.
/// </summary>
internal sealed class StageInbox<T>(GraphStageLogic logic, Action<T> handle, Action<T> afterStop) : IslandEvent
{
    private readonly ConcurrentQueue<T> _items = new();
    private volatile bool _stopped;

    public override GraphInterpreter Interpreter => logic.Interpreter;

    public void Post(T item)
    {
        _items.Enqueue(item);
        if (_stopped) HandleRest();
        // One event an item: what others send to the island keeps its place between the items.
        else logic.Island.Post(this);
    }

    /// <summary>To be called from the stage's <c>PostStop</c>.</summary>
    public void Stop()
    {
        _stopped = true;
        HandleRest();
    }

    public override void Run()
    {
        if (logic.IsStopped) return;
        if (_items.TryDequeue(out var item)) logic.Interpreter.RunAsyncInput(logic, handle, item);
    }

    private void HandleRest()
    {
        while (_items.TryDequeue(out var item)) afterStop(item);
    }
}
