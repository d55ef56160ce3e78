using ActorKube.ApiServer;
using ActorKube.ControllerManager;

namespace ActorKube.Local;

/// <summary>What controllers must know of the server that they stand beside.</summary>
public static class ServersControllers
{
    /// <summary>
    /// Options for the controllers of an embedded server: where they say nothing else, its clock, whom to trust and the keys of its tokens and certificates. They hold secrets as long as the server lives.
    /// </summary>
    /// <param name="options">Which controllers, with which numbers.</param>
    /// <param name="server">The server.</param>
    /// <example><code>
    /// await using var controllers = await ClusterControllers.StartAsync(server.CreateHandler(), new ClusterControllersOptions().Beside(server));
    /// </code></example>
    public static ClusterControllersOptions Beside(this ClusterControllersOptions options, EmbeddedApiServer server)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(server);
        var core = server.Core;
        return options with
        {
            Time = options.Time == TimeProvider.System ? server.Time : options.Time,
            RootCertificates = options.RootCertificates ?? core.CaPem,
            ServiceAccountKey = options.ServiceAccountKey ?? core.LendServiceAccountKey,
            SigningAuthority = options.SigningAuthority ?? (() => core.SigningAuthority),
        };
    }
}
