using System.Threading.Channels;
using ActorKube.Models;
using ActorKube.Testing;
using ActorKube.Transport;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>What is written of events: the test is the server, and each write waits for its answer.</summary>
public sealed class EventSinkTests : TestKit
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly Channel<Write> _writes = Channel.CreateUnbounded<Write>();

    public EventSinkTests() : base(OutstandingWork.VirtualTimeConfiguration)
    {
    }

    OutstandingWork Work => OutstandingWork.Of(Sys);

    /// <summary>A write that waits for its answer.</summary>
    sealed record Write(string What, TaskCompletionSource Answer)
    {
        // The sink has heard of the answer when these return.
        public void Succeeds() => Inline.Run(Answer.SetResult);

        public void Fails(Exception error) => Inline.Run(() => Answer.SetException(error));
    }

    sealed class Events<T>(Channel<Write> writes) : FakeResource<T>
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        public override Task<T> CreateAsync(T @object, CreateOptions? options = null, CancellationToken cancellation = default) =>
            AnsweredAsync($"create {System.Text.Encoding.UTF8.GetString(KubeJson.Serialize(@object))}", @object, cancellation);

        public override Task<T> PatchAsync(string name, Patch patch, PatchOptions? options = null, string? subresource = null, CancellationToken cancellation = default) =>
            AnsweredAsync($"patch {name} {System.Text.Encoding.UTF8.GetString(patch.Body.Span)}", null!, cancellation);

        async Task<T> AnsweredAsync(string what, T answer, CancellationToken cancellation)
        {
            var write = new Write(what, new TaskCompletionSource());
            writes.Writer.TryWrite(write);
            // Cancelled on the thread on which its time is over, as it is answered on the test's.
            // And not disposed of in the thread pool, as asynchronous disposal would be while the callback runs.
            using var overdue = cancellation.UnsafeRegister(static answer => ((TaskCompletionSource)answer!).TrySetCanceled(), write.Answer);
            await write.Answer.Task.ConfigureAwait(false);
            return answer;
        }
    }

    IActorRef _sink = ActorRefs.Nobody;

    IObjectEvents Record(EventOptions? options = null)
    {
        options ??= new EventOptions();
        var intake = new EventIntake(100_000);
        var time = Work.Time;
        var client = new FakeClient(new Events<Corev1Event>(_writes), new Events<Eventsv1Event>(_writes));
        _sink = Sys.ActorOf(EventSinkActor.Props(client, "test", options, intake, NullLogger.Instance, time, () => 0.5));
        return new EventRecorder(_sink, time, intake).For(Pod("a", 5), Make.Pods, Key("a"));
    }

    // With the sink at rest: an answer that comes while the sink still begins to wait for it would go on in nobody's count.
    async Task<Write> Next()
    {
        var write = await _writes.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        await Work.IdleAsync();
        return write;
    }

    [Fact]
    public async Task Events_are_written_one_at_a_time_in_order_and_repetitions_as_a_count()
    {
        var events = Record();
        events.Normal("Pulled", "the image");
        events.Warning("Failed", "to start");
        events.Normal("Pulled", "the image");
        var first = await Next();
        Assert.Contains("\"reason\":\"Pulled\"", first.What);
        Assert.Contains("\"resourceVersion\":\"5\"", first.What);
        Assert.False(_writes.Reader.TryPeek(out _));
        first.Succeeds();
        var second = await Next();
        Assert.Contains("\"type\":\"Warning\"", second.What);
        second.Succeeds();
        var third = await Next();
        Assert.StartsWith("patch a.", third.What);
        Assert.Contains("\"count\":2", third.What);
        third.Succeeds();
    }

    [Fact]
    public async Task Event_of_a_part_of_an_object_names_it_and_one_told_for_a_node_names_the_node()
    {
        Record();
        var events = new EventRecorder(_sink, Work.Time, new EventIntake(10)).For(Pod("a", 5), Make.Pods, Key("a"), "kubelet", "node-1");
        events.About("spec.containers{web}").Normal("Started", "it runs");
        var part = await Next();
        Assert.Contains("\"fieldPath\":\"spec.containers{web}\"", part.What);
        Assert.Contains("\"source\":{\"component\":\"kubelet\",\"host\":\"node-1\"}", part.What);
        Assert.Contains("\"reportingInstance\":\"node-1\"", part.What);
        part.Succeeds();
        events.Normal("Started", "it runs");
        var whole = await Next();
        Assert.DoesNotContain("fieldPath", whole.What);
        Assert.Contains("\"count\":1", whole.What);
        whole.Succeeds();
    }

    [Fact]
    public async Task Events_of_one_object_at_one_moment_have_names_of_their_own()
    {
        var events = Record();
        events.Normal("Pulled", "the image");
        events.Normal("Created", "the container");
        var first = await Next();
        first.Succeeds();
        var second = await Next();
        second.Succeeds();
        Assert.NotEqual(NameOf(first), NameOf(second));

        static string NameOf(Write write) => System.Text.RegularExpressions.Regex.Match(write.What, "\"name\":\"(a\\.[0-9a-f]+)\"").Groups[1].Value is { Length: > 0 } name ? name : throw new InvalidOperationException(write.What);
    }

    [Fact]
    public async Task Event_that_expired_on_the_server_is_told_anew()
    {
        var events = Record();
        events.Normal("Pulled", "the image");
        (await Next()).Succeeds();
        events.Normal("Pulled", "the image");
        (await Next()).Fails(new KubernetesException(Status(404, "NotFound")));
        var anew = await Next();
        Assert.StartsWith("create", anew.What);
        Assert.Contains("\"count\":1", anew.What);
    }

    [Fact]
    public async Task Server_that_does_not_answer_is_tried_twelve_times_and_one_that_refuses_once()
    {
        var events = Record();
        events.Normal("Pulled", "the image");
        events.Normal("Refused", "by the server");
        for (var attempt = 1; attempt <= 12; attempt++)
        {
            (await Next()).Fails(new HttpRequestException("connection refused"));
            if (attempt < 12)
                await Pass(attempt == 1 ? TimeSpan.FromSeconds(5) : TimeSpan.FromSeconds(10));
        }
        var refused = await Next();
        Assert.Contains("Refused", refused.What);
        refused.Fails(new KubernetesException(Status(403, "Forbidden")));
        events.Normal("Next", "one");
        Assert.Contains("Next", (await Next()).What);
    }

    [Fact]
    public async Task Write_that_gets_no_answer_is_given_up_after_its_time_and_tried_again()
    {
        var events = Record(new EventOptions { WriteTimeout = TimeSpan.FromSeconds(7) });
        events.Normal("Pulled", "the image");
        var hanging = await Next();
        await Work.AdvanceAsync(TimeSpan.FromSeconds(7));
        await Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(hanging.What, (await Next()).What);
    }

    [Fact]
    public async Task What_is_more_than_the_queue_holds_is_dropped()
    {
        var events = Record(new EventOptions { QueueLimit = 10, SpamBurst = 100_000, AggregateFrom = 100_000 });
        // Nobody answers the first write meanwhile.
        for (var i = 0; i < 5_000; i++)
            events.Normal("Pulled", $"image {i}");
        await _sink.Ask<ActorIdentity>(new Identify(null), Patience);
        for (var i = 0; i <= 10; i++)
            (await Next()).Succeeds();
        events.Normal("Last", "one");
        Assert.Contains("\"Last\"", (await Next()).What);
    }

    [Fact]
    public void Recording_never_waits_and_a_sink_that_does_not_get_to_run_has_a_bounded_mailbox()
    {
        var sink = CreateTestProbe("sink");
        var intake = new EventIntake(10);
        var events = new EventRecorder(sink, TimeProvider.System, intake).For(null, Make.Pods, Key("a"));
        for (var i = 0; i < 10_000; i++)
            events.Warning("Pulled", $"image {i}");
        for (var i = 0; i < 10; i++)
            sink.ExpectMsg<EventFacts>(Patience);
        Assert.False(sink.HasMessages);
        Assert.Equal(9_990, intake.Refused);
    }

    [Fact]
    public async Task Series_is_written_by_the_newer_kind_of_events()
    {
        var events = Record(new EventOptions { Api = EventApi.EventsV1 });
        events.Normal("Pulled", "the image");
        var first = await Next();
        Assert.Contains("\"note\":\"the image\"", first.What);
        Assert.Contains("\"reportingController\":\"test\"", first.What);
        Assert.Contains("\"action\":\"Pulled\"", first.What);
        first.Succeeds();
        for (var i = 0; i < 5; i++)
            events.Normal("Pulled", "the image");
        var series = await Next();
        Assert.Contains("\"series\":{\"count\":2", series.What);
        series.Succeeds();
        await Pass(TimeSpan.FromMinutes(6));
        Assert.Contains("\"series\":{\"count\":6", (await Next()).What);
    }

    /// <summary>There is a write when so much time has passed, and not a millisecond before.</summary>
    async Task Pass(TimeSpan time)
    {
        var last = TimeSpan.FromMilliseconds(1);
        await Work.AdvanceAsync(time - last);
        Assert.False(_writes.Reader.TryPeek(out _), $"It was written before {time} had passed.");
        await Work.AdvanceAsync(last);
        Assert.True(_writes.Reader.TryPeek(out _), $"It was not written after {time}.");
    }
}
