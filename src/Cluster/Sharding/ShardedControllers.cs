using System.Globalization;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Streams;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster.Sharding;
using Akka.Coordination;
using Akka.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Cluster;

/// <summary>The sharded controllers of one actor system while it is being configured; it rides along as one of the system's setups.</summary>
sealed class ShardedControllers : Setup
{
    // What lies between the end of a drain and the end of a hand-off: a second for reconciles that are told to leave, a few messages, the lease that is given back.
    static readonly TimeSpan HandOffMargin = TimeSpan.FromSeconds(10);

    // Officially a whole region has ten seconds to hand off, a single shard sixty.
    static readonly TimeSpan DefaultRegionTimeout = TimeSpan.FromSeconds(10);

    TimeSpan _longest;

    public static ShardedControllers Of(AkkaConfigurationBuilder akka)
    {
        if (akka.Setups.OfType<ShardedControllers>().FirstOrDefault() is { } there)
            return there;
        var controllers = new ShardedControllers();
        akka.Setups.Add(controllers);
        // With the newer algorithm a node that joins gets its share in a round or two; the older one moves a single shard each ten seconds.
        akka.AddHocon(
            """
            akka.cluster.sharded-daemon-process.sharding.least-shard-allocation-strategy {
              rebalance-absolute-limit = 64
              rebalance-relative-limit = 0.5
            }
            """,
            HoconAddMode.Append);
        return controllers;
    }

    /// <summary>Sees to it that hand-offs may take as long as their drains do.</summary>
    public void LeaveTimeToHandOff(AkkaConfigurationBuilder akka, TimeSpan drain)
    {
        if (drain <= _longest)
            return;
        _longest = drain;
        var needed = drain + HandOffMargin;
        if (needed > DefaultRegionTimeout)
        {
            akka.AddHocon(
                string.Create(CultureInfo.InvariantCulture, $"akka.coordinated-shutdown.phases.{CoordinatedShutdown.PhaseClusterShardingShutdownRegion}.timeout = {needed.TotalSeconds:0}s"),
                HoconAddMode.Prepend);
        }
        akka.AddHocon(
            string.Create(CultureInfo.InvariantCulture, $"akka.cluster.sharded-daemon-process.sharding.handoff-timeout = {Math.Max(60, needed.TotalSeconds + 10):0}s"),
            HoconAddMode.Prepend);
    }

    /// <summary>Starts a sharded controller's slices; the cluster decides on which nodes they run.</summary>
    /// <param name="system">This node's actor system, with Kubernetes in it.</param>
    /// <param name="name">The controller's name.</param>
    /// <param name="shards">How many slices.</param>
    /// <param name="options">How it is divided.</param>
    /// <param name="labelled">The controller that each slice has of its own; null where the node's controller works on all of its slices.</param>
    /// <param name="loggers">Where logs go.</param>
    public static void Start(ActorSystem system, string name, int shards, ShardedControllerOptions options, ControllerSpec? labelled, ILoggerFactory? loggers)
    {
        var runtime = system.Kubernetes().Guardian;
        var logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger($"ActorKube.Cluster.{name}");
        var owner = LeaseOwner.Of(system);
        var settings = ShardedDaemonProcessSettings.Create(system).WithKeepAliveInterval(options.KeepAliveInterval);
        if (options.Role is { } role)
            settings = settings.WithRole(role);
        var time = new SchedulerTimeProvider(system.Scheduler);
        var clock = OwnershipClock.Of(system.Settings.Config);
        var hold = clock is null ? null : new LeaseHold(time);
        var ownership = ((ExtendedActorSystem)system).SystemActorOf(
            OwnershipActor.Props(new OwnershipSettings(name, shards, clock), hold, time, logger, () => CoordinatedShutdown.Get(system).Run(ShardsDifferReason.Instance)).WithDispatcher("akka.actor.internal-dispatcher"),
            $"actorkube-ownership-{Uri.EscapeDataString(name)}");
        // Without a reference the node has not the role that takes slices.
        if (ShardedDaemonProcess.Get(system).Init(name, shards, Slice, settings, SliceActor.HandOff.Instance) is { } slices)
            ownership.Tell(new OwnershipActor.Begin(slices), ActorRefs.NoSender);

        Props Slice(int slice)
        {
            var leaseName = $"{system.Name}-{name}-{slice}";
            var lease = new SliceLease(leaseName, owner, slice, ownership, hold, options.Lease is null ? null : LeaseProvider.Get(system).GetLease(leaseName, options.Lease.ConfigPath, owner));
            var owned = new KeySlice(slice.ToString(CultureInfo.InvariantCulture), lease.CheckLease);
            SliceWork work = labelled is null
                ? new SharedSliceWork(runtime, name, owned)
                : new OwnSliceWork(runtime, Labelled(labelled, slice, options.WatchLabel!, options.WatchLabelOnAllKinds), owned);
            return SliceActor.Props(new SliceSettings(name, slice, options.DrainTimeout, options.LeaseRetryInterval, shards, ownership), work, lease, logger);
        }
    }

    /// <summary>The node's controller, owning the keys whose hash falls into slices that it is given.</summary>
    public static ControllerSpec Sliced(ControllerSpec controller, int shards)
    {
        var names = Enumerable.Range(0, shards).Select(static slice => slice.ToString(CultureInfo.InvariantCulture)).ToArray();
        return controller.Sliced(key => names[KeySlices.Of(key, shards)]);
    }

    /// <summary>The controller of one slice that its objects carry as a label.</summary>
    internal static ControllerSpec Labelled(ControllerSpec controller, int slice, string label, bool onAllKinds)
    {
        var number = slice.ToString(CultureInfo.InvariantCulture);
        var selector = $"{label}={number}";
        return controller.Sliced(_ => number).With(
            $"{controller.Name}-{number}",
            [.. controller.Watches.Select(watch => watch.IsFor || onAllKinds ? watch with { Cache = watch.Cache with { LabelSelector = And(watch.Cache.LabelSelector, selector) } } : watch)]);
    }

    /// <summary>The node was given another number of shards than the others.</summary>
    sealed class ShardsDifferReason : CoordinatedShutdown.Reason
    {
        public static readonly ShardsDifferReason Instance = new();
    }

    static string And(string? one, string other) => string.IsNullOrEmpty(one) ? other : $"{one},{other}";
}
