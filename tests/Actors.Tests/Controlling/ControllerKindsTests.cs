using System.Text;
using ActorKube.Models;
using ActorKube.Testing;
using Akka.Actor;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>What a controller can watch, and what can be its reconciler.</summary>
public sealed class ControllerKindsTests : ControllerTest
{
    static readonly ResourceDefinition Widgets = new(new GroupVersionKind("example.com", "v1", "Widget"), "widgets", true);

    static KubeObject Partial(string name, int version, string ownerUid = "") => KubeObject.Parse(Encoding.UTF8.GetBytes($$"""
        {"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadata","metadata":{"name":"{{name}}","namespace":"default","uid":"uid-{{name}}","resourceVersion":"{{version}}",
         "ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"{{name}}","uid":"{{ownerUid}}","controller":true}] } }
        """));

    static KubeObject Widget(string name, int version) => KubeObject.Parse(Encoding.UTF8.GetBytes(
        $$$"""{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"{{{name}}}","namespace":"default","uid":"uid-{{{name}}}","resourceVersion":"{{{version}}}"},"spec":{"size":7}}"""));

    [Fact]
    public async Task Kind_of_which_only_metadata_is_watched_reconciles_its_owners_and_is_read_as_metadata()
    {
        var maps = ResourceDefinition.For<V1ConfigMap>();
        await Add(c => c.OwnsMetadata(maps).WatchesMetadata<V1Secret>(secret => [Key("of-" + secret.Name)]));
        await Sync(Pods, 10, Pod("a", 5));
        var watch = await Sync(ConfigMaps with { MetadataOnly = true }, 10, Partial("a", 6, "uid-a"));
        var secrets = await Sync(new CacheSpec(ResourceDefinition.For<V1Secret>(), MetadataOnly: true), 10);
        var run = await Probe.Next(Key("a"));
        Assert.Equal("a", Assert.Single(run.Context.Owned(maps)).Name);
        Assert.Equal("6", run.Context.Get(maps, Key("a"))!.ResourceVersion);
        Assert.Contains("only the metadata", Assert.Throws<InvalidOperationException>(() => run.Context.Get<V1ConfigMap>(Key("a"))).Message);
        run.Done();
        watch.Send(Deleted(Partial("a", 11, "uid-a")));
        run = await Probe.Next(Key("a"));
        Assert.Empty(run.Context.Owned(maps));
        run.Done();
        secrets.Send(Added(Partial("x", 12)));
        (await Probe.Next(Key("of-x"))).Done();
    }

    [Fact]
    public async Task Kind_without_a_class_is_reconciled_as_received()
    {
        var seen = new TaskCompletionSource<ReconcileContext>();
        await Add(new ControllerBuilder(Widgets).WithResync(null).WithReconciler((context, _) =>
        {
            seen.TrySetResult(context);
            return Task.FromResult(ReconcileResult.Done);
        }).Build());
        await Sync(new CacheSpec(Widgets), 10, Widget("w", 5));
        var context = await seen.Task.WaitAsync(Patience);
        Assert.Equal(Key("w"), context.Key);
        Assert.Equal(7L, (long)context.Raw!.ToUnstructured().Root["spec"]!["size"]!);
        Assert.Equal("w", context.Get(Widgets, Key("w"))!.Name);
    }

    [Fact]
    public async Task Controller_of_some_namespaces_has_a_reflector_in_each_and_sees_no_other()
    {
        await Add(c => c.InNamespaces("one", "two").Owns<V1ConfigMap>());
        Assert.Equal(0, Server(Pods).ListCount);
        await Sync(Pods with { Namespace = "one" }, 10, Pod("a", 5, ns: "one"));
        await Sync(ConfigMaps with { Namespace = "one" }, 10);
        var two = await Sync(Pods with { Namespace = "two" }, 10, Pod("a", 6, ns: "two"));
        Assert.Equal(0, Probe.Count);
        await Sync(ConfigMaps with { Namespace = "two" }, 10);
        var runs = new[] { await Probe.Next(), null };
        runs[0]!.Done();
        runs[1] = await Probe.Next();
        runs[1]!.Done();
        Assert.Equal(["one/a", "two/a"], runs.Select(r => r!.Key.ToString()).Order());
        Assert.Equal(["5", "6"], runs.Select(r => r!.Context.Raw!.ResourceVersion).Order());
        two.Send(Modified(Pod("a", 11, ns: "two")));
        var again = await Probe.Next(new NamespacedName("two", "a"));
        Assert.Equal("5", again.Context.Get<V1Pod>(new NamespacedName("one", "a"))!.Metadata.ResourceVersion);
        Assert.Equal(2, again.Context.Cache<V1Pod>().List().Count);
        again.Done();
    }

    [Fact]
    public async Task Several_controllers_of_one_kind_share_its_reflector_and_each_reconciles()
    {
        await Add();
        var other = new TaskCompletionSource<NamespacedName>();
        await Add(new ControllerBuilder<V1Pod>().Named("other").WithReconciler((context, _) =>
        {
            other.TrySetResult(context.Key);
            return Task.FromResult(ReconcileResult.Done);
        }).Build());
        await Sync(Pods, 10, Pod("a", 5));
        (await Probe.Next(Key("a"))).Done();
        Assert.Equal(Key("a"), await other.Task.WaitAsync(Patience));
        Assert.Equal(1, Server(Pods).ListCount);
    }

    [Fact]
    public async Task Controllers_come_and_go_while_others_run()
    {
        var watch = await Settled(null, Pod("a", 5));
        var seen = 0;
        ControllerSpec Other() => new ControllerBuilder<V1Pod>().Named("other").WithReconciler((_, _) =>
        {
            Interlocked.Increment(ref seen);
            return Task.FromResult(ReconcileResult.Done);
        }).Build();
        for (var round = 1; round <= 3; round++)
        {
            // Taking the name again at once waits for the one before to be gone.
            await Add(Other());
            await Until(() => Volatile.Read(ref seen) == round);
            Controllers.Tell(new ControllersActor.Remove("other", TimeSpan.FromSeconds(10)), TestActor);
        }
        for (var round = 1; round <= 3; round++)
            ExpectMsg<ControllersActor.AllDrained>(Patience);
        watch.Send(Modified(Pod("a", 11)));
        (await Probe.Next(Key("a"))).Done();
        Assert.Equal(3, seen);
        Assert.Equal("pod", Assert.Single(Health.Controllers).Name);
        Assert.Equal(1, Server(Pods).ListCount);
    }

    [Fact]
    public async Task Leadership_won_back_while_another_controller_is_removed_starts_the_rest()
    {
        var watch = await Settled(null, Pod("a", 5));
        watch.Send(Modified(Pod("a", 11)));
        var blocking = await Probe.Next();
        await Add(new ControllerBuilder<V1Pod>().Named("other").With(o => o with { NeedsLeaderElection = false }).WithReconciler(async (_, cancellation) =>
        {
            await OutstandingWork.HoldAsync(Task.Delay(Timeout.Infinite, cancellation));
            return ReconcileResult.Done;
        }).Build());
        await Until(() => Health.Controllers.Single(c => c.Name == "other").Running.Count == 1);
        Controllers.Tell(new ControllersActor.Remove("other", TimeSpan.FromMinutes(1)), TestActor);
        Controllers.Tell(new ControllersActor.Follow());
        Controllers.Tell(new ControllersActor.Lead());
        blocking.Done();
        (await Probe.Next(Key("a"))).Done();
        await Pass(TimeSpan.FromMinutes(1), () => HasMessages);
        ExpectMsg<ControllersActor.AllDrained>(Patience);
    }

    [Fact]
    public async Task Reconciler_is_built_from_a_container_once_or_for_each_call()
    {
        Counting.Made = Counting.Disposed = 0;
        Counting.Plain.Calls.Clear();
        await using var services = new ServiceCollection().AddScoped<Counting.Dependency>().BuildServiceProvider();
        var single = new ControllerBuilder<V1Pod>().Named("single").WithReconciler<Counting.Plain>().Build(services);
        var scoped = new ControllerBuilder<V1Pod>().Named("scoped").WithScopedReconciler<Counting.Scoped>().Build(services);
        await Add(single);
        await Add(scoped);
        await Sync(Pods, 10, Pod("a", 5), Pod("b", 6), Pod("c", 7));
        await Until(() => Counting.Plain.Calls.Count == 3 && Counting.Disposed == 3);
        Assert.Single(Counting.Plain.Calls.Distinct());
        Assert.Equal(3, Counting.Made);
    }

    static class Counting
    {
        public static int Made;
        public static int Disposed;

        public sealed class Dependency : IDisposable
        {
            public Dependency() => Interlocked.Increment(ref Made);

            public void Dispose() => Interlocked.Increment(ref Disposed);
        }

        public sealed class Plain : IReconciler<V1Pod>
        {
            public static System.Collections.Concurrent.ConcurrentBag<Plain> Calls { get; } = [];

            public Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Pod> context, CancellationToken cancellation)
            {
                Calls.Add(this);
                return Task.FromResult(ReconcileResult.Done);
            }
        }

        public sealed class Scoped(Dependency dependency) : IReconciler<V1Pod>
        {
            public Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Pod> context, CancellationToken cancellation)
            {
                Assert.NotNull(dependency);
                return Task.FromResult(ReconcileResult.Done);
            }
        }
    }

    [Fact]
    public async Task Reconciler_may_be_an_actor_of_the_users_own()
    {
        var actor = CreateTestProbe("mine");
        await Add(new ControllerBuilder<V1Pod>().WithReconcilerActor(actor.Ref).Build());
        var watch = await Sync(Pods, 10, Pod("a", 5));
        var asked = actor.ExpectMsg<Reconcile<V1Pod>>(Patience);
        Assert.Equal((Key("a"), "a"), (asked.Key, asked.Context.Object!.Metadata.Name));
        actor.Reply(ReconcileResult.RequeueAfter(TimeSpan.FromMinutes(1)));
        await Pass(TimeSpan.FromMinutes(1), () => actor.HasMessages);
        actor.ExpectMsg<Reconcile<V1Pod>>(Patience);
        actor.Reply(new Status.Failure(new IOException()));
        await Pass(TimeSpan.FromMilliseconds(5), () => actor.HasMessages);
        Assert.Equal(2, actor.ExpectMsg<Reconcile<V1Pod>>(Patience).Context.Attempt);
        actor.Reply(ReconcileResult.Done);
        watch.Send(Modified(Pod("a", 11)));
        actor.ExpectMsg<Reconcile<V1Pod>>(Patience);
    }

    [Fact]
    public async Task Reconciler_actor_that_died_fails_its_reconciles_at_once()
    {
        var actor = CreateTestProbe("mortal");
        var errors = new TaskCompletionSource<string>();
        await Add(new ControllerSpec(
            "mortal",
            [new WatchSpec(Pods, c => [c.Key], [], [], IsFor: true)],
            async (run, cancellation) =>
            {
                try
                {
                    return await ReconcilerAsActor.Handler(actor.Ref, (r, c) => new Reconcile<V1Pod>(new ReconcileContext<V1Pod>(r), c))(run, cancellation);
                }
                catch (InvalidOperationException error)
                {
                    errors.TrySetResult(error.Message);
                    throw;
                }
            },
            new ControllerOptions { Resync = null }));
        await Sync(Pods, 10, Pod("a", 5));
        actor.ExpectMsg<Reconcile<V1Pod>>(Patience);
        Sys.Stop(actor.Ref);
        Assert.Contains("has stopped", await errors.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Start_fails_when_caches_do_not_sync_in_time_and_succeeds_when_they_do_later_and_giving_up_waiting_harms_nothing()
    {
        await Add(c => c.Owns<V1ConfigMap>().With(o => o with { KeepTryingToSync = true }));
        var health = Health.Controllers.Single();
        using var given = new CancellationTokenSource();
        var givenUp = health.WaitForStartAsync(given.Token);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        await Sync(Pods, 10);
        var start = health.WaitForStartAsync();
        await Pass(TimeSpan.FromMinutes(2), () => start.IsCompleted);
        Assert.Contains("configmaps.v1", (await Assert.ThrowsAsync<TimeoutException>(() => start)).Message);
        Assert.Contains("configmaps.v1", health.WaitsFor);
        await Sync(ConfigMaps, 10);
        await Until(() => health.IsStarted);
        await health.WaitForStartAsync().WaitAsync(Patience);
        Assert.Null(health.WaitsFor);
        Assert.Empty(StartsFailed);
    }

    [Fact]
    public async Task Start_that_has_failed_is_told_so_that_the_process_may_stop()
    {
        await Add(c => c.Owns<V1ConfigMap>().With(o => o with { CacheSyncTimeout = TimeSpan.FromSeconds(30) }));
        await Sync(Pods, 10);
        await Pass(TimeSpan.FromSeconds(30), () => !StartsFailed.IsEmpty);
        Assert.Equal("pod has waited for its caches for 30 s; missing: configmaps.v1", Assert.Single(StartsFailed));
    }

    [Fact]
    public async Task Fresh_changes_pass_a_flood_of_retries_and_of_resyncs()
    {
        var pods = Enumerable.Range(0, 200).Select(i => Pod($"p{i}", i + 1)).ToArray();
        await Add(c => c.WithRetry(new RetryPolicy { OverallPerSecond = 0, Cap = TimeSpan.FromMilliseconds(5) }));
        var watch = await Sync(Pods, 1000, pods);
        // All of them fail once, so that 200 retries come due at one moment.
        var failing = 0;
        while (failing < 200)
        {
            (await Probe.Next()).Fail();
            failing++;
        }
        await Until(() => Health.Controllers.Single().Running.Count == 0);
        await Pass(TimeSpan.FromMilliseconds(5), () => Probe.Count > 200);
        var blocking = await Probe.Next();
        for (var fresh = 0; fresh < 20; fresh++)
        {
            watch.Send(Added(Pod($"fresh{fresh}", 1001 + fresh)));
            await Heard(Pods, 1001 + fresh);
            blocking.Done();
            // The turn may be an aged key's once in four; the one after it is the fresh change's.
            var next = await Probe.Next();
            if (next.Key != Key($"fresh{fresh}"))
            {
                next.Done();
                next = await Probe.Next(Key($"fresh{fresh}"));
            }
            blocking = next;
        }
        blocking.Done();
    }
}
