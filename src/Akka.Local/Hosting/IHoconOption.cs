using Akka.Actor.Setup;

namespace Akka.Hosting;

/// <summary>Options of a part that is chosen by a section of the configuration.</summary>
public interface IHoconOption
{
    /// <summary>The section.</summary>
    string ConfigPath { get; }

    /// <summary>The class that the section names.</summary>
    Type Class { get; }

    /// <summary>Writes the section.</summary>
    void Apply(AkkaConfigurationBuilder builder, Setup? setup = null);
}
