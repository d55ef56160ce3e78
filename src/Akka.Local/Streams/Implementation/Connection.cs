using System.Runtime.CompilerServices;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>
/// One wire between two stages of an island: at most one element, and the state both sides agree on. Only the island's thread touches it.
/// </summary>
/// <remarks>
/// The flags name what the connection waits for. An idle one has <see cref="InReady"/>; a pull moves it over <see cref="Pulling"/> to
/// <see cref="OutReady"/>; a push over <see cref="Pushing"/> back to <see cref="InReady"/>. <see cref="Pulling"/> and
/// <see cref="Pushing"/> mean that an event is on its way, so the connection is queued (or chased) and must not be queued again.
/// </remarks>
internal abstract class Connection
{
    public const int InReady = 1;
    public const int Pulling = 2;
    public const int Pushing = 4;
    public const int OutReady = 8;
    public const int InClosed = 16;
    public const int OutClosed = 32;
    public const int InFailed = 64;
    public const int HasElement = 128;

    public const int PullStart = InReady | Pulling;
    public const int PullEnd = Pulling | OutReady;
    public const int PushStart = OutReady | Pushing;
    public const int PushEnd = Pushing | InReady;

    public int State = InReady;
    public IInHandler InHandler = null!;
    public IOutHandler OutHandler = null!;
    public GraphStageLogic InOwner = null!;
    public GraphStageLogic OutOwner = null!;

    /// <summary>Why the output side failed, or why the input side cancelled; whichever came first.</summary>
    public Exception? Cause;

    public abstract void SetBoxed(object? element);

    public abstract object? TakeBoxed();

    public abstract void Clear();

    public override string ToString() => $"{OutOwner} -> {InOwner}";
}

internal sealed class Connection<T> : Connection
{
    private T _element = default!;

    public void Set(T element) => _element = element;

    public T Take()
    {
        var element = _element;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>()) _element = default!;
        State &= ~HasElement;
        return element;
    }

    public override void SetBoxed(object? element) => _element = (T)element!;

    public override object? TakeBoxed() => Take();

    public override void Clear()
    {
        _element = default!;
        State &= ~HasElement;
    }
}
