using ActorKube.Actors;
using ActorKube.Testing;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorKube.Hosting.Tests;

/// <summary>A controller whose caches do not sync in time, and the process that it is in.</summary>
public sealed class FailedStartTests
{
    [KubernetesEntity(Group = "example.com", ApiVersion = "v1", Kind = "Unknown", PluralName = "unknowns")]
    sealed class Unknown : k8s.IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "example.com/v1";

        public string Kind { get; set; } = "Unknown";

        public V1ObjectMeta Metadata { get; set; } = new();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Process_stops_after_the_cache_sync_timeout_unless_the_controller_keeps_trying(bool keepsTrying)
    {
        await using var kube = await ActorKubeFixture.StartAsync(akka => akka.WithKubernetes().WithController<Unknown>(c => c
            .With(o => o with { KeepTryingToSync = keepsTrying })
            .WithReconciler((_, _) => Task.FromResult(ReconcileResult.Done))));
        var lifetime = kube.Services.GetRequiredService<IHostApplicationLifetime>();
        var before = Environment.ExitCode;
        await kube.AdvanceAsync(TimeSpan.FromSeconds(119), TimeSpan.FromSeconds(7));
        Assert.False(lifetime.ApplicationStopping.IsCancellationRequested);
        await kube.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(!keepsTrying, lifetime.ApplicationStopping.IsCancellationRequested);
        Assert.Equal(keepsTrying ? before : 1, Environment.ExitCode);

        // A fixture beside it, of a test that runs at the same time, leaves the code alone when it ends.
        await using (await ActorKubeFixture.StartAsync(akka => akka.WithKubernetes()))
        {
        }
        Assert.Equal(keepsTrying ? before : 1, Environment.ExitCode);
    }
}
