using Akka.Actor;

namespace Akka.TestKit;

/// <summary>The assertions that belong to a system under test.</summary>
public class TestKitAssertionsProvider : IExtension
{
    /// <param name="assertions">How the test framework is told of failures.</param>
    public TestKitAssertionsProvider(ITestKitAssertions assertions) => Assertions = assertions;

    /// <summary>How the test framework is told of failures.</summary>
    public ITestKitAssertions Assertions { get; }
}

/// <summary>Registers a <see cref="TestKitAssertionsProvider"/>.</summary>
public class TestKitAssertionsExtension : ExtensionIdProvider<TestKitAssertionsProvider>
{
    readonly ITestKitAssertions _assertions;

    /// <param name="assertions">How the test framework is told of failures.</param>
    public TestKitAssertionsExtension(ITestKitAssertions assertions) => _assertions = assertions;

    /// <inheritdoc />
    public override TestKitAssertionsProvider CreateExtension(ExtendedActorSystem system) => new(_assertions);

    /// <summary>The assertions of a system that a test kit has been attached to.</summary>
    public static TestKitAssertionsProvider For(ActorSystem system) => system.GetExtension<TestKitAssertionsProvider>();
}
