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
}

/// <summary>Hands events to the actor that tells the server.</summary>
sealed class EventRecorder(IActorRef sink, TimeProvider time) : IEventRecorder
{
    public IObjectEvents For(KubeObject? about, ResourceDefinition resource, NamespacedName key) => new ObjectEvents(sink, time, about, resource, key);

    sealed class ObjectEvents(IActorRef sink, TimeProvider time, KubeObject? about, ResourceDefinition resource, NamespacedName key) : IObjectEvents
    {
        public void Normal(string reason, string message) => Tell("Normal", reason, message);

        public void Warning(string reason, string message) => Tell("Warning", reason, message);

        void Tell(string type, string reason, string message) =>
            sink.Tell(new EventFacts(resource.Kind, key, about?.Uid ?? "", about?.ResourceVersion ?? "", type, reason, message, time.GetUtcNow()));
    }
}
