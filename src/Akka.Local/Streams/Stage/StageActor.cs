using Akka.Actor;
using Akka.Streams.Implementation;

namespace Akka.Streams.Stage;

/// <summary>What a stage's actor does with messages.</summary>
public static class StageActorRef
{
    /// <summary>Handles one message with its sender, inside of the stage. <c>Terminated</c> comes this way, too.</summary>
    public delegate void Receive((IActorRef, object) args);
}

/// <summary>The stage has not asked for its actor yet.</summary>
public class StageActorRefNotInitializedException : Exception
{
    public static readonly StageActorRefNotInitializedException Instance = new();

    private StageActorRefNotInitializedException()
        : base("You must first call GetStageActor(StageActorRef.Receive), to initialize the actor's behavior") { }
}

/// <summary>
/// An address under which a stage gets messages. They are handled like any other event of the stage, so that its fields are safe. Lives as
/// long as the stage; who watches it learns when the stage has stopped.
/// </summary>
public sealed class StageActor
{
    private readonly Action<(IActorRef, object)> _callback;
    private StageActorRef.Receive _receive;

    internal StageActor(IslandHost island, Func<StageActorRef.Receive, Action<(IActorRef, object)>> getAsyncCallback,
        StageActorRef.Receive initialReceive, string? name)
    {
        _receive = initialReceive;
        _callback = getAsyncCallback(args => _receive(args));
        var context = island.Context
            ?? throw new InvalidOperationException("A stage's actor can be made from PreStart on, not in the logic's constructor");
        var props = Props.Create(() => new Mailman(_callback));
        Ref = string.IsNullOrEmpty(name) ? context.ActorOf(props) : context.ActorOf(props, name);
    }

    /// <summary>The address.</summary>
    public IActorRef Ref { get; }

    /// <summary>Has <c>Terminated</c> sent to the stage when that actor stops.</summary>
    public void Watch(IActorRef actorRef) => Ref.Tell(new Mailman.StartWatching(actorRef), ActorRefs.NoSender);

    /// <summary>Undoes <see cref="Watch"/>.</summary>
    public void Unwatch(IActorRef actorRef) => Ref.Tell(new Mailman.StopWatching(actorRef), ActorRefs.NoSender);

    /// <summary>Handles messages differently from the next one on.</summary>
    public void Become(StageActorRef.Receive receive) => Volatile.Write(ref _receive, receive);

    /// <summary>Stops the actor; later messages become dead letters.</summary>
    public void Stop() => ((IInternalActorRef)Ref).Stop();

    /// <summary>Hands everything to the stage; watches on its behalf.</summary>
    private sealed class Mailman(Action<(IActorRef, object)> deliver) : ActorBase
    {
        public sealed record StartWatching(IActorRef Target);

        public sealed record StopWatching(IActorRef Target);

        protected override bool Receive(object message)
        {
            switch (message)
            {
                case StartWatching start:
                    Context.Watch(start.Target);
                    break;
                case StopWatching stop:
                    Context.Unwatch(stop.Target);
                    break;
                default:
                    deliver((Sender, message));
                    break;
            }

            return true;
        }
    }
}

public abstract partial class GraphStageLogic
{
    private StageActor? _stageActor;

    /// <summary>The stage's actor.</summary>
    /// <exception cref="StageActorRefNotInitializedException"><see cref="GetStageActor"/> has not been called yet.</exception>
    public StageActor StageActor => _stageActor ?? throw StageActorRefNotInitializedException.Instance;

    /// <summary>The name of the stage's actor; empty for one that is made up.</summary>
    protected virtual string StageActorName => "";

    /// <summary>
    /// The stage's actor, made by the first call; later calls change what it does with messages. From <see cref="PreStart"/> on.
    /// </summary>
    protected internal StageActor GetStageActor(StageActorRef.Receive receive)
    {
        if (_stageActor is null)
            return _stageActor = new StageActor(Island, r => GetAsyncCallback<(IActorRef, object)>(args => r(args)), receive, StageActorName);
        _stageActor.Become(receive);
        return _stageActor;
    }
}
