using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Util;

namespace Akka.Conformance.Streams;

/// <summary>Every source that makes its elements makes none before it is asked, and stops when it is cancelled.</summary>
public class SourceDemandTests : StreamTest
{
    private static readonly Dictionary<string, Func<Func<int>, Source<int, NotUsed>>> Sources = new()
    {
        ["From"] = next => Source.From(Endless(next)),
        ["FromEnumerator"] = next => Source.FromEnumerator(() => Endless(next).GetEnumerator()),
        ["Cycle"] = next => Source.Cycle(() => Endless(next).GetEnumerator()),
        ["Unfold"] = next => Source.Unfold(0, _ => Option<(int, int)>.Create((0, next()))),
        ["UnfoldAsync"] = next => Source.UnfoldAsync(0, _ => Task.FromResult(Option<(int, int)>.Create((0, next())))),
        ["UnfoldInfinite"] = next => Source.UnfoldInfinite(0, _ => (0, next())),
        ["UnfoldResource"] = next => Source.UnfoldResource(() => next, make => Option<int>.Create(make()), _ => { }),
        ["UnfoldResourceAsync"] = next => Source.UnfoldResourceAsync(() => Task.FromResult(next), make => Task.FromResult(Option<int>.Create(make())),
            _ => Task.FromResult(Done.Instance)),
        ["Lazily"] = next => Source.Lazily(() => Source.From(Endless(next))).MapMaterializedValue(_ => NotUsed.Instance),
        ["Repeat"] = next => Source.Repeat(0).Select(_ => next()),
        ["Combine"] = next => Source.Combine(Source.From(Endless(next)), Source.Empty<int>(), n => new Merge<int>(n)),
    };

    /// <summary>
    /// How many they may take ahead: a merge, and a source that is made later, hold one or two; a resource may be read on a dispatcher of its own,
    /// behind a boundary with its buffer.
    /// </summary>
    private static int Ahead(string name) => name.StartsWith("UnfoldResource", StringComparison.Ordinal) ? 32 : 2;

    public static TheoryData<string> Names
    {
        get
        {
            var names = new TheoryData<string>();
            foreach (var name in Sources.Keys)
                names.Add(name);
            return names;
        }
    }

    private static IEnumerable<int> Endless(Func<int> next)
    {
        while (true)
            yield return next();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_makes_what_is_asked_for_and_ends_with_its_consumer(string name)
    {
        var made = 0;
        var down = new Downstream<int>();
        var ended = Sources[name](() => Interlocked.Increment(ref made)).WatchTermination(Keep.Right).To(Sink.FromSubscriber(down)).Run(Mat);
        await down.Expect(1, 2, 3);
        await down.Cancel();
        await Soon(Task.WhenAny(ended));
        Assert.InRange(made, 3, 3 + Ahead(name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_makes_nothing_for_a_consumer_that_does_not_ask(string name)
    {
        var made = 0;
        var down = new Downstream<int>();
        var ended = Sources[name](() => Interlocked.Increment(ref made)).WatchTermination(Keep.Right).To(Sink.FromSubscriber(down)).Run(Mat);
        await down.Cancel();
        await Soon(Task.WhenAny(ended));
        // A merge asks each of its inputs for one element at its start.
        Assert.InRange(made, 0, name == "Combine" || name.StartsWith("UnfoldResource", StringComparison.Ordinal) ? Ahead(name) : 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_exception_of_its_function_fails_it(string name)
    {
        var made = 0;
        var thrown = await Failure(Sources[name](() => ++made < 3 ? made : throw Boom).RunWith(Sink.Ignore<int>(), Mat));
        Assert.Same(Boom, thrown is AggregateException { InnerException: { } inner } ? inner : thrown);
    }
}
