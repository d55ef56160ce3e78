using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit.Xunit2.Internals;
using Xunit.Abstractions;

namespace Akka.TestKit.Xunit2;

/// <summary>
/// Base class of xunit tests on actors: each test gets a system of its own, which is terminated when the test is over.
/// </summary>
public class TestKit : TestKitBase, IDisposable
{
    /// <summary>Where the system's log goes; null for nowhere but the console.</summary>
    protected readonly ITestOutputHelper? Output;

    bool _disposed;

    /// <param name="system">The system under test; null for a new one with <see cref="DefaultConfig"/>.</param>
    /// <param name="output">Where its log goes.</param>
    public TestKit(ActorSystem? system = null, ITestOutputHelper? output = null)
        : base(Assertions, system)
    {
        Output = output;
        InitializeLogger(Sys);
    }

    /// <param name="config">The setup of a new system.</param>
    /// <param name="actorSystemName">Its name; null for "test".</param>
    /// <param name="output">Where its log goes.</param>
    public TestKit(ActorSystemSetup config, string? actorSystemName = null, ITestOutputHelper? output = null)
        : base(Assertions, config, actorSystemName)
    {
        Output = output;
        InitializeLogger(Sys);
    }

    /// <param name="config">The configuration of a new system; <see cref="DefaultConfig"/> is its fallback.</param>
    /// <param name="actorSystemName">Its name; null for "test".</param>
    /// <param name="output">Where its log goes.</param>
    public TestKit(Config? config, string? actorSystemName = null, ITestOutputHelper? output = null)
        : base(Assertions, config, actorSystemName)
    {
        Output = output;
        InitializeLogger(Sys);
    }

    /// <param name="config">The configuration of a new system as HOCON; <see cref="DefaultConfig"/> is its fallback.</param>
    /// <param name="output">Where its log goes.</param>
    public TestKit(string config, ITestOutputHelper? output = null)
        : base(Assertions, ConfigurationFactory.ParseString(config))
    {
        Output = output;
        InitializeLogger(Sys);
    }

    /// <inheritdoc cref="TestKitBase.DefaultConfig" />
    public static new Config DefaultConfig => TestKitBase.DefaultConfig;

    /// <inheritdoc cref="TestKitBase.FullDebugConfig" />
    public static new Config FullDebugConfig => TestKitBase.FullDebugConfig;

    /// <summary>How xunit is told of failures.</summary>
    protected static XunitAssertions Assertions { get; } = new();

    /// <summary>Runs when the test is over, before the system is terminated.</summary>
    protected virtual void AfterAll()
    {
    }

    /// <summary>Writes a system's log to <see cref="Output"/>.</summary>
    protected void InitializeLogger(ActorSystem system) => InitializeLogger(system, "");

    /// <summary>The same; <paramref name="prefix"/> begins each line, where a test has several systems.</summary>
    protected void InitializeLogger(ActorSystem system, string prefix)
    {
        if (Output is null)
            return;
        ITestOutputHelper output = string.IsNullOrEmpty(prefix) ? Output : new PrefixedOutput(Output, prefix);
        var logger = ((ExtendedActorSystem)system).SystemActorOf(Props.Create(() => new TestOutputLogger(output)), "log-test");
        logger.Ask<LoggerInitialized>(new InitializeLogger(system.EventStream), TimeSpan.FromSeconds(3))
            .ConfigureAwait(false).GetAwaiter().GetResult();
    }

    /// <summary>Terminates the system.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="Dispose()" />
    /// <param name="disposing">Always true: there is nothing to finalize.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (_disposed)
            return;
        _disposed = true;
        try
        {
            AfterAll();
        }
        finally
        {
            Shutdown();
        }
    }

    sealed class PrefixedOutput(ITestOutputHelper output, string prefix) : ITestOutputHelper
    {
        public void WriteLine(string message) => output.WriteLine(prefix + message);

        public void WriteLine(string format, params object[] args) => output.WriteLine(prefix + format, args);
    }
}
