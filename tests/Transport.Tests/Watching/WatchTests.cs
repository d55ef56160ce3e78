using System.Buffers.Binary;
using System.Text;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

public sealed class WatchTests
{
    static readonly string[] Frames =
    [
        Clients.Event("ADDED", Clients.Pod("a", "1", ""","spec":{"note":"br{ces] \"in\" a \\ text, ümläut €"}""")),
        Clients.Event("MODIFIED", Clients.Pod("a", "2")),
        Clients.Event("BOOKMARK", """{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"3","creationTimestamp":null}}"""),
        Clients.Event("DELETED", Clients.Pod("a", "4"))
    ];

    static IListWatch Watch(Stream connection, TimeProvider? time = null, KubernetesClientConfiguration? configuration = null, string contentType = "application/json") =>
        Clients.Over(new FakeServer(_ => FakeServer.Stream(connection, contentType)), configuration, time).ListWatch(Clients.Pods, "ns");

    static Task<List<WatchEvent>> EventsAsync(Stream connection) => Watch(connection).WatchAsync(new ListOptions(), default).CollectAsync();

    static string Describe(WatchEvent item) => $"{item.Type} {item.Object?.Name} {item.Object?.ResourceVersion} {item.Status?.Reason} {item.Malformed}".Trim();

    [Fact]
    public async Task Events_come_whole_wherever_the_bytes_are_split()
    {
        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', Frames) + "\n");
        var expected = new[] { "Added a 1", "Modified a 2", "Bookmark  3", "Deleted a 4" };
        for (var at = 0; at <= bytes.Length; at++)
        {
            var events = await EventsAsync(new ScriptedStream().Feed(bytes.AsMemory(0, at)).Feed(bytes.AsMemory(at)).End());
            Assert.Equal(expected, events.Select(Describe));
        }
    }

    [Fact]
    public async Task Events_come_whole_byte_by_byte()
    {
        var connection = new ScriptedStream();
        foreach (var octet in Encoding.UTF8.GetBytes(string.Join("\r\n", Frames) + "\r\n\n")) connection.Feed(new[] { octet });
        var events = await EventsAsync(connection.End());
        Assert.Equal(["Added a 1", "Modified a 2", "Bookmark  3", "Deleted a 4"], events.Select(Describe));
    }

    [Fact]
    public async Task An_object_may_be_larger_than_any_buffer()
    {
        var large = Clients.Event("ADDED", Clients.Pod("large", "1", $",\"note\":\"{new string('x', 3_000_000)}\""));
        var bytes = Encoding.UTF8.GetBytes(Frames[1] + "\n" + large + "\n" + Frames[3] + "\n");
        var connection = new ScriptedStream();
        foreach (var piece in bytes.Chunk(10_007)) connection.Feed(piece);
        var events = await EventsAsync(connection.End());
        Assert.Equal(["Modified a 2", "Added large 1", "Deleted a 4"], events.Select(Describe));
        Assert.Equal(3_000_000, events[1].Object!.ToUnstructured().Root["note"]!.GetValue<string>().Length);
    }

    [Fact]
    public async Task What_can_be_no_event_for_its_size_ends_the_watch()
    {
        var connection = new ScriptedStream();
        var piece = new byte[8 * 1024 * 1024];
        Array.Fill(piece, (byte)'x');
        for (var count = 0; count < 20; count++) connection.Feed(piece);
        await Assert.ThrowsAsync<IOException>(() => EventsAsync(connection));
        Assert.InRange(connection.BytesTaken, 1, 150L * 1024 * 1024);
    }

    [Fact]
    public async Task A_clean_close_ends_the_stream_and_the_last_line_may_lack_its_end()
    {
        Assert.Empty(await EventsAsync(new ScriptedStream().End()));
        Assert.Equal(2, (await EventsAsync(new ScriptedStream().Feed(Frames[0] + "\n" + Frames[1]).End())).Count);
    }

    [Theory]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"kind\":\"Po")]
    [InlineData("{")]
    [InlineData("{\"a\":\"}\"")]
    public async Task A_close_in_the_middle_of_an_event_is_a_broken_connection(string cut)
    {
        var seen = new List<WatchEvent>();
        var error = await Assert.ThrowsAsync<IOException>(async () =>
        {
            await foreach (var item in Watch(new ScriptedStream().Feed(Frames[0] + "\n" + cut).End()).WatchAsync(new ListOptions(), default)) seen.Add(item);
        });
        Assert.Contains("middle of an event", error.Message);
        Assert.Equal("Added a 1", Describe(Assert.Single(seen)));
    }

    [Fact]
    public async Task A_broken_connection_reaches_the_reader()
    {
        var connection = new ScriptedStream().Feed(Frames[0] + "\n").End(new IOException("reset by peer"));
        var error = await Assert.ThrowsAsync<IOException>(() => EventsAsync(connection));
        Assert.Equal("reset by peer", error.Message);
        Assert.Equal(1, connection.Disposals);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"type":"EVOLVED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x"}}}""")]
    [InlineData("""{"type":7,"object":{}}""")]
    [InlineData("""{"type":"ADDED","object":[]}""")]
    [InlineData("""{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":7}}}""")]
    [InlineData("""{"type":"ADDED","object":{"kind":"Table","apiVersion":"meta.k8s.io/v1","rows":[]}}""")]
    [InlineData("""{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1"}]}""")]
    [InlineData("""{"type":"ERROR","object":{"kind":"Pod","apiVersion":"v1"}}""")]
    public async Task What_is_no_event_is_reported_and_the_stream_lives(string frame)
    {
        var events = await EventsAsync(new ScriptedStream().Feed(Frames[0] + "\n" + frame + "\n" + Frames[3] + "\n").End());
        Assert.Equal(3, events.Count);
        Assert.NotNull(events[1].Malformed);
        Assert.Null(events[1].Object);
        Assert.Equal(["Added a 1", "Deleted a 4"], [Describe(events[0]), Describe(events[2])]);
    }

    [Fact]
    public async Task Fields_of_an_event_may_come_in_any_order()
    {
        var frame = $$"""{ "object" : {{Clients.Pod("a")}} , "later":[{}], "type" : "ADDED" }""";
        Assert.Equal("Added a 1", Describe(Assert.Single(await EventsAsync(new ScriptedStream().Feed(frame + "\n").End()))));
    }

    [Fact]
    public async Task Error_events_carry_the_status()
    {
        var gone = Clients.Event("ERROR", """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"too old","reason":"Expired","code":410}""");
        var item = Assert.Single(await EventsAsync(new ScriptedStream().Feed(gone + "\n").End()));
        Assert.Equal(WatchEventType.Error, item.Type);
        Assert.Equal(410, item.Status!.Code);

        var typed = Clients.Over(new FakeServer(_ => FakeServer.Stream(new ScriptedStream().Feed(Frames[0] + "\n" + gone + "\n").End()))).Resource<V1Pod>("ns");
        var error = await Assert.ThrowsAsync<KubernetesException>(() => typed.WatchAsync().CollectAsync());
        Assert.True(error.IsResourceExpired);
    }

    [Fact]
    public async Task Typed_events_are_decoded()
    {
        var typed = Clients.Over(new FakeServer(_ => FakeServer.Stream(new ScriptedStream().Feed(Frames[0] + "\n").End()))).Resource<V1Pod>("ns");
        var item = Assert.Single(await typed.WatchAsync().CollectAsync());
        Assert.Equal("a", item.Object!.Metadata.Name);
    }

    [Fact]
    public async Task The_connection_is_read_only_when_somebody_pulls()
    {
        // A megabyte waits; a reader that takes one event at a time takes a bounded part of it.
        var connection = new ScriptedStream();
        var line = Encoding.UTF8.GetBytes(Frames[0] + "\n");
        var count = 1024 * 1024 / line.Length;
        for (var index = 0; index < count; index++) connection.Feed(line);

        await using var events = Watch(connection).WatchAsync(new ListOptions(), default).GetAsyncEnumerator();
        Assert.Equal(0, connection.Reads);
        for (var taken = 1; taken <= 50; taken++)
        {
            Assert.True(await events.MoveNextAsync());
            Assert.Equal(taken * line.Length, connection.BytesTaken);
            Assert.Equal(taken, connection.Reads);
        }
    }

    [Fact]
    public async Task Read_ahead_is_bounded_by_one_buffer()
    {
        var all = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Frames[0] + "\n", 20_000)));
        var connection = new ScriptedStream().Feed(all);
        await using var events = Watch(connection).WatchAsync(new ListOptions(), default).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        Assert.InRange(connection.BytesTaken, 1, 64 * 1024);
    }

    [Fact]
    public async Task Cancelling_closes_the_answer_exactly_once()
    {
        var connection = new ScriptedStream().Feed(Frames[0] + "\n");
        using var stop = new CancellationTokenSource();
        var events = Watch(connection).WatchAsync(new ListOptions(), stop.Token).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        var next = events.MoveNextAsync().AsTask();
        await connection.ReaderWaits;
        Assert.Equal(0, connection.Disposals);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        await events.DisposeAsync();
        await events.DisposeAsync();
        Assert.Equal(1, connection.Disposals);
    }

    [Fact]
    public async Task A_client_of_the_programs_own_carries_requests_and_watches_as_they_come()
    {
        var connection = new ScriptedStream().Feed(Clients.Event("ADDED", Clients.Pod("a")) + "\n");
        var server = new FakeServer(asked => asked.Path.Contains("watch") ? FakeServer.Stream(connection) : FakeServer.Json(Clients.Pod("a")));
        using var own = new HttpClient(server, disposeHandler: false);
        own.DefaultRequestHeaders.Add("X-Own", "1");
        using (var client = new KubernetesClient(Clients.Configuration with { Token = "t" }, new KubernetesClientOptions { HttpClient = own }))
        {
            Assert.Equal("a", (await client.Resource(Clients.Pods, "ns").GetAsync("a")).Name);
            Assert.Equal(("1", "Bearer t"), (server.Last.Headers["X-Own"], server.Last.Headers["Authorization"]));
            // The answer has no end, and its first event is there all the same.
            Assert.Equal("a", (await client.ListWatch(Clients.Pods).WatchAsync(new ListOptions(), default).CollectAsync(1)).Single().Object!.Name);
            Assert.Equal(1, connection.Disposals);
        }
        // It is the program's to dispose.
        Assert.Equal(System.Net.HttpStatusCode.OK, (await own.GetAsync("http://server/")).StatusCode);
        Assert.Throws<ArgumentException>(() => new KubernetesClient(Clients.Configuration, new KubernetesClientOptions { HttpClient = own, Handler = server }));
    }

    [Fact]
    public async Task Leaving_the_loop_closes_the_answer_exactly_once()
    {
        var connection = new ScriptedStream().Feed(Frames[0] + "\n" + Frames[1] + "\n");
        await Watch(connection).WatchAsync(new ListOptions(), default).CollectAsync(1);
        Assert.Equal(1, connection.Disposals);
    }

    [Fact]
    public async Task A_silent_connection_is_given_up()
    {
        var time = new ManualTime();
        var connection = new ScriptedStream().Feed(Frames[0] + "\n");
        await using var events = Watch(connection, time, Clients.Configuration with { Timeout = Timeout.InfiniteTimeSpan })
            .WatchAsync(new ListOptions { TimeoutSeconds = 300 }, default).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());

        // Nobody waits for an event: silence is no news.
        time.Advance(TimeSpan.FromHours(2));

        var next = events.MoveNextAsync().AsTask();
        await connection.ReaderWaits;
        time.Advance(TimeSpan.FromSeconds(329));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        var error = await Assert.ThrowsAsync<IOException>(() => next);
        Assert.Contains("silent for 330 s", error.Message);
    }

    [Fact]
    public async Task An_event_costs_little_beside_its_object()
    {
        const int count = 2000;
        var line = Encoding.UTF8.GetBytes(Frames[0] + "\n");
        var all = new byte[line.Length * count];
        for (var index = 0; index < count; index++) line.CopyTo(all, index * line.Length);
        var @object = Encoding.UTF8.GetBytes(Clients.Pod("a", "1", ""","spec":{"note":"br{ces] \"in\" a \\ text, ümläut €"}"""));

        await Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        await Run();
        var watching = GC.GetAllocatedBytesForCurrentThread() - before;

        before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 0; index < count; index++) KubeObject.Parse(@object);
        var parsing = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(watching - parsing, long.MinValue, 16 * count);

        async Task Run()
        {
            var number = 0;
            await foreach (var item in Watch(new MemoryStream(all)).WatchAsync(new ListOptions(), default)) number += item.Object!.Name.Length;
            Assert.Equal(count, number);
        }
    }

    /// <summary>Two events as protobuf, and where the first ends.</summary>
    static (byte[] Bytes, int FirstEnd) ProtobufStream()
    {
        var bytes = new List<byte>();
        var firstEnd = 0;
        foreach (var (type, version) in new[] { ("ADDED", "1"), ("MODIFIED", "2") })
        {
            firstEnd = bytes.Count;
            var pod = KubeProtobuf.Serialize(new V1Pod { ApiVersion = "v1", Kind = "Pod", Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "ns", ResourceVersion = version } });
            byte[] frame = [.. Field(1, Encoding.UTF8.GetBytes(type)), .. Field(2, Field(1, pod))];
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, frame.Length);
            bytes.AddRange([.. length, .. frame]);
        }
        return ([.. bytes], firstEnd);
    }

    static IAsyncEnumerable<WatchEvent> ProtobufEvents(ScriptedStream connection) =>
        Watch(connection, contentType: "application/vnd.kubernetes.protobuf;stream=watch").WatchAsync(new ListOptions(), default);

    [Fact]
    public async Task Protobuf_frames_come_whole_wherever_the_bytes_are_split()
    {
        var (all, _) = ProtobufStream();
        for (var at = 0; at <= all.Length; at++)
        {
            var events = await ProtobufEvents(new ScriptedStream().Feed(all.AsMemory(0, at)).Feed(all.AsMemory(at)).End()).CollectAsync();
            Assert.Equal(["Added a 1", "Modified a 2"], events.Select(Describe));
            Assert.Equal("a", events[0].Object!.As<V1Pod>().Metadata.Name);
        }
    }

    [Fact]
    public async Task A_protobuf_frame_that_is_cut_anywhere_is_a_broken_connection()
    {
        var (all, firstEnd) = ProtobufStream();
        for (var at = 0; at < all.Length; at++)
        {
            var seen = new List<WatchEvent>();
            var reading = async () =>
            {
                await foreach (var item in ProtobufEvents(new ScriptedStream().Feed(all.AsMemory(0, at)).End())) seen.Add(item);
            };
            if (at == 0 || at == firstEnd) await reading();
            else await Assert.ThrowsAsync<IOException>(reading);
            Assert.Equal(at < firstEnd ? 0 : 1, seen.Count);
        }
    }

    static byte[] Field(int number, byte[] value)
    {
        var length = new List<byte>();
        var left = (uint)value.Length;
        for (; left > 0x7F; left >>= 7) length.Add((byte)(left | 0x80));
        return [(byte)(number << 3 | 2), .. length, (byte)left, .. value];
    }

    [Fact]
    public async Task The_request_says_what_is_wanted()
    {
        var server = new FakeServer(_ => FakeServer.Stream(new ScriptedStream().End()));
        var watch = Clients.Over(server).ListWatch(Clients.Pods, null, "app=web,tier in (a)", "spec.nodeName=n1");
        await watch.WatchAsync(new ListOptions { ResourceVersion = "5", AllowWatchBookmarks = true, TimeoutSeconds = 300, SendInitialEvents = true, ResourceVersionMatch = ResourceVersionMatch.NotOlderThan }, default).CollectAsync();
        Assert.Equal("/api/v1/pods?watch=true&labelSelector=app%3Dweb%2Ctier%20in%20%28a%29&fieldSelector=spec.nodeName%3Dn1&resourceVersion=5"
            + "&resourceVersionMatch=NotOlderThan&timeoutSeconds=300&allowWatchBookmarks=true&sendInitialEvents=true", server.Last.Path);
    }
}
