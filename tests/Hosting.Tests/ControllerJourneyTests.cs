using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting.Tests;

/// <summary>A few journeys through every layer: host, actors, streams, client, and a server in this process.</summary>
public sealed class ControllerJourneyTests : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    EmbeddedApiServer _server = null!;
    KubernetesClient _client = null!;

    public async Task InitializeAsync()
    {
        // Without the config map that each namespace has by itself: these tests count config maps.
        _server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false, FurnishNamespaces = false });
        _client = Client();
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    KubernetesClient Client() => new(
        new KubernetesClientConfiguration { Server = new Uri("http://in-process"), Qps = -1 },
        new KubernetesClientOptions { Handler = _server.CreateHandler() });

    IHost Host(Action<AkkaConfigurationBuilder> configure, Action<IServiceCollection>? services = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddSingleton<IKubernetesClient>(_ => Client());
        services?.Invoke(builder.Services);
        builder.Services.AddAkka("journey", (akka, _) => configure(akka));
        return builder.Build();
    }

    static V1ConfigMap Map(string name, params (string Key, string Value)[] data) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
        Data = data.ToDictionary(d => d.Key, d => d.Value),
    };

    /// <summary>The first object of a kind that is as wanted, whoever makes it.</summary>
    async Task<T> Until<T>(Func<T, bool> that, string? labelSelector = null)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        using var patience = new CancellationTokenSource(Patience);
        var seen = await _client.Resource(ResourceDefinition.For<T>(), "default").ListWatch(labelSelector)
            .UntilAsync(told => told.Type != WatchEventType.Deleted && that(told.Object!.As<T>()), cancellation: patience.Token);
        return seen.Object!.As<T>();
    }

    /// <summary>Copies each config map's text into a secret that the map owns.</summary>
    sealed class Copier(IKubernetesClient client, TimeProvider time) : IReconciler<V1ConfigMap>
    {
        public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1ConfigMap> context, CancellationToken cancellation)
        {
            if (context.Object is not { } map || time.GetUtcNow() == default)
                return ReconcileResult.Done;
            var name = map.Metadata.Name + "-copy";
            if (context.Get<V1Secret>(new NamespacedName(context.Key.Namespace, name)) is null)
            {
                await client.Resource<V1Secret>(context.Key.Namespace).CreateAsync(
                    new V1Secret
                    {
                        Metadata = new V1ObjectMeta
                        {
                            Name = name,
                            OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = map.Metadata.Name, Uid = map.Metadata.Uid, Controller = true }],
                        },
                    },
                    cancellation: cancellation);
                context.Events.Normal("Copied", $"copied to secret {name}");
            }
            else if (map.Metadata.Labels?.ContainsKey("copied") is not true)
            {
                await client.Resource<V1ConfigMap>(context.Key.Namespace).PatchAsync(map.Metadata.Name, Patch.Merge("""{"metadata":{"labels":{"copied":"yes"}}}"""), cancellation: cancellation);
            }
            return ReconcileResult.Done;
        }
    }

    [Fact]
    public async Task Controller_makes_what_is_missing_and_makes_it_again_when_it_is_deleted()
    {
        using var host = Host(akka => akka
            .WithKubernetes()
            .WithController<V1ConfigMap>(c => c.Owns<V1Secret>().WithMaxConcurrentReconciles(2).WithReconciler<Copier>()));
        await host.StartAsync();
        await _client.Resource<V1ConfigMap>("default").CreateAsync(Map("one"));
        var secrets = _client.Resource<V1Secret>("default");
        var first = await Until<V1Secret>(s => s.Metadata.Name == "one-copy");
        // The controller has been told of it: what comes and goes before that leaves nothing to tell.
        await Until<V1ConfigMap>(m => m.Metadata.Labels?.ContainsKey("copied") is true);
        await secrets.DeleteAsync("one-copy");
        var second = await Until<V1Secret>(s => s.Metadata.Name == "one-copy" && s.Metadata.Uid != first.Metadata.Uid);
        Assert.Equal("one", Assert.Single(second.Metadata.OwnerReferences).Name);
        var told = await Until<Corev1Event>(e => e.Count == 2);
        Assert.Equal(("Copied", "Normal", "one"), (told.Reason, told.Type, told.InvolvedObject.Name));
        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(40));
    }

    sealed class Counter : IReconciler<V1ConfigMap>
    {
        public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1ConfigMap> context, CancellationToken cancellation)
        {
            if (context.Object is { } map && map.Metadata.Labels?.ContainsKey("child") is not true && context.Owned<V1ConfigMap>().Count == 0)
            {
                await context.Client.Resource<V1ConfigMap>(context.Key.Namespace).CreateAsync(
                    new V1ConfigMap
                    {
                        Metadata = new V1ObjectMeta
                        {
                            Name = $"{map.Metadata.Name}-{Guid.NewGuid():N}",
                            Labels = new Dictionary<string, string> { ["child"] = "yes" },
                            OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = map.Metadata.Name, Uid = map.Metadata.Uid, Controller = true }],
                        },
                    },
                    cancellation: cancellation);
            }
            return ReconcileResult.Done;
        }
    }

    [Fact]
    public async Task Reader_of_its_own_writes_never_creates_twice()
    {
        using var host = Host(akka => akka
            .WithKubernetes()
            .WithController<V1ConfigMap>(c => c.Owns<V1ConfigMap>().WithMaxConcurrentReconciles(4).WithReconciler<Counter>()));
        await host.StartAsync();
        var maps = _client.Resource<V1ConfigMap>("default");
        for (var i = 0; i < 20; i++)
        {
            var map = await maps.CreateAsync(Map($"m{i}"));
            // News in quick succession: each may find a cache that does not show the child yet.
            for (var change = 0; change < 5; change++)
            {
                map.Data = new Dictionary<string, string> { ["change"] = change.ToString() };
                map = await maps.UpdateAsync(map);
            }
        }
        var made = new HashSet<string>();
        await Until<V1ConfigMap>(child => made.Add(child.Metadata.Uid) && made.Count == 20, "child");
        await host.StopAsync();
        var children = (await maps.ListAsync(new ListOptions { LabelSelector = "child" })).Items;
        Assert.Equal(20, children.Select(c => c.Metadata.OwnerReferences[0].Name).Distinct().Count());
        Assert.Equal(20, children.Count);
    }

    [Fact]
    public async Task Only_the_leader_reconciles_and_a_stopping_leader_hands_over()
    {
        var reconciled = new ConcurrentDictionary<string, TaskCompletionSource>();
        TaskCompletionSource Reconciles(string what) => reconciled.GetOrAdd(what, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        IHost Candidate(string name) => Host(akka => akka
            .WithKubernetes(kube => kube.UseLeaderElection(new LeaderElectionOptions
            {
                LeaseName = "journey",
                LeaseNamespace = "default",
                Identity = name,
                LeaseDuration = TimeSpan.FromSeconds(3),
                RenewDeadline = TimeSpan.FromSeconds(2),
                RetryPeriod = TimeSpan.FromMilliseconds(200),
            }))
            .WithController<V1ConfigMap>(c => c.WithReconciler((context, _) =>
            {
                Reconciles($"{name}:{context.Key.Name}").TrySetResult();
                return Task.FromResult(ReconcileResult.Done);
            })));
        await _client.Resource<V1ConfigMap>("default").CreateAsync(Map("x"));
        using var first = Candidate("first");
        await first.StartAsync();
        await Reconciles("first:x").Task.WaitAsync(Patience);
        using var second = Candidate("second");
        await second.StartAsync();
        // Its caches are warm although it does not lead.
        var cache = await second.Services.GetRequiredService<ActorSystem>().Kubernetes().CacheAsync<V1ConfigMap>();
        await cache.WaitForSyncAsync().WaitAsync(Patience);
        Assert.False(Reconciles("second:x").Task.IsCompleted);
        await first.StopAsync();
        await Reconciles("second:x").Task.WaitAsync(Patience);
        var lease = await _client.Resource<V1Lease>("default").GetAsync("journey");
        Assert.Equal("second", lease.Spec.HolderIdentity);
        await second.StopAsync();
        lease = await _client.Resource<V1Lease>("default").GetAsync("journey");
        Assert.True(string.IsNullOrEmpty(lease.Spec.HolderIdentity));
    }

    [Fact]
    public async Task Kind_that_is_not_served_yet_is_waited_for_and_the_host_is_not_ready_until_then()
    {
        var trouble = new FirstTrouble();
        using var host = Host(
            akka => akka.WithKubernetes().WithController<Unknown>(c => c.WithReconciler((_, _) => Task.FromResult(ReconcileResult.Done))),
            services => services.AddSingleton<IRuntimeObserver>(trouble).AddHealthChecks().AddKubernetes());
        await host.StartAsync();
        var checks = host.Services.GetRequiredService<HealthCheckService>();
        await trouble.Met.Task.WaitAsync(Patience);
        var report = await checks.CheckHealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Contains(report.Entries.Values, e => e.Description?.Contains("CustomResourceDefinition") is true);
        Assert.Contains("unknowns.example.com", report.Entries.Values.Select(e => e.Description).First(d => d is not null));
        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(40));
    }

    sealed class FirstTrouble : IRuntimeObserver
    {
        public TaskCompletionSource Met { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Troubled(CacheSpec cache, Streams.ReflectorTrouble trouble) => Met.TrySetResult();
    }

    [KubernetesEntity(Group = "example.com", ApiVersion = "v1", Kind = "Unknown", PluralName = "unknowns")]
    sealed class Unknown : k8s.IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "example.com/v1";

        public string Kind { get; set; } = "Unknown";

        public V1ObjectMeta Metadata { get; set; } = new();
    }

    [Fact]
    public async Task Host_without_a_cluster_says_what_to_do()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddAkka("nowhere", akka => akka.WithKubernetes());
        using var host = builder.Build();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        Assert.Contains("UseDefaultConfig", error.ToString());
    }
}
