using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Util;

namespace Akka.Conformance.Streams;

public class SourceTests : StreamTest
{
    [Fact]
    public async Task From_gives_every_element_in_order_and_completes() => Assert.Equal([1, 2, 3], await All(Numbers(1, 3)));

    [Fact]
    public async Task A_source_can_be_run_again_and_starts_anew()
    {
        var source = Numbers(1, 3);
        Assert.Equal(await All(source), await All(source));
    }

    [Fact]
    public async Task From_takes_no_element_before_it_is_asked_for()
    {
        var taken = 0;
        var down = Drain(Source.From(Enumerable.Range(1, 100).Select(i => taken = i)));
        await down.Expect(1, 2);
        // One is looked at ahead, to know whether the sequence has ended.
        Assert.InRange(taken, 2, 3);
        await down.Cancel();
    }

    [Fact]
    public async Task From_fails_with_the_exception_of_its_sequence()
    {
        static IEnumerable<int> Broken()
        {
            yield return 1;
            throw new ArithmeticException("third");
        }

        Assert.IsType<ArithmeticException>(await Failure(Source.From(Broken()).RunWith(Sink.Ignore<int>(), Mat)));
    }

    [Fact]
    public async Task FromEnumerator_makes_an_enumerator_for_each_run()
    {
        var made = 0;
        var source = Source.FromEnumerator(() =>
        {
            made++;
            return Enumerable.Range(1, 2).GetEnumerator();
        });
        await All(source);
        await All(source);
        Assert.Equal(2, made);
    }

    [Fact]
    public async Task Single_gives_one_element() => Assert.Equal([7], await All(Source.Single(7)));

    [Fact]
    public async Task Empty_completes_at_once() => await Drain(Source.Empty<int>()).ExpectComplete();

    [Fact]
    public async Task Failed_fails_at_once_without_demand() => Assert.Same(Boom, await Drain(Source.Failed<int>(Boom)).ExpectError());

    [Fact]
    public async Task Repeat_gives_the_same_element_without_end() =>
        Assert.Equal([5, 5, 5, 5], await All(Source.Repeat(5).Take(4)));

    [Fact]
    public async Task Cycle_begins_again_when_its_elements_are_through() =>
        Assert.Equal([1, 2, 1, 2, 1], await All(Source.Cycle(() => Enumerable.Range(1, 2).GetEnumerator()).Take(5)));

    [Fact]
    public async Task Cycle_fails_on_an_empty_enumerator() => Assert.IsType<ArgumentException>(
        await Failure(Source.Cycle(() => Enumerable.Empty<int>().GetEnumerator()).RunWith(Sink.Ignore<int>(), Mat)));

    [Fact]
    public async Task FromTask_gives_the_result_when_it_comes()
    {
        var promise = new TaskCompletionSource<int>();
        var result = All(Source.FromTask(promise.Task));
        Assert.False(result.IsCompleted);
        promise.SetResult(3);
        Assert.Equal([3], await result);
    }

    [Fact]
    public async Task FromTask_fails_with_the_task()
    {
        var thrown = await Failure(Source.FromTask(Task.FromException<int>(Boom)).RunWith(Sink.Ignore<int>(), Mat));
        Assert.Same(Boom, thrown.InnerException ?? thrown);
    }

    [Fact]
    public async Task Maybe_gives_the_element_it_is_completed_with()
    {
        var (promise, result) = Source.Maybe<string>().ToMaterialized(Sink.Seq<string>(), Keep.Both).Run(Mat);
        promise.SetResult("x");
        Assert.Equal(["x"], await Soon(result));
    }

    [Fact]
    public async Task Maybe_completes_empty_when_completed_with_null()
    {
        var (promise, result) = Source.Maybe<string>().ToMaterialized(Sink.Seq<string>(), Keep.Both).Run(Mat);
        promise.SetResult(null!);
        Assert.Empty(await Soon(result));
    }

    [Fact]
    public async Task Maybe_is_completed_by_cancellation()
    {
        var (promise, _) = Source.Maybe<string>().ToMaterialized(Sink.Cancelled<string>(), Keep.Both).Run(Mat);
        Assert.Null(await Soon(promise.Task));
    }

    [Fact]
    public async Task Unfold_ends_when_the_function_gives_none()
    {
        var source = Source.Unfold(1, n => n > 3 ? Option<(int, int)>.None : Option<(int, int)>.Create((n + 1, n * 10)));
        Assert.Equal([10, 20, 30], await All(source));
    }

    [Fact]
    public async Task Unfold_fails_when_the_function_throws() => Assert.Same(Boom,
        await Failure(Source.Unfold<int, int>(1, _ => throw Boom).RunWith(Sink.Ignore<int>(), Mat)));

    [Fact]
    public async Task UnfoldAsync_takes_one_step_at_a_time()
    {
        var running = 0;
        var source = Source.UnfoldAsync(0, async n =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return n == 50 ? Option<(int, int)>.None : Option<(int, int)>.Create((n + 1, n));
        });
        Assert.Equal(Enumerable.Range(0, 50), await All(source));
    }

    [Fact]
    public async Task UnfoldAsync_fails_with_its_task()
    {
        var thrown = await Failure(Source.UnfoldAsync<int, int>(0, _ => Task.FromException<Option<(int, int)>>(Boom))
            .RunWith(Sink.Ignore<int>(), Mat));
        Assert.Same(Boom, thrown.InnerException ?? thrown);
    }

    [Fact]
    public async Task UnfoldInfinite_goes_on_until_cancelled() =>
        Assert.Equal([0, 1, 2], await All(Source.UnfoldInfinite(0, n => (n + 1, n)).Take(3)));

    [Fact]
    public async Task Lazily_makes_the_source_at_the_first_demand()
    {
        var made = false;
        var down = new Downstream<int>();
        var value = Source.Lazily(() =>
        {
            made = true;
            return Source.Single(1).MapMaterializedValue(_ => "inner");
        }).ToMaterialized(Sink.FromSubscriber(down), Keep.Left).Run(Mat);
        Assert.False(made);
        await down.Expect(1);
        await down.ExpectComplete();
        Assert.Equal("inner", await Soon(value));
    }

    [Fact]
    public async Task Lazily_never_makes_the_source_when_cancelled_first()
    {
        var value = Source.Lazily<int, NotUsed>(() => throw new InvalidOperationException("made")).ToMaterialized(Sink.Cancelled<int>(), Keep.Left)
            .Run(Mat);
        Assert.NotNull(await Failure(value));
    }

    [Fact]
    public async Task Combine_joins_sources_with_a_fan_in()
    {
        var combined = Source.Combine(Numbers(1, 2), Numbers(3, 4), n => new Merge<int>(n), Numbers(5, 6));
        Assert.Equal([1, 2, 3, 4, 5, 6], (await All(combined)).Order());
    }

    [Fact]
    public async Task ZipN_gives_lists_of_one_element_each()
    {
        var rows = await All(Source.ZipN([Numbers(1, 2), Numbers(3, 4), Numbers(5, 9)]));
        Assert.Equal([[1, 3, 5], [2, 4, 6]], rows);
    }

    [Fact]
    public async Task An_async_sequence_becomes_a_source()
    {
        static async IAsyncEnumerable<int> Three()
        {
            for (var i = 1; i <= 3; i++)
            {
                await Task.Yield();
                yield return i;
            }
        }

        Assert.Equal([1, 2, 3], await All(Source.From(Three)));
    }

    [Fact]
    public async Task An_async_sequence_is_disposed_of_when_the_stream_is_cancelled()
    {
        var disposed = new TaskCompletionSource();

        async IAsyncEnumerable<int> Endless()
        {
            try
            {
                for (var i = 0;; i++)
                {
                    await Task.Yield();
                    yield return i;
                }
            }
            finally
            {
                disposed.SetResult();
            }
        }

        Assert.Equal([0, 1], await All(Source.From(Endless).Take(2)));
        await Soon(disposed.Task);
    }

    [Fact]
    public async Task A_failing_async_sequence_fails_the_stream()
    {
        static async IAsyncEnumerable<int> Broken()
        {
            yield return 1;
            await Task.Yield();
            throw new ArithmeticException();
        }

        Assert.IsType<ArithmeticException>(await Failure(Source.From(Broken).RunWith(Sink.Ignore<int>(), Mat)));
    }

    [Fact]
    public async Task A_source_becomes_an_async_sequence()
    {
        var seen = new List<int>();
        await foreach (var element in Numbers(1, 5).RunAsAsyncEnumerable(Mat)) seen.Add(element);
        Assert.Equal([1, 2, 3, 4, 5], seen);
    }

    [Fact]
    public async Task Leaving_an_async_sequence_early_cancels_the_stream()
    {
        var up = new Upstream<int>();
        await using (var sequence = Source.FromPublisher(up).RunAsAsyncEnumerable(Mat).GetAsyncEnumerator())
        {
            await up.Send(1);
            Assert.True(await sequence.MoveNextAsync());
        }

        await up.Cancelled;
    }

    [Fact]
    public async Task An_async_sequence_throws_what_the_stream_fails_with()
    {
        var sequence = Numbers(1, 3).Select(n => n == 3 ? throw Boom : n).RunAsAsyncEnumerable(Mat).GetAsyncEnumerator();
        Assert.True(await sequence.MoveNextAsync());
        Assert.True(await sequence.MoveNextAsync());
        Assert.Same(Boom, await Failure(sequence.MoveNextAsync().AsTask()));
    }
}
