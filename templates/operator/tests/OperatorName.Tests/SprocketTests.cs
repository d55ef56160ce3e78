using ActorKube.Actors;
using ActorKube.ControllerManager;
using ActorKube.Hosting;
using ActorKube.Models;
using ActorKube.Testing;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using k8s.Models;

namespace OperatorSpace.Tests;

/// <summary>What a Sprocket promises, on an API server in this process and a time that stands still until a test moves it.</summary>
public sealed class SprocketTests
{
    static readonly ActorKubeFixtureOptions Cluster = new()
    {
        Definitions = Manifests.Definitions(typeof(Controllers).Assembly),
        Controllers = ClusterControllersOptions.None with { GarbageCollector = true },
    };

    //#if (namespaced)
    static readonly NamespacedName Key = new("default", "first");
    //#else
    static readonly NamespacedName Key = new("", "first");
    //#endif

    static readonly NamespacedName MapKey = SprocketReconciler.MapOf(Key);

    static Sprocket Saying(string text) => new() { Metadata = new V1ObjectMeta { Name = Key.Name }, Spec = new SprocketSpec { Text = text } };

    static V1ConfigMap Map(string text) => new() { Metadata = new V1ObjectMeta { Name = MapKey.Name, NamespaceProperty = MapKey.Namespace }, Data = new Dictionary<string, string> { ["text"] = text } };

    static bool IsReady(Sprocket sprocket) => sprocket.Status?.Conditions.IsStatusConditionTrue(Sprocket.Ready) is true;

    /// <summary>From end to end: an object's life, as its users see it.</summary>
    [Fact]
    public async Task A_sprocket_keeps_its_text_in_a_config_map_until_it_goes()
    {
        await using var kube = await ActorKubeFixture.StartAsync(akka => akka.WithKubernetes().WithOperator(), Cluster);
        var sprockets = kube.Client.Resource<Sprocket>(Key.Namespace);
        var maps = kube.Client.Resource<V1ConfigMap>(MapKey.Namespace);

        await sprockets.CreateAsync(Saying("hello"));
        var ready = await kube.UntilAsync<Sprocket>(Key.ToString(), IsReady);
        Assert.Equal([SprocketController.Finalizer], ready.Metadata.Finalizers);
        Assert.Equal(ready.Metadata.Generation, ready.Status!.ObservedGeneration);
        var map = await kube.UntilAsync<V1ConfigMap>(MapKey.ToString());
        Assert.Equal("hello", map.Data["text"]);
        Assert.True(map.IsControlledBy(ready));
        await kube.Probe.ExpectWriteAsync<Corev1Event>(that: told => told.Reason == "Written" && told.InvolvedObject.Name == Key.Name);

        // What is wanted changes, what is there is lost: both are made good.
        ready.Spec!.Text = "good evening";
        await sprockets.UpdateAsync(ready);
        await kube.UntilAsync<V1ConfigMap>(MapKey.ToString(), map => map.Data["text"] == "good evening");
        await maps.DeleteAsync(MapKey.Name);
        await kube.UntilAsync<V1ConfigMap>(MapKey.ToString(), other => other.Metadata.Uid != map.Metadata.Uid);

        await sprockets.DeleteAsync(Key.Name);
        await kube.Probe.ExpectWriteAsync<Corev1Event>(that: told => told.Reason == "CleanedUp");
        await kube.UntilGoneAsync<Sprocket>(Key.ToString());
        await kube.UntilGoneAsync<V1ConfigMap>(MapKey.ToString());
    }

    [Fact]
    public async Task A_config_map_that_is_somebody_elses_is_left_alone_until_it_is_gone()
    {
        await using var kube = await ActorKubeFixture.StartAsync(akka => akka.WithKubernetes().WithOperator(), Cluster);
        var maps = kube.Client.Resource<V1ConfigMap>(MapKey.Namespace);
        await maps.CreateAsync(Map("somebody else's"));
        await kube.SettleAsync();
        await kube.Client.Resource<Sprocket>(Key.Namespace).CreateAsync(Saying("hello"));
        var told = await kube.Probe.ExpectWriteAsync<Corev1Event>(that: told => told.Reason == "NameTaken");
        Assert.Equal("Warning", told.Type);
        await kube.Probe.ExpectNoWriteAsync<V1ConfigMap>();

        await maps.DeleteAsync(MapKey.Name);
        await kube.AdvanceAsync(TimeSpan.FromSeconds(30));
        await kube.UntilAsync<Sprocket>(Key.ToString(), IsReady);
    }

    /// <summary>By message: the test stands where the reconciler would, and hears what the runtime asks of it.</summary>
    [Fact]
    public async Task A_sprocket_and_its_config_map_wake_the_reconciler()
    {
        await using var kube = await ActorKubeFixture.StartAsync(options: Cluster);
        var reconciler = new Kit(kube.System).CreateTestProbe();
        await kube.AddControllerAsync<Sprocket>(controller => controller.WatchesForSprocket().WithReconcilerActor(reconciler.Ref));

        var sprocket = await kube.Client.Resource<Sprocket>(Key.Namespace).CreateAsync(Saying("hello"));
        Assert.Equal(Key, Asked().Key);
        reconciler.Reply(ReconcileResult.Done);

        var map = Map("hello");
        map.SetControllerReference(sprocket);
        await kube.Client.Resource<V1ConfigMap>(MapKey.Namespace).CreateAsync(map);
        Assert.Equal("hello", Asked().Context.Get<V1ConfigMap>(MapKey)?.Data["text"]);
        reconciler.Reply(ReconcileResult.Done);

        Reconcile<Sprocket> Asked() => reconciler.ExpectMsg<Reconcile<Sprocket>>(TimeSpan.FromSeconds(20));
    }

    sealed class Kit(ActorSystem system) : TestKit(system);
}
