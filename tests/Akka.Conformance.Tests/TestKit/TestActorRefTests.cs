using Akka.Actor;
using Akka.TestKit;

namespace Akka.Conformance.TestKits;

public sealed class TestActorRefTests : VirtualTimeTest
{
    sealed class Counter : ReceiveActor
    {
        public Counter()
        {
            Receive<int>(number => Sum += number);
            Receive<string>(text => text == "children", _ => Sender.Tell(Context.ActorOf(Echo.Props, "kid")));
            Receive<Exception>(exception => throw exception);
            Receive<string>(text => Sender.Tell($"re: {text}"));
        }

        public int Sum { get; private set; }
    }

    [Fact]
    public void What_it_is_told_has_been_handled_when_Tell_returns()
    {
        var counter = ActorOfAsTestActorRef<Counter>();
        counter.Tell(1);
        counter.Tell(2, ActorRefs.NoSender);
        Assert.Equal(3, counter.UnderlyingActor.Sum);
    }

    [Fact]
    public void It_can_be_used_as_a_ref()
    {
        var counter = ActorOfAsTestActorRef<Counter>("counter");
        Assert.Equal("akka://test/user/counter", counter.Path.ToString());
        counter.Ref.Tell("hello", TestActor);
        ExpectMsgFrom(counter.Ref, "re: hello");
        Assert.True(counter == counter.Ref);
        Assert.False(counter != counter.Ref);
    }

    [Fact]
    public void Receive_lets_the_actors_exception_out()
    {
        var counter = ActorOfAsTestActorRef<Counter>();
        Assert.Throws<Boom>(() => counter.Receive(new Boom()));
        counter.Receive(5);
        Assert.Equal(5, counter.UnderlyingActor.Sum);
    }

    [Fact]
    public void Receive_knows_the_sender()
    {
        var counter = ActorOfAsTestActorRef<Counter>();
        counter.Receive("hello", TestActor);
        ExpectMsg("re: hello");
    }

    [Fact]
    public void A_told_exception_goes_to_the_supervisor_and_the_instance_is_replaced()
    {
        var counter = ActorOfAsTestActorRef<Counter>();
        counter.Tell(5);
        var before = counter.UnderlyingActor;
        EventFilter.Exception<Boom>().ExpectOne(() => counter.Tell(new Boom()));
        AwaitCondition(() => !ReferenceEquals(before, counter.UnderlyingActor) && counter.UnderlyingActor is not null);
        Assert.Equal(0, counter.UnderlyingActor.Sum);
    }

    [Fact]
    public void It_can_be_a_child_of_another()
    {
        var parent = ActorOfAsTestActorRef<Counter>("parent");
        var child = ActorOfAsTestActorRef<Counter>(Props.Create(() => new Counter()), parent.Ref, "child");
        Assert.Equal(parent.Path, child.Path.Parent);
        Watch(child.Ref);
        Sys.Stop(parent.Ref);
        ExpectTerminated(child.Ref);
    }

    [Fact]
    public void It_can_have_children()
    {
        var parent = ActorOfAsTestActorRef<Counter>("with-kid");
        parent.Tell("children", TestActor);
        var kid = ExpectMsg<IActorRef>();
        Assert.Equal(parent.Path, kid.Path.Parent);
        kid.Tell("hello", TestActor);
        ExpectMsgFrom(kid, "hello");
    }

    public enum Light
    {
        Red,
        Green,
    }

    public sealed class Lights : FSM<Light, int>
    {
        public Lights()
        {
            StartWith(Light.Red, 0);
            When(Light.Red, e => e.FsmEvent is "switch" ? GoTo(Light.Green).Using(e.StateData + 1) : null!);
            When(Light.Green, e => e.FsmEvent is "switch" or StateTimeout ? GoTo(Light.Red) : null!, TimeSpan.FromSeconds(10));
            Initialize();
        }
    }

    [Fact]
    public void A_machine_can_be_looked_at_and_moved()
    {
        var lights = ActorOfAsTestFSMRef<Lights, Light, int>();
        Assert.Equal((Light.Red, 0), (lights.StateName, lights.StateData));
        lights.Tell("switch");
        Assert.Equal((Light.Green, 1), (lights.StateName, lights.StateData));
        Assert.True(lights.IsStateTimerActive());
        lights.SetState(Light.Red, 41);
        Assert.Equal((Light.Red, 41), (lights.StateName, lights.StateData));
        lights.SetTimer("t", "switch", Seconds(5));
        Assert.True(lights.IsTimerActive("t"));
        Advance(5);
        AwaitCondition(() => lights.StateName == Light.Green);
        Assert.Equal(42, lights.StateData);
    }
}
