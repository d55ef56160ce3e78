using Akka.Actor;
using Akka.Configuration;
using Akka.Routing;

namespace Akka.Conformance.Actors;

public sealed class RouterTests : ActorTest
{
    public RouterTests()
        : base("""
            akka.actor.deployment {
              /from-settings { router = round-robin-pool, nr-of-instances = 3 }
            }
            """)
    {
    }

    sealed record Keyed(string Key, int Number) : IConsistentHashable
    {
        public object ConsistentHashKey => Key;
    }

    sealed class Worker : ReceiveActor
    {
        public Worker()
        {
            Receive<Exception>(failure => throw failure);
            ReceiveAny(message => Sender.Tell((Self.Path.Name, message)));
        }
    }

    static Props Workers => Props.Create(() => new Worker());

    List<string> WorkersThatAnswer(int answers) =>
        Enumerable.Range(0, answers).Select(_ => ExpectMsg<(string Name, object Message)>().Name).ToList();

    int RouteeCount(IActorRef router)
    {
        router.Tell(GetRoutees.Instance, TestActor);
        return ExpectMsg<Routees>().Members.Count();
    }

    [Fact]
    public void A_round_robin_pool_gives_each_routee_its_turn()
    {
        var router = Sys.ActorOf(Workers.WithRouter(new RoundRobinPool(3)));
        for (var i = 0; i < 9; i++)
            router.Tell(i, TestActor);
        Assert.All(WorkersThatAnswer(9).GroupBy(name => name), group => Assert.Equal(3, group.Count()));
    }

    [Fact]
    public void A_broadcast_pool_gives_every_message_to_every_routee()
    {
        var router = Sys.ActorOf(Workers.WithRouter(new BroadcastPool(4)));
        router.Tell("all", TestActor);
        Assert.Equal(4, WorkersThatAnswer(4).Distinct().Count());
        Nothing();
    }

    [Fact]
    public void A_broadcast_message_goes_to_all_routees_of_any_router()
    {
        var router = Sys.ActorOf(Workers.WithRouter(new RoundRobinPool(3)));
        router.Tell(new Broadcast("all"), TestActor);
        Assert.Equal(3, WorkersThatAnswer(3).Distinct().Count());
    }

    [Fact]
    public void A_group_routes_to_actors_that_live_elsewhere()
    {
        Sys.ActorOf(Workers, "a");
        Sys.ActorOf(Workers, "b");
        var router = Sys.ActorOf(Props.Empty.WithRouter(new RoundRobinGroup("/user/a", "/user/b")));
        router.Tell(1, TestActor);
        router.Tell(2, TestActor);
        Assert.Equal(["a", "b"], WorkersThatAnswer(2).Order());
    }

    [Fact]
    public void Messages_of_one_key_go_to_one_routee()
    {
        var router = Sys.ActorOf(Workers.WithRouter(new ConsistentHashingPool(5)));
        for (var i = 0; i < 60; i++)
            router.Tell(new Keyed($"key-{i % 20}", i), TestActor);
        var answers = Enumerable.Range(0, 60).Select(_ => ExpectMsg<(string Name, object Message)>()).ToList();
        Assert.All(answers.GroupBy(a => ((Keyed)a.Message).Key), group => Assert.Single(group.Select(a => a.Name).Distinct()));
        Assert.True(answers.Select(a => a.Name).Distinct().Count() > 1);
    }

    [Fact]
    public void An_envelope_gives_a_key_and_is_taken_off()
    {
        var router = Sys.ActorOf(Workers.WithRouter(new ConsistentHashingPool(3)));
        router.Tell(new ConsistentHashableEnvelope("inside", "key"), TestActor);
        Assert.Equal("inside", ExpectMsg<(string, object Message)>().Message);
    }

    [Fact]
    public void A_pool_tells_its_routees_and_forgets_one_that_stops()
    {
        var router = Sys.ActorOf(Workers.WithRouter(new RoundRobinPool(3)));
        router.Tell(GetRoutees.Instance, TestActor);
        var first = (ActorRefRoutee)ExpectMsg<Routees>().Members.First();
        Watch(first.Actor);
        Sys.Stop(first.Actor);
        ExpectTerminated(first.Actor);
        AwaitCondition(() => RouteeCount(router) == 2, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_pool_grows_and_shrinks_when_asked()
    {
        var router = Sys.ActorOf(Workers.WithRouter(new RoundRobinPool(2)));
        router.Tell(new AdjustPoolSize(3));
        Assert.Equal(5, RouteeCount(router));
        router.Tell(new AdjustPoolSize(-4));
        AwaitCondition(() => RouteeCount(router) == 1, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_pool_stops_with_its_last_routee()
    {
        var router = Sys.ActorOf(Workers.WithRouter(new RoundRobinPool(2)));
        Watch(router);
        router.Tell(new Broadcast(PoisonPill.Instance));
        ExpectTerminated(router);
    }

    [Fact]
    public void A_pool_takes_its_routees_with_it()
    {
        var router = Sys.ActorOf(Workers.WithRouter(new RoundRobinPool(1)));
        router.Tell(GetRoutees.Instance, TestActor);
        var routee = ((ActorRefRoutee)ExpectMsg<Routees>().Members.Single()).Actor;
        Watch(routee);
        router.Tell(PoisonPill.Instance);
        ExpectTerminated(routee);
    }

    [Fact]
    public void The_pools_own_strategy_decides_about_a_routee()
    {
        var pool = new RoundRobinPool(2).WithSupervisorStrategy(new OneForOneStrategy(_ => Directive.Stop));
        var router = Sys.ActorOf(Workers.WithRouter(pool));
        EventFilter.Exception<InvalidOperationException>().ExpectOne(() => router.Tell(new InvalidOperationException("boom")));
        AwaitCondition(() => RouteeCount(router) == 1, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void Settings_can_name_the_router()
    {
        var router = Sys.ActorOf(Workers.WithRouter(FromConfig.Instance), "from-settings");
        Assert.Equal(3, RouteeCount(router));
    }

    [Fact]
    public void A_router_from_settings_must_be_in_the_settings() =>
        Assert.Throws<ConfigurationException>(() => Sys.ActorOf(Workers.WithRouter(FromConfig.Instance), "not-in-settings"));

    [Fact]
    public void A_router_inside_an_actor_is_a_value()
    {
        var router = new Router(new RoundRobinRoutingLogic(), Sys.ActorOf(Workers, "x"), Sys.ActorOf(Workers, "y"));
        router.Route(1, TestActor);
        router.Route(2, TestActor);
        Assert.Equal(["x", "y"], WorkersThatAnswer(2).Order());
        var one = router.RemoveRoutee(Sys.ActorSelection("/user/nobody")).RemoveRoutee(((ActorRefRoutee)router.Routees.First()).Actor);
        Assert.Single(one.Routees);
        Assert.Equal(2, router.Routees.Count());
    }
}
