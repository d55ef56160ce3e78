using ApiServer.Tests.Support;
using System.Text.Json.Nodes;

namespace ApiServer.Tests;

public sealed class OrphanTests
{
    [Fact]
    public async Task What_an_owner_leaves_behind_stays_whatever_else_happens_to_it_meanwhile()
    {
        await using var server = await TestServer.StartAsync();
        for (var round = 0; round < 20; round++)
        {
            var owner = await server.CreateConfigMapAsync($"owner-{round}");
            var child = TestServer.ConfigMap($"child-{round}");
            child["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["name"] = $"owner-{round}", ["uid"] = owner["metadata"]!["uid"]!.DeepClone(),
            });
            await server.OkAsync("POST", TestServer.ConfigMaps, child);
            // Writes whose events the collector reads when the owner has gone already.
            var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(i => server.OkAsync("PATCH", $"{TestServer.ConfigMaps}/child-{round}",
                new JsonObject { ["data"] = new JsonObject { [$"k{i}"] = "v" } }, "application/merge-patch+json")));

            await server.OkAsync("DELETE", $"{TestServer.ConfigMaps}/owner-{round}?propagationPolicy=Orphan");
            await writing;
        }

        using var watch = await server.WatchAsync($"{TestServer.ConfigMaps}?watch=true&labelSelector=last");
        var last = TestServer.ConfigMap("last");
        last["metadata"]!["labels"] = new JsonObject { ["last"] = "" };
        await server.OkAsync("POST", TestServer.ConfigMaps, last);
        await watch.NextAsync();
        await Task.Delay(300);
        var left = (await server.OkAsync("GET", TestServer.ConfigMaps))["items"]!.AsArray().Select(o => (string)o!["metadata"]!["name"]!).Where(n => n.StartsWith("child-", StringComparison.Ordinal));
        Assert.Equal(20, left.Count());
    }
}
