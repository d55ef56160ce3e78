using System.Globalization;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Testing;
using Akka.Hosting;
using k8s.Models;

namespace ActorKube.Hosting.Tests;

/// <summary>What the runtime measures of itself, by value.</summary>
public sealed class RuntimeMetricsTests : IDisposable
{
    readonly PrometheusMetrics _metrics = new();
    readonly string _name = $"m-{Guid.NewGuid():N}";

    public void Dispose() => _metrics.Dispose();

    double Value(string series) =>
        double.Parse(Assert.Single(_metrics.Tell().Split('\n'), line => line.StartsWith(series + " ", StringComparison.Ordinal))[(series.Length + 1)..], CultureInfo.InvariantCulture);

    Task<ActorKubeFixture> Start(Func<ReconcileContext<V1ConfigMap>, CancellationToken, Task<ReconcileResult>> reconcile, Action<ControllerBuilder<V1ConfigMap>>? more = null) =>
        ActorKubeFixture.StartAsync(akka => akka.WithKubernetes().WithController<V1ConfigMap>(c =>
        {
            c.Named(_name).InNamespace("default").Selecting($"test={_name}").WithResync(null).WithReconciler(reconcile);
            more?.Invoke(c);
        }));

    V1ConfigMap Map(string name, string text = "") => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["test"] = _name } },
        Data = new Dictionary<string, string> { ["text"] = text },
    };

    [Fact]
    public async Task Caches_tell_their_objects_their_bytes_and_the_version_up_to_which_they_are_current()
    {
        await using var kube = await Start(static (_, _) => Task.FromResult(ReconcileResult.Done));
        await kube.SettleAsync();
        var maps = kube.Client.Resource<V1ConfigMap>("default");
        var spec = Assert.Single(kube.Kubernetes.Health.Caches).Spec;
        var cache = await kube.Kubernetes.CacheAsync(spec);
        await maps.CreateAsync(Map("small"));
        var last = await maps.CreateAsync(Map("large", new string('x', 10_000)));
        await kube.SettleAsync();
        Assert.Equal(2, Value($"actorkube_cache_objects{{cache=\"{spec}\"}}"));
        Assert.Equal(double.Parse(last.Metadata.ResourceVersion, CultureInfo.InvariantCulture), Value($"reflector_last_resource_version{{cache=\"{spec}\"}}"));
        Assert.Equal((1, 0), (Value($"actorkube_cache_synced{{cache=\"{spec}\"}}"), Value($"actorkube_reflector_in_trouble{{cache=\"{spec}\"}}")));
        var held = cache.List().ToDictionary(static o => o.Name, static o => o.HeldBytes);
        Assert.Equal(held.Values.Sum(), Value($"actorkube_cache_bytes{{cache=\"{spec}\"}}"));
        await maps.DeleteAsync("large");
        await kube.SettleAsync();
        Assert.Equal(held["small"], Value($"actorkube_cache_bytes{{cache=\"{spec}\"}}"));
        await maps.DeleteAsync("small");
        await kube.SettleAsync();
        Assert.Equal((0, 0), (Value($"actorkube_cache_objects{{cache=\"{spec}\"}}"), Value($"actorkube_cache_bytes{{cache=\"{spec}\"}}")));
    }

    [Fact]
    public async Task Waits_for_writes_that_were_given_up_are_counted()
    {
        await using var kube = await Start(
            async (context, cancellation) =>
            {
                if (context.Get<V1Secret>(context.Key) is null && context.Exists)
                {
                    await context.Client.Resource<V1Secret>("default").CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = context.Key.Name } }, cancellation: cancellation);
                }
                return ReconcileResult.Done;
            },
            static c => c.Owns<V1Secret>());
        await kube.SettleAsync();
        Assert.Equal(0, Value($"actorkube_write_waits_overdue_total{{controller=\"{_name}\"}}"));
        using var late = kube.Faults.HoldWatches("secrets");
        await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(Map("one"));
        await kube.AdvanceAsync(TimeSpan.FromMilliseconds(4999));
        Assert.Equal(0, Value($"actorkube_write_waits_overdue_total{{controller=\"{_name}\"}}"));
        await kube.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, Value($"actorkube_write_waits_overdue_total{{controller=\"{_name}\"}}"));
    }

    [Fact]
    public async Task Terminal_errors_are_counted_as_such_and_are_not_tried_again()
    {
        await using var kube = await Start(static (_, _) => Task.FromResult(ReconcileResult.Terminal("it cannot be")));
        await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(Map("one"));
        await kube.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(1, Value($"controller_runtime_terminal_reconcile_errors_total{{controller=\"{_name}\"}}"));
        Assert.Equal(1, Value($"controller_runtime_reconcile_errors_total{{controller=\"{_name}\"}}"));
        Assert.Equal(1, Value($"controller_runtime_reconcile_total{{controller=\"{_name}\",result=\"error\"}}"));
        Assert.Equal(0, Value($"workqueue_retries_total{{controller=\"{_name}\",name=\"{_name}\"}}"));
    }

    [Fact]
    public async Task Reconciles_that_take_too_long_are_counted()
    {
        await using var kube = await Start(
            static async (_, cancellation) =>
            {
                await OutstandingWork.HoldAsync(Task.Delay(Timeout.Infinite, cancellation));
                return ReconcileResult.Done;
            },
            static c => c.WithReconcileTimeout(TimeSpan.FromMinutes(1)));
        await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(Map("one"));
        await kube.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Value($"controller_runtime_reconcile_timeouts_total{{controller=\"{_name}\"}}"));
    }

    [Fact]
    public async Task Queue_of_a_controller_that_was_removed_is_empty()
    {
        await using var kube = await Start(static async (_, cancellation) =>
        {
            await OutstandingWork.HoldAsync(Task.Delay(Timeout.Infinite, cancellation));
            return ReconcileResult.Done;
        });
        // What the first list brings is less urgent than what is created after it.
        await kube.SettleAsync();
        foreach (var name in new[] { "a", "b", "c" })
            await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(Map(name));
        await kube.SettleAsync();
        var depth = $"workqueue_depth{{controller=\"{_name}\",name=\"{_name}\",priority=\"0\"}}";
        Assert.Equal(2, Value(depth));
        var removed = kube.Kubernetes.RemoveAsync(_name);
        await kube.AdvanceAsync(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(10));
        await removed;
        Assert.Equal(0, Value(depth));
    }

    [Fact]
    public async Task Depth_of_the_queue_is_told_by_urgency()
    {
        var go = new TaskCompletionSource();
        await using var kube = await Start(async (context, _) =>
        {
            if (context.Key.Name == "blocking")
                await OutstandingWork.HoldAsync(go.Task);
            return context.Key.Name == "again" ? ReconcileResult.RequeueAfter(TimeSpan.FromHours(1), priority: 42) : ReconcileResult.Done;
        }, static c => c.WithReconcileTimeout(null));
        var maps = kube.Client.Resource<V1ConfigMap>("default");
        await maps.CreateAsync(Map("again"));
        await kube.SettleAsync();
        await maps.CreateAsync(Map("blocking"));
        await kube.SettleAsync();
        await maps.CreateAsync(Map("a"));
        await maps.CreateAsync(Map("b"));
        await kube.AdvanceAsync(TimeSpan.FromMinutes(59));
        string Depth(int priority) => $"workqueue_depth{{controller=\"{_name}\",name=\"{_name}\",priority=\"{priority}\"}}";
        Assert.Equal(2, Value(Depth(0)));
        await kube.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((2, 1), (Value(Depth(0)), Value(Depth(42))));
        go.SetResult();
        await kube.SettleAsync();
        Assert.Equal((0, 0), (Value(Depth(0)), Value(Depth(42))));
    }
}
