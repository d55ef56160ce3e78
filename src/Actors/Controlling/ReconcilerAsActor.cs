using ActorKube.Models;
using Akka.Actor;
using k8s;
using k8s.Models;

namespace ActorKube.Actors;

/// <summary>Asks an actor to reconcile an object. It answers the sender with <see cref="ReconcileResult"/>, or <see cref="Status.Failure"/>.</summary>
/// <param name="Context">The object, and the means to act.</param>
/// <param name="Cancellation">The reconcile took too long, or the process stops: answer soon.</param>
public sealed record Reconcile<T>(ReconcileContext<T> Context, CancellationToken Cancellation)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Whose turn it is.</summary>
    public NamespacedName Key => Context.Key;
}

/// <summary>As <see cref="Reconcile{T}"/>, for kinds without a class.</summary>
/// <inheritdoc cref="Reconcile{T}"/>
public sealed record Reconcile(ReconcileContext Context, CancellationToken Cancellation)
{
    /// <summary>Whose turn it is.</summary>
    public NamespacedName Key => Context.Key;
}

/// <summary>Makes an actor of the user's own a reconciler.</summary>
static class ReconcilerAsActor
{
    public static ReconcileHandler Handler(IActorRef actor, Func<ReconcileRun, CancellationToken, object> question) => async (run, cancellation) =>
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            // The reconcile's own timeout bounds the wait; a dead actor will never answer, so its end is an answer too.
            var answer = actor.Ask<ReconcileResult>(question(Bound(run), cancellation), Timeout.InfiniteTimeSpan, ended.Token);
            foreach (var witness in run.Witnesses)
                witness.Awaits(answer);
            var death = actor.WatchAsync(ended.Token);
            await Task.WhenAny(answer, death).ConfigureAwait(false);
            if (!answer.IsCompleted && !cancellation.IsCancellationRequested)
            {
                _ = answer.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                throw new InvalidOperationException($"The reconciler actor {actor.Path} has stopped, so nobody reconciles: start it again, or give the controller one that lives.");
            }
            return await answer.ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
        }
    };

    // The actor's flow is not the run's: its client itself knows whose writes these are, and whether they may still be made.
    static ReconcileRun Bound(ReconcileRun run) => run with
    {
        Client = run.Client.WithWriteObserver(
            written => run.Writes.Add(new ObjectWrite(written.Resource, written.Key, written.ResourceVersion, written.Uid)),
            run.Writes.Fence.Check),
    };
}
