using Akka.Actor;

namespace ActorKube.Actors.Tests;

public sealed class GateTests : ActorTest
{
    [Fact]
    public void Rising_that_crosses_its_grant_brings_no_second_turn()
    {
        var gate = Sys.ActorOf(GateActor.Props("test", 1, TimeSpan.FromSeconds(10), 4));
        var (a, b) = (CreateTestProbe("a"), CreateTestProbe("b"));
        gate.Tell(new GateActor.Ask(ReconcilePriority.Background), a);
        // The actor has not seen its grant yet when it hears of a change.
        gate.Tell(new GateActor.Raise(ReconcilePriority.Change), a);
        a.ExpectMsg<GateActor.Granted>();
        gate.Tell(GateActor.Release.Turn, a);
        gate.Tell(new GateActor.Ask(ReconcilePriority.Background), b);
        b.ExpectMsg<GateActor.Granted>();
        gate.Tell(GateActor.Release.Turn, b);
        gate.Tell(new GateActor.Ask(ReconcilePriority.Background), b);
        b.ExpectMsg<GateActor.Granted>();
        a.ExpectNoMsg(TimeSpan.Zero);
    }
}
