using ActorKube.Actors;
using Akka.Hosting;
using k8s;
using k8s.Models;

namespace ActorKube.Hosting;

/// <summary>Kubernetes and controllers in an actor system of a host.</summary>
public static class KubernetesHostingExtensions
{
    /// <summary>Adds Kubernetes to the actor system: <c>system.Kubernetes()</c>, and what controllers need.</summary>
    /// <param name="akka">The actor system's builder.</param>
    /// <param name="configure">Which cluster, and with which numbers; null for the defaults. May be called several times: later calls add to earlier ones.</param>
    public static AkkaConfigurationBuilder WithKubernetes(this AkkaConfigurationBuilder akka, Action<KubernetesBuilder>? configure = null)
    {
        var registration = KubernetesRegistration.Of(akka);
        configure?.Invoke(registration.Kubernetes);
        registration.LeaveTimeToShutDown(akka);
        return akka;
    }

    /// <summary>Adds a controller for a kind. It starts with the host; its reconciler gets from the container what its constructor asks for.</summary>
    /// <param name="akka">The actor system's builder.</param>
    /// <param name="configure">What it watches and does.</param>
    /// <typeparam name="T">The kind that is reconciled.</typeparam>
    public static AkkaConfigurationBuilder WithController<T>(this AkkaConfigurationBuilder akka, Action<ControllerBuilder<T>> configure)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        KubernetesRegistration.Of(akka).Controllers.Add(services =>
        {
            var controller = new ControllerBuilder<T>();
            configure(controller);
            return controller.Build(services);
        });
        return akka;
    }
}
