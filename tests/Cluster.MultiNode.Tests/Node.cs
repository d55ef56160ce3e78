using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using ActorKube.Hosting;
using ActorKube.Tests.Shared;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Hosting.SBR;
using Akka.Hosting;
using Akka.Remote;
using Akka.Remote.Hosting;
using Akka.Remote.Transport;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorKube.Cluster.MultiNode.Tests;

/// <param name="Name">The node's name.</param>
/// <param name="Port">Its port on loopback.</param>
/// <param name="Seeds">The ports of the seed nodes.</param>
sealed record NodeSettings(string Name, int Port, IReadOnlyList<int> Seeds)
{
    public bool Leases { get; init; }

    /// <summary>The partition is resolved by who gets a lease instead of by majority.</summary>
    public bool LeaseResolver { get; init; }

    /// <summary>Its network can be cut.</summary>
    public bool Cuttable { get; init; }

    /// <summary>How many slices it thinks there are.</summary>
    public int Shards { get; init; } = Node.Shards;
}

/// <summary>A real node: remoting on loopback, cluster, sharding, and a sharded controller with a <see cref="Ledger"/>.</summary>
sealed class Node(string name, int port, IHost host) : IAsyncDisposable
{
    public const string Controller = "ledger";
    public const int Shards = 16;

    /// <summary>Everything quicker than in production, so that tests are; but patient with a machine that has other work.</summary>
    const string Quick = """
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          log-dead-letters = off
          cluster {
            log-info = off
            gossip-interval = 200ms
            leader-actions-interval = 200ms
            unreachable-nodes-reaper-interval = 200ms
            periodic-tasks-initial-delay = 200ms
            seed-node-timeout = 2s
            retry-unsuccessful-join-after = 2s
            allow-weakly-up-members = off
            failure-detector {
              heartbeat-interval = 500ms
              acceptable-heartbeat-pause = 5s
            }
            split-brain-resolver.stable-after = 4s
            singleton.hand-over-retry-interval = 500ms
            sharded-daemon-process.sharding {
              rebalance-interval = 1s
              retry-interval = 500ms
              coordinator-failure-backoff = 500ms
            }
            distributed-data {
              gossip-interval = 200ms
              notify-subscribers-interval = 100ms
            }
          }
        }
        """;

    readonly ConcurrentDictionary<int, byte> _slices = new();

    /// <summary>Slices came or went, on any node of this process.</summary>
    public static News Moves { get; } = new();

    public string Name => name;

    public int Port => port;

    public IHost Host => host;

    public ActorSystem System { get; private set; } = null!;

    /// <summary>The slices that the node owns.</summary>
    public IReadOnlyCollection<int> Slices => [.. _slices.Keys.Order()];

    /// <summary>Ends when the node's actor system has ended.</summary>
    public Task Ended => System.WhenTerminated;

    public static IHost Build(NodeSettings settings, Action<KubernetesBuilder> kubernetes, Ledger ledger, Action<AkkaConfigurationBuilder>? more = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(60));
        builder.Services.AddAkka("mesh", akka =>
        {
            akka.AddHocon(Quick, HoconAddMode.Prepend);
            if (settings.Cuttable)
                akka.AddHocon("akka.remote.dot-netty.tcp.applied-adapters = [trttl]", HoconAddMode.Prepend);
            akka.WithRemoting("127.0.0.1", settings.Port)
                .WithClustering(new ClusterOptions
                {
                    SeedNodes = [.. settings.Seeds.Select(seed => $"akka.{(settings.Cuttable ? "trttl." : "")}tcp://mesh@127.0.0.1:{seed}")],
                    SplitBrainResolver = settings.LeaseResolver ? new LeaseMajorityOption { LeaseImplementation = new KubernetesLeaseOption { Namespace = "default" }, LeaseName = "mesh-majority" } : SplitBrainResolverOption.Default,
                })
                .WithKubernetes(kubernetes)
                .WithShardedController<V1ConfigMap>(Controller, settings.Shards, c => c.WithMaxConcurrentReconciles(8).WithReconciler(ledger.ReconcileAsync), new ShardedControllerOptions
                {
                    Lease = settings.Leases ? new KubernetesLeaseOption { Section = "slice-lease", Namespace = "default", HeartbeatTimeout = TimeSpan.FromSeconds(12), HeartbeatInterval = TimeSpan.FromSeconds(2) } : null,
                    LeaseRetryInterval = TimeSpan.FromSeconds(1),
                });
            if (settings.LeaseResolver)
                akka.WithKubernetesLease(new KubernetesLeaseOption { Namespace = "default" });
            more?.Invoke(akka);
        });
        return builder.Build();
    }

    public static async Task<Node> StartAsync(NodeSettings settings, Action<KubernetesBuilder> kubernetes)
    {
        Node? node = null;
        var host = Build(settings, kubernetes, new Ledger(settings.Name), akka => akka.WithActors((system, _) =>
        {
            var watcher = system.ActorOf(Props.Create(() => new SliceWatcher(node!._slices)), "slices");
            system.EventStream.Subscribe(watcher, typeof(SliceTaken));
            system.EventStream.Subscribe(watcher, typeof(SliceLeft));
        }));
        node = new Node(settings.Name, settings.Port, host);
        await host.StartAsync();
        node.System = host.Services.GetRequiredService<ActorSystem>();
        return node;
    }

    /// <summary>Cuts the network between this node and others, in both directions, or joins it again.</summary>
    /// <remarks>The official runtime's own means for that are public, but the way to the transport is not.</remarks>
    public Task CutAsync(bool cut, params IEnumerable<Node> others) => Task.WhenAll(others.SelectMany(other => new[] { Set(this, other, cut), Set(other, this, cut) }));

    static Task Set(Node at, Node towards, bool cut)
    {
        var provider = ((ExtendedActorSystem)at.System).Provider;
        var transport = (RemoteTransport)provider.GetType().GetProperty("Transport", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)!.GetValue(provider)!;
        var address = new Address("akka.tcp", "mesh", "127.0.0.1", towards.Port);
        return transport.ManagementCommand(new SetThrottle(address, ThrottleTransportAdapter.Direction.Both, cut ? Blackhole.Instance : Unthrottled.Instance));
    }

    public Task LeaveAsync() => host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    sealed class SliceWatcher(ConcurrentDictionary<int, byte> slices) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is SliceTaken taken)
                slices[taken.Slice] = 0;
            else if (message is SliceLeft left)
                slices.TryRemove(left.Slice, out _);
            Moves.Happened();
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{name}: {string.Join(' ', Slices)}");
}
