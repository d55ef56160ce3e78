using ActorKube.Actors;
using ActorKube.Models;
using Akka.Actor;
using k8s.Models;

namespace Cnat;

/// <summary>The actors' way: each At has an actor, which is asked to reconcile it and answers when it has. This one is the parent of them all.</summary>
/// <remarks>The runtime asks for one key only once at a time, keeps the timers and retries what fails; what an actor remembers between two questions is its own affair.</remarks>
public sealed class AtActors : ReceiveActor
{
    readonly Dictionary<NamespacedName, IActorRef> _ats = [];

    /// <param name="worker">Takes an At's steps.</param>
    public AtActors(AtWorker worker) => Receive<Reconcile<At>>(ask =>
    {
        var key = ask.Context.Key;
        if (!ask.Context.Exists)
        {
            if (_ats.Remove(key, out var gone)) Context.Stop(gone);
            Sender.Tell(ReconcileResult.Done);
            return;
        }
        if (!_ats.TryGetValue(key, out var at)) _ats.Add(key, at = Context.ActorOf(AtActor.Props(worker)));
        at.Forward(ask);
    });

    /// <summary>How to make it.</summary>
    public static Props Props(AtWorker worker) => Akka.Actor.Props.Create(() => new AtActors(worker));
}

/// <summary>One At's actor.</summary>
sealed class AtActor : ReceiveActor
{
    public AtActor(AtWorker worker) => ReceiveAsync<Reconcile<At>>(async ask =>
    {
        var context = ask.Context;
        try
        {
            Sender.Tell(await worker.StepAsync(context.Key, context.Object, context.Get<V1Pod>(AtPod.KeyFor(context.Key)), context.Events, context.Logger, ask.Cancellation));
        }
        catch (Exception error)
        {
            // An answer too: the runtime logs it, counts it, and asks again later.
            Sender.Tell(new Status.Failure(error));
        }
    });

    public static Props Props(AtWorker worker) => Akka.Actor.Props.Create(() => new AtActor(worker));
}
