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
            await CreateOwnedAsync(server, $"owner-{round}", $"child-{round}");
            // Writes whose events the collector reads when the owner has gone already.
            var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(i => server.OkAsync("PATCH", $"{TestServer.ConfigMaps}/child-{round}",
                new JsonObject { ["data"] = new JsonObject { [$"k{i}"] = "v" } }, "application/merge-patch+json")));

            await server.OkAsync("DELETE", $"{TestServer.ConfigMaps}/owner-{round}?propagationPolicy=Orphan");
            await writing;
        }

        // The collector takes changes of a resource in turn: when it has deleted this one, it has been through all before.
        await CreateOwnedAsync(server, "last-owner", "last");
        using var watch = await server.WatchAsync($"{TestServer.ConfigMaps}?watch=true&fieldSelector=metadata.name%3Dlast");
        await server.OkAsync("DELETE", $"{TestServer.ConfigMaps}/last-owner?propagationPolicy=Background");
        while ((string?)(await watch.NextAsync())!["type"] != "DELETED")
        {
        }
        var left = (await server.OkAsync("GET", TestServer.ConfigMaps))["items"]!.AsArray().Select(o => (string)o!["metadata"]!["name"]!).Where(n => n.StartsWith("child-", StringComparison.Ordinal));
        Assert.Equal(20, left.Count());
    }

    private static async Task CreateOwnedAsync(TestServer server, string name, string child)
    {
        var owner = await server.CreateConfigMapAsync(name);
        var owned = TestServer.ConfigMap(child);
        owned["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["name"] = name, ["uid"] = owner["metadata"]!["uid"]!.DeepClone(),
        });
        await server.OkAsync("POST", TestServer.ConfigMaps, owned);
    }
}
