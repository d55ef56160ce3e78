using Akka.Actor;
using Akka.Event;

namespace Akka.Conformance.Actors;

public sealed class BehaviorTests : ActorTest
{
    sealed class Moody : ReceiveActor
    {
        public Moody()
        {
            Receive<string>(text => text == "be happy", _ => Become(Happy));
            Receive<string>(text => text == "be sad for a while", _ => BecomeStacked(Sad));
            Receive<Exception>(exception => throw exception);
            Receive<string>(_ => Sender.Tell("neutral"));
        }

        void Happy()
        {
            Receive<string>(text => text == "be sad for a while", _ => BecomeStacked(Sad));
            Receive<Exception>(exception => throw exception);
            Receive<string>(_ => Sender.Tell("happy"));
        }

        void Sad()
        {
            Receive<string>(text => text == "enough", _ => UnbecomeStacked());
            Receive<Exception>(exception => throw exception);
            Receive<string>(_ => Sender.Tell("sad"));
        }
    }

    [Fact]
    public void Become_replaces_the_behavior()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Moody()));
        actor.Tell("?");
        ExpectMsg("neutral");
        actor.Tell("be happy");
        actor.Tell("?");
        ExpectMsg("happy");
    }

    [Fact]
    public void UnbecomeStacked_returns_to_the_behavior_below()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Moody()));
        actor.Tell("be happy");
        actor.Tell("be sad for a while");
        actor.Tell("?");
        ExpectMsg("sad");
        actor.Tell("enough");
        actor.Tell("?");
        ExpectMsg("happy");
    }

    [Fact]
    public void Stacked_behaviors_are_taken_off_one_by_one()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Counter()));
        actor.Tell("push");
        actor.Tell("push");
        actor.Tell("?");
        ExpectMsg(2);
        actor.Tell("pop");
        actor.Tell("?");
        ExpectMsg(1);
        actor.Tell("pop");
        actor.Tell("?");
        ExpectMsg(0);
        actor.Tell("pop");
        actor.Tell("?");
        ExpectMsg(0);
    }

    sealed class Counter : UntypedActor
    {
        protected override void OnReceive(object message) => At(0)(message);

        UntypedReceive At(int depth) => message =>
        {
            switch (message)
            {
                case "push":
                    BecomeStacked(At(depth + 1));
                    break;
                case "pop":
                    UnbecomeStacked();
                    break;
                default:
                    Sender.Tell(depth);
                    break;
            }
        };
    }

    [Fact]
    public void A_restart_forgets_behaviors()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Moody()));
        actor.Tell("be happy");
        EventFilter.Exception<Boom>().ExpectOne(() => actor.Tell(new Boom()));
        actor.Tell("?");
        ExpectMsg("neutral");
    }

    sealed class Sorted : ReceiveActor
    {
        public Sorted()
        {
            Receive<int>(number => number > 100, _ => Sender.Tell("large"));
            Receive<int>(number => number > 10, _ => Sender.Tell("middle"));
            Receive<int>(_ => Sender.Tell("small"));
            Receive<ArgumentException>(_ => Sender.Tell("argument"));
            Receive<Exception>(_ => Sender.Tell("exception"));
            Receive<IEnumerable<int>>(numbers => Sender.Tell($"{numbers.Count()} numbers"));
            Receive(typeof(DateTime), _ => Sender.Tell("a time"));
            ReceiveAny(message => Sender.Tell($"any {message}"));
        }
    }

    [Theory]
    [InlineData(1_000, "large")]
    [InlineData(50, "middle")]
    [InlineData(5, "small")]
    [InlineData(7L, "any 7")]
    [InlineData("text", "any text")]
    public void Handlers_are_tried_in_their_order(object message, string answer)
    {
        Sys.ActorOf(Props.Create(() => new Sorted())).Tell(message);
        ExpectMsg(answer);
    }

    [Fact]
    public void A_handler_takes_subtypes_and_interfaces()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Sorted()));
        actor.Tell(new ArgumentNullException("x"));
        ExpectMsg("argument");
        actor.Tell(new InvalidOperationException());
        ExpectMsg("exception");
        actor.Tell(new List<int> { 1, 2, 3 });
        ExpectMsg("3 numbers");
        actor.Tell(DateTime.UnixEpoch);
        ExpectMsg("a time");
    }

    sealed class Vetoing : ReceiveActor
    {
        public Vetoing()
        {
            Receive<int>(number =>
            {
                if (number > 10)
                    return false;
                Sender.Tell("small");
                return true;
            });
            Receive<int>(_ => Sender.Tell("not small"));
        }
    }

    [Fact]
    public void A_handler_that_answers_false_lets_the_next_one_have_the_message()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Vetoing()));
        actor.Tell(1);
        ExpectMsg("small");
        actor.Tell(11);
        ExpectMsg("not small");
    }

    [Fact]
    public void What_no_handler_takes_is_published_as_unhandled()
    {
        var probe = CreateTestProbe();
        Sys.EventStream.Subscribe(probe.Ref, typeof(UnhandledMessage));
        var actor = Sys.ActorOf(Props.Create(() => new Vetoing()));
        actor.Tell("what?", TestActor);
        var unhandled = probe.ExpectMsg<UnhandledMessage>();
        Assert.Equal(("what?", TestActor, actor), (unhandled.Message, unhandled.Sender, unhandled.Recipient));
    }

    [Fact]
    public void An_untyped_actor_can_declare_a_message_unhandled()
    {
        var probe = CreateTestProbe();
        Sys.EventStream.Subscribe(probe.Ref, typeof(UnhandledMessage));
        Sys.ActorOf(Props.Create(() => new Refusing())).Tell("no");
        Assert.Equal("no", probe.ExpectMsg<UnhandledMessage>().Message);
    }

    sealed class Refusing : UntypedActor
    {
        protected override void OnReceive(object message) => Unhandled(message);
    }

    [Fact]
    public void No_handler_can_follow_ReceiveAny()
    {
        var probe = CreateTestProbe();
        EventFilter.Exception<ActorInitializationException>().ExpectOne(() => probe.Watch(Sys.ActorOf(Props.Create(() => new Misordered()))));
        probe.ExpectMsg<Terminated>();
    }

    sealed class Misordered : ReceiveActor
    {
        public Misordered()
        {
            ReceiveAny(_ => { });
            Receive<string>(_ => { });
        }
    }
}
