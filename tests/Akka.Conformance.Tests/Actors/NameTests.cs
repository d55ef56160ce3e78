using Akka.Actor;
using Akka.Event;

namespace Akka.Conformance.Actors;

/// <summary>Names, paths, and who is where in the tree.</summary>
public sealed class NameTests : ActorTest
{
    [Fact]
    public void A_name_can_be_taken_once()
    {
        Sys.ActorOf(Echo.Props, "one");
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Echo.Props, "one"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("$system")]
    [InlineData("a/b")]
    [InlineData("a b")]
    public void A_name_must_be_a_path_element(string name) => Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Echo.Props, name));

    /// <summary>Starts a child named "kid", and another one of that name as soon as it is told that the first has terminated.</summary>
    IActorRef ParentThatReplacesItsKid() => Sys.ActorOf(Scripted.Props((message, context, _) =>
    {
        switch (message)
        {
            case "start":
            case Terminated:
                TestActor.Tell(context.Watch(context.ActorOf(Echo.Props, "kid")));
                break;
            case "stop":
                context.Stop(context.Child("kid"));
                break;
        }
    }));

    [Fact]
    public void A_name_is_free_again_when_the_parent_is_told_that_its_actor_has_terminated()
    {
        var parent = ParentThatReplacesItsKid();
        parent.Tell("start");
        var first = ExpectMsg<IActorRef>();
        parent.Tell("stop");
        var second = ExpectMsg<IActorRef>();
        Assert.Equal(first.Path.ToString(), second.Path.ToString());
        Assert.NotEqual(first, second);
        second.Tell("hello");
        ExpectMsgFrom(second, "hello");
    }

    [Fact]
    public void A_ref_to_a_stopped_actor_does_not_reach_its_successor()
    {
        var parent = ParentThatReplacesItsKid();
        parent.Tell("start");
        var first = ExpectMsg<IActorRef>();
        parent.Tell("stop");
        var second = ExpectMsg<IActorRef>();
        EventFilter.DeadLetter<string>().ExpectOne(() => first.Tell("hello"));
        Fence(second);
        Nothing();
    }

    [Fact]
    public void Names_that_are_not_given_are_unique()
    {
        var names = Enumerable.Range(0, 1_000).Select(_ => Sys.ActorOf(Echo.Props).Path.Name).ToHashSet();
        Assert.Equal(1_000, names.Count);
        Assert.All(names, name => Assert.StartsWith("$", name));
    }

    [Fact]
    public void A_path_names_the_system_the_guardian_and_the_actor()
    {
        var actor = Sys.ActorOf(Echo.Props, "here");
        Assert.Equal("akka://test/user/here", actor.Path.ToString());
        Assert.Equal("/user/here", actor.Path.ToStringWithoutAddress());
    }

    [Fact]
    public void An_actor_knows_its_self_its_parent_and_its_children()
    {
        var parent = Sys.ActorOf(Witness.Props(CreateTestProbe().Ref), "family");
        parent.Tell(new Witness.Start("b", Echo.Props));
        ExpectMsg<IActorRef>();
        parent.Tell(new Witness.Start("a", Scripted.Props((_, context, sender) => sender.Tell((context.Self.Path.Name, context.Parent)))));
        var kid = ExpectMsg<IActorRef>();
        parent.Tell("children");
        ExpectMsg("a,b");
        kid.Tell("who");
        ExpectMsg(("a", parent));
    }

    [Fact]
    public void Context_Child_is_nobody_where_there_is_no_such_child()
    {
        var actor = Sys.ActorOf(Scripted.Props((_, context, sender) => sender.Tell(context.Child("missing").IsNobody())));
        actor.Tell("ask");
        ExpectMsg(true);
    }
}
