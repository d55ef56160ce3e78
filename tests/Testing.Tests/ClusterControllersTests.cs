using ActorKube.ControllerManager;
using ActorKube.Hosting;
using k8s.Models;

namespace ActorKube.Testing.Tests;

/// <summary>A cluster's own controllers beside those that are tested.</summary>
public sealed class ClusterControllersTests
{
    [Fact]
    public async Task What_nobody_owns_any_more_is_gone_once_all_is_settled_and_the_probe_saw_nobody_do_it()
    {
        await using var kube = await ActorKubeFixture.StartAsync(
            akka => akka.WithKubernetes().WithController<V1ConfigMap>(c => c.Named("copier").Owns<V1Secret>().WithReconciler<Copier>()),
            new ActorKubeFixtureOptions { Controllers = ClusterControllersOptions.None with { GarbageCollector = true } });
        await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(Copier.Map("one"));
        await kube.Probe.ExpectWriteAsync<V1Secret>("default/one", "create");
        await kube.SettleAsync();

        await kube.Client.Resource<V1ConfigMap>("default").DeleteAsync("one");
        await kube.SettleAsync();

        // Two caches have no common order: where the copier hears first that its secret is gone, it makes it once more, and that one is collected too.
        Assert.Empty((await kube.Client.Resource<V1Secret>("default").ListAsync()).Items);
        Assert.DoesNotContain(kube.Probe.Writes, static write => write is { Resource: "secrets", Verb: "delete" });
    }

    [Fact]
    public async Task They_look_again_in_the_tests_time()
    {
        await using var kube = await ActorKubeFixture.StartAsync(null, new ActorKubeFixtureOptions { Controllers = ClusterControllersOptions.None with { Namespaces = true } });
        await kube.Client.Resource<V1Namespace>().CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "held" } });
        var map = Copier.Map("one");
        map.Metadata.Finalizers = ["tests.example/held"];
        await kube.Client.Resource<V1ConfigMap>("held").CreateAsync(map);
        await kube.Client.Resource<V1Namespace>().DeleteAsync("held");
        await kube.SettleAsync();
        await kube.Client.Resource<V1ConfigMap>("held").PatchAsync("one", Transport.Patch.Merge("""{"metadata":{"finalizers":null}}"""));
        await kube.SettleAsync();
        Assert.Equal("Terminating", (await kube.Client.Resource<V1Namespace>().GetAsync("held")).Status.Phase);

        await kube.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.DoesNotContain((await kube.Client.Resource<V1Namespace>().ListAsync()).Items, static n => n.Metadata.Name == "held");
    }

    [Fact]
    public async Task Unless_they_are_asked_for_nobody_collects()
    {
        await using var kube = await ActorKubeFixture.StartAsync(akka => akka.WithKubernetes().WithController<V1ConfigMap>(c => c.Named("copier").Owns<V1Secret>().WithReconciler<Copier>()));
        await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(Copier.Map("one"));
        await kube.SettleAsync();

        await kube.Client.Resource<V1ConfigMap>("default").DeleteAsync("one");
        await kube.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Single((await kube.Client.Resource<V1Secret>("default").ListAsync()).Items);
    }
}
