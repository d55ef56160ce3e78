using System.Net;
using ActorKube.Actors;
using ActorKube.Testing;
using ActorKube.Transport;
using Akka.Hosting;
using k8s.Models;

namespace ActorKube.Hosting.Tests;

/// <summary>What a client and a candidate measure of themselves.</summary>
public sealed class ClientMetricsTests : IDisposable
{
    readonly PrometheusMetrics _metrics = new();
    readonly string _host = $"host-{Guid.NewGuid():N}";

    public void Dispose() => _metrics.Dispose();

    string[] Told(string with) => [.. _metrics.Tell().Split('\n').Where(line => line.Contains(with, StringComparison.Ordinal))];

    [Fact]
    public async Task Requests_retries_and_waits_are_counted_by_host()
    {
        await using var server = await ApiServer.EmbeddedApiServer.StartAsync(new ApiServer.EmbeddedApiServerOptions { Listen = false });
        using var reactors = new ReactorHandler(server.CreateHandler());
        using var client = new KubernetesClient(
            new KubernetesClientConfiguration { Server = new Uri($"http://{_host}"), Qps = 100, Burst = 1 },
            new KubernetesClientOptions { Handler = reactors, Time = new WaitingTime() });
        reactors.On("get", "configmaps", (_, _) =>
        {
            var busy = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
            busy.Headers.TryAddWithoutValidation("Retry-After", "0");
            return Task.FromResult(busy);
        }, times: 1);
        var maps = client.Resource<V1ConfigMap>("default");
        await maps.CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "one" } });
        await maps.GetAsync("one");
        reactors.Fail("delete", "configmaps", new IOException("cut"), times: 1);
        await Assert.ThrowsAnyAsync<IOException>(() => maps.DeleteAsync("one"));

        Assert.Equal(
            [
                $"rest_client_requests_total{{code=\"200\",host=\"{_host}\",method=\"GET\"}} 1",
                $"rest_client_requests_total{{code=\"201\",host=\"{_host}\",method=\"POST\"}} 1",
                $"rest_client_requests_total{{code=\"429\",host=\"{_host}\",method=\"GET\"}} 1",
                $"rest_client_requests_total{{code=\"<error>\",host=\"{_host}\",method=\"DELETE\"}} 1",
            ],
            Told(_host).Where(static line => line.StartsWith("rest_client_requests_total", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal([$"rest_client_request_retries_total{{code=\"429\",host=\"{_host}\",verb=\"GET\"}} 1"], Told("retries_total{").Where(line => line.Contains(_host, StringComparison.Ordinal)));
        Assert.Contains($"rest_client_request_duration_seconds_count{{host=\"{_host}\",verb=\"GET\"}} 2", Told(_host));
        // The create has a token of its own; the get, its repetition and the delete wait for theirs.
        Assert.Contains($"rest_client_rate_limiter_duration_seconds_count{{host=\"{_host}\",verb=\"GET\"}} 2", Told(_host));
    }

    [Fact]
    public async Task Whoever_leads_says_so_and_whoever_stands_by_says_that()
    {
        var lease = $"lease-{Guid.NewGuid():N}";
        await using var kube = await ActorKubeFixture.StartAsync(akka => akka
            .WithKubernetes(k => k.UseLeaderElection(new LeaderElectionOptions { LeaseName = lease, LeaseNamespace = "default" }))
            .WithController<V1ConfigMap>(c => c.Named("led").WithReconciler(static (_, _) => Task.FromResult(ReconcileResult.Done))));
        await kube.Work.IdleAsync();
        Assert.Single(Told($"leader_election_master_status{{name=\"{lease}\"}}"));
        await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "one" } });
        await kube.Probe.ExpectReconcileAsync("default/one");
        Assert.Equal($"leader_election_master_status{{name=\"{lease}\"}} 1", Assert.Single(Told(lease)));
    }

    /// <summary>A clock that stands still but for who waits a little: for them the time comes at once. So requests come faster than any rate, however slow the machine.</summary>
    sealed class WaitingTime : TimeProvider
    {
        static readonly TimeSpan ALittle = TimeSpan.FromSeconds(1);
        long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _now);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime < TimeSpan.Zero || dueTime > ALittle)
                return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Interlocked.Add(ref _now, dueTime.Ticks);
            return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
