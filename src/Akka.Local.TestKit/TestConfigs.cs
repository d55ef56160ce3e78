using Akka.Configuration;

namespace Akka.TestKit.Configs;

/// <summary>Ready-made configurations for systems under test.</summary>
public static class TestConfigs
{
    const string Common = """
        akka {
          loggers = ["Akka.TestKit.TestEventListener, ASSEMBLY"]
          test {
            timefactor = 1.0
            filter-leeway = 3s
            single-expect-default = 3s
            default-timeout = 5s
            calling-thread-dispatcher {
              type = "Akka.TestKit.CallingThreadDispatcherConfigurator, ASSEMBLY"
              throughput = 2147483647
            }
            test-actor.dispatcher {
              type = "Akka.TestKit.CallingThreadDispatcherConfigurator, ASSEMBLY"
              throughput = 2147483647
            }
          }
        }
        """;

    const string VirtualTime = """
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, ASSEMBLY"
        """;

    static readonly string AssemblyName = typeof(TestConfigs).Assembly.GetName().Name!;

    /// <summary>Log events can be filtered; dispatchers for test actors and test refs; the timeouts of <see cref="TestKitSettings"/>.</summary>
    public static Config DefaultConfig { get; } = Parse(Common);

    /// <summary>The same, and time stands still until the test advances the <see cref="TestScheduler"/>.</summary>
    public static Config TestSchedulerConfig { get; } = Parse(VirtualTime + "\n" + Common);

    static Config Parse(string hocon) => ConfigurationFactory.ParseString(hocon.Replace("ASSEMBLY", AssemblyName, StringComparison.Ordinal));
}
