#nullable disable
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Cluster.Sharding;

/// <summary>Where and how a set of daemons is kept alive.</summary>
public sealed class ShardedDaemonProcessSettings
{
    /// <summary>After how long a daemon that has stopped is there again.</summary>
    public readonly TimeSpan KeepAliveInterval;

    /// <summary>The daemons run on nodes of this role only; null for all.</summary>
    public readonly string Role;

    private ShardedDaemonProcessSettings(TimeSpan keepAliveInterval, string role)
    {
        KeepAliveInterval = keepAliveInterval;
        Role = role;
    }

    public static ShardedDaemonProcessSettings Create(ActorSystem system) => FromConfig(system.Settings.Config.GetConfig("akka.cluster.sharded-daemon-process"));

    public static ShardedDaemonProcessSettings FromConfig(Config config) => new(config.GetTimeSpan("keep-alive-interval"), null);

    public ShardedDaemonProcessSettings WithKeepAliveInterval(TimeSpan keepAliveInterval) => new(keepAliveInterval, Role);

    public ShardedDaemonProcessSettings WithRole(string role) => new(KeepAliveInterval, role);
}
