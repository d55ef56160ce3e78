using Akka.Actor;

namespace ActorKube.Actors;

/// <summary>Asks along the way that a change takes, from the caches to the reconcilers, and says when all have come to rest.</summary>
sealed class SettlingActor : UntypedActor
{
    readonly IActorRef _guardian;
    readonly Action _settled;
    readonly HashSet<IActorRef> _caches = [];
    readonly HashSet<IActorRef> _controllers = [];
    readonly HashSet<IActorRef> _reconcilers = [];

    public SettlingActor(IActorRef guardian, Action settled)
    {
        _guardian = guardian;
        _settled = settled;
    }

    public static Props Props(IActorRef guardian, Action settled) => Akka.Actor.Props.Create(() => new SettlingActor(guardian, settled));

    protected override void PreStart() => _guardian.Tell(new Settling.WhichCaches());

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Settling.Caches caches:
                foreach (var cache in caches.All)
                    Await(_caches, cache.Actor, new Settling.WhenIdle());
                GoOn();
                break;
            case Settling.Workers workers when _controllers.Remove(Sender):
                // Who has no work left stops; that is an answer too.
                foreach (var reconciler in workers.All)
                    Await(_reconcilers, reconciler, new Settling.WhenIdle());
                EndIfIdle();
                break;
            case Settling.Workers workers:
                foreach (var controller in workers.All)
                    Await(_controllers, controller, new Settling.WhichWorkers());
                EndIfIdle();
                break;
            case Settling.Idle:
                Answered(Sender);
                break;
            case Terminated gone:
                Answered(gone.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    void Await(HashSet<IActorRef> group, IActorRef actor, object question)
    {
        group.Add(actor);
        Context.Watch(actor);
        actor.Tell(question);
    }

    void Answered(IActorRef actor)
    {
        // A cache's reflector stands for it: it passes the question on, and the cache answers in its name.
        if (_caches.Remove(actor))
            GoOn();
        else if (_controllers.Remove(actor) || _reconcilers.Remove(actor))
            EndIfIdle();
    }

    void GoOn()
    {
        if (_caches.Count == 0)
            _guardian.Tell(new Settling.WhichWorkers());
    }

    void EndIfIdle()
    {
        if (_controllers.Count > 0 || _reconcilers.Count > 0)
            return;
        _settled();
        Context.Stop(Self);
    }
}
