using ActorKube.Actors;
using ActorKube.ControllerManager;
using ActorKube.Hosting;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Hosting;
using Akka.TestKit.Xunit2;
using k8s.Models;

namespace ActorKube.Testing.Tests;

/// <summary>What the kit gives to tests of controllers.</summary>
public sealed class FixtureTests
{
    static Task<ActorKubeFixture> Start(ActorKubeFixtureOptions? options = null) => ActorKubeFixture.StartAsync(
        akka => akka.WithKubernetes().WithController<V1ConfigMap>(c => c.Named("copier").Owns<V1Secret>().WithReconciler<Copier>()),
        options);

    static Task Create(ActorKubeFixture kube, string name, string copy = "now") => kube.Client.Resource<V1ConfigMap>("default").CreateAsync(Copier.Map(name, copy));

    [Fact]
    public async Task Reconciles_and_writes_of_controllers_are_seen_in_order_and_used_up()
    {
        await using var kube = await Start();
        await Create(kube, "one");
        var secret = await kube.Probe.ExpectWriteAsync<V1Secret>("default/one", "create");
        Assert.Equal("one", secret.Metadata.OwnerReferences[0].Name);
        var ended = await kube.Probe.ExpectReconcileAsync("default/one", "copier");
        Assert.Equal((1, null), (ended.Attempt, ended.Error));
        // The secret's own event brings a second look, which finds nothing to do.
        await kube.Probe.ExpectReconcileAsync("default/one");
        await kube.Probe.ExpectSilenceAsync("default/one");
        await kube.Probe.ExpectNoWriteAsync<V1Secret>();
    }

    [Fact]
    public async Task What_was_not_expected_is_told()
    {
        await using var kube = await Start();
        await Create(kube, "one");
        await kube.SettleAsync();
        var noise = await Assert.ThrowsAsync<KubeExpectationException>(() => kube.Probe.ExpectSilenceAsync("default/one"));
        Assert.StartsWith("Expected no reconcile of default/one. Not expected so far: copier default/one (attempt 1): done", noise.Message, StringComparison.Ordinal);
        var write = await Assert.ThrowsAsync<KubeExpectationException>(() => kube.Probe.ExpectNoWriteAsync<V1Secret>());
        Assert.Equal("Expected no write of secrets . Not expected so far: create secrets default/one.", write.Message);
        kube.Probe.Forget();
        await kube.Probe.ExpectSilenceAsync();
        await kube.Probe.ExpectNoWriteAsync<V1Secret>();
    }

    [Fact]
    public async Task What_does_not_come_is_told_with_what_came_instead()
    {
        await using var kube = await Start(new ActorKubeFixtureOptions { Patience = TimeSpan.FromSeconds(1) });
        await Create(kube, "one", "later");
        await kube.SettleAsync();
        var error = await Assert.ThrowsAsync<KubeExpectationException>(() => kube.Probe.ExpectReconcileAsync("default/two"));
        Assert.StartsWith("Expected a reconcile of default/two, and none came within 1 s. Not expected so far: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("copier default/one (attempt 1): again after 00:59:", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<KubeExpectationException>(() => kube.UntilAsync<V1Secret>("default/one"));
        Assert.Equal("V1Secret default/one is not as expected after 1 s: it is not there", error.Message);
    }

    [Fact]
    public async Task Silence_is_looked_for_once_all_has_come_to_rest()
    {
        await using var kube = await Start();
        await kube.SettleAsync();
        kube.Probe.Forget();
        for (var i = 0; i < 50; i++)
            await Create(kube, $"m{i}");
        await Assert.ThrowsAsync<KubeExpectationException>(() => kube.Probe.ExpectSilenceAsync("default/m49"));
    }

    [Fact]
    public async Task Write_of_another_kind_or_verb_is_not_the_one_expected_and_failures_are_told_as_the_likely_cause()
    {
        await using var kube = await Start(new ActorKubeFixtureOptions { Patience = TimeSpan.FromSeconds(1) });
        await Create(kube, "one");
        await kube.SettleAsync();
        var error = await Assert.ThrowsAsync<KubeExpectationException>(() => kube.Probe.ExpectWriteAsync<V1Secret>("default/one", "update"));
        Assert.StartsWith("Expected update secrets default/one, and none came within 1 s. Not expected so far: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Reconciles that failed", error.Message, StringComparison.Ordinal);
        using var broken = kube.Faults.Fail("create", "secrets", System.Net.HttpStatusCode.InternalServerError);
        await Create(kube, "two");
        await kube.SettleAsync();
        error = await Assert.ThrowsAsync<KubeExpectationException>(() => kube.Probe.ExpectWriteAsync<V1Secret>("default/two"));
        Assert.Contains("Reconciles that failed: copier default/two: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_time_moves_the_server_the_actors_and_the_reconciler()
    {
        await using var kube = await Start();
        var began = kube.Now;
        await Create(kube, "one", "later");
        await kube.Probe.ExpectReconcileAsync("default/one");
        await kube.Probe.ExpectSilenceAsync("default/one", lasting: TimeSpan.FromMinutes(59));
        await kube.AdvanceAsync(TimeSpan.FromMinutes(2));
        await kube.Probe.ExpectWriteAsync<V1Secret>("default/one");
        var secret = await kube.UntilAsync<V1Secret>("default/one");
        Assert.Equal(began + TimeSpan.FromMinutes(61), kube.Now);
        Assert.InRange((secret.Metadata.CreationTimestamp!.Value - began.UtcDateTime).TotalMinutes, 60.9, 61.1);
    }

    [Fact]
    public async Task Steps_of_time_bring_what_is_due_between_in_its_turn()
    {
        await using var kube = await ActorKubeFixture.StartAsync();
        var seen = new List<double>();
        var began = kube.Now;
        await kube.AddControllerAsync<V1ConfigMap>(c => c.WithResync(null).WithReconciler((context, _) =>
        {
            if (context.Key.Name == "tick")
                seen.Add((context.Time.GetUtcNow() - began).TotalSeconds);
            return Task.FromResult(ReconcileResult.RequeueAfter(TimeSpan.FromSeconds(10)));
        }));
        await Create(kube, "tick");
        await kube.AdvanceAsync(TimeSpan.FromSeconds(35), step: TimeSpan.FromSeconds(5));
        Assert.Equal([0, 10, 20, 30], seen);
    }

    [Fact]
    public async Task The_machines_time_can_be_used_instead()
    {
        await using var kube = await Start(new ActorKubeFixtureOptions { VirtualTime = false });
        await Create(kube, "one");
        await kube.Probe.ExpectWriteAsync<V1Secret>("default/one");
        await kube.SettleAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => kube.AdvanceAsync(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Settled_means_that_many_objects_are_reconciled_however_many_there_are()
    {
        await using var kube = await Start(new ActorKubeFixtureOptions { Controllers = ClusterControllersOptions.None with { GarbageCollector = true } });
        for (var i = 0; i < 200; i++)
            await Create(kube, $"m{i}");
        await kube.SettleAsync();
        Assert.Equal(200, (await kube.Client.Resource<V1Secret>("default").ListAsync()).Items.Count);
        Assert.Equal(200, kube.Probe.Writes.Count(w => w.Resource == "secrets"));
        await kube.Client.Resource<V1ConfigMap>("default").DeleteAsync("m7");
        await kube.UntilGoneAsync<V1Secret>("default/m7");
    }

    [Fact]
    public async Task What_never_comes_to_rest_is_named_and_does_not_keep_the_fixture_from_ending()
    {
        var kube = await ActorKubeFixture.StartAsync(options: new ActorKubeFixtureOptions { Patience = TimeSpan.FromMilliseconds(500) });
        var never = new TaskCompletionSource<ReconcileResult>();
        await kube.AddControllerAsync<V1ConfigMap>(c => c.Named("held").InNamespace("default").WithReconciler((_, cancellation) => never.Task.WaitAsync(cancellation)));
        await Create(kube, "one");
        var error = await Assert.ThrowsAsync<KubeExpectationException>(kube.SettleAsync);
        Assert.Contains("Still running: held default/", error.Message, StringComparison.Ordinal);
        await kube.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>Akka's own TestKit works on the fixture's system.</summary>
    sealed class Kit(ActorSystem system) : TestKit(system);

    [Fact]
    public async Task A_TestKit_can_be_put_over_the_fixtures_system()
    {
        await using var kube = await ActorKubeFixture.StartAsync();
        var kit = new Kit(kube.System);
        var subscriber = kit.CreateTestProbe();
        var cache = await kube.Kubernetes.CacheAsync(CacheSpec.Of<V1ConfigMap>("default"));
        cache.Actor.Tell(new ObjectCache.Subscribe(subscriber.Ref));
        await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(Copier.Map("one"));
        CacheChange? told = null;
        while (told?.Key.Name != "one")
        {
            if (subscriber.ReceiveOne(TimeSpan.FromSeconds(10)) is ObjectCache.Changed changed)
            {
                told = changed.Changes[^1];
                subscriber.Reply(ObjectCache.Taken.Instance);
            }
        }
        Assert.IsType<CacheChange.Added>(told);
    }

    [Fact]
    public async Task Informers_and_queues_come_to_rest_too()
    {
        await using var kube = await ActorKubeFixture.StartAsync();
        await using var informer = await kube.Kubernetes.InformerAsync<V1ConfigMap>("default");
        var worked = new List<string>();
        var queue = await kube.Kubernetes.QueueAsync("q", (key, _) =>
        {
            lock (worked)
                worked.Add(key.Name);
            return Task.FromResult(ReconcileResult.Done);
        }, null, informer.Cache.Spec);
        var registration = informer.AddHandler(new InformerHandler<V1ConfigMap> { Added = (map, _) => queue.Add(new NamespacedName("default", map.Metadata.Name)) });
        await registration.WaitForSyncAsync();
        await Create(kube, "one");
        await kube.SettleAsync();
        lock (worked)
            Assert.Contains("one", worked);
    }

    [Fact]
    public async Task Fixtures_live_side_by_side()
    {
        var fixtures = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Start()));
        await Task.WhenAll(fixtures.Select(async kube =>
        {
            await Create(kube, "one");
            await kube.Probe.ExpectWriteAsync<V1Secret>("default/one");
        }));
        foreach (var kube in fixtures)
            await kube.DisposeAsync();
    }
}
