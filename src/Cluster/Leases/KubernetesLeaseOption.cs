using System.Globalization;
using System.Text;
using Akka.Actor.Setup;
using Akka.Hosting;
using Akka.Hosting.Coordination;

namespace ActorKube.Cluster;

/// <summary>
/// Leases on <c>coordination.k8s.io</c>, for whatever in Akka takes a lease: the split-brain resolver (<c>LeaseMajorityOption</c>), cluster singletons, and the slices of sharded controllers.
/// What is left null comes from the section <see cref="ConfigPath"/> of the configuration, or else is Akka's default.
/// </summary>
public sealed class KubernetesLeaseOption : LeaseOptionBase
{
    /// <summary>The configuration section of Kubernetes leases.</summary>
    public const string Path = "actorkube.kubernetes-lease";

    /// <summary>The section; another one than <see cref="Path"/> for a second kind of leases with numbers of its own.</summary>
    public string Section { get; init; } = Path;

    /// <summary>The leases' namespace; null for the client's own, which in a pod is the pod's.</summary>
    public string? Namespace { get; init; }

    /// <summary>After how long without renewal others may take a lease (12 times the interval by default: 120 s). Its holder stops relying on it after two thirds of that.</summary>
    public TimeSpan? HeartbeatTimeout { get; init; }

    /// <summary>How often a held lease is renewed (12 s).</summary>
    public TimeSpan? HeartbeatInterval { get; init; }

    /// <summary>How long one attempt to get, renew or give back a lease may take (5 s).</summary>
    public TimeSpan? OperationTimeout { get; init; }

    /// <inheritdoc/>
    public override string ConfigPath => Section;

    /// <inheritdoc/>
    public override Type Class => typeof(KubernetesLease);

    /// <inheritdoc/>
    public override void Apply(AkkaConfigurationBuilder builder, Setup? setup = null)
    {
        var section = new StringBuilder();
        section.Append(CultureInfo.InvariantCulture, $"lease-class = \"{Class.AssemblyQualifiedName}\"\n");
        if (Namespace is { } ns)
            section.Append(CultureInfo.InvariantCulture, $"namespace = \"{ns}\"\n");
        Append("heartbeat-timeout", HeartbeatTimeout);
        Append("heartbeat-interval", HeartbeatInterval);
        Append("lease-operation-timeout", OperationTimeout);
        builder.AddHocon($"{Section} {{\n{section}}}", HoconAddMode.Prepend);

        void Append(string key, TimeSpan? value)
        {
            if (value is { } time)
                section.Append(CultureInfo.InvariantCulture, $"{key} = {time.TotalMilliseconds:0}ms\n");
        }
    }
}
