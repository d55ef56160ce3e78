using System.Net;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Testing;
using Akka.Hosting;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ActorKube.Hosting.Tests;

/// <summary>Health and metrics, as a kubelet and a Prometheus see them.</summary>
public sealed class EndpointTests : IAsyncDisposable
{
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Task.CompletedTask;
    }

    static AkkaConfigurationBuilder Operator(AkkaConfigurationBuilder akka, string name, Func<ReconcileContext<V1ConfigMap>, CancellationToken, Task<ReconcileResult>>? reconcile = null) => akka
        .WithKubernetes()
        .WithController<V1ConfigMap>(c => c
            .Named(name)
            .WithReconcileTimeout(TimeSpan.FromMinutes(1))
            .WithReconciler(reconcile ?? ((_, _) => Task.FromResult(ReconcileResult.Done))));

    static Task<ActorKubeFixture> Worker(string name, Func<ReconcileContext<V1ConfigMap>, CancellationToken, Task<ReconcileResult>>? reconcile = null, Action<IServiceCollection>? more = null) =>
        ActorKubeFixture.StartAsync(akka => Operator(akka, name, reconcile), services: services =>
        {
            services.AddKubernetesEndpoints(endpoints => endpoints.Port = 0);
            more?.Invoke(services);
        });

    async Task<(HttpStatusCode Code, string Text)> Ask(Uri address, string path)
    {
        using var answer = await _http.GetAsync(new Uri(address, path));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    static Uri Address(ActorKubeFixture kube) => kube.Services.GetRequiredService<IKubernetesEndpoints>().Address!;

    [Fact]
    public async Task A_worker_tells_of_its_health_and_its_metrics_on_loopback()
    {
        await using var kube = await Worker("endpoints");
        await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "one" } });
        await kube.Probe.ExpectReconcileAsync("default/one");
        await kube.SettleAsync();
        var address = Address(kube);
        Assert.Equal("127.0.0.1", address.Host);
        Assert.Equal((HttpStatusCode.OK, "[+]reconcilers ok\n[+]reflectors ok\nok\n"), await Ask(address, "/livez"));
        Assert.Equal(HttpStatusCode.OK, (await Ask(address, "/healthz")).Code);
        Assert.Equal((HttpStatusCode.OK, "[+]caches ok\nok\n"), await Ask(address, "/readyz"));
        var metrics = (await Ask(address, "/metrics")).Text.Split('\n');
        Assert.Contains("controller_runtime_max_concurrent_reconciles{controller=\"endpoints\"} 1", metrics);
        Assert.Contains("controller_runtime_active_workers{controller=\"endpoints\"} 0", metrics);
        Assert.Contains("controller_runtime_reconcile_total{controller=\"endpoints\",result=\"error\"} 0", metrics);
        Assert.Contains(metrics, line => line.StartsWith("controller_runtime_reconcile_total{controller=\"endpoints\",result=\"success\"}", StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal));
        Assert.Contains(metrics, line => line.StartsWith("controller_runtime_reconcile_time_seconds_bucket{controller=\"endpoints\",le=\"0.005\"}", StringComparison.Ordinal));
        Assert.Contains(metrics, line => line.StartsWith("workqueue_queue_duration_seconds_bucket{controller=\"endpoints\",name=\"endpoints\",le=\"1E-08\"}", StringComparison.Ordinal));
        Assert.Contains("workqueue_depth{controller=\"endpoints\",name=\"endpoints\",priority=\"0\"} 0", metrics);
        Assert.Contains("workqueue_unfinished_work_seconds{controller=\"endpoints\",name=\"endpoints\"} 0", metrics);
        Assert.Contains("workqueue_longest_running_processor_seconds{controller=\"endpoints\",name=\"endpoints\"} 0", metrics);
        Assert.Contains(metrics, line => line.StartsWith("rest_client_requests_total{code=\"200\",host=\"in-process\",method=\"GET\"}", StringComparison.Ordinal));
        Assert.Contains(metrics, line => line.StartsWith("reflector_watches_total{cache=\"configmaps.v1\"}", StringComparison.Ordinal));
        Assert.Contains(metrics, line => line.StartsWith("actorkube_cache_objects{cache=\"configmaps.v1\"}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_not_there_and_what_may_not_be_done_is_said()
    {
        await using var kube = await Worker("strict");
        var (code, text) = await Ask(Address(kube), "/elsewhere");
        Assert.Equal(HttpStatusCode.NotFound, code);
        Assert.Contains("/readyz", text, StringComparison.Ordinal);
        using var post = await _http.PostAsync(new Uri(Address(kube), "/metrics"), null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        using var head = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Head, new Uri(Address(kube), "/livez")));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Fact]
    public async Task It_is_not_ready_while_a_cache_has_not_been_read_and_says_why()
    {
        await using var kube = await ActorKubeFixture.StartAsync(services: static services => services.AddKubernetesEndpoints(endpoints => endpoints.Port = 0));
        using (kube.Faults.Fail("*", "configmaps", HttpStatusCode.Forbidden))
        {
            await kube.Kubernetes.CacheAsync<V1ConfigMap>();
            await kube.SettleAsync();
            var (code, text) = await Ask(Address(kube), "/readyz");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
            Assert.StartsWith("[-]caches failed: Not read yet: configmaps.v1", text, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await Ask(Address(kube), "/livez")).Code);
        }
        await kube.AdvanceAsync(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.OK, (await Ask(Address(kube), "/readyz")).Code);
    }

    [Fact]
    public async Task It_is_not_live_while_a_reconcile_is_stuck_and_names_it()
    {
        var began = new TaskCompletionSource();
        var go = new TaskCompletionSource<ReconcileResult>();
        await using var kube = await Worker("stubborn", (context, _) =>
        {
            if (context.Key.Name != "one")
                return Task.FromResult(ReconcileResult.Done);
            began.TrySetResult();
            return OutstandingWork.HoldAsync(go.Task);
        });
        await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "one" } });
        await began.Task.WaitAsync(TimeSpan.FromSeconds(20));
        // From now on only time is missing. A minute until it is asked to leave, which it ignores, and ten seconds in which it should have.
        await kube.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await Ask(Address(kube), "/livez")).Code);
        await kube.AdvanceAsync(TimeSpan.FromSeconds(10));
        var (code, text) = await Ask(Address(kube), "/livez");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains("[-]reconcilers failed: Stuck: stubborn default/one since ", text, StringComparison.Ordinal);
        go.SetResult(ReconcileResult.Done);
        await kube.SettleAsync();
        Assert.Equal(HttpStatusCode.OK, (await Ask(Address(kube), "/livez")).Code);
    }

    [Fact]
    public async Task It_is_not_live_when_a_reflector_shows_no_sign_of_life()
    {
        // Requests that hang are ended by time limits of their own. What holds a reflector for ever is code of the user's in it.
        var go = new TaskCompletionSource();
        var hung = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        KubeObject Hang(KubeObject item)
        {
            if (item.Name == "bad")
            {
                hung.TrySetResult();
                OutstandingWork.Block(go.Task);
            }
            return item;
        }
        await using var kube = await ActorKubeFixture.StartAsync(
            options: new ActorKubeFixtureOptions
            {
                Runtime = new KubernetesOptions { ListAndWatch = new ListAndWatchSettings { Transform = Hang } },
            },
            services: static services => services.AddKubernetesEndpoints(endpoints => endpoints.Port = 0));
        await kube.Kubernetes.CacheAsync<V1ConfigMap>();
        await kube.SettleAsync();
        Assert.Equal(HttpStatusCode.OK, (await Ask(Address(kube), "/livez")).Code);
        await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "bad" } });
        await hung.Task.WaitAsync(TimeSpan.FromSeconds(20));
        // The cache that hangs never shows the object, so it is not waited for.
        await kube.Work.AdvanceAsync(TimeSpan.FromMinutes(21));
        var (code, text) = await Ask(Address(kube), "/livez");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains("[-]reflectors failed: No sign of life: configmaps.v1 since ", text, StringComparison.Ordinal);
        go.SetResult();
    }

    [Fact]
    public async Task The_hosts_own_checks_are_asked_too()
    {
        await using var kube = await Worker("own", more: services => services.AddHealthChecks()
            .AddKubernetes()
            .AddCheck("disk", () => HealthCheckResult.Unhealthy("full"), tags: ["ready"])
            .AddCheck("fan", () => HealthCheckResult.Healthy(), tags: ["live"]));
        await kube.SettleAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "[+]caches ok\n[-]disk failed: full\nnot ok\n"), await Ask(Address(kube), "/readyz"));
        Assert.Equal((HttpStatusCode.OK, "[+]reconcilers ok\n[+]reflectors ok\n[+]fan ok\nok\n"), await Ask(Address(kube), "/livez"));
    }

    [Fact]
    public async Task An_ASP_NET_host_has_the_same_paths_among_its_own_with_one_call()
    {
        await using var kube = await ActorKubeFixture.StartAsync();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        builder.Services.AddAkka("web", akka => akka.WithKubernetes(k => k.UseClient(kube.Client)).WithController<V1ConfigMap>(c => c.Named("web").WithReconciler(static (_, _) => Task.FromResult(ReconcileResult.Done))));
        await using var web = builder.Build();
        web.MapKubernetesEndpoints();
        await web.StartAsync();
        var address = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Assert.Equal(HttpStatusCode.OK, (await Ask(address, "/livez")).Code);
        Assert.StartsWith("[", (await Ask(address, "/readyz")).Text, StringComparison.Ordinal);
        Assert.Contains("controller_runtime_max_concurrent_reconciles{controller=\"web\"} 1", (await Ask(address, "/metrics")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await Ask(address, "/elsewhere")).Code);
        await web.StopAsync();
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var kube = await Worker("first");
        var port = Address(kube).Port;
        var error = await Assert.ThrowsAnyAsync<Exception>(() => ActorKubeFixture.StartAsync(services: services => services.AddKubernetesEndpoints(endpoints => endpoints.Port = port)));
        Assert.Contains($"127.0.0.1:{port}", error.ToString(), StringComparison.Ordinal);
    }

    static IConfigurationSection Section(params (string Key, string Value)[] said) => new ConfigurationBuilder()
        .AddInMemoryCollection(said.Select(static s => KeyValuePair.Create($"Endpoints:{s.Key}", (string?)s.Value))).Build().GetSection("Endpoints");

    [Fact]
    public async Task A_worker_listens_where_configuration_says_whatever_its_program_says()
    {
        await using var kube = await ActorKubeFixture.StartAsync(
            services: static services => services.AddKubernetesEndpoints(Section(("Address", "127.0.0.2"), ("Port", "0")), static endpoints => endpoints.Port = 1));
        Assert.Equal("127.0.0.2", Address(kube).Host);
        Assert.Equal(HttpStatusCode.OK, (await Ask(Address(kube), "/livez")).Code);
    }

    [Theory]
    [InlineData("Address", "localhost", "Endpoints:Address: 'localhost' is not an IP address")]
    [InlineData("Port", "65536", "Endpoints:Port: 65536 is not a port")]
    [InlineData("Port", "http", "Endpoints:Port: 'http' is not a whole number")]
    [InlineData("Prot", "1", "Endpoints:Prot: there is no such setting")]
    public void What_makes_no_sense_in_configuration_is_refused_with_its_key(string key, string value, string said) =>
        Assert.Contains(said, Assert.Throws<OptionsValidationException>(() => new ServiceCollection().AddKubernetesEndpoints(Section((key, value)))).Message, StringComparison.Ordinal);
}
