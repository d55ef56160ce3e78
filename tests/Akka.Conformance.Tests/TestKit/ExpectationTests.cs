using System.Collections;
using Akka.Actor;
using Akka.TestKit;
using Xunit.Sdk;

namespace Akka.Conformance.TestKits;

/// <summary>Each expectation is held to both: it passes where it should and fails where it should.</summary>
public sealed class ExpectationTests : ActorTest
{
    static readonly TimeSpan Now0 = TimeSpan.Zero;
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    void Send(params object[] messages)
    {
        foreach (var message in messages)
            TestActor.Tell(message, TestActor);
    }

    static void Fails(Action action) => Assert.ThrowsAny<XunitException>(action);

    [Fact]
    public void ExpectMsg_by_type()
    {
        Send("text", "no number");
        Assert.Equal("text", ExpectMsg<string>());
        Fails(() => ExpectMsg<int>());
    }

    [Fact]
    public void ExpectMsg_by_value()
    {
        Send("text", "other");
        ExpectMsg("text");
        Fails(() => ExpectMsg("text"));
    }

    [Fact]
    public void ExpectMsg_by_predicate()
    {
        Send(1, 2);
        ExpectMsg<int>(number => number == 1);
        Fails(() => ExpectMsg<int>(number => number == 1));
    }

    [Fact]
    public void ExpectMsg_with_assertions()
    {
        Send(1, 2);
        ExpectMsg<int>(number => Assert.Equal(1, number));
        Fails(() => ExpectMsg<int>(number => Assert.Equal(1, number)));
    }

    [Fact]
    public void ExpectMsg_with_the_sender()
    {
        var probe = CreateTestProbe();
        TestActor.Tell("a", probe.Ref);
        TestActor.Tell("b", probe.Ref);
        ExpectMsg<string>((message, sender) => message == "a" && sender.Equals(probe.Ref));
        ExpectMsg<string>((message, sender) => Assert.Equal(("b", probe.Ref), (message, sender)));
        Assert.Equal(probe.Ref, LastSender);
    }

    [Fact]
    public void ExpectMsg_with_a_comparer()
    {
        Send("TEXT", "other");
        ExpectMsg("text", (a, b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase));
        Fails(() => ExpectMsg("text", (a, b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void ExpectMsg_fails_when_nothing_comes() => Fails(() => ExpectMsg<string>(Short));

    [Fact]
    public async Task ExpectMsgAsync_waits_without_a_thread()
    {
        var expected = ExpectMsgAsync<string>();
        Assert.False(expected.IsCompleted);
        Send("late");
        Assert.Equal("late", await expected);
    }

    [Fact]
    public async Task An_expectation_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => await ExpectMsgAsync<string>(cancellationToken: cancellation.Token));
    }

    [Fact]
    public void ExpectMsgFrom_holds_the_sender_to_it()
    {
        var probe = CreateTestProbe();
        TestActor.Tell("a", probe.Ref);
        TestActor.Tell("b", probe.Ref);
        ExpectMsgFrom(probe.Ref, "a");
        Fails(() => ExpectMsgFrom(TestActor, "b"));
    }

    [Fact]
    public void ExpectNoMsg_passes_in_silence_and_fails_otherwise()
    {
        ExpectNoMsg(Short);
        Send("noise");
        Fails(() => ExpectNoMsg(Now0));
    }

    [Fact]
    public void ExpectMsgAnyOf_takes_one_of_several()
    {
        Send("b", "d");
        Assert.Equal("b", ExpectMsgAnyOf(["a", "b", "c"]));
        Fails(() => ExpectMsgAnyOf(["a", "b", "c"]));
    }

    [Fact]
    public void ExpectMsgAllOf_in_any_order()
    {
        Send("c", "a", "b");
        Assert.Equal(["c", "a", "b"], ExpectMsgAllOf("a", "b", "c"));
        Send("a", "a", "b");
        Fails(() => ExpectMsgAllOf("a", "b", "c"));
    }

    [Fact]
    public void ExpectTerminated_is_about_one_actor()
    {
        var first = Sys.ActorOf(Echo.Props);
        var second = Sys.ActorOf(Echo.Props);
        Watch(first);
        Watch(second);
        Sys.Stop(first);
        ExpectTerminated(first);
        Sys.Stop(second);
        Fails(() => ExpectTerminated(first));
    }

    [Fact]
    public void ReceiveOne_takes_what_is_there_or_nothing()
    {
        Assert.Null(ReceiveOne(Now0));
        Send("a");
        Assert.True(HasMessages);
        Assert.Equal("a", ReceiveOne(Now0));
        Assert.False(HasMessages);
    }

    [Fact]
    public void PeekOne_leaves_the_message()
    {
        Send("a");
        Assert.Equal("a", PeekOne(Now0));
        ExpectMsg("a");
    }

    [Fact]
    public void ReceiveN_takes_that_many_and_fails_with_fewer()
    {
        Send(1, 2, 3);
        Assert.Equal(new object[] { 1, 2 }, ReceiveN(2));
        Fails(() => ReceiveN(2, Short));
    }

    [Fact]
    public void ReceiveWhile_stops_at_the_first_that_does_not_fit_and_leaves_it()
    {
        Send(1, 2, "three", 4);
        Assert.Equal([1, 2], ReceiveWhile<int>(_ => true, max: TimeSpan.FromSeconds(30), idle: Now0, shouldIgnoreOtherMessageTypes: false));
        ExpectMsg("three");
        ExpectMsg(4);
    }

    [Fact]
    public void ReceiveWhile_can_skip_other_types()
    {
        Send(1, "two", 3);
        Assert.Equal([1, 3], ReceiveWhile<int>(_ => true, max: TimeSpan.FromSeconds(30), idle: Now0));
        Nothing();
    }

    [Fact]
    public void ReceiveWhile_has_a_limit()
    {
        Send(1, 2, 3);
        Assert.Equal(["1", "2"], ReceiveWhile(message => message.ToString()!, max: TimeSpan.FromSeconds(30), msgs: 2));
        ExpectMsg(3);
    }

    [Fact]
    public void FishForMessage_drops_what_comes_before()
    {
        Send("a", 1, "b", 2, "c");
        var dropped = new ArrayList();
        Assert.Equal(2, FishForMessage<int>(number => number == 2, dropped));
        Assert.Equal(new object[] { "a", 1, "b" }, dropped.ToArray());
        ExpectMsg("c");
        Fails(() => FishForMessage<int>(_ => true, Short));
    }

    [Fact]
    public void Within_passes_on_the_result()
    {
        Send("a");
        Assert.Equal("a", Within(TimeSpan.FromSeconds(30), () => ExpectMsg<string>()));
    }

    [Fact]
    public void Within_limits_the_expectations_inside()
    {
        Fails(() => Within(Short, () => ExpectMsg<string>()));
        Within(TimeSpan.FromMinutes(1), () => Assert.InRange(Remaining, TimeSpan.FromSeconds(50), TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Within_can_ask_for_a_least_duration() => Fails(() => Within(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), () => { }));

    [Fact]
    public void Remaining_has_no_meaning_outside_of_Within() => Assert.Throws<InvalidOperationException>(() => Remaining);

    [Fact]
    public void AwaitAssert_tries_until_it_passes()
    {
        var attempts = 0;
        AwaitAssert(() => Assert.True(++attempts >= 3), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1));
        Assert.Equal(3, attempts);
        Fails(() => AwaitAssert(() => Assert.Fail("never"), Short, TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public async Task AwaitConditionAsync_tries_until_it_holds()
    {
        var attempts = 0;
        await AwaitConditionAsync(() => Task.FromResult(++attempts >= 3), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1));
        Assert.Equal(3, attempts);
        Fails(() => AwaitCondition(() => false, Short, TimeSpan.FromMilliseconds(1)));
        Assert.False(AwaitConditionNoThrow(() => false, Short, TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void Ignored_messages_are_not_received()
    {
        IgnoreMessages<int>(number => number % 2 == 0);
        Send(1, 2, 3, 4);
        ExpectMsg(1);
        ExpectMsg(3);
        Nothing();
        IgnoreNoMessages();
        Send(2);
        ExpectMsg(2);
    }

    [Fact]
    public void An_auto_pilot_answers_until_it_has_enough()
    {
        var probe = CreateTestProbe();
        var answers = 0;
        probe.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            sender.Tell($"auto {message}", ActorRefs.NoSender);
            return ++answers < 2 ? AutoPilot.KeepRunning : AutoPilot.NoAutoPilot;
        }));
        for (var i = 1; i <= 3; i++)
            probe.Ref.Tell(i, TestActor);
        ExpectMsg("auto 1");
        ExpectMsg("auto 2");
        Nothing();
        Assert.Equal(3, probe.ReceiveN(3).Count);
    }

    [Fact]
    public void A_probe_replies_and_forwards()
    {
        var probe = CreateTestProbe("a-probe");
        Assert.StartsWith("a-probe", probe.Ref.Path.Name);
        probe.Ref.Tell("question", TestActor);
        probe.ExpectMsg("question");
        Assert.Equal(TestActor, probe.Sender);
        probe.Reply("answer");
        ExpectMsgFrom(probe.Ref, "answer");
        probe.Forward(TestActor);
        ExpectMsgFrom(TestActor, "question");
        var echo = Sys.ActorOf(Echo.Props);
        probe.Send(echo, "hello");
        probe.ExpectMsgFrom(echo, "hello");
    }

    [Fact]
    public void A_probe_can_be_a_parent()
    {
        var probe = CreateTestProbe();
        var child = probe.ChildActorOf(Scripted.Props((message, context, _) => context.Parent.Tell(message)), "kid");
        Assert.Equal(probe.Ref.Path, child.Path.Parent);
        child.Tell("to parent");
        probe.ExpectMsgFrom(child, "to parent");
    }

    [Fact]
    public async Task The_test_actor_is_the_sender_also_after_an_await()
    {
        var echo = Sys.ActorOf(Echo.Props);
        echo.Tell("before");
        ExpectMsg("before");
        await Task.Yield();
        echo.Tell("after");
        await ExpectMsgAsync("after");
    }

    [Fact]
    public void A_latch_opens_when_it_is_counted_down()
    {
        var latch = CreateTestLatch(2);
        latch.CountDown();
        Assert.False(latch.IsOpen);
        Assert.Throws<TimeoutException>(() => latch.Ready(Short));
        latch.CountDown();
        latch.Ready();
        latch.Reset();
        Assert.False(latch.IsOpen);
    }
}
