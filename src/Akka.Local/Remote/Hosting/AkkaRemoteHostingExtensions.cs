using Akka.Actor.Internal;
using Akka.Hosting;

namespace Akka.Remote.Hosting;

/// <summary>Remoting for a host's actor system. This runtime is one process: what is said here is a node's address, and nothing listens on it.</summary>
public static class AkkaRemoteHostingExtensions
{
    /// <summary>Says where the node listens.</summary>
    public static AkkaConfigurationBuilder WithRemoting(this AkkaConfigurationBuilder builder, string? hostname = null, int? port = null, string? publicHostname = null, int? publicPort = null) =>
        builder.WithRemoting(new RemoteOptions { HostName = hostname, Port = port, PublicHostName = publicHostname, PublicPort = publicPort });

    /// <inheritdoc cref="WithRemoting(AkkaConfigurationBuilder, string, int?, string, int?)" />
    public static AkkaConfigurationBuilder WithRemoting(this AkkaConfigurationBuilder builder, Action<RemoteOptions> configure)
    {
        var options = new RemoteOptions();
        configure(options);
        return builder.WithRemoting(options);
    }

    /// <inheritdoc cref="WithRemoting(AkkaConfigurationBuilder, string, int?, string, int?)" />
    public static AkkaConfigurationBuilder WithRemoting(this AkkaConfigurationBuilder builder, RemoteOptions options)
    {
        OneNode.Of(builder).Remote = options;
        return builder;
    }
}
