using System.Net;
using ActorKube.Actors;
using ActorKube.Hosting;
using ActorKube.Models;
using ActorKube.Streams;
using Akka.Hosting;
using k8s.Models;

namespace ActorKube.Testing.Tests;

/// <summary>Faults by rule, and what controllers make of them.</summary>
public sealed class FaultTests
{
    static Task<ActorKubeFixture> Start(ActorKubeFixtureOptions? options = null) => ActorKubeFixture.StartAsync(
        akka => akka.WithKubernetes().WithController<V1ConfigMap>(c => c.Named("copier").InNamespace("default").Owns<V1Secret>().WithReconciler<Copier>()),
        options);

    static Task Create(ActorKubeFixture kube, string name) => kube.Client.Resource<V1ConfigMap>("default").CreateAsync(Copier.Map(name));

    [Fact]
    public async Task A_refused_write_is_tried_again()
    {
        await using var kube = await Start();
        kube.Faults.Fail("create", "secrets", HttpStatusCode.InternalServerError, times: 2);
        await Create(kube, "one");
        Assert.Equal(1, (await kube.Probe.ExpectFailureAsync("default/one")).Attempt);
        await kube.AdvanceAsync(TimeSpan.FromMilliseconds(5));
        Assert.Equal(2, (await kube.Probe.ExpectFailureAsync("default/one")).Attempt);
        await kube.Probe.ExpectSilenceAsync("default/one");
        await kube.AdvanceAsync(TimeSpan.FromMilliseconds(10));
        await kube.Probe.ExpectWriteAsync<V1Secret>("default/one", "create");
        Assert.Equal(3, (await kube.Probe.ExpectReconcileAsync("default/one")).Attempt);
    }

    [Fact]
    public async Task A_broken_connection_and_a_conflict_are_errors_of_the_reconcile()
    {
        await using var kube = await ActorKubeFixture.StartAsync(akka => akka.WithKubernetes().WithController<V1ConfigMap>(c => c.InNamespace("default").WithReconciler(async (context, cancellation) =>
        {
            if (context.Key.Name == "one" && context.Object is { } map && map.Metadata.Labels is null)
            {
                map.Metadata.Labels = new Dictionary<string, string> { ["seen"] = "yes" };
                await context.Client.Resource<V1ConfigMap>("default").UpdateAsync(map, cancellation: cancellation);
            }
            return ReconcileResult.Done;
        })));
        kube.Faults.Conflict("configmaps");
        kube.Faults.Break("update", "configmaps", times: 1);
        await Create(kube, "one");
        Assert.IsAssignableFrom<IOException>((await kube.Probe.ExpectFailureAsync("default/one")).Error);
        await kube.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.True(Assert.IsType<KubernetesException>((await kube.Probe.ExpectFailureAsync("default/one")).Error).IsConflict);
        await kube.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal("yes", (await kube.Probe.ExpectWriteAsync<V1ConfigMap>("default/one", "update")).Metadata.Labels["seen"]);
    }

    [Fact]
    public async Task The_tests_own_client_is_spared()
    {
        await using var kube = await Start();
        using (kube.Faults.Fail("*", "*", HttpStatusCode.ServiceUnavailable))
            await Create(kube, "one");
        Assert.DoesNotContain(kube.Probe.Writes, static write => write.Resource == "configmaps");
    }

    [Fact]
    public async Task A_delayed_call_arrives_when_its_time_has_come()
    {
        await using var kube = await Start();
        await kube.SettleAsync();
        kube.Faults.Delay("create", "secrets", TimeSpan.FromMinutes(1), times: 1);
        await Create(kube, "one");
        await kube.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.Empty(kube.Probe.Writes);
        await kube.AdvanceAsync(TimeSpan.FromSeconds(1));
        await kube.Probe.ExpectWriteAsync<V1Secret>("default/one");
    }

    [Theory]
    [InlineData(TroubleKind.Unreachable)]
    [InlineData(TroubleKind.Expired)]
    [InlineData(null)]
    public async Task A_watch_that_ends_after_so_many_events_loses_nothing(TroubleKind? expected)
    {
        var troubles = new List<TroubleKind>();
        await using var kube = await ActorKubeFixture.StartAsync(
            akka => akka
                .WithKubernetes(k => k.With(o => o with { OnTrouble = (_, trouble) => { lock (troubles) troubles.Add(trouble.Kind); } }))
                .WithController<V1ConfigMap>(c => c.Named("copier").InNamespace("default").Owns<V1Secret>().WithReconciler<Copier>()));
        await kube.SettleAsync();
        switch (expected)
        {
            case TroubleKind.Unreachable:
                kube.Faults.CutWatchAfter(2, "configmaps");
                break;
            case TroubleKind.Expired:
                kube.Faults.ExpireWatchAfter(2, "configmaps");
                break;
            default:
                kube.Faults.CloseWatchAfter(2, "configmaps");
                break;
        }
        for (var i = 0; i < 5; i++)
            await Create(kube, $"m{i}");
        // Reflectors wait a second or two before they ask again.
        await kube.AdvanceAsync(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));
        for (var i = 0; i < 5; i++)
            await kube.Probe.ExpectWriteAsync<V1Secret>($"default/m{i}", "create");
        lock (troubles)
            Assert.Equal(expected is { } kind ? [kind] : [], troubles.Distinct());
    }

    [Fact]
    public async Task Bookmarks_are_not_counted_as_events()
    {
        // A reflector whose watch is cut goes on by itself: what it met on the way is what tells.
        var troubles = new List<TroubleKind>();
        await using var kube = await ActorKubeFixture.StartAsync(
            akka => akka
                .WithKubernetes(k => k.With(o => o with { OnTrouble = (_, trouble) => { lock (troubles) troubles.Add(trouble.Kind); } }))
                .WithController<V1ConfigMap>(c => c.Named("copier").InNamespace("default").Owns<V1Secret>().WithReconciler<Copier>()));
        await kube.SettleAsync();
        kube.Faults.CutWatchAfter(2, "configmaps");
        // A bookmark a minute.
        await kube.AdvanceAsync(TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(1));
        await Create(kube, "one");
        await kube.SettleAsync();
        await kube.Probe.ExpectWriteAsync<V1Secret>("default/one");
        lock (troubles)
            Assert.Empty(troubles);
    }

    [Theory]
    [InlineData(TroubleKind.Unreachable)]
    [InlineData(TroubleKind.Expired)]
    [InlineData(null)]
    public async Task Open_watches_can_be_ended_at_once(TroubleKind? expected)
    {
        var troubles = new List<TroubleKind>();
        await using var kube = await ActorKubeFixture.StartAsync(
            akka => akka
                .WithKubernetes(k => k.With(o => o with { OnTrouble = (_, trouble) => { lock (troubles) troubles.Add(trouble.Kind); } }))
                .WithController<V1ConfigMap>(c => c.Named("copier").InNamespace("default").Owns<V1Secret>().WithReconciler<Copier>()));
        await kube.AdvanceAsync(TimeSpan.FromSeconds(10));
        switch (expected)
        {
            case TroubleKind.Unreachable:
                kube.Faults.CutWatchAfter(0);
                break;
            case TroubleKind.Expired:
                kube.Faults.ExpireWatchAfter(0);
                break;
            default:
                kube.Faults.CloseWatchAfter(0);
                break;
        }
        await Create(kube, "one");
        await kube.AdvanceAsync(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));
        await kube.Probe.ExpectWriteAsync<V1Secret>("default/one");
        lock (troubles)
            Assert.Equal(expected is { } kind ? [kind] : [], troubles.Distinct());
    }

    [Fact]
    public async Task Held_watches_make_the_caches_lag_and_no_event_is_lost()
    {
        await using var kube = await Start();
        await kube.SettleAsync();
        kube.Probe.Forget();
        using (kube.Faults.HoldWatches("configmaps"))
        {
            for (var i = 0; i < 3; i++)
                await Create(kube, $"m{i}");
            await kube.Probe.ExpectSilenceAsync();
        }
        await kube.SettleAsync();
        Assert.Equal(["default/m0", "default/m1", "default/m2"], kube.Probe.Writes.Select(w => w.Key.ToString()).Order());
    }

    [Fact]
    public async Task Reactors_do_what_fake_clientsets_are_used_for()
    {
        await using var kube = await Start();
        await kube.SettleAsync();
        kube.Faults.Reactors.AlterRequest("create", "secrets", secret => secret["type"] = "example.com/altered");
        await Create(kube, "one");
        Assert.Equal("example.com/altered", (await kube.Probe.ExpectWriteAsync<V1Secret>("default/one")).Type);
        Assert.Contains("create secrets default/one", kube.Faults.Reactors.Calls.Select(static call => call.ToString()));
    }
}
