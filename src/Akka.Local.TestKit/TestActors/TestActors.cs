using Akka.Actor;

namespace Akka.TestKit.TestActors;

/// <summary>Takes every message and does nothing.</summary>
public class BlackHoleActor : ActorBase
{
    /// <summary>How to create one.</summary>
    public static Props Props => Props.Create<BlackHoleActor>();

    /// <inheritdoc />
    protected override bool Receive(object message) => true;
}

/// <summary>Sends every message on to a test's TestActor and back to its sender.</summary>
public class EchoActor : ReceiveActor
{
    /// <param name="testkit">Whose TestActor gets the messages.</param>
    /// <param name="echoBackToSenderAsWell">Whether their senders do too.</param>
    public EchoActor(TestKitBase testkit, bool echoBackToSenderAsWell = true)
    {
        var testActor = testkit.TestActor;
        ReceiveAny(message =>
        {
            if (echoBackToSenderAsWell && !Sender.Equals(testActor))
                Sender.Forward(message);
            testActor.Forward(message);
        });
    }

    /// <summary>How to create one.</summary>
    public static Props Props(TestKitBase testkit, bool echoBackToSenderAsWell = true) =>
        Actor.Props.Create(() => new EchoActor(testkit, echoBackToSenderAsWell));
}

/// <summary>Sends every message back to its sender.</summary>
public class SimpleEchoActor : ReceiveActor
{
    /// <summary>Sends every message back to its sender.</summary>
    public SimpleEchoActor() => ReceiveAny(message => Sender.Tell(message, Self));

    /// <summary>How to create one.</summary>
    public static Props Props() => Actor.Props.Create(() => new SimpleEchoActor());
}

/// <summary>Forwards every message.</summary>
public class ForwardActor : ReceiveActor
{
    /// <param name="target">Where to.</param>
    public ForwardActor(IActorRef target) => ReceiveAny(message => target.Forward(message));

    /// <summary>How to create one.</summary>
    public static Props Props(IActorRef target) => Actor.Props.Create(() => new ForwardActor(target));
}

/// <summary>Handles no message at all.</summary>
public class UnhandledMessageActor : ReceiveActor;
