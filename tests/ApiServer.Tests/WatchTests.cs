using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

public sealed class WatchTests
{
    private const string ConfigMaps = TestServer.ConfigMaps;

    [Fact]
    public async Task Replays_everything_after_a_lists_version_in_order()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("before");
        var version = (await server.OkAsync("GET", ConfigMaps))["metadata"]!["resourceVersion"]!.ToString();
        await server.CreateConfigMapAsync("a");
        await server.OkAsync("PUT", $"{ConfigMaps}/a", TestServer.ConfigMap("a", "2"));
        await server.OkAsync("DELETE", $"{ConfigMaps}/a");

        using var watch = await server.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={version}");

        Assert.Equal(["ADDED a", "MODIFIED a", "DELETED a"], [await watch.NextNameAsync(), await watch.NextNameAsync(), await watch.NextNameAsync()]);
    }

    [Fact]
    public async Task An_object_that_leaves_the_selection_is_deleted_from_it()
    {
        await using var server = await TestServer.StartAsync();
        var tree = TestServer.ConfigMap("a");
        tree["metadata"]!["labels"] = new JsonObject { ["w"] = "1" };
        await server.OkAsync("POST", ConfigMaps, tree);
        using var watch = await server.WatchAsync($"{ConfigMaps}?watch=true&labelSelector=w%3D1");
        Assert.Equal("ADDED a", await watch.NextNameAsync());

        await server.OkAsync("PUT", $"{ConfigMaps}/a", TestServer.ConfigMap("a", "2"));

        var gone = await watch.NextAsync();
        Assert.Equal("DELETED", (string?)gone!["type"]);
        Assert.Equal("1", (string?)gone["object"]!["metadata"]!["labels"]!["w"]);
    }

    [Fact]
    public async Task A_version_before_the_horizon_is_expired()
    {
        await using var server = await TestServer.StartAsync(o => o with { HistoryEvents = 5 });
        var first = (await server.CreateConfigMapAsync("a"))["metadata"]!["resourceVersion"]!.ToString();
        for (var i = 0; i < 10; i++)
        {
            await server.OkAsync("PUT", $"{ConfigMaps}/a", TestServer.ConfigMap("a", $"n{i}"));
        }

        using var watch = await server.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={first}");
        var error = await watch.NextAsync();
        var (code, list) = await server.SendAsync("GET", $"{ConfigMaps}?resourceVersion={first}&resourceVersionMatch=Exact");

        Assert.Equal(("ERROR", 410, "Expired"), ((string)error!["type"]!, (int)error["object"]!["code"]!, (string)error["object"]!["reason"]!));
        Assert.Null(await watch.NextAsync());
        Assert.Equal((HttpStatusCode.Gone, "Expired"), (code, (string)list["reason"]!));
    }

    [Theory]
    [InlineData(null, 60)]
    [InlineData(7, 7)]
    public async Task Bookmarks_come_as_often_as_is_said(int? said, int seconds)
    {
        await using var server = await TestServer.StartAsync(o => said is { } s ? o with { BookmarkPeriod = TimeSpan.FromSeconds(s) } : o);
        var version = (await server.OkAsync("GET", ConfigMaps))["metadata"]!["resourceVersion"]!.ToString();
        using var watch = await server.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={version}&allowWatchBookmarks=true&timeoutSeconds=3600");

        for (var number = 0; number < 2; number++)
        {
            await server.Time.ArmedAsync(TimeSpan.FromSeconds(seconds)).WaitAsync(TimeSpan.FromSeconds(20));
            server.Time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal("BOOKMARK", (await watch.NextAsync())!["type"]!.ToString());
        }
    }

    [Fact]
    public async Task Ends_at_its_timeout_on_the_servers_clock_with_a_bookmark_before()
    {
        await using var server = await TestServer.StartAsync();
        var version = (await server.OkAsync("GET", ConfigMaps))["metadata"]!["resourceVersion"]!.ToString();
        using var watch = await server.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={version}&allowWatchBookmarks=true&timeoutSeconds=30");

        var bookmark = watch.NextAsync();
        while (!bookmark.IsCompleted)
        {
            server.Time.Advance(TimeSpan.FromSeconds(28));
            await Task.WhenAny(bookmark, Task.Run(() => { }));
        }
        var end = (await bookmark)!["type"]!.ToString() == "BOOKMARK" ? watch.NextAsync() : throw new InvalidOperationException("no bookmark");
        while (!end.IsCompleted)
        {
            server.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.WhenAny(end, Task.Run(() => { }));
        }

        Assert.True(long.Parse((await bookmark)!["object"]!["metadata"]!["resourceVersion"]!.ToString(), null) >= long.Parse(version, null));
    }

    [Fact]
    public async Task Initial_events_end_with_an_annotated_bookmark()
    {
        await using var server = await TestServer.StartAsync(o => o with { FurnishNamespaces = false });
        await server.CreateConfigMapAsync("a");

        using var watch = await server.WatchAsync($"{ConfigMaps}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan");

        Assert.Equal("ADDED a", await watch.NextNameAsync());
        var end = await watch.NextAsync();
        Assert.Equal("BOOKMARK", (string?)end!["type"]);
        Assert.Equal("true", (string?)end["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
    }

    [Fact]
    public async Task A_watcher_that_stops_reading_is_cut_when_it_falls_behind_the_history()
    {
        await using var server = await TestServer.StartAsync(o => o with { HistoryEvents = 64 });
        var store = server.Server.Core.Cluster.Store(new ActorKube.Models.GroupResource("", "configmaps"));
        using var watch = await server.WatchAsync($"{ConfigMaps}?watch=true");
        var tree = TestServer.ConfigMap("big", new string('x', 20_000));
        await server.OkAsync("POST", ConfigMaps, tree);

        for (var i = 0; i < 400; i++)
        {
            tree["data"]!["n"] = i.ToString(null, null);
            await server.OkAsync("PUT", $"{ConfigMaps}/big", tree.DeepClone());
        }

        var read = 0;
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await watch.NextAsync() is not null)
            {
                read++;
            }
        });
        Assert.InRange(read, 0, 200);
        Assert.Equal(0, store.Watchers);
    }

    [Fact]
    public async Task Two_hundred_watchers_see_every_write_once_and_in_order()
    {
        const int watchers = 200;
        const int writers = 16;
        const int writes = 2000;
        await using var server = await TestServer.StartAsync(o => o with { FurnishNamespaces = false });
        var version = (await server.OkAsync("GET", ConfigMaps))["metadata"]!["resourceVersion"]!.ToString();
        var readers = await Task.WhenAll(Enumerable.Range(0, watchers).Select(_ => server.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={version}")));

        var reading = readers.Select(async reader =>
        {
            var versions = new List<long>();
            while (versions.Count < writes)
            {
                versions.Add(await reader.NextVersionAsync());
            }
            return versions;
        }).ToArray();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
        {
            for (var i = 0; i < writes / writers; i++)
            {
                await server.CreateConfigMapAsync($"w{writer}-{i}");
            }
        }));

        var seen = await Task.WhenAll(reading);
        var expected = seen[0];
        Assert.Equal(writes, expected.Distinct().Count());
        Assert.Equal(expected.Order(), expected);
        Assert.All(seen, versions => Assert.Equal(expected, versions));
        foreach (var reader in readers)
        {
            reader.Dispose();
        }
    }

    [Fact]
    public async Task Fault_rules_cut_expire_and_close_open_watches()
    {
        await using var server = await TestServer.StartAsync();
        async Task<WatchReader> OpenAsync()
        {
            var version = (await server.OkAsync("GET", ConfigMaps))["metadata"]!["resourceVersion"]!.ToString();
            return await server.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={version}");
        }

        using var expired = await OpenAsync();
        server.Server.Faults.ExpireWatches("configmaps");
        Assert.Equal(410, (int)(await expired.NextAsync())!["object"]!["code"]!);

        using var closed = await OpenAsync();
        server.Server.Faults.CloseWatches("configmaps");
        Assert.Null(await closed.NextAsync());

        using var cut = await OpenAsync();
        server.Server.Faults.CutWatches("configmaps");
        await Assert.ThrowsAnyAsync<IOException>(cut.NextAsync);
    }

    [Fact]
    public async Task A_watch_from_a_version_that_is_still_ahead_gets_nothing_from_before_it()
    {
        await using var server = await TestServer.StartAsync(o => o with { FurnishNamespaces = false });
        var now = long.Parse((await server.CreateConfigMapAsync("a"))["metadata"]!["resourceVersion"]!.ToString(), null);
        using var watch = await server.WatchAsync($"{TestServer.ConfigMaps}?watch=true&resourceVersion={now + 2}");

        foreach (var name in (string[])["b", "c", "d"])
        {
            await server.CreateConfigMapAsync(name);
        }

        Assert.Equal("ADDED d", await watch.NextNameAsync());
    }

    [Theory]
    [InlineData(ConfigMaps, "application/json", """{"kind":"ConfigMapList","apiVersion":"v1","metadata":{},"items":null}""")]
    [InlineData("/apis/apps/v1/deployments", "application/json", """{"kind":"DeploymentList","apiVersion":"apps/v1","metadata":{},"items":null}""")]
    [InlineData(ConfigMaps, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", """{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{},"items":null}""")]
    [InlineData("/apis/tests.example/v1/widgets", "application/json", """{"apiVersion":"tests.example/v1","items":[],"kind":"WidgetList"}""")]
    public async Task The_end_of_a_streamed_list_carries_an_empty_list_in_its_form(string path, string accept, string list)
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", TestServer.Definition("widgets", "Widget", new JsonObject { ["type"] = "object" }));
        server.Http.DefaultRequestHeaders.Add("Accept", accept);

        using var watch = await server.WatchAsync($"{path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dnone");

        var annotations = (await watch.NextAsync())!["object"]!["metadata"]!["annotations"]!;
        Assert.Equal("true", (string?)annotations["k8s.io/initial-events-end"]);
        Assert.Equal(list + "\n", Encoding.UTF8.GetString(Convert.FromBase64String((string)annotations["kubernetes.io/initial-events-list-blueprint"]!)));
    }

    [Theory]
    [InlineData(ConfigMaps, "application/vnd.kubernetes.protobuf", "v1", "ConfigMapList")]
    [InlineData("/apis/tests.example/v1/widgets", "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", "meta.k8s.io/v1", "PartialObjectMetadataList")]
    public async Task The_end_of_a_streamed_list_in_protobuf_carries_an_empty_list_in_protobuf(string path, string accept, string version, string kind)
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", TestServer.Definition("widgets", "Widget", new JsonObject { ["type"] = "object" }));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dnone");
        request.Headers.Add("Accept", accept);
        using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var length = new byte[4];
        await body.ReadExactlyAsync(length);
        var frame = new byte[System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(length)];
        await body.ReadExactlyAsync(frame);

        var text = Encoding.Latin1.GetString(frame);
        var blueprint = System.Text.RegularExpressions.Regex.Match(text, "initial-events-list-blueprint.{2}([A-Za-z0-9+/=]+)", System.Text.RegularExpressions.RegexOptions.Singleline).Groups[1].Value;
        var (apiVersion, kindOf) = Envelope(Convert.FromBase64String(blueprint));
        Assert.Equal((version, kind), (apiVersion, kindOf));
    }

    [Fact]
    public async Task A_streamed_list_is_no_table()
    {
        await using var server = await TestServer.StartAsync();
        server.Http.DefaultRequestHeaders.Add("Accept", "application/json;as=Table;g=meta.k8s.io;v=v1");
        var streamed = $"{ConfigMaps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";

        Assert.Equal(HttpStatusCode.NotAcceptable, (await server.SendAsync("GET", streamed + "&allowWatchBookmarks=true")).Code);
        using var watch = await server.WatchAsync(streamed);
        Assert.NotNull(watch);
    }

    [Fact]
    public async Task Watches_of_a_kind_end_in_order_when_its_definition_says_something_else_or_goes()
    {
        const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Definitions, TestServer.Definition("widgets", "Widget", new JsonObject { ["type"] = "object" }));
        await server.OkAsync("POST", "/apis/tests.example/v1/namespaces/default/widgets",
            new JsonObject { ["apiVersion"] = "tests.example/v1", ["kind"] = "Widget", ["metadata"] = new JsonObject { ["name"] = "w" } });
        using var changed = await server.WatchAsync("/apis/tests.example/v1/widgets?watch=true");
        Assert.Equal("ADDED w", await changed.NextNameAsync());

        // Its metadata are not what it says: the watch goes on.
        await server.OkAsync("PATCH", $"{Definitions}/widgets.tests.example", JsonNode.Parse("""{"metadata":{"labels":{"a":"b"}}}"""), "application/merge-patch+json");
        await server.OkAsync("PATCH", "/apis/tests.example/v1/namespaces/default/widgets/w", JsonNode.Parse("""{"metadata":{"labels":{"a":"b"}}}"""), "application/merge-patch+json");
        Assert.Equal("MODIFIED w", await changed.NextNameAsync());
        await server.OkAsync("PATCH", $"{Definitions}/widgets.tests.example", JsonNode.Parse("""{"spec":{"names":{"shortNames":["wi"]}}}"""), "application/merge-patch+json");
        Assert.Null(await changed.NextAsync());

        using var gone = await server.WatchAsync("/apis/tests.example/v1/widgets?watch=true");
        Assert.Equal("ADDED w", await gone.NextNameAsync());
        await server.OkAsync("DELETE", $"{Definitions}/widgets.tests.example");
        server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("DELETED w", await gone.NextNameAsync());
        Assert.Null(await gone.NextAsync());
    }

    private static (string, string) Envelope(byte[] bytes)
    {
        Assert.Equal("k8s\0"u8.ToArray(), bytes[..4]);
        Assert.Equal(0x0a, bytes[4]);
        var version = Encoding.ASCII.GetString(bytes, 8, bytes[7]);
        return (version, Encoding.ASCII.GetString(bytes, 10 + bytes[7], bytes[9 + bytes[7]]));
    }
}
