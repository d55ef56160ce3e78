using Akka.Actor;
using Akka.Event;

namespace Akka.Conformance.Actors;

public sealed class EventStreamTests : ActorTest
{
    record Animal(string Name);

    sealed record Dog(string Name) : Animal(Name);

    interface IMarker;

    sealed record Marked : IMarker;

    [Fact]
    public void A_subscriber_gets_events_of_its_type_and_of_subtypes()
    {
        Assert.True(Sys.EventStream.Subscribe(TestActor, typeof(Animal)));
        Sys.EventStream.Publish(new Animal("cat"));
        Sys.EventStream.Publish(new Dog("rex"));
        Sys.EventStream.Publish("no animal");
        ExpectMsg(new Animal("cat"));
        ExpectMsg<Animal>(new Dog("rex"));
        Nothing();
    }

    [Fact]
    public void A_subscriber_to_a_subtype_gets_that_alone()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Dog));
        Sys.EventStream.Publish(new Animal("cat"));
        Sys.EventStream.Publish(new Dog("rex"));
        ExpectMsg(new Dog("rex"));
        Nothing();
    }

    [Fact]
    public void An_interface_can_be_subscribed_to()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(IMarker));
        Sys.EventStream.Publish(new Marked());
        ExpectMsg(new Marked());
    }

    [Fact]
    public void An_event_comes_once_to_who_subscribed_to_it_twice()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Animal));
        Sys.EventStream.Subscribe(TestActor, typeof(Animal));
        Sys.EventStream.Publish(new Animal("cat"));
        ExpectMsg(new Animal("cat"));
        Nothing();
    }

    [Fact]
    public void An_event_comes_once_to_who_subscribed_to_a_base_type_too()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Animal));
        Sys.EventStream.Subscribe(TestActor, typeof(Dog));
        Sys.EventStream.Publish(new Dog("rex"));
        ExpectMsg<Animal>(new Dog("rex"));
        Nothing();
    }

    [Fact]
    public void Unsubscribe_from_a_type_keeps_the_others()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Animal));
        Sys.EventStream.Subscribe(TestActor, typeof(string));
        Sys.EventStream.Unsubscribe(TestActor, typeof(Animal));
        Sys.EventStream.Publish(new Animal("cat"));
        Sys.EventStream.Publish("text");
        ExpectMsg("text");
        Nothing();
    }

    [Fact]
    public void Unsubscribe_from_all()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Animal));
        Sys.EventStream.Subscribe(TestActor, typeof(string));
        Sys.EventStream.Unsubscribe(TestActor);
        Sys.EventStream.Publish(new Animal("cat"));
        Sys.EventStream.Publish("text");
        Nothing();
    }

    [Fact]
    public void Each_subscriber_gets_the_event()
    {
        var probes = Enumerable.Range(0, 5).Select(_ => CreateTestProbe()).ToList();
        probes.ForEach(probe => Sys.EventStream.Subscribe(probe.Ref, typeof(Animal)));
        Sys.EventStream.Publish(new Animal("cat"));
        probes.ForEach(probe => probe.ExpectMsg(new Animal("cat")));
    }

    [Fact]
    public void A_dead_letter_tells_the_message_the_sender_and_the_recipient()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        var dead = Sys.ActorOf(Echo.Props);
        StopAndWait(dead);
        var probe = CreateTestProbe();
        dead.Tell("hello", probe.Ref);
        var letter = FishForMessage<DeadLetter>(candidate => candidate.Message is "hello");
        Assert.Equal(probe.Ref, letter.Sender);
        Assert.Equal(dead.Path, letter.Recipient.Path);
    }

    [Fact]
    public void What_is_told_to_DeadLetters_is_a_dead_letter()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        Sys.DeadLetters.Tell("hello");
        Assert.Equal("hello", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void What_a_selection_cannot_deliver_is_a_dead_letter()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        Sys.ActorSelection("/user/nobody").Tell("hello", ActorRefs.NoSender);
        Assert.Equal("hello", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void Log_events_are_published_by_level()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Warning));
        Sys.Log.Info("not this");
        Sys.Log.Warning("but {0} that", "this and");
        Assert.Equal("but this and that", ExpectMsg<Warning>().Message.ToString());
        Nothing();
    }

    [Fact]
    public void An_actors_log_names_the_actor_as_its_source()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Error));
        var actor = Sys.ActorOf(Scripted.Props((_, context, _) => context.GetLogger().Error(new Boom(), "it failed")));
        EventFilter.Error().Mute(() =>
        {
            actor.Tell("log");
            var error = ExpectMsg<Error>();
            Assert.Equal(actor.Path.ToString(), error.LogSource);
            Assert.IsType<Boom>(error.Cause);
        });
    }
}
