using Akka.Actor;
using Akka.TestKit;

namespace Akka.Conformance.TestKits;

public sealed class SilenceTests : ActorTest
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task FishUntilMessage_passes_over_other_messages()
    {
        TestActor.Tell("one");
        TestActor.Tell("two");
        await FishUntilMessageAsync<int>(Short);
        TestActor.Tell("one");
        TestActor.Tell(2);
        await Assert.ThrowsAnyAsync<Exception>(() => FishUntilMessageAsync<int>(Short));
    }

    [Fact]
    public async Task WaitForRadioSilence_gives_what_came_before_the_silence()
    {
        TestActor.Tell("one");
        TestActor.Tell("two");
        Assert.Equal(["one", "two"], (await WaitForRadioSilenceAsync(Short)).Cast<string>());
    }

    [Fact]
    public async Task WaitForRadioSilence_fails_where_too_much_comes()
    {
        for (var n = 0; n < 5; n++)
            TestActor.Tell(n);
        await Assert.ThrowsAnyAsync<Exception>(() => WaitForRadioSilenceAsync(Short, maxMessages: 3));
    }

    [Fact]
    public void AwaitCondition_tries_until_it_holds_and_fails_in_the_end()
    {
        var tries = 0;
        AwaitCondition(() => ++tries >= 3, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1));
        Assert.Equal(3, tries);
        Assert.ThrowsAny<Exception>(() => AwaitCondition(() => false, Short, TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void ChildActorOf_makes_a_child_of_the_test_actor()
    {
        var probe = CreateTestProbe();
        var child = probe.ChildActorOf(Props.Create(() => new Child()));
        child.Tell("who");
        Assert.Equal(child.Path.Parent, ExpectMsg<IActorRef>().Path);
    }

    sealed class Child : ReceiveActor
    {
        public Child() => ReceiveAny(_ => Sender.Tell(Context.Parent));
    }

    [Fact]
    public async Task A_barrier_opens_when_all_have_come()
    {
        var barrier = new TestBarrier(this, 2);
        var other = Task.Run(() => barrier.Await());
        barrier.Await();
        await other.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
