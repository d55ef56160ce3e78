using ActorKube.Actors;
using ActorKube.Transport;
using Akka.Actor;

namespace ActorKube.Hosting;

/// <summary>The host's container, with a client and a clock for webhooks that ask for them: the container's client where it has one, else that of the runtime, once that has started.</summary>
sealed class WebhookServices(IServiceProvider services) : IServiceProvider
{
    /// <summary>The clock.</summary>
    public TimeProvider Time => services.GetService(typeof(TimeProvider)) as TimeProvider ?? TimeProvider.System;

    /// <summary>The client.</summary>
    /// <exception cref="InvalidOperationException">There is none, or not yet.</exception>
    public IKubernetesClient Client => GetService(typeof(IKubernetesClient)) as IKubernetesClient
        ?? throw new InvalidOperationException("There is no client to reach the cluster with: register one (services.AddKubernetesClient(…)), or say WithKubernetes(kube => kube.UseDefaultConfig()).");

    public object? GetService(Type serviceType) =>
        services.GetService(serviceType)
        ?? (serviceType == typeof(IKubernetesClient) ? RuntimesClient() : serviceType == typeof(TimeProvider) ? TimeProvider.System : null);

    IKubernetesClient? RuntimesClient() =>
        services.GetService(typeof(ActorSystem)) is ActorSystem system && system.TryGetExtension<Kubernetes>(out var kubernetes) ? kubernetes.Client : null;
}
