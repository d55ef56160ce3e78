using Akka.Actor.Setup;
using Akka.Hosting;
using Akka.Hosting.Coordination;

namespace Akka.Cluster.Hosting.SBR;

/// <summary>Who survives a partition of the cluster. In this runtime's cluster of one node there is nothing to decide: the options are kept, and nothing reads them.</summary>
public abstract class SplitBrainResolverOption : IHoconOption
{
    /// <summary>The side with more members.</summary>
    public static readonly SplitBrainResolverOption Default = new KeepMajorityOption();

    /// <summary>Only members of this role count; null for all.</summary>
    public string? Role { get; set; }

    /// <inheritdoc />
    public abstract string ConfigPath { get; }

    /// <inheritdoc />
    public Type Class => GetType();

    /// <inheritdoc />
    public abstract void Apply(AkkaConfigurationBuilder builder, Setup? setup = null);
}

/// <summary>The side with more members survives.</summary>
public sealed class KeepMajorityOption : SplitBrainResolverOption
{
    /// <inheritdoc />
    public override string ConfigPath => "keep-majority";

    /// <inheritdoc />
    public override void Apply(AkkaConfigurationBuilder builder, Setup? setup = null)
    {
    }
}

/// <summary>The side that gets a lease survives.</summary>
public sealed class LeaseMajorityOption : SplitBrainResolverOption
{
    /// <summary>The kind of lease.</summary>
    public LeaseOptionBase? LeaseImplementation { get; set; }

    /// <summary>The lease's name; null for one made of the system's.</summary>
    public string? LeaseName { get; set; }

    /// <inheritdoc />
    public override string ConfigPath => "lease-majority";

    /// <inheritdoc />
    public override void Apply(AkkaConfigurationBuilder builder, Setup? setup = null)
    {
    }
}
