using Akka.Actor;
using Akka.Configuration;

namespace Akka.TestKit;

/// <summary>The test kit's settings, from <c>akka.test</c>.</summary>
public class TestKitSettings : IExtension
{
    /// <param name="config">A system's whole configuration.</param>
    /// <exception cref="ConfigurationException">The time factor is not a positive number.</exception>
    public TestKitSettings(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        DefaultTimeout = config.GetTimeSpan("akka.test.default-timeout", TimeSpan.FromSeconds(5), allowInfinite: false);
        SingleExpectDefault = config.GetTimeSpan("akka.test.single-expect-default", TimeSpan.FromSeconds(3), allowInfinite: false);
        TestEventFilterLeeway = config.GetTimeSpan("akka.test.filter-leeway", TimeSpan.FromSeconds(3), allowInfinite: false);
        TestTimeFactor = config.GetDouble("akka.test.timefactor", 1);
        LogTestKitCalls = config.GetBoolean("akka.test.testkit.debug", false);
        if (!(TestTimeFactor > 0))
            throw new ConfigurationException($"akka.test.timefactor must be a positive number, but is {TestTimeFactor}.");
    }

    /// <summary>For asks, latches and barriers: 5 s.</summary>
    public TimeSpan DefaultTimeout { get; }

    /// <summary>How long one expectation waits where neither the call nor a Within says: 3 s.</summary>
    public TimeSpan SingleExpectDefault { get; }

    /// <summary>How long an event filter waits, after the action has run, for the events it expects: 3 s.</summary>
    public TimeSpan TestEventFilterLeeway { get; }

    /// <summary>What given durations are multiplied with, for slow machines.</summary>
    public double TestTimeFactor { get; }

    /// <summary>Whether the kit logs what it does, at debug level.</summary>
    public bool LogTestKitCalls { get; }
}
