using ActorKube.Actors;
using Akka.Hosting;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Configuration;

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
        registration.Configure(akka);
        return akka;
    }

    /// <summary>The same with settings from configuration, which win over what the program says, see <see cref="KubernetesBuilder.Bind"/>.</summary>
    /// <param name="akka">The actor system's builder.</param>
    /// <param name="section">Such as <c>builder.Configuration.GetSection("Kubernetes")</c>.</param>
    /// <param name="configure">What the program says.</param>
    public static AkkaConfigurationBuilder WithKubernetes(this AkkaConfigurationBuilder akka, IConfiguration section, Action<KubernetesBuilder>? configure = null) =>
        akka.WithKubernetes(kube =>
        {
            kube.Bind(section);
            configure?.Invoke(kube);
        });

    /// <summary>Adds a controller for a kind. It starts with the host; its reconciler gets from the container what its constructor asks for.</summary>
    /// <param name="akka">The actor system's builder.</param>
    /// <param name="configure">What it watches and does.</param>
    /// <typeparam name="T">The kind that is reconciled.</typeparam>
    public static AkkaConfigurationBuilder WithController<T>(this AkkaConfigurationBuilder akka, Action<ControllerBuilder<T>> configure)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var controller = new ControllerBuilder<T>();
        configure(controller);
        KubernetesRegistration.Of(akka).Controllers.Add(DeclaredController.Of(controller));
        return akka;
    }
}
