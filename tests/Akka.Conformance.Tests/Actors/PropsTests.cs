using Akka.Actor;

namespace Akka.Conformance.Actors;

public sealed class PropsTests : ActorTest
{
    sealed class Parameterised : ReceiveActor
    {
        public Parameterised()
            : this("nothing", 0)
        {
        }

        public Parameterised(string text, int number) => ReceiveAny(_ => Sender.Tell($"{text} {number}"));
    }

    void Answers(Props props, string expected)
    {
        Sys.ActorOf(props).Tell("?");
        ExpectMsg(expected);
    }

    [Fact]
    public void From_an_expression()
    {
        var number = 3;
        Answers(Props.Create(() => new Parameterised("expression", number + 1)), "expression 4");
    }

    [Fact]
    public void From_a_type_with_arguments() => Answers(Props.Create<Parameterised>("generic", 1), "generic 1");

    [Fact]
    public void From_a_type_without_arguments() => Answers(Props.Create<Parameterised>(), "nothing 0");

    [Fact]
    public void From_a_Type() => Answers(Props.Create(typeof(Parameterised), "type", 2), "type 2");

    sealed class Producer : IIndirectActorProducer
    {
        readonly string _text;

        public Producer(string text) => _text = text;

        public Type ActorType => typeof(Parameterised);

        public ActorBase Produce() => new Parameterised(_text, 9);

        public void Release(ActorBase actor)
        {
        }
    }

    [Fact]
    public void From_a_producer() => Answers(Props.CreateBy(new Producer("producer")), "producer 9");

    [Fact]
    public void Each_restart_makes_a_new_instance()
    {
        var made = 0;
        Func<int> count = () => ++made;
        var actor = Sys.ActorOf(Props.Create(() => new Failing(count())));
        actor.Tell("?");
        ExpectMsg(1);
        EventFilter.Exception<Boom>().ExpectOne(() => actor.Tell("fail"));
        actor.Tell("?");
        ExpectMsg<int>();
    }

    sealed class Failing(int number) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is "fail")
                throw new Boom();
            Sender.Tell(number);
        }
    }

    [Fact]
    public void One_props_makes_many_actors()
    {
        var props = Props.Create(() => new Parameterised("many", 1));
        var actors = Enumerable.Range(0, 3).Select(_ => Sys.ActorOf(props)).ToList();
        Assert.Equal(3, actors.Distinct().Count());
        actors.ForEach(actor => actor.Tell("?"));
        for (var i = 0; i < 3; i++)
            ExpectMsg("many 1");
    }

    [Fact]
    public void Arguments_that_fit_no_constructor_fail_the_actor()
    {
        IActorRef? actor = null;
        EventFilter.Exception<Exception>().Mute(() =>
        {
            actor = Sys.ActorOf(Props.Create(typeof(Parameterised), 1, 2, 3));
            Watch(actor);
            ExpectTerminated(actor);
        });
    }

    [Fact]
    public void A_strategy_can_come_with_the_props()
    {
        var props = Props.Create(() => new Witness(CreateTestProbe().Ref, "w", null))
            .WithSupervisorStrategy(new OneForOneStrategy(_ => Directive.Stop));
        Assert.Equal(Directive.Stop, props.SupervisorStrategy.Decider.Decide(new Boom()));
    }
}
