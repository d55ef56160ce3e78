using Akka.Actor;
using Akka.TestKit;

namespace Akka.Conformance.TestKits;

/// <summary>The expectations that a test awaits: what they give, and that they fail.</summary>
public sealed class AsyncExpectationTests : ActorTest
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(1);

    static async Task<List<T>> Taken<T>(IAsyncEnumerable<T> messages)
    {
        var taken = new List<T>();
        await foreach (var message in messages)
            taken.Add(message);
        return taken;
    }

    [Fact]
    public async Task Messages_are_expected_by_type_value_predicate_and_sender()
    {
        var probe = CreateTestProbe();
        foreach (var n in Enumerable.Range(1, 6))
            TestActor.Tell(n, probe);
        Assert.Equal(1, await ExpectMsgAsync<int>(Long));
        Assert.Equal(2, await ExpectMsgAsync(2, Long));
        Assert.Equal(3, await ExpectMsgAsync<int>(n => n == 3, Long));
        Assert.Equal(4, await ExpectMsgFromAsync<int>(probe, Long));
        Assert.Equal(5, await ExpectMsgFromAsync(probe, 5, Long));
        Assert.Equal(6, await ExpectMsgAnyOfAsync([7, 6]));
        await ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_message_that_is_another_than_expected_fails_the_test()
    {
        TestActor.Tell("one");
        await Assert.ThrowsAnyAsync<Exception>(async () => await ExpectMsgAsync("two", Long));
        TestActor.Tell("three");
        await Assert.ThrowsAnyAsync<Exception>(async () => await ExpectMsgAsync<int>(Long));
        TestActor.Tell("four");
        await Assert.ThrowsAnyAsync<Exception>(async () => await ExpectNoMsgAsync(Long));
        TestActor.Tell("five");
        await Assert.ThrowsAnyAsync<Exception>(async () => await ExpectMsgFromAsync<string>(CreateTestProbe(), Long));
    }

    [Fact]
    public async Task Several_messages_are_taken_together()
    {
        foreach (var n in Enumerable.Range(1, 3))
            TestActor.Tell(n);
        Assert.Equal([1, 2, 3], await Taken(ReceiveNAsync(3, Long)));
        TestActor.Tell("b");
        TestActor.Tell("a");
        Assert.Equal(["a", "b"], (await Taken(ExpectMsgAllOfAsync<string>(["a", "b"]))).Order());
        foreach (var n in Enumerable.Range(1, 4))
            TestActor.Tell(n);
        Assert.Equal([1, 2, 3], await Taken(ReceiveWhileAsync<object>(message => message is < 4 ? message : null!, Long, Long)));
        Assert.Equal(4, await ReceiveOneAsync(Long));
    }

    [Fact]
    public async Task Fishing_passes_over_what_it_does_not_want()
    {
        foreach (var n in Enumerable.Range(1, 5))
            TestActor.Tell(n);
        Assert.Equal(4, await FishForMessageAsync<int>(n => n > 3, Long));
        Assert.Equal(5, await ReceiveOneAsync(Long));
    }

    [Fact]
    public async Task The_end_of_an_actor_is_expected()
    {
        var actor = Sys.ActorOf(Echo.Props);
        await WatchAsync(actor);
        Sys.Stop(actor);
        Assert.Same(actor, (await ExpectTerminatedAsync(actor, Long)).ActorRef);
    }

    [Fact]
    public async Task An_assertion_is_tried_again_until_it_holds()
    {
        var attempts = 0;
        await AwaitAssertAsync(() => Assert.True(++attempts >= 3), Long, Short);
        Assert.Equal(3, attempts);
        await AwaitAssertAsync(async () =>
        {
            await Task.Yield();
            Assert.True(++attempts >= 5);
        }, Long, Short);
        Assert.Equal(5, attempts);
    }

    [Fact]
    public async Task An_assertion_and_a_condition_that_never_hold_fail_the_test()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => AwaitAssertAsync(() => Assert.Fail("never"), TimeSpan.FromMilliseconds(10), Short));
        await Assert.ThrowsAnyAsync<Exception>(() => AwaitConditionAsync(() => false, TimeSpan.FromMilliseconds(10), Short));
        Assert.False(await AwaitConditionNoThrowAsync(() => false, TimeSpan.FromMilliseconds(10), Short));
    }

    [Fact]
    public async Task A_block_that_takes_longer_or_shorter_than_it_may_fails_the_test()
    {
        Assert.Equal(42, await WithinAsync(Long, () => Task.FromResult(42)));
        TestActor.Tell("soon");
        await WithinAsync(Long, async () => await ExpectMsgAsync("soon"));
        await Assert.ThrowsAnyAsync<Exception>(() => WithinAsync(Long, Long + Long, () => Task.CompletedTask));
        // An expectation inside waits no longer than is left of the block's time.
        await Assert.ThrowsAnyAsync<Exception>(() => WithinAsync(TimeSpan.FromMilliseconds(20), async () => await ExpectMsgAsync<string>()));
    }
}
