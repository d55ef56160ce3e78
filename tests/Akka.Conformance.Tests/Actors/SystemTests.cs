using Akka.Actor;

namespace Akka.Conformance.Actors;

public sealed class SystemTests : ActorTest
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Terminate_stops_all_actors_children_first()
    {
        var system = ActorSystem.Create("other");
        var parent = system.ActorOf(Witness.Props(TestActor, "parent"), "parent");
        ExpectMsg("parent: PreStart");
        parent.Tell(new Witness.Start("kid", Witness.Props(TestActor, "kid")), ActorRefs.Nobody);
        ExpectMsg("kid: PreStart");
        await system.Terminate().WaitAsync(Long);
        ExpectMsg("kid: PostStop");
        ExpectMsg("parent: PostStop");
        Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task WhenTerminated_waits_for_Terminate()
    {
        var system = ActorSystem.Create("other");
        Assert.False(system.WhenTerminated.IsCompleted);
        var terminated = system.WhenTerminated;
        await system.Terminate().WaitAsync(Long);
        await terminated.WaitAsync(Long);
    }

    [Fact]
    public async Task Terminate_twice_is_once()
    {
        var system = ActorSystem.Create("other");
        var stops = CreateTestProbe();
        system.ActorOf(Witness.Props(stops.Ref, "w"));
        stops.ExpectMsg("w: PreStart");
        await Task.WhenAll(system.Terminate(), system.Terminate()).WaitAsync(Long);
        stops.ExpectMsg("w: PostStop");
        Nothing(stops);
    }

    [Fact]
    public async Task RegisterOnTermination_runs_when_the_system_is_gone()
    {
        var system = ActorSystem.Create("other");
        var ran = new TaskCompletionSource();
        system.RegisterOnTermination(ran.SetResult);
        await system.Terminate().WaitAsync(Long);
        await ran.Task.WaitAsync(Long);
    }

    [Fact]
    public async Task A_system_stopped_during_a_storm_stops()
    {
        var system = ActorSystem.Create("storm");
        // Each actor always has a message to itself on the way, and has one child for as long as it lives.
        var actors = Enumerable.Range(0, 50).Select(_ => system.ActorOf(Scripted.Props((message, context, _) =>
        {
            if (message is not "spin")
                return;
            if (context.Child("kid").IsNobody())
                context.ActorOf(Echo.Props, "kid");
            context.Self.Tell("spin");
        }))).ToList();
        actors.ForEach(actor => actor.Tell("spin"));
        await actors[^1].Ask<ActorIdentity>(new Identify(1), Long);
        await system.Terminate().WaitAsync(Long);
    }

    [Fact]
    public void A_system_has_the_name_it_was_given()
    {
        Assert.Equal("test", Sys.Name);
        Assert.Throws<ArgumentException>(() => ActorSystem.Create("no name"));
    }

    sealed class Counted : IExtension
    {
        static int _created;

        public int Number { get; } = Interlocked.Increment(ref _created);
    }

    sealed class CountedProvider : ExtensionIdProvider<Counted>
    {
        public override Counted CreateExtension(ExtendedActorSystem system) => new();
    }

    [Fact]
    public async Task An_extension_is_created_once_however_many_ask()
    {
        var numbers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            Task.Run(() => Sys.WithExtension<Counted, CountedProvider>().Number)));
        Assert.Single(numbers.Distinct());
        Assert.True(Sys.HasExtension<Counted>());
        Assert.Same(Sys.WithExtension<Counted, CountedProvider>(), Sys.GetExtension<Counted>());
    }

    [Fact]
    public void Each_system_has_an_extension_of_its_own()
    {
        var other = ActorSystem.Create("other");
        try
        {
            Assert.NotSame(Sys.WithExtension<Counted, CountedProvider>(), other.WithExtension<Counted, CountedProvider>());
        }
        finally
        {
            Shutdown(other);
        }
    }

    [Fact]
    public void An_actor_reaches_its_system_through_its_context()
    {
        var actor = Sys.ActorOf(Scripted.Props((_, context, sender) => sender.Tell(ReferenceEquals(context.System, Sys))));
        actor.Tell("?");
        ExpectMsg(true);
    }

    [Fact]
    public void Dead_letters_are_logged()
    {
        var dead = Sys.ActorOf(Echo.Props, "dead");
        StopAndWait(dead);
        EventFilter.Info(contains: "hello").And.Info(contains: "String").ExpectOne(() => dead.Tell("hello", TestActor));
    }
}
