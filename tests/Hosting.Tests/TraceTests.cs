using System.Collections.Concurrent;
using System.Diagnostics;
using ActorKube.Actors;
using ActorKube.Testing;
using Akka.Hosting;
using k8s.Models;

namespace ActorKube.Hosting.Tests;

/// <summary>Traces: a watch event, the reconcile that it brings, the requests of that reconcile.</summary>
public sealed class TraceTests : IDisposable
{
    readonly ConcurrentQueue<Activity> _ended = new();
    readonly ActivityListener _listener;

    public TraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name.StartsWith("ActorKube", StringComparison.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    Activity Single(string operation, string name) => Assert.Single(_ended, a => a.OperationName == operation && (string?)a.GetTagItem(operation.StartsWith("create", StringComparison.Ordinal) ? "k8s.name" : "name") == name);

    // Without the config map that each namespace has by itself: it would be reconciled too.
    static Task<ActorKubeFixture> Start(Func<ReconcileContext<V1ConfigMap>, CancellationToken, Task<ReconcileResult>> reconcile) => ActorKubeFixture.StartAsync(
        akka => akka.WithKubernetes().WithController<V1ConfigMap>(c => c.Named("traced").WithReconciler(reconcile)),
        new ActorKubeFixtureOptions { Server = static server => server with { FurnishNamespaces = false } });

    static async Task Create(ActorKubeFixture kube, string name)
    {
        // Once the watch is open: what the first list brings has no watch event behind it.
        await kube.SettleAsync();
        await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = name } });
    }

    static string Unique() => $"m-{Guid.NewGuid():N}";

    [Fact]
    public async Task A_request_belongs_to_its_reconcile_and_that_to_the_watch_event_behind_it()
    {
        var name = Unique();
        await using var kube = await Start(async (context, cancellation) =>
        {
            if (context.Key.Name == name)
                await context.Client.Resource<V1Secret>("default").CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = name } }, cancellation: cancellation);
            return ReconcileResult.Done;
        });
        await Create(kube, name);
        await kube.Probe.ExpectReconcileAsync($"default/{name}");
        var seen = Single("watch configmaps", name);
        var reconcile = Single("reconcile traced", name);
        var request = Single("create secrets", name);
        Assert.Null(seen.ParentId);
        Assert.Equal(seen.Id, reconcile.ParentId);
        Assert.Equal(reconcile.Id, request.ParentId);
        Assert.Equal((ActivityKind.Consumer, ActivityKind.Internal, ActivityKind.Client), (seen.Kind, reconcile.Kind, request.Kind));
        Assert.Equal(("ADDED", "ConfigMap", "default"), ((string?)seen.GetTagItem("type"), (string?)seen.GetTagItem("kind"), (string?)seen.GetTagItem("namespace")));
        Assert.Equal(seen.GetTagItem("resourceVersion"), reconcile.GetTagItem("resourceVersion"));
        Assert.Equal(1, reconcile.GetTagItem("attempt"));
        Assert.Equal(("POST", "in-process", "create"), ((string?)request.GetTagItem("http.request.method"), (string?)request.GetTagItem("server.address"), (string?)request.GetTagItem("k8s.verb")));
    }

    [Fact]
    public async Task Events_that_come_together_each_begin_a_trace()
    {
        var names = new[] { Unique(), Unique(), Unique() };
        await using var kube = await Start(static (_, _) => Task.FromResult(ReconcileResult.Done));
        await kube.SettleAsync();
        using (kube.Faults.HoldWatches("configmaps"))
        {
            foreach (var name in names)
                await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = name } });
        }
        await kube.SettleAsync();
        Assert.All(names, name => Assert.Null(Single("watch configmaps", name).ParentId));
        Assert.All(names, name => Assert.Equal(Single("watch configmaps", name).Id, Single("reconcile traced", name).ParentId));
    }

    [Fact]
    public async Task A_retry_belongs_to_the_same_trace_and_a_timer_begins_one()
    {
        var name = Unique();
        var calls = 0;
        await using var kube = await Start((context, _) => context.Key.Name != name ? Task.FromResult(ReconcileResult.Done)
            : Interlocked.Increment(ref calls) == 1 ? throw new IOException("not yet")
            : Task.FromResult(ReconcileResult.RequeueAfter(TimeSpan.FromHours(1))));
        await Create(kube, name);
        await kube.Probe.ExpectFailureAsync($"default/{name}");
        await kube.AdvanceAsync(TimeSpan.FromSeconds(1));
        await kube.Probe.ExpectReconcileAsync($"default/{name}");
        await kube.AdvanceAsync(TimeSpan.FromHours(1));
        await kube.Probe.ExpectReconcileAsync($"default/{name}");
        var reconciles = _ended.Where(a => a.OperationName == "reconcile traced" && (string?)a.GetTagItem("name") == name).ToArray();
        var seen = Single("watch configmaps", name);
        Assert.Equal(3, reconciles.Length);
        Assert.Equal((seen.Id, ActivityStatusCode.Error), (reconciles[0].ParentId, reconciles[0].Status));
        Assert.Equal((seen.Id, 2), (reconciles[1].ParentId, (int)reconciles[1].GetTagItem("attempt")!));
        Assert.Null(reconciles[2].ParentId);
        Assert.NotEqual(seen.TraceId, reconciles[2].TraceId);
    }

    [Fact]
    public async Task What_a_list_brings_begins_a_trace_whatever_the_program_was_doing_when_it_started()
    {
        var name = Unique();
        using var source = new ActivitySource("ActorKube.Tests");
        using var starting = source.StartActivity("starting");
        await using var kube = await ActorKubeFixture.StartAsync(
            akka => akka.WithKubernetes().WithController<V1ConfigMap>(c => c.Named("traced").WithReconciler(static (_, _) => Task.FromResult(ReconcileResult.Done))),
            new ActorKubeFixtureOptions { Server = server => server with { FurnishNamespaces = false, State = $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: default}}\n" } });
        await kube.Probe.ExpectReconcileAsync($"default/{name}");
        Assert.Same(starting, Activity.Current);
        Assert.Null(Single("reconcile traced", name).ParentId);
    }

    [Fact]
    public async Task A_refused_request_is_marked_as_failed()
    {
        var name = Unique();
        await using var kube = await Start(async (context, cancellation) =>
        {
            // The server has config maps of its own.
            if (context.Key.Name == name)
                await context.Client.Resource<V1Secret>("default").CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = name } }, cancellation: cancellation);
            return ReconcileResult.Done;
        });
        await kube.Client.Resource<V1Secret>("default").CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = name } });
        await Create(kube, name);
        await kube.Probe.ExpectFailureAsync($"default/{name}");
        var request = _ended.First(a => a.OperationName == "create secrets" && a.Status == ActivityStatusCode.Error && (string?)a.GetTagItem("k8s.name") == name);
        Assert.Equal(409, request.GetTagItem("http.response.status_code"));
    }
}
