using Akka.Actor;
using Akka.Event;

namespace Akka.Local.Tests.Actors;

/// <summary>What only this runtime's state machines promise; docs/akka-local.md names each difference.</summary>
public sealed class FSMPromisesTests : Akka.TestKit.Xunit2.TestKit
{
    public FSMPromisesTests()
        : base("akka.loglevel = OFF\nakka.stdout-loglevel = OFF\nakka.test.single-expect-default = 30s")
    {
    }

    private sealed class Machine : FSM<string, int>
    {
        public Machine(IActorRef probe)
        {
            When("a", e =>
            {
                probe.Tell(e.FsmEvent is Terminated ? "gone" : e.FsmEvent);
                return GoTo("a");
            });
            StartWith("a", 0);
            Initialize();
        }
    }

    /// <summary>Officially it goes on being told, as dead letters.</summary>
    [Fact]
    public void A_subscriber_that_has_gone_is_told_no_more()
    {
        var machine = Sys.ActorOf(Props.Create(() => new Machine(TestActor)));
        var subscriber = CreateTestProbe();
        machine.Tell(new FSMBase.SubscribeTransitionCallBack(subscriber.Ref));
        subscriber.ExpectMsg(new FSMBase.CurrentState<string>(machine, "a"));
        var letters = CreateTestProbe();
        Sys.EventStream.Subscribe(letters.Ref, typeof(DeadLetter));
        Sys.Stop(subscriber.Ref);
        ExpectMsg("gone");
        machine.Tell("go");
        ExpectMsg("go");
        machine.Tell(new Identify(1), TestActor);
        ExpectMsg<ActorIdentity>();
        letters.ExpectNoMsg(TimeSpan.Zero);
    }
}
