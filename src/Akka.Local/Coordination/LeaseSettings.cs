#nullable disable
using Akka.Configuration;

namespace Akka.Coordination;

/// <summary>Which lease, for whom, and how.</summary>
public sealed class LeaseSettings
{
    public LeaseSettings(string leaseName, string ownerName, TimeoutSettings timeoutSettings, Config leaseConfig)
    {
        LeaseName = leaseName;
        OwnerName = ownerName;
        TimeoutSettings = timeoutSettings;
        LeaseConfig = leaseConfig;
    }

    public string LeaseName { get; }

    public string OwnerName { get; }

    public TimeoutSettings TimeoutSettings { get; }

    /// <summary>The section that the lease is configured by.</summary>
    public Config LeaseConfig { get; }

    public static LeaseSettings Create(Config config, string leaseName, string ownerName) => new(leaseName, ownerName, TimeoutSettings.Create(config), config);

    public LeaseSettings WithTimeoutSettings(TimeoutSettings timeoutSettings) => new(LeaseName, OwnerName, timeoutSettings, LeaseConfig);

    public override string ToString() => $"LeaseSettings({LeaseName}, {OwnerName}, {TimeoutSettings})";
}

/// <summary>How often a lease is renewed, when others may take it, and how long an operation may take.</summary>
public sealed class TimeoutSettings
{
    public TimeoutSettings(TimeSpan heartbeatInterval, TimeSpan heartbeatTimeout, TimeSpan operationTimeout)
    {
        HeartbeatInterval = heartbeatInterval;
        HeartbeatTimeout = heartbeatTimeout;
        OperationTimeout = operationTimeout;
    }

    public TimeSpan HeartbeatInterval { get; }

    public TimeSpan HeartbeatTimeout { get; }

    public TimeSpan OperationTimeout { get; }

    /// <exception cref="ConfigurationException">There is no configuration.</exception>
    /// <exception cref="ArgumentException">The interval is not below half of the timeout.</exception>
    public static TimeoutSettings Create(Config config)
    {
        if (config.IsNullOrEmpty())
            throw new ConfigurationException("A lease needs a configuration section with lease-class, heartbeat-timeout, heartbeat-interval and lease-operation-timeout; this one is empty.");
        var timeout = config.GetTimeSpan("heartbeat-timeout");
        var interval = string.IsNullOrEmpty(config.GetString("heartbeat-interval"))
            ? TimeSpan.FromMilliseconds(Math.Max(timeout.TotalMilliseconds / 10, 5000))
            : config.GetTimeSpan("heartbeat-interval");
        if (interval >= timeout / 2)
            throw new ArgumentException("heartbeat-interval must be less than half heartbeat-timeout");
        return new TimeoutSettings(interval, timeout, config.GetTimeSpan("lease-operation-timeout"));
    }

    public TimeoutSettings WithHeartbeatInterval(TimeSpan heartbeatInterval) => new(heartbeatInterval, HeartbeatTimeout, OperationTimeout);

    public TimeoutSettings WithHeartbeatTimeout(TimeSpan heartbeatTimeout) => new(HeartbeatInterval, heartbeatTimeout, OperationTimeout);

    // The official name begins with a small letter.
    public TimeoutSettings withOperationTimeout(TimeSpan operationTimeout) => new(HeartbeatInterval, HeartbeatTimeout, operationTimeout);

    public override string ToString() => $"TimeoutSettings({HeartbeatInterval}, {HeartbeatTimeout}, {OperationTimeout})";
}
