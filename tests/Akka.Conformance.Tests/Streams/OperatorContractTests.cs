using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Util;

namespace Akka.Conformance.Streams;

/// <summary>What holds for every operator: it passes completion, failure and cancellation on, and takes no more than was asked for, but for the look ahead that its documentation allows.</summary>
public class OperatorContractTests : StreamTest
{
    public static TheoryData<string> Operators => Names(_ => true);

    public static TheoryData<string> BoundedOperators => Names(op => op.Ahead is not null);

    public static TheoryData<string> BoundedOnceAsked => Names(op => op.ForOne is not null);

    private static TheoryData<string> Names(Func<OperatorCatalog.Operator, bool> which)
    {
        var names = new TheoryData<string>();
        foreach (var (name, op) in OperatorCatalog.All)
        {
            if (which(op))
                names.Add(name);
        }

        return names;
    }

    private static OperatorCatalog.Operator Find(string name) => OperatorCatalog.All[name];

    [Theory]
    [MemberData(nameof(Operators))]
    public async Task It_gives_everything_and_completes_with_upstream(string name)
    {
        var given = await All(Numbers(1, 3).Via(Find(name).Flow()));
        var expected = Find(name).Gives;
        if (expected != "*")
            Assert.Equal(expected, string.Join(' ', given));
        else
            // How elements are put together, or in which order they come, is a matter of speed: none is lost.
            Assert.Equal(6, given.Sum(int.Parse));
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public async Task It_fails_with_upstream(string name)
    {
        var op = Find(name);
        var result = Source.Failed<int>(Boom).Via(op.Flow()).RunWith(Sink.Seq<string>(), Mat);
        if (name.StartsWith("Recover", StringComparison.Ordinal))
            Assert.Equal(["99"], await Soon(result));
        else if (name == "SelectError")
            Assert.IsType<NotSupportedException>(await Failure(result));
        else if (name == "RestartFlow")
            // An upstream that fails is not the wrapped flow failing: it ends the whole.
            Assert.NotNull(await Failure(result));
        else
            Assert.Same(Boom, await Failure(result));
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public async Task It_cancels_upstream_with_downstream(string name)
    {
        var (up, down) = Drive(Find(name).Flow());
        await down.Cancel();
        if (Find(name).Outlives)
        {
            // The side that goes on is served until upstream ends.
            await up.Complete();
            return;
        }

        await up.Cancelled;
    }

    [Theory]
    [MemberData(nameof(BoundedOperators))]
    public async Task It_takes_no_more_than_its_look_ahead_before_it_is_asked(string name)
    {
        var op = Find(name);
        var (taken, ended, down) = Counted(op);
        await down.Cancel();
        await Soon(ended);
        Assert.InRange(taken(), 0, op.Ahead!.Value);
    }

    [Theory]
    [MemberData(nameof(BoundedOnceAsked))]
    public async Task It_takes_no_more_than_one_element_needs(string name)
    {
        var op = Find(name);
        var (taken, ended, down) = Counted(op);
        await down.Request(1);
        await down.Take();
        await down.Cancel();
        await Soon(ended);
        Assert.InRange(taken(), 0, op.ForOne!.Value);
    }

    /// <summary>Runs 1, 2, 3 … without end through the operator. What counts is read after the end, when nothing can be taken any more.</summary>
    private (Func<int> Taken, Task Ended, Downstream<string> Down) Counted(OperatorCatalog.Operator op)
    {
        var taken = 0;
        var down = new Downstream<string>();
        var ended = Source.Unfold(1, n =>
            {
                Interlocked.Increment(ref taken);
                return Option<(int, int)>.Create((n + 1, n));
            })
            .WatchTermination(Keep.Right)
            .Via(op.Flow()).To(Sink.FromSubscriber(down)).Run(Mat);
        // Cancellation may count as failure there.
        return (() => Volatile.Read(ref taken), Task.WhenAny(ended), down);
    }
}
