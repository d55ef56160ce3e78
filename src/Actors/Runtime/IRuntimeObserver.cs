using ActorKube.Models;
using ActorKube.Streams;

namespace ActorKube.Actors;

/// <summary>Hears what a runtime does, as it does it: for tests, audits and dashboards. Hosts pick up every observer that the container has.</summary>
/// <remarks>Called on the runtime's own threads, several at once: return soon, and do not throw.</remarks>
public interface IRuntimeObserver
{
    /// <summary>A reconcile begins. Called in its flow, before any of the reconciler's code: async locals that are set here are the reconciler's too.</summary>
    /// <param name="controller">The controller's name.</param>
    /// <param name="key">The object.</param>
    /// <returns>Who goes along with it; null for nobody.</returns>
    IReconcileWitness? Reconciling(string controller, NamespacedName key) => null;

    /// <summary>A reconcile has ended.</summary>
    void Reconciled(ReconcileEnded ended)
    {
    }

    /// <summary>A controller could not start: its caches were not synced within <see cref="ControllerOptions.CacheSyncTimeout"/>. Told once in each such time.</summary>
    /// <param name="controller">The controller's name.</param>
    /// <param name="why">What is missing, as a sentence.</param>
    void StartFailed(string controller, string why)
    {
    }

    /// <summary>A reflector met with trouble; it goes on by itself.</summary>
    void Troubled(CacheSpec cache, ReflectorTrouble trouble)
    {
    }
}

/// <summary>Goes along with one reconcile.</summary>
public interface IReconcileWitness
{
    /// <summary>The reconcile waits for the answer of an actor of the user's own.</summary>
    void Awaits(Task answer);

    /// <summary>The reconcile is over, and the runtime has been told what it came to.</summary>
    void Left();
}

/// <summary>How one reconcile ended.</summary>
/// <param name="Controller">The controller's name.</param>
/// <param name="Key">The object.</param>
/// <param name="ReconcileId">What logs and traces call it.</param>
/// <param name="Attempt">The attempt it was: 1, and one more for each failure in a row before it.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Result">What it came to; null where it threw.</param>
/// <param name="Error">What it threw, or the reason why it cannot go on; null where all went well.</param>
public sealed record ReconcileEnded(string Controller, NamespacedName Key, string ReconcileId, int Attempt, TimeSpan Took, ReconcileResult? Result, Exception? Error);
