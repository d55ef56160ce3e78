using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>What the store promises under load and over time.</summary>
public sealed class HistoryTests
{
    private const string ConfigMaps = TestServer.ConfigMaps;

    [Fact]
    public async Task Many_watchers_of_many_writers_lose_nothing_and_see_everything_in_order()
    {
        const int watchers = 40, writers = 8, rounds = 40;
        await using var server = await TestServer.StartAsync(o => o with { FurnishNamespaces = false });
        var start = (await server.OkAsync("GET", ConfigMaps))["metadata"]!["resourceVersion"]!.ToString();
        // Half of them watch everything, the others one writer's objects.
        var watches = await Task.WhenAll(Enumerable.Range(0, watchers).Select(async i =>
        {
            var selector = i % 2 == 0 ? "" : $"&labelSelector=writer%3Dw{i % writers}";
            return (Watch: await server.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={start}{selector}"), Expected: i % 2 == 0 ? writers * rounds * 3 : rounds * 3);
        }));
        var readers = watches.Select(w => Task.Run(() => ReadAsync(w.Watch, w.Expected))).ToArray();

        await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
        {
            for (var round = 0; round < rounds; round++)
            {
                var map = TestServer.ConfigMap($"w{w}-{round}", "0");
                map["metadata"]!["labels"] = new JsonObject { ["writer"] = $"w{w}" };
                await server.OkAsync("POST", ConfigMaps, map);
                await server.OkAsync("PATCH", $"{ConfigMaps}/w{w}-{round}", JsonNode.Parse("""{"data":{"v":"1"}}"""), "application/merge-patch+json");
                await server.OkAsync("DELETE", $"{ConfigMaps}/w{w}-{round}");
            }
        })));
        var seen = await Task.WhenAll(readers);

        foreach (var events in seen)
        {
            Assert.Equal(events.Select(e => e.Version).Order(), events.Select(e => e.Version));
            Assert.All(events.GroupBy(e => e.Name), one => Assert.Equal(["ADDED", "MODIFIED", "DELETED"], one.Select(e => e.Type)));
        }
        // Who watches everything sees the very same.
        Assert.Single(seen.Where((_, i) => i % 2 == 0).Select(e => string.Join(',', e.Select(x => x.Version))).Distinct());
    }

    private static async Task<List<(string Type, string Name, long Version)>> ReadAsync(WatchReader watch, int count)
    {
        var events = new List<(string, string, long)>();
        using (watch)
        {
            while (events.Count < count)
            {
                var item = await watch.NextAsync() ?? throw new InvalidOperationException($"The watch ended after {events.Count} of {count} events.");
                events.Add((item["type"]!.ToString(), item["object"]!["metadata"]!["name"]!.ToString(), long.Parse(item["object"]!["metadata"]!["resourceVersion"]!.ToString(), null)));
            }
        }
        return events;
    }

    [Fact]
    public async Task A_watcher_that_does_not_read_is_cut_and_others_go_on()
    {
        await using var server = await TestServer.StartAsync(o => o with { FurnishNamespaces = false, HistoryEvents = 50 });
        var start = (await server.OkAsync("GET", ConfigMaps))["metadata"]!["resourceVersion"]!.ToString();
        using var slow = await server.Http.GetAsync($"{ConfigMaps}?watch=true&resourceVersion={start}", HttpCompletionOption.ResponseHeadersRead);
        using var quick = await server.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={start}");
        var store = server.Server.Core.Table.Current.Find("", "v1", "configmaps")!.Store;
        Assert.Equal(2, store.Watchers);

        for (var i = 0; i < 120; i++)
        {
            await server.CreateConfigMapAsync($"m{i}", new string('x', 4096));
            Assert.Equal($"ADDED m{i}", await quick.NextNameAsync());
        }

        // What was on the way can still be read; then the connection breaks, where a watch that ended would end.
        await using var stream = await slow.Content.ReadAsStreamAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => stream.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task What_lies_before_the_horizon_is_expired_and_a_list_can_go_on_inconsistently()
    {
        await using var server = await TestServer.StartAsync(o => o with { FurnishNamespaces = false, HistoryEvents = 10 });
        foreach (var name in (string[])["a", "b", "c"])
        {
            await server.CreateConfigMapAsync(name);
        }
        var first = await server.OkAsync("GET", $"{ConfigMaps}?limit=1");
        var version = first["metadata"]!["resourceVersion"]!.ToString();
        for (var i = 0; i < 20; i++)
        {
            await server.OkAsync("PATCH", $"{ConfigMaps}/a", new JsonObject { ["data"] = new JsonObject { ["v"] = $"{i}" } }, "application/merge-patch+json");
        }
        await server.OkAsync("DELETE", $"{ConfigMaps}/b");

        using var watch = await server.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={version}");
        var (exact, _) = await server.SendAsync("GET", $"{ConfigMaps}?resourceVersion={version}&resourceVersionMatch=Exact");
        var (expired, answer) = await server.SendAsync("GET", $"{ConfigMaps}?limit=5&continue={first["metadata"]!["continue"]}");
        var rest = await server.OkAsync("GET", $"{ConfigMaps}?limit=5&continue={answer["metadata"]!["continue"]}");

        Assert.Equal(410, (int)(await watch.NextAsync())!["object"]!["code"]!);
        Assert.Equal((HttpStatusCode.Gone, HttpStatusCode.Gone, "Expired"), (exact, expired, answer["reason"]!.ToString()));
        Assert.Equal(["c"], rest["items"]!.AsArray().Select(i => i!["metadata"]!["name"]!.ToString()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_version_within_the_horizon_shows_exactly_the_state_of_that_version(int seed)
    {
        var random = new Random(seed);
        await using var server = await TestServer.StartAsync(o => o with { FurnishNamespaces = false });
        var model = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var states = new List<(string Version, string[] State)>();
        for (var step = 0; step < 60; step++)
        {
            var name = $"m{random.Next(6)}";
            var value = $"{step}";
            JsonObject written;
            if (!model.ContainsKey(name))
            {
                written = await server.CreateConfigMapAsync(name, value);
                model[name] = value;
            }
            else if (random.Next(3) == 0)
            {
                await server.OkAsync("DELETE", $"{ConfigMaps}/{name}");
                written = await server.OkAsync("GET", ConfigMaps);
                model.Remove(name);
            }
            else
            {
                written = await server.OkAsync("PUT", $"{ConfigMaps}/{name}", TestServer.ConfigMap(name, value));
                model[name] = value;
            }
            states.Add((written["metadata"]!["resourceVersion"]!.ToString(), [.. model.Select(m => $"{m.Key}={m.Value}")]));
        }

        foreach (var (version, state) in states)
        {
            // In pages, so that each continue token is held to its version too.
            var got = new List<string>();
            var query = $"limit=2&resourceVersion={version}&resourceVersionMatch=Exact";
            while (query.Length > 0)
            {
                var page = await server.OkAsync("GET", $"{ConfigMaps}?{query}");
                Assert.Equal(version, page["metadata"]!["resourceVersion"]!.ToString());
                got.AddRange(page["items"]!.AsArray().Select(i => $"{i!["metadata"]!["name"]}={i["data"]!["v"]}"));
                query = page["metadata"]!["continue"]?.ToString() is { Length: > 0 } token ? $"limit=2&continue={token}" : "";
            }
            Assert.Equal(state, got);
        }
        Assert.Equal(states.Select(s => long.Parse(s.Version, null)).Order(), states.Select(s => long.Parse(s.Version, null)));
    }
}
