#nullable disable
using System.Runtime.CompilerServices;
using Akka.Actor.Internal;
using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>
/// An actor whose behaviour is a list of typed handlers, tried in the order in which the constructor, or the action given to <see cref="Become(Action)"/>,
/// has listed them. A handler for a type takes its subtypes too; the first that accepts the message ends the search.
/// An asynchronous handler keeps the mailbox closed until its task has ended.
/// </summary>
public abstract class ReceiveActor : UntypedActor, IInitializableActor
{
    // The handlers that are being listed while the constructor or Become runs, else the first of the actor's own. One field, since there may be a million actors.
    private object _handlers = new Configuring();

    protected ReceiveActor() { }

    void IInitializableActor.Init()
    {
        if (_handlers is Configuring configuring)
            _handlers = configuring.First;
    }

    protected sealed override void OnReceive(object message)
    {
        if (!Handle(Own, message))
            Unhandled(message);
    }

    /// <summary>Replaces the behaviour by the handlers that <paramref name="configure"/> lists.</summary>
    protected void Become(Action configure) => Become(Configured(configure));

    /// <summary>Puts the handlers that <paramref name="configure"/> lists over the present behaviour.</summary>
    protected void BecomeStacked(Action configure) => BecomeStacked(Configured(configure));

    protected void Receive<T>(Action<T> handler, Predicate<T> shouldHandle = null)
    {
        Add(shouldHandle is null ? new ActionHandler<T>(handler) : new GuardedHandler<T>(shouldHandle, handler));
        Open().IsComplete = shouldHandle is null && typeof(T) == typeof(object);
    }

    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

    /// <param name="handler">Says whether it handled the message; if not, the search goes on.</param>
    protected void Receive<T>(Func<T, bool> handler) => Add(new FuncHandler<T>(handler));

    protected void Receive(Type messageType, Action<object> handler, Predicate<object> shouldHandle = null)
    {
        Add(new RuntimeTypeHandler(messageType, message =>
        {
            if (shouldHandle is not null && !shouldHandle(message))
                return false;
            handler(message);
            return true;
        }));
        Open().IsComplete = shouldHandle is null && messageType == typeof(object);
    }

    protected void Receive(Type messageType, Predicate<object> shouldHandle, Action<object> handler) => Receive(messageType, handler, shouldHandle);

    protected void Receive(Type messageType, Func<object, bool> handler) => Add(new RuntimeTypeHandler(messageType, handler));

    /// <summary>Takes every message the handlers before it have left. No handler can come after it.</summary>
    protected void ReceiveAny(Action<object> handler) => Receive<object>(handler);

    protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T> shouldHandle = null) =>
        Receive(message => ActorTaskScheduler.RunTask(handler, message), shouldHandle);

    protected void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => ReceiveAsync(handler, shouldHandle);

    protected void ReceiveAsync(Type messageType, Func<object, Task> handler, Predicate<object> shouldHandle = null) =>
        Receive(messageType, message => ActorTaskScheduler.RunTask(handler, message), shouldHandle);

    protected void ReceiveAsync(Type messageType, Predicate<object> shouldHandle, Func<object, Task> handler) => ReceiveAsync(messageType, handler, shouldHandle);

    protected void ReceiveAnyAsync(Func<object, Task> handler) => ReceiveAny(message => ActorTaskScheduler.RunTask(handler, message));

    private Receive Configured(Action configure)
    {
        var outer = _handlers;
        var configuring = new Configuring();
        _handlers = configuring;
        try
        {
            configure();
        }
        finally
        {
            _handlers = outer;
        }

        var first = configuring.First;
        return message => Handle(first, message);
    }

    private static bool Handle(MessageHandler handler, object message)
    {
        for (; handler is not null; handler = handler.Next)
        {
            if (handler.TryHandle(message))
                return true;
        }

        return false;
    }

    /// <summary>Messages come only after <see cref="IInitializableActor.Init"/>, and none while a behaviour is being listed.</summary>
    private MessageHandler Own => Unsafe.As<MessageHandler>(_handlers);

    private void Add(MessageHandler handler) => Open().Add(handler);

    private Configuring Open() => _handlers as Configuring
        ?? throw new InvalidOperationException("You may only call Receive-methods when constructing the actor and inside Become().");

    /// <summary>A handler, and the one to try after it.</summary>
    private abstract class MessageHandler
    {
        public MessageHandler Next;

        public abstract bool TryHandle(object message);
    }

    private sealed class ActionHandler<T>(Action<T> handler) : MessageHandler
    {
        private readonly Action<T> _handler = handler ?? throw new ArgumentNullException(nameof(handler));

        public override bool TryHandle(object message)
        {
            if (message is not T typed)
                return false;
            _handler(typed);
            return true;
        }
    }

    private sealed class GuardedHandler<T>(Predicate<T> shouldHandle, Action<T> handler) : MessageHandler
    {
        private readonly Action<T> _handler = handler ?? throw new ArgumentNullException(nameof(handler));

        public override bool TryHandle(object message)
        {
            if (message is not T typed || !shouldHandle(typed))
                return false;
            _handler(typed);
            return true;
        }
    }

    private sealed class FuncHandler<T>(Func<T, bool> handler) : MessageHandler
    {
        private readonly Func<T, bool> _handler = handler ?? throw new ArgumentNullException(nameof(handler));

        public override bool TryHandle(object message) => message is T typed && _handler(typed);
    }

    private sealed class RuntimeTypeHandler(Type type, Func<object, bool> handler) : MessageHandler
    {
        public override bool TryHandle(object message) => type.IsInstanceOfType(message) && handler(message);
    }

    /// <summary>Handlers while they are being listed.</summary>
    private sealed class Configuring
    {
        private MessageHandler _last;

        public MessageHandler First { get; private set; }

        public bool IsComplete { get; set; }

        public void Add(MessageHandler handler)
        {
            if (IsComplete)
                throw new InvalidOperationException("A handler that catches all messages has been added. No handler can be added after that.");
            if (_last is null)
                First = handler;
            else
                _last.Next = handler;
            _last = handler;
        }
    }
}
