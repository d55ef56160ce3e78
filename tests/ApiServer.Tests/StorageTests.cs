using System.Net;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

public sealed class StorageTests
{
    private const string ConfigMaps = TestServer.ConfigMaps;

    [Fact]
    public async Task A_continue_token_shows_the_state_of_the_first_page_whatever_is_written_meanwhile()
    {
        await using var server = await TestServer.StartAsync(o => o with { FurnishNamespaces = false });
        foreach (var name in (string[])["a", "b", "c"])
        {
            await server.CreateConfigMapAsync(name);
        }
        var first = await server.OkAsync("GET", $"{ConfigMaps}?limit=1");
        await server.OkAsync("DELETE", $"{ConfigMaps}/b");
        await server.CreateConfigMapAsync("aa");

        var rest = await server.OkAsync("GET", $"{ConfigMaps}?limit=5&continue={Uri.EscapeDataString(first["metadata"]!["continue"]!.ToString())}");

        Assert.Equal(["b", "c"], Names(rest));
        Assert.Equal(first["metadata"]!["resourceVersion"]!.ToString(), rest["metadata"]!["resourceVersion"]!.ToString());
    }

    [Fact]
    public async Task Concurrent_writers_with_versions_lose_no_update()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("counter", "0");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var done = 0; done < 25;)
            {
                var current = await server.OkAsync("GET", $"{ConfigMaps}/counter");
                current["data"]!["v"] = (int.Parse(current["data"]!["v"]!.ToString(), null) + 1).ToString(null, null);
                var (code, _) = await server.SendAsync("PUT", $"{ConfigMaps}/counter", current);
                Assert.True(code is HttpStatusCode.OK or HttpStatusCode.Conflict);
                done += code == HttpStatusCode.OK ? 1 : 0;
            }
        }));

        Assert.Equal("200", (await server.OkAsync("GET", $"{ConfigMaps}/counter"))["data"]!["v"]!.ToString());
    }

    [Fact]
    public async Task Concurrent_patches_without_versions_all_take_effect()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("shared");

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => server.OkAsync("PATCH", $"{ConfigMaps}/shared",
            new JsonObject { ["data"] = new JsonObject { [$"k{i}"] = "x" } }, "application/merge-patch+json")));

        Assert.Equal(51, (await server.OkAsync("GET", $"{ConfigMaps}/shared"))["data"]!.AsObject().Count);
    }

    [Fact]
    public async Task Compacting_the_history_expires_older_versions()
    {
        await using var server = await TestServer.StartAsync();
        var version = (await server.CreateConfigMapAsync("a"))["metadata"]!["resourceVersion"]!.ToString();
        await server.CreateConfigMapAsync("b");
        server.Server.CompactHistory();

        using var watch = await server.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={version}");

        Assert.Equal(410, (int)(await watch.NextAsync())!["object"]!["code"]!);
    }

    [Fact]
    public async Task What_a_store_begins_with_is_made_once_when_somebody_looks_and_has_had_its_versions_from_the_start()
    {
        var cluster = new ClusterStore(horizon: 4);
        var (store, other) = (cluster.Store(new("", "lazies")), cluster.Store(new("", "others")));
        var made = 0;
        cluster.Begin(store, 6, () =>
        {
            Interlocked.Increment(ref made);
            return [.. Enumerable.Range(0, 6).Select(i => Named($"n{i}"))];
        });
        var first = cluster.TryCreate(other, Named("x"))!;
        Assert.Equal((0, ClusterStore.FirstRevision + 7), (made, first.ResourceVersion));

        var looks = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => i % 2 == 0 ? store.Current.Count : cluster.TryCreate(store, Named($"m{i}")) is null ? -1 : store.Tail.After.Count)));

        Assert.Equal(1, made);
        Assert.All(looks, n => Assert.InRange(n, 6, 10));
        Assert.Equal(Enumerable.Range(1, 6).Select(i => ClusterStore.FirstRevision + i), Enumerable.Range(0, 6).Select(i => store.Current.Get("", $"n{i}")!.ResourceVersion));
        Assert.True(store.IsFromTheBeginning(store.Current.Get("", "n0")!));
        Assert.False(store.IsFromTheBeginning(store.Current.Get("", "m1")!));
        Assert.Null(store.EventAt(ClusterStore.FirstRevision));

        static JsonObject Named(string name) => new() { ["kind"] = "Lazy", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["name"] = name } };
    }

    private static IEnumerable<string> Names(JsonObject list) => list["items"]!.AsArray().Select(i => i!["metadata"]!["name"]!.ToString());
}
