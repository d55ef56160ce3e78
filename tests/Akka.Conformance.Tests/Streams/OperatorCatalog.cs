using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Conformance.Streams;

/// <summary>
/// The operators of a linear stream, each with what it gives for 1, 2, 3, and how far it may run ahead of demand. Elements are given as text, so that
/// all of them have one type.
/// </summary>
internal static class OperatorCatalog
{
    /// <param name="Flow">Makes the operator.</param>
    /// <param name="Gives">What it gives for 1, 2, 3 followed by completion.</param>
    /// <param name="Ahead">How many elements it may take before anybody asks it for one; null for any number, as documented for it.</param>
    /// <param name="ForOne">How many it may take once one element is asked for; null for any number.</param>
    /// <param name="Outlives">It goes on without downstream, since others take its elements too.</param>
    public sealed record Operator(Func<Flow<int, string, NotUsed>> Flow, string Gives, int? Ahead = 0, int? ForOne = 1, bool Outlives = false);

    public static IReadOnlyDictionary<string, Operator> All { get; } = new Dictionary<string, Operator>
    {
        ["Select"] = new(() => Ints.Select(n => n * 10).Text(), "10 20 30"),
        ["SelectAsync"] = new(() => Ints.SelectAsync(2, n => Task.FromResult(n * 10)).Text(), "10 20 30", Ahead: 2, ForOne: 4),
        ["SelectAsyncUnordered"] = new(() => Ints.SelectAsyncUnordered(1, n => Task.FromResult(n * 10)).Text(), "10 20 30", Ahead: 1, ForOne: 3),
        ["SelectMany"] = new(() => Ints.SelectMany(n => new[] { n, n }).Text(), "1 1 2 2 3 3"),
        ["StatefulSelectMany"] = new(() => Ints.StatefulSelectMany<int, int, int, NotUsed>(() =>
        {
            var sum = 0;
            return n => [sum += n];
        }).Text(), "1 3 6"),
        ["Where"] = new(() => Ints.Where(n => n != 2).Text(), "1 3"),
        ["WhereNot"] = new(() => Ints.WhereNot(n => n == 2).Text(), "1 3"),
        ["Collect"] = new(() => Ints.Collect(n => n != 2, n => -n).Text(), "-1 -3"),
        ["Scan"] = new(() => Ints.Scan(0, (sum, n) => sum + n).Text(), "0 1 3 6"),
        ["ScanAsync"] = new(() => Ints.ScanAsync(0, (sum, n) => Task.FromResult(sum + n)).Text(), "0 1 3 6"),
        ["Aggregate"] = new(() => Ints.Aggregate(0, (sum, n) => sum + n).Text(), "6", ForOne: null),
        ["AggregateAsync"] = new(() => Ints.AggregateAsync(0, (sum, n) => Task.FromResult(sum + n)).Text(), "6", ForOne: null),
        ["Sum"] = new(() => Ints.Sum((a, b) => a + b).Text(), "6", ForOne: null),
        ["Take"] = new(() => Ints.Take(2).Text(), "1 2"),
        ["TakeWhile"] = new(() => Ints.TakeWhile(n => n < 3).Text(), "1 2"),
        ["TakeWithin"] = new(() => Ints.TakeWithin(TimeSpan.FromHours(1)).Text(), "1 2 3"),
        ["Skip"] = new(() => Ints.Skip(1).Text(), "2 3", ForOne: 2),
        ["SkipWhile"] = new(() => Ints.SkipWhile(n => n < 2).Text(), "2 3", ForOne: 2),
        ["Limit"] = new(() => Ints.Limit(10).Text(), "1 2 3"),
        ["LimitWeighted"] = new(() => Ints.LimitWeighted(10, n => n).Text(), "1 2 3"),
        ["Grouped"] = new(() => Ints.Grouped(2).Lists(), "[1,2] [3]", ForOne: 2),
        ["GroupedWithin"] = new(() => Ints.GroupedWithin(2, TimeSpan.FromHours(1)).Lists(), "[1,2] [3]", Ahead: 3, ForOne: 6),
        ["GroupedWeightedWithin"] = new(() => Ints.GroupedWeightedWithin(3, 10, TimeSpan.FromHours(1), n => n).Lists(), "[1,2] [3]", Ahead: 3, ForOne: 6),
        ["Sliding"] = new(() => Ints.Sliding(2).Lists(), "[1,2] [2,3]", ForOne: 2),
        ["Intersperse"] = new(() => Ints.Select(n => n.ToString()).Intersperse("-"), "1 - 2 - 3"),
        ["ZipWithIndex"] = new(() => Ints.ZipWithIndex().Select(pair => $"{pair.Item1}@{pair.Item2}"), "1@0 2@1 3@2"),
        ["Batch"] = new(() => Ints.Batch(2, n => n, (a, b) => a + b).Take(1000).Aggregate(0, (sum, n) => sum + n).Text(), "6", Ahead: 3, ForOne: null),
        ["Batch, as fast as it is asked"] = new(() => Ints.Batch(2, n => n, (a, b) => a + b).Text(), "*", Ahead: 3, ForOne: 6),
        ["BatchWeighted"] = new(() => Ints.BatchWeighted(10, n => 5, n => n, (a, b) => a + b).Text(), "*", Ahead: 3, ForOne: 6),
        ["Conflate"] = new(() => Ints.Conflate((a, b) => a + b).Aggregate(0, (sum, n) => sum + n).Text(), "6", Ahead: null, ForOne: null),
        ["ConflateWithSeed"] = new(() => Ints.ConflateWithSeed(n => n, (a, b) => a + b).Aggregate(0, (sum, n) => sum + n).Text(), "6", Ahead: null, ForOne: null),
        ["Expand"] = new(() => Ints.Expand(n => Enumerable.Repeat(n, 1).GetEnumerator()).Text(), "1 2 3", Ahead: 2, ForOne: 4),
        ["Buffer, backpressure"] = new(() => Ints.Buffer(4, OverflowStrategy.Backpressure).Text(), "1 2 3", Ahead: 5, ForOne: 7),
        ["Buffer, drop head"] = new(() => Ints.Buffer(4, OverflowStrategy.DropHead).Text(), "1 2 3", Ahead: null, ForOne: null),
        ["Buffer, drop tail"] = new(() => Ints.Buffer(4, OverflowStrategy.DropTail).Text(), "1 2 3", Ahead: null, ForOne: null),
        ["Buffer, drop new"] = new(() => Ints.Buffer(4, OverflowStrategy.DropNew).Text(), "1 2 3", Ahead: null, ForOne: null),
        ["Buffer, drop buffer"] = new(() => Ints.Buffer(4, OverflowStrategy.DropBuffer).Text(), "1 2 3", Ahead: null, ForOne: null),
        ["Buffer, fail"] = new(() => Ints.Buffer(4, OverflowStrategy.Fail).Text(), "1 2 3", Ahead: null, ForOne: null),
        ["Throttle"] = new(() => Ints.Throttle(1000, TimeSpan.FromMilliseconds(1), 1000, ThrottleMode.Shaping).Text(), "1 2 3"),
        ["Recover"] = new(() => Ints.Recover(_ => Akka.Util.Option<int>.Create(99)).Text(), "1 2 3"),
        ["RecoverWithRetries"] = new(() => Ints.RecoverWithRetries(_ => Source.Single(99), 1).Text(), "1 2 3"),
        ["SelectError"] = new(() => Ints.SelectError(_ => new NotSupportedException()).Text(), "1 2 3"),
        ["Log"] = new(() => Ints.Log("log").Text(), "1 2 3"),
        ["WatchTermination"] = new(() => Ints.WatchTermination(Keep.Left).Text(), "1 2 3"),
        ["KillSwitches.Single"] = new(() => Ints.Via(KillSwitches.Single<int>()).Text(), "1 2 3"),
        ["KillSwitches.Shared"] = new(() => Ints.Via(KillSwitches.Shared("contract").Flow<int>()).Text(), "1 2 3"),
        ["Detach"] = new(() => Ints.Detach().Text(), "1 2 3", Ahead: 1, ForOne: 3),
        ["Async boundary"] = new(() => Ints.Select(n => n).Async().Text(), "1 2 3", Ahead: 32, ForOne: 64),
        ["Merge"] = new(() => Ints.Merge(Source.Empty<int>()).Text(), "1 2 3", Ahead: 1, ForOne: 3),
        ["MergeSorted"] = new(() => Ints.MergeSorted(Source.Single(4)).Text(), "1 2 3 4", Ahead: 1, ForOne: 3),
        ["Interleave"] = new(() => Ints.Interleave(Source.From([10, 20]), 1).Text(), "1 10 2 20 3", Ahead: 1, ForOne: 3),
        ["Concat"] = new(() => Ints.Concat(Source.Single(4)).Text(), "1 2 3 4", Ahead: 1, ForOne: 3),
        ["Prepend"] = new(() => Ints.Prepend(Source.Single(0)).Text(), "0 1 2 3", Ahead: 1, ForOne: 3),
        ["OrElse"] = new(() => Ints.OrElse(Source.Single(4)).Text(), "1 2 3", Ahead: 1, ForOne: 3),
        ["Zip"] = new(() => Ints.Zip(Source.Repeat("z")).Select(pair => pair.Item1 + pair.Item2), "1z 2z 3z", Ahead: 1, ForOne: 3),
        ["ZipWith"] = new(() => Ints.ZipWith(Source.Repeat(1), (a, b) => a + b).Text(), "2 3 4", Ahead: 1, ForOne: 3),
        ["AlsoTo"] = new(() => Ints.AlsoTo(Sink.Ignore<int>().MapMaterializedValue(_ => NotUsed.Instance)).Text(), "1 2 3", Outlives: true, Ahead: null, ForOne: null),
        ["DivertTo"] = new(() => Ints.DivertTo(Sink.Ignore<int>().MapMaterializedValue(_ => NotUsed.Instance), n => n == 2).Text(), "1 3", Outlives: true, Ahead: null, ForOne: null),
        ["WireTap"] = new(() => Ints.WireTap(_ => { }).Text(), "1 2 3"),
        ["Broadcast and Zip"] = new(() => Branched(new Broadcast<int>(2), new ZipWith<int, int, string>((a, b) => $"{a}+{b}")), "1+1 2+2 3+3", Ahead: 2, ForOne: 4),
        ["Partition and Merge"] = new(() => Merged(new Partition<int>(2, n => n % 2)), "*", Ahead: 3, ForOne: 5),
        ["Balance and Merge"] = new(() => Merged(new Balance<int>(2)), "*", Ahead: 3, ForOne: 5),
        ["ConcatMany"] = new(() => Ints.ConcatMany(n => Source.From([n, n])).Text(), "1 1 2 2 3 3", Ahead: 2, ForOne: 3),
        ["MergeMany"] = new(() => Ints.MergeMany(1, n => Source.From([n, n])).Text(), "1 1 2 2 3 3", Ahead: 2, ForOne: 3),
        ["GroupBy and MergeSubstreams"] = new(() => Substreams(Ints.GroupBy(3, n => n).Select(n => n.ToString())), "*", Ahead: 4, ForOne: null),
        ["SplitWhen and ConcatSubstreams"] = new(() => ConcatSubstreams(Ints.SplitWhen(n => n == 2).Select(n => n.ToString())), "1 2 3", Ahead: 2, ForOne: null),
        ["PrefixAndTail"] = new(() => Ints.PrefixAndTail(1).ConcatMany(pair => Source.From(pair.Item1).Concat(pair.Item2)).Text(), "1 2 3", Ahead: 2, ForOne: 4),
        ["RestartFlow"] = new(() => RestartFlow.OnFailuresWithBackoff(() => Ints, RestartSettings.Create(TimeSpan.FromHours(1), TimeSpan.FromHours(1), 0)).Text(),
            "1 2 3", Ahead: 2, ForOne: 4),
        ["BidiFlow"] = new(() => BidiFlow.FromFunction((int n) => n + 1, (int n) => $"{n}").Join(Ints), "2 3 4"),
    };

    private static Flow<int, int, NotUsed> Ints => Flow.Create<int>();

    private static Flow<int, string, NotUsed> Text(this Flow<int, int, NotUsed> flow) => flow.Select(n => n.ToString());

    private static Flow<int, string, NotUsed> Lists(this Flow<int, IEnumerable<int>, NotUsed> flow) => flow.Select(group => $"[{string.Join(',', group)}]");

    private static Flow<int, string, NotUsed> Substreams(SubFlow<string, NotUsed, Sink<int, NotUsed>> parts) => (Flow<int, string, NotUsed>)parts.MergeSubstreams();

    private static Flow<int, string, NotUsed> ConcatSubstreams(SubFlow<string, NotUsed, Sink<int, NotUsed>> parts) => (Flow<int, string, NotUsed>)parts.ConcatSubstream();

    private static Flow<int, string, NotUsed> Branched(Broadcast<int> broadcast, ZipWith<int, int, string> zip) => Flow.FromGraph(GraphDsl.Create(builder =>
    {
        var split = builder.Add(broadcast);
        var joined = builder.Add(zip);
        builder.From(split.Out(0)).To(joined.In0);
        builder.From(split.Out(1)).To(joined.In1);
        return new FlowShape<int, string>(split.In, joined.Out);
    }));

    private static Flow<int, string, NotUsed> Merged(IGraph<UniformFanOutShape<int, int>, NotUsed> fanOut) => Flow.FromGraph(GraphDsl.Create(builder =>
    {
        var split = builder.Add(fanOut);
        var merge = builder.Add(new Merge<int>(2));
        builder.From(split.Out(0)).To(merge.In(0));
        builder.From(split.Out(1)).To(merge.In(1));
        return new FlowShape<int, int>(split.In, merge.Out);
    })).Text();
}
