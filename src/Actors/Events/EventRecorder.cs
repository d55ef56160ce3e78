using ActorKube.Models;
using Akka.Actor;

namespace ActorKube.Actors;

/// <summary>Records Kubernetes events. Never waits and never fails: what cannot be told in time is dropped.</summary>
public interface IEventRecorder
{
    /// <summary>A recorder for one object.</summary>
    /// <param name="about">The object as it is known; null where it is gone.</param>
    /// <param name="resource">Its resource.</param>
    /// <param name="key">Its key.</param>
    IObjectEvents For(KubeObject? about, ResourceDefinition resource, NamespacedName key);

    /// <summary>A recorder for one object that names a component of its own.</summary>
    /// <param name="about">The object as it is known; null where it is gone.</param>
    /// <param name="resource">Its resource.</param>
    /// <param name="key">Its key.</param>
    /// <param name="component">Who tells; null for the process, see <see cref="KubernetesOptions.Component"/>.</param>
    IObjectEvents For(KubeObject? about, ResourceDefinition resource, NamespacedName key, string? component) => For(about, resource, key);

    /// <summary>A recorder for one object that names a component and a host of its own: for those who act for one node, as a kubelet does.</summary>
    /// <param name="about">The object as it is known; null where it is gone.</param>
    /// <param name="resource">Its resource.</param>
    /// <param name="key">Its key.</param>
    /// <param name="component">Who tells; null for the process.</param>
    /// <param name="host">Where it tells from; null for this machine, which core events leave unsaid in their source.</param>
    IObjectEvents For(KubeObject? about, ResourceDefinition resource, NamespacedName key, string? component, string? host) => For(about, resource, key, component);
}

/// <summary>Hands events to the actor that tells the server, at most so many ahead of it.</summary>
sealed class EventRecorder(IActorRef sink, TimeProvider time, EventIntake intake) : IEventRecorder
{
    public IObjectEvents For(KubeObject? about, ResourceDefinition resource, NamespacedName key) => For(about, resource, key, null);

    public IObjectEvents For(KubeObject? about, ResourceDefinition resource, NamespacedName key, string? component) => For(about, resource, key, component, null);

    public IObjectEvents For(KubeObject? about, ResourceDefinition resource, NamespacedName key, string? component, string? host) => new ObjectEvents(this, about, resource, key, component, host, null);

    int _told;

    void Tell(EventFacts facts)
    {
        if (intake.TryEnter())
            sink.Tell(facts, ActorRefs.NoSender);
    }

    sealed class ObjectEvents(EventRecorder recorder, KubeObject? about, ResourceDefinition resource, NamespacedName key, string? component, string? host, string? fieldPath) : IObjectEvents
    {
        public void Normal(string reason, string message) => Tell("Normal", reason, message);

        public void Warning(string reason, string message) => Tell("Warning", reason, message);

        public IObjectEvents About(string fieldPath) => new ObjectEvents(recorder, about, resource, key, component, host, fieldPath);

        void Tell(string type, string reason, string message) =>
            recorder.Tell(new EventFacts(resource.Kind, key, about?.Uid ?? "", about?.ResourceVersion ?? "", type, reason, message, recorder.Now) { Component = component, Host = host, FieldPath = fieldPath, Nanoseconds = recorder.Distinct() });
    }

    DateTimeOffset Now => time.GetUtcNow();

    // A clock that a test owns stands still, and a real one ticks in steps: events of one object at one time are told apart all the same.
    int Distinct() => (int)((uint)Interlocked.Increment(ref _told) % 1_000_000);
}

/// <summary>Counts the events on their way to the sink, so that its mailbox is bounded too. Thread-safe.</summary>
sealed class EventIntake(int limit)
{
    int _inside;
    long _refused;

    /// <summary>How many events were dropped before the sink heard of them.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inside) <= limit)
            return true;
        Interlocked.Decrement(ref _inside);
        Interlocked.Increment(ref _refused);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _inside);
}
