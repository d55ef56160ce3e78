namespace Akka.TestKit;

/// <summary>
/// On a test class: what the test tells without naming a sender has none. Without it the sender is the kit's TestActor.
/// </summary>
public interface INoImplicitSender;
