using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Conformance.Streams;

public class StageTests : StreamTest
{
    /// <summary>A flow made of a function that sets up its logic.</summary>
    private sealed class Custom<TIn, TOut>(Func<FlowShape<TIn, TOut>, Logic> create) : GraphStage<FlowShape<TIn, TOut>>
    {
        public override FlowShape<TIn, TOut> Shape { get; } = new(new Inlet<TIn>("custom.in"), new Outlet<TOut>("custom.out"));

        protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => create(Shape);
    }

    /// <summary>Opens the protected methods to the tests.</summary>
    private class Logic(Shape shape) : GraphStageLogic(shape)
    {
        public Action? Started { get; init; }

        public Action? Stopped { get; init; }

        public override void PreStart() => Started?.Invoke();

        public override void PostStop() => Stopped?.Invoke();

        public void On<T>(Inlet<T> inlet, Action push, Action? finish = null, Action<Exception>? failure = null) =>
            SetHandler(inlet, push, finish, failure);

        public void On<T>(Outlet<T> outlet, Action pull, Action<Exception>? finish = null) => SetHandler(outlet, pull, finish);

        public new void Pull<T>(Inlet<T> inlet) => base.Pull(inlet);

        public new T Grab<T>(Inlet<T> inlet) => base.Grab(inlet);

        public new void Push<T>(Outlet<T> outlet, T element) => base.Push(outlet, element);

        public void EmitAll<T>(Outlet<T> outlet, params T[] elements) => EmitMultiple(outlet, elements);

        public void EmitOne<T>(Outlet<T> outlet, T element, Action andThen) => Emit(outlet, element, andThen);

        public void Take<T>(Inlet<T> inlet, int n, Action<IEnumerable<T>> andThen, Action<IEnumerable<T>> rest) =>
            ReadMany(inlet, n, andThen, rest);

        public Action<T> Callback<T>(Action<T> handler) => GetAsyncCallback(handler);

        public StageActor Mailbox(StageActorRef.Receive receive) => GetStageActor(receive);

        public void Finish<T>(Outlet<T> outlet) => Complete(outlet);
    }

    private static Logic PassThrough(FlowShape<int, int> shape, Action? started = null, Action? stopped = null)
    {
        var logic = new Logic(shape) { Started = started, Stopped = stopped };
        logic.On(shape.Inlet, () => logic.Push(shape.Outlet, logic.Grab(shape.Inlet)));
        logic.On(shape.Outlet, () => logic.Pull(shape.Inlet));
        return logic;
    }

    private static Flow<int, int, NotUsed> Stage(Func<FlowShape<int, int>, Logic> create) => Flow.FromGraph(new Custom<int, int>(create));

    [Fact]
    public async Task A_stage_of_ones_own_sees_every_element() =>
        Assert.Equal([1, 2, 3], await All(Numbers(1, 3).Via(Stage(shape => PassThrough(shape)))));

    public static TheoryData<string> Endings => ["complete", "fail", "cancel"];

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task PreStart_and_PostStop_are_called_once_however_the_stream_ends(string ending)
    {
        var calls = new ConcurrentQueue<string>();
        var stopped = new TaskCompletionSource();
        var (up, down) = Drive(Stage(shape => PassThrough(shape, () => calls.Enqueue("start"), () =>
        {
            calls.Enqueue("stop");
            stopped.SetResult();
        })));
        await down.Request(1);
        await up.Send(1);
        Assert.Equal(1, await down.Take());
        if (ending == "complete") await up.Complete();
        else if (ending == "fail") await up.Fail(Boom);
        else await down.Cancel();
        await Soon(stopped.Task);
        Assert.Equal(["start", "stop"], calls);
    }

    [Fact]
    public async Task An_exception_in_a_handler_fails_the_stage_in_both_directions()
    {
        var (up, down) = Drive(Stage(shape =>
        {
            var logic = new Logic(shape);
            logic.On(shape.Inlet, () => throw Boom);
            logic.On(shape.Outlet, () => logic.Pull(shape.Inlet));
            return logic;
        }));
        await down.Request(1);
        await up.Send(1);
        Assert.Same(Boom, await down.ExpectError());
        await up.Cancelled;
    }

    [Fact]
    public async Task Pulling_twice_fails_the_stage()
    {
        var (_, down) = Drive(Stage(shape =>
        {
            var logic = new Logic(shape);
            logic.On(shape.Inlet, () => { });
            logic.On(shape.Outlet, () =>
            {
                logic.Pull(shape.Inlet);
                logic.Pull(shape.Inlet);
            });
            return logic;
        }));
        await down.Request(1);
        Assert.IsType<ArgumentException>(await down.ExpectError());
    }

    [Fact]
    public async Task Pushing_without_demand_fails_the_stage()
    {
        var (up, down) = Drive(Stage(shape =>
        {
            Logic logic = null!;
            logic = new Logic(shape) { Started = () => logic.Pull(shape.Inlet) };
            logic.On(shape.Inlet, () => logic.Push(shape.Outlet, logic.Grab(shape.Inlet)));
            logic.On(shape.Outlet, () => { });
            return logic;
        }));
        await up.Send(1);
        Assert.IsType<ArgumentException>(await down.ExpectError());
    }

    [Fact]
    public async Task Grabbing_twice_fails_the_stage()
    {
        var (up, down) = Drive(Stage(shape =>
        {
            var logic = new Logic(shape);
            logic.On(shape.Inlet, () =>
            {
                logic.Grab(shape.Inlet);
                logic.Grab(shape.Inlet);
            });
            logic.On(shape.Outlet, () => logic.Pull(shape.Inlet));
            return logic;
        }));
        await down.Request(1);
        await up.Send(1);
        Assert.IsType<ArgumentException>(await down.ExpectError());
    }

    [Fact]
    public async Task Emitted_elements_wait_for_demand_and_completion_waits_for_them()
    {
        var (up, down) = Drive(Stage(shape =>
        {
            var logic = new Logic(shape);
            logic.On(shape.Inlet, () =>
            {
                var n = logic.Grab(shape.Inlet);
                logic.EmitAll(shape.Outlet, n, n * 10, n * 100);
                logic.CompleteStage();
            });
            logic.On(shape.Outlet, () => logic.Pull(shape.Inlet));
            return logic;
        }));
        await down.Request(1);
        await up.Send(1);
        Assert.Equal(1, await down.Take());
        await down.Expect(10);
        await down.Expect(100);
        await down.ExpectComplete();
    }

    [Fact]
    public async Task What_is_emitted_afterwards_comes_in_the_order_of_the_calls()
    {
        var source = Numbers(1, 1).Via(Stage(shape =>
        {
            var logic = new Logic(shape);
            logic.On(shape.Inlet, () =>
            {
                logic.EmitOne(shape.Outlet, 1, () => logic.EmitOne(shape.Outlet, 2, () => { }));
                logic.EmitOne(shape.Outlet, 3, logic.CompleteStage);
            });
            logic.On(shape.Outlet, () => logic.Pull(shape.Inlet), null);
            return logic;
        }));
        Assert.Equal([1, 2, 3], await All(source));
    }

    [Fact]
    public async Task ReadMany_collects_and_gives_the_rest_at_the_end()
    {
        var flow = Flow.FromGraph(new Custom<int, string>(shape =>
        {
            Logic logic = null!;
            void ReadOn() => logic.Take(shape.Inlet, 2,
                all => logic.EmitOne(shape.Outlet, string.Concat(all), ReadOn),
                rest => logic.EmitOne(shape.Outlet, "rest" + string.Concat(rest), logic.CompleteStage));
            logic = new Logic(shape) { Started = ReadOn };
            logic.On(shape.Inlet, () => { }, () => { });
            logic.On(shape.Outlet, () => { });
            return logic;
        }));
        Assert.Equal(["12", "34", "rest5"], await All(Numbers(1, 5).Via(flow)));
    }

    [Fact]
    public async Task An_async_callback_runs_inside_of_the_stage()
    {
        var ready = new TaskCompletionSource<Action<int>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var down = Drain(Source.Never<int>().Via(Stage(shape =>
        {
            Logic logic = null!;
            logic = new Logic(shape) { Started = () => ready.SetResult(logic.Callback<int>(n => logic.EmitAll(shape.Outlet, n))) };
            logic.On(shape.Inlet, () => { });
            logic.On(shape.Outlet, () => { });
            return logic;
        })));
        var callback = await Soon(ready.Task);
        await down.Request(1000);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() =>
        {
            for (var n = 0; n < 100; n++) callback(i * 100 + n);
        })));
        var seen = new List<int>();
        for (var i = 0; i < 1000; i++) seen.Add(await down.Take());
        Assert.Equal(Enumerable.Range(0, 1000), seen.Order());
    }

    [Fact]
    public async Task A_stage_actor_gets_messages_and_learns_who_has_stopped()
    {
        var mailbox = new TaskCompletionSource<IActorRef>(TaskCreationOptions.RunContinuationsAsynchronously);
        var watched = Sys.ActorOf(Props.Create(() => new Idle()));
        var down = Drain(Source.Never<string>().Via(Flow.FromGraph(new Custom<string, string>(shape =>
        {
            Logic logic = null!;
            logic = new Logic(shape)
            {
                Started = () =>
                {
                    var actor = logic.Mailbox(args => logic.EmitAll(shape.Outlet, args.Item2 is Terminated ? "terminated" : (string)args.Item2));
                    actor.Watch(watched);
                    mailbox.SetResult(actor.Ref);
                },
            };
            logic.On(shape.Inlet, () => { });
            logic.On(shape.Outlet, () => { });
            return logic;
        }))));
        (await Soon(mailbox.Task)).Tell("hello");
        await down.Expect("hello");
        Sys.Stop(watched);
        await down.Expect("terminated");
    }

    private sealed class Idle : UntypedActor
    {
        protected override void OnReceive(object message) { }
    }

    [Fact]
    public async Task The_stages_actor_stops_with_the_stage()
    {
        var mailbox = new TaskCompletionSource<IActorRef>(TaskCreationOptions.RunContinuationsAsynchronously);
        var down = Drain(Source.Never<int>().Via(Stage(shape =>
        {
            Logic logic = null!;
            logic = new Logic(shape) { Started = () => mailbox.SetResult(logic.Mailbox(_ => { }).Ref) };
            logic.On(shape.Inlet, () => { });
            logic.On(shape.Outlet, () => { });
            return logic;
        })));
        var actor = await Soon(mailbox.Task);
        Watch(actor);
        await down.Cancel();
        ExpectTerminated(actor);
    }

    [Fact]
    public void A_graph_with_an_open_port_is_refused() => Assert.ThrowsAny<Exception>(() => GraphDsl.Create(builder =>
    {
        builder.Add(Source.Single(1));
        return ClosedShape.Instance;
    }));

    [Fact]
    public void A_port_takes_one_wire_only() => Assert.ThrowsAny<Exception>(() => GraphDsl.Create(builder =>
    {
        var source = builder.Add(Source.Single(1));
        builder.From(source.Outlet).To(builder.Add(Sink.Ignore<int>()));
        builder.From(source.Outlet).To(builder.Add(Sink.Ignore<int>()));
        return ClosedShape.Instance;
    }));

    [Fact]
    public async Task A_graph_can_hand_its_own_materialized_value_to_its_inside()
    {
        var source = Source.FromGraph(GraphDsl.Create(Source.Maybe<int>(), (builder, maybe) =>
        {
            builder.From(maybe.Outlet).To(builder.Add(Sink.Ignore<int>()));
            return new SourceShape<TaskCompletionSource<int>>(builder.MaterializedValue);
        }));
        var (promise, inside) = source.ToMaterialized(Sink.First<TaskCompletionSource<int>>(), Keep.Both).Run(Mat);
        Assert.Same(promise, await Soon(inside));
        promise.TrySetResult(1);
    }

    [Fact]
    public void Materialized_values_are_combined_as_told()
    {
        var source = Source.Single(1).MapMaterializedValue(_ => "source");
        var flow = Flow.Create<int>().MapMaterializedValue(_ => "flow");
        var sink = Sink.Ignore<int>().MapMaterializedValue(_ => "sink");
        Assert.Equal("source", source.Via(flow).To(sink).Run(Mat));
        Assert.Equal("flow", source.ViaMaterialized(flow, Keep.Right).To(sink).Run(Mat));
        Assert.Equal(("source", "flow"), source.ViaMaterialized(flow, Keep.Both).To(sink).Run(Mat));
        Assert.Equal("source+sink", source.ToMaterialized(sink, (left, right) => $"{left}+{right}").Run(Mat));
        Assert.Equal("flow", source.Via(flow).RunWith(Sink.FromGraph(flow.To(sink)), Mat));
    }

    [Fact]
    public async Task BidiFlows_stack_and_close()
    {
        var outer = BidiFlow.FromFunction((int n) => n + 1, (int n) => n * 10);
        var inner = BidiFlow.FromFunction((int n) => n.ToString(), (string s) => int.Parse(s));
        var flow = outer.Atop(inner).Join(Flow.Create<string>());
        Assert.Equal([20, 30], await All(Numbers(1, 2).Via(flow)));
    }
}
