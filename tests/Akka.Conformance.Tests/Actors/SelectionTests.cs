using Akka.Actor;

namespace Akka.Conformance.Actors;

public sealed class SelectionTests : ActorTest
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    IActorRef Family(string name, params string[] children)
    {
        var parent = Sys.ActorOf(Witness.Props(CreateTestProbe().Ref, name), name);
        var probe = CreateTestProbe();
        foreach (var child in children)
        {
            parent.Tell(new Witness.Start(child, Echo.Props), probe.Ref);
            probe.ExpectMsg<IActorRef>();
        }

        return parent;
    }

    IActorRef Identify(ActorSelection selection)
    {
        var probe = CreateTestProbe();
        selection.Tell(new Identify(selection.PathString), probe.Ref);
        var identity = probe.ExpectMsg<ActorIdentity>();
        Assert.Equal(selection.PathString, identity.MessageId);
        return identity.Subject;
    }

    [Fact]
    public void An_actor_identifies_itself()
    {
        var echo = Sys.ActorOf(Echo.Props);
        echo.Tell(new Identify(17));
        var identity = ExpectMsg<ActorIdentity>();
        Assert.Equal((17, echo), ((int)identity.MessageId, identity.Subject));
    }

    [Fact]
    public void A_selection_finds_an_actor_by_its_path()
    {
        var parent = Family("by-path", "kid");
        Assert.Equal(parent, Identify(Sys.ActorSelection("/user/by-path")));
        Assert.Equal("kid", Identify(Sys.ActorSelection("/user/by-path/kid")).Path.Name);
        Assert.Equal(parent, Identify(Sys.ActorSelection(parent.Path)));
        Assert.Equal(parent, Identify(Sys.ActorSelection("akka://test/user/by-path")));
    }

    [Fact]
    public void A_selection_that_finds_nobody_says_so() => Assert.Null(Identify(Sys.ActorSelection("/user/not/there")));

    [Fact]
    public void A_selection_hands_messages_on_with_their_sender()
    {
        Family("sent-to", "kid");
        Sys.ActorSelection("/user/sent-to/kid").Tell("hello", TestActor);
        ExpectMsg("hello");
    }

    [Fact]
    public void A_wildcard_reaches_all_children()
    {
        var parent = Family("wild", "a1", "a2", "b1");
        var probe = CreateTestProbe();
        Sys.ActorSelection("/user/wild/*").Tell(new Identify("all"), probe.Ref);
        Assert.Equal(
            ["a1", "a2", "b1"],
            probe.ReceiveN(3).Cast<ActorIdentity>().Select(identity => identity.Subject.Path.Name).Order());
        Fence(parent);
        Nothing(probe);
    }

    [Fact]
    public void A_pattern_reaches_the_children_whose_names_match()
    {
        Family("pattern", "a1", "a2", "b1");
        var probe = CreateTestProbe();
        Sys.ActorSelection("/user/pattern/a?").Tell(new Identify("some"), probe.Ref);
        Assert.Equal(
            ["a1", "a2"],
            probe.ReceiveN(2).Cast<ActorIdentity>().Select(identity => identity.Subject.Path.Name).Order());
    }

    [Fact]
    public void A_relative_selection_starts_at_the_actor()
    {
        var listener = TestActor;
        var actor = Sys.ActorOf(Scripted.Props((message, context, _) =>
        {
            if (message is "start")
                context.ActorOf(Echo.Props, "kid").Tell("started", listener);
            else
                context.ActorSelection((string)message).Tell(new Identify(message), listener);
        }), "relative");
        actor.Tell("start");
        ExpectMsg("started");
        actor.Tell("kid");
        Assert.Equal("kid", ExpectMsg<ActorIdentity>().Subject.Path.Name);
        actor.Tell("../relative");
        Assert.Equal(actor, ExpectMsg<ActorIdentity>().Subject);
        actor.Tell("../missing");
        Assert.Null(ExpectMsg<ActorIdentity>().Subject);
    }

    [Fact]
    public async Task ResolveOne_answers_the_ref()
    {
        var parent = Family("resolved");
        Assert.Equal(parent, await Sys.ActorSelection("/user/resolved").ResolveOne(Long));
    }

    [Fact]
    public async Task ResolveOne_of_nobody_fails() =>
        await Assert.ThrowsAsync<ActorNotFoundException>(() => Sys.ActorSelection("/user/nobody").ResolveOne(Long));

    [Fact]
    public async Task A_selection_can_be_asked()
    {
        Family("asked", "kid");
        Assert.Equal("hello", await Sys.ActorSelection("/user/asked/kid").Ask<string>("hello", Long));
    }

    [Fact]
    public void A_selection_finds_whoever_has_the_path_now()
    {
        var selection = Sys.ActorSelection("/user/later");
        Assert.Null(Identify(selection));
        var later = Sys.ActorOf(Echo.Props, "later");
        Assert.Equal(later, Identify(selection));
    }

    [Fact]
    public void A_path_is_parsed_and_put_together()
    {
        var path = ActorPath.Parse("akka://system/user/a/b");
        Assert.Equal("b", path.Name);
        Assert.Equal("a", path.Parent.Name);
        Assert.Equal("akka://system/user/a/b/c", (path / "c").ToString());
        Assert.Equal(["user", "a", "b"], path.Elements);
        Assert.Equal(path, ActorPath.Parse(path.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no path")]
    [InlineData("/user/a")]
    public void What_is_no_path_is_not_parsed(string text) => Assert.False(ActorPath.TryParse(text, out _));
}
