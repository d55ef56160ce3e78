using ActorKube.Models;
using Akka.Actor;

namespace ActorKube.Actors;

/// <summary>
/// The keys of one controller, for those who say themselves what is to be done: the contract of client-go's rate-limited work queue. A key that is added while it waits is one
/// key; one that is added while it is worked on is worked on once more after it; no key is ever worked on twice at once.
/// </summary>
/// <remarks>Thread-safe; adding never waits. While the controller stands by, keys are kept, one entry each.</remarks>
public sealed class KeyQueue
{
    static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);

    readonly IActorRef _guardian;
    readonly Func<DateTimeOffset> _now;
    readonly Func<string, Task> _remove;

    internal KeyQueue(string name, IActorRef guardian, Func<DateTimeOffset> now, Func<string, Task> remove)
    {
        Name = name;
        _guardian = guardian;
        _now = now;
        _remove = remove;
    }

    /// <summary>The controller's name.</summary>
    public string Name { get; }

    /// <summary>The key has work.</summary>
    /// <param name="key">The key.</param>
    /// <param name="priority">How urgent it is, see <see cref="ReconcilePriority"/>; a key that waits already keeps the higher of both.</param>
    public void Add(NamespacedName key, int priority = ReconcilePriority.Change) => Tell(key, new KeyNews(priority));

    /// <summary>The key has work in a while; of several such calls the earliest time counts, once.</summary>
    public void AddAfter(NamespacedName key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
            Add(key, ReconcilePriority.Requeue);
        else
            Tell(key, new KeyNews(DueAt: _now() + delay));
    }

    /// <summary>The key failed: it is tried again after a pause that doubles with each failure in a row, see <see cref="RetryPolicy"/>. A sync function that throws has the same effect.</summary>
    public void AddRateLimited(NamespacedName key) => Tell(key, new KeyNews(Failures: 1));

    /// <summary>The key's failures are forgotten; what is added stays added. A sync function that succeeds has the same effect.</summary>
    public void Forget(NamespacedName key) => _guardian.Tell(new ControllersActor.To(Name, new ControllerActor.Forget(key)), ActorRefs.NoSender);

    /// <summary>How often in a row the key has failed.</summary>
    public async Task<int> NumRequeuesAsync(NamespacedName key, CancellationToken cancellation = default) =>
        (await _guardian.Ask<ControllerActor.Requeues>(new ControllersActor.To(Name, new ControllerActor.CountRequeues(key)), AskTimeout, cancellation).ConfigureAwait(false)).Count;

    /// <summary>Takes nothing new, finishes what runs and what waits, and ends the controller; within <see cref="KubernetesOptions.ShutdownTimeout"/>, after which what runs is told to leave.</summary>
    public Task ShutDownAsync() => _remove(Name);

    void Tell(NamespacedName key, KeyNews news) => _guardian.Tell(new ControllersActor.To(Name, new ControllerActor.Tell(key, news)), ActorRefs.NoSender);
}
