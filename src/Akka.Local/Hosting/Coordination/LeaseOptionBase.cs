using Akka.Actor.Setup;

namespace Akka.Hosting.Coordination;

/// <summary>Options of a kind of leases.</summary>
public abstract class LeaseOptionBase : IHoconOption
{
    /// <inheritdoc />
    public abstract string ConfigPath { get; }

    /// <inheritdoc />
    public abstract Type Class { get; }

    /// <inheritdoc />
    public abstract void Apply(AkkaConfigurationBuilder builder, Setup? setup = null);
}
