using System.Globalization;
using System.Text;
using ActorKube.Actors;
using ActorKube.Streams;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Coordination;

namespace ActorKube.Cluster;

/// <summary>
/// An Akka lease as a <c>coordination.k8s.io/v1</c> Lease of the cluster that the actor system's Kubernetes talks to. Named by <c>lease-class</c> in the configuration; <see cref="KubernetesLeaseOption"/> writes that section.
/// </summary>
/// <remarks>
/// Thread-safe. It needs the rights to get, create and update leases in its namespace. A lease object that is given back stays, without a holder.
/// A lease left behind by a crash can be taken once its heartbeat timeout has passed since its last renewal; the nodes' clocks must agree within a third of that.
/// </remarks>
public sealed class KubernetesLease : Lease
{
    const int LongestName = 63;

    // The actor bounds each operation itself; this is for an actor that is gone.
    static readonly TimeSpan AskMargin = TimeSpan.FromSeconds(5);

    static int _count;

    readonly LeaseHold _hold;
    readonly IActorRef _actor;

    /// <summary>Made by <see cref="LeaseProvider"/>.</summary>
    public KubernetesLease(LeaseSettings settings, ExtendedActorSystem system) : base(settings)
    {
        IKubernetesClient? Client() => system.TryGetExtension<Kubernetes>(out var kubernetes) ? kubernetes.Client : null;
        var time = new SchedulerTimeProvider(system.Scheduler);
        var name = NameOf(settings.LeaseName);
        var given = settings.LeaseConfig.GetString("namespace", "");
        _hold = new LeaseHold(time);
        _actor = system.SystemActorOf(
            LeaseActor.Props(settings, new LeaseApi(Client, name, given), _hold, time),
            $"kubernetes-lease-{Interlocked.Increment(ref _count)}-{name}");
    }

    /// <inheritdoc/>
    /// <exception cref="LeaseException">It could not be found out whether the lease can be had; with <see cref="LeaseTimeoutException"/> because the server did not answer in time.</exception>
    public override Task<bool> Acquire() => Acquire(static _ => { });

    /// <inheritdoc cref="Acquire()"/>
    public override Task<bool> Acquire(Action<Exception?> leaseLostCallback) => Ask(new LeaseActor.Acquire(leaseLostCallback));

    /// <inheritdoc/>
    /// <exception cref="LeaseException">It could not be given back; it runs out by itself.</exception>
    public override Task<bool> Release() => Ask(LeaseActor.Release.Lease);

    /// <inheritdoc/>
    public override bool CheckLease() => _hold.IsHeld;

    Task<bool> Ask(object question) => _actor.Ask<bool>(question, (Settings.TimeoutSettings.OperationTimeout * 2) + AskMargin);

    /// <summary>A name that Kubernetes allows: lower case letters, digits and dashes. What had to be changed or cut gets a hash of the whole, so that two names stay two.</summary>
    internal static string NameOf(string lease)
    {
        var name = new StringBuilder(lease.Length);
        foreach (var c in lease)
            name.Append(char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-');
        var clean = name.ToString().Trim('-');
        if (clean == lease && clean.Length is > 0 and <= LongestName)
            return clean;
        var hash = KeySlices.Hash(new Models.NamespacedName("", lease)).ToString("x16", CultureInfo.InvariantCulture);
        return clean.Length == 0 ? hash : $"{clean[..Math.Min(clean.Length, LongestName - 17)].TrimEnd('-')}-{hash}";
    }
}
