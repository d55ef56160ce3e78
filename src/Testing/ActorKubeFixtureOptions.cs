using ActorKube.Actors;
using ActorKube.ApiServer;
using ActorKube.ControllerManager;
using ActorKube.Kubelet;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Testing;

/// <summary>How an <see cref="ActorKubeFixture"/> is set up. The defaults suit unit tests of controllers.</summary>
public sealed record ActorKubeFixtureOptions
{
    /// <summary>Whether time stands still until the test lets it pass with <see cref="ActorKubeFixture.AdvanceAsync"/>; else it is the machine's.</summary>
    public bool VirtualTime { get; init; } = true;

    /// <summary>Definitions to be there before anything starts.</summary>
    public IReadOnlyList<V1CustomResourceDefinition> Definitions { get; init; } = [];

    /// <summary>
    /// A node that moves pods through their phases, in the fixture's time; null leaves them Pending, and the test says what becomes of them. What it does is settled as everything is, and neither expected nor
    /// seen by <see cref="ActorKubeFixture.Probe"/>.
    /// </summary>
    public PodSimulatorOptions? Pods { get; init; }

    /// <summary>
    /// The controllers that a cluster has beside its server, at work in the fixture's time: garbage collection, deployments, jobs and the rest. Null for none: what neither the test nor the controllers
    /// that it tests do does not happen, and all is faster. What they do is settled as everything is, and neither expected nor seen by <see cref="ActorKubeFixture.Probe"/>.
    /// </summary>
    public ClusterControllersOptions? Controllers { get; init; }

    /// <summary>Anything else about the server.</summary>
    public Func<EmbeddedApiServerOptions, EmbeddedApiServerOptions> Server { get; init; } = static options => options;

    /// <summary>The runtime's numbers, where the fixture adds the runtime; where <c>WithKubernetes</c> does, it has its own.</summary>
    public KubernetesOptions Runtime { get; init; } = new();

    /// <summary>Where logs go.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }

    /// <summary>How long, in the machine's time, something that is expected may take before the test fails.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);
}
