using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;
using Xunit.Sdk;

namespace Akka.Conformance.TestKits;

public sealed class EventFilterTests : ActorTest
{
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    public EventFilterTests()
        : base("akka.loglevel = DEBUG")
    {
    }

    [Fact]
    public void Levels_are_told_apart()
    {
        EventFilter.Error().ExpectOne(() => Sys.Log.Error("e"));
        EventFilter.Warning().ExpectOne(() => Sys.Log.Warning("w"));
        EventFilter.Info("i").ExpectOne(() => Sys.Log.Info("i"));
        EventFilter.Debug("d").ExpectOne(() => Sys.Log.Debug("d"));
        Assert.ThrowsAny<XunitException>(() => EventFilter.Error().ExpectOne(Short, () => Sys.Log.Warning("w")));
    }

    [Fact]
    public void A_message_can_be_matched_in_four_ways()
    {
        EventFilter.Warning(message: "one two").ExpectOne(() => Sys.Log.Warning("one two"));
        EventFilter.Warning(start: "one").ExpectOne(() => Sys.Log.Warning("one two"));
        EventFilter.Warning(contains: "e t").ExpectOne(() => Sys.Log.Warning("one two"));
        EventFilter.Warning(new Regex("t.o$")).ExpectOne(() => Sys.Log.Warning("one two"));
        Assert.ThrowsAny<XunitException>(() => EventFilter.Warning(start: "two").ExpectOne(Short, () => Sys.Log.Warning("one two")));
    }

    [Fact]
    public void The_number_of_events_must_be_exact()
    {
        EventFilter.Warning("w").Expect(2, () =>
        {
            Sys.Log.Warning("w");
            Sys.Log.Warning("w");
        });
        Assert.ThrowsAny<XunitException>(() => EventFilter.Warning("w").Expect(2, Short, () => Sys.Log.Warning("w")));
    }

    [Fact]
    public void None_can_be_expected()
    {
        EventFilter.Warning("w").Expect(0, Short, () => Sys.Log.Warning("other"));
        Assert.ThrowsAny<XunitException>(() => EventFilter.Warning("w").Expect(0, TimeSpan.FromSeconds(30), () => Sys.Log.Warning("w")));
    }

    [Fact]
    public void An_exception_is_matched_by_type_and_by_its_own_message()
    {
        EventFilter.Exception<Boom>().ExpectOne(() => Sys.Log.Error(new Boom(), "text"));
        EventFilter.Exception<Boom>("the cause").ExpectOne(() => Sys.Log.Error(new Boom("the cause"), "text"));
        EventFilter.Exception<Boom>("text").ExpectOne(() => Sys.Log.Error(new Boom("the cause"), "text"));
        EventFilter.Exception<Exception>().ExpectOne(() => Sys.Log.Error(new Boom(), "text"));
        Assert.ThrowsAny<XunitException>(() =>
            EventFilter.Exception<ArgumentException>().ExpectOne(Short, () => Sys.Log.Error(new Boom(), "text")));
    }

    [Fact]
    public void An_inner_exception_is_matched_where_that_is_asked_for()
    {
        var outer = new InvalidOperationException("outer", new Boom("inner"));
        EventFilter.Exception(typeof(Boom), checkInnerExceptions: true).ExpectOne(() => Sys.Log.Error(outer, "text"));
        Assert.ThrowsAny<XunitException>(() => EventFilter.Exception<Boom>().ExpectOne(Short, () => Sys.Log.Error(outer, "text")));
    }

    [Fact]
    public void A_source_can_be_named()
    {
        var actor = Sys.ActorOf(Scripted.Props((message, context, _) => context.GetLogger().Warning((string)message)), "logs");
        EventFilter.Warning(source: "akka://test/user/logs").ExpectOne(() => actor.Tell("w"));
        EventFilter.Warning(source: "/user/logs").ExpectOne(() => actor.Tell("w"));
        Assert.ThrowsAny<XunitException>(() => EventFilter.Warning(source: "/user/other").ExpectOne(Short, () => actor.Tell("w")));
    }

    [Fact]
    public void Filters_can_be_combined() => EventFilter.Warning("w").And.Error("e").Expect(2, () =>
    {
        Sys.Log.Warning("w");
        Sys.Log.Error("e");
    });

    [Fact]
    public void A_predicate_can_choose() =>
        EventFilter.Custom<Warning>(warning => warning.Message.ToString()!.Length == 3).ExpectOne(() =>
        {
            Sys.Log.Warning("four");
            Sys.Log.Warning("one");
        });

    [Fact]
    public void Dead_letters_can_be_expected()
    {
        EventFilter.DeadLetter<int>(number => number == 2).ExpectOne(() =>
        {
            Sys.DeadLetters.Tell(1);
            Sys.DeadLetters.Tell(2);
            Sys.DeadLetters.Tell("2");
        });
        EventFilter.DeadLetter().ExpectOne(() => Sys.DeadLetters.Tell("any"));
    }

    [Fact]
    public void The_actions_result_is_passed_on() => Assert.Equal(7, EventFilter.Warning("w").ExpectOne(() =>
    {
        Sys.Log.Warning("w");
        return 7;
    }));

    [Fact]
    public async Task An_async_action_is_waited_for() => await EventFilter.Warning("w").ExpectOneAsync(async () =>
    {
        await Task.Yield();
        Sys.Log.Warning("w");
    });

    [Fact]
    public void An_exception_of_the_action_is_passed_on() =>
        Assert.Throws<Boom>(() => EventFilter.Warning("w").ExpectOne(() => throw new Boom()));
}
