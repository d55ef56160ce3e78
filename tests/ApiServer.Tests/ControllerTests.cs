using System.Net;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

public sealed class ControllerTests
{
    [Fact]
    public async Task A_new_definition_serves_at_once_and_takes_its_objects_along_when_it_goes()
    {
        await using var server = await TestServer.StartAsync();
        var schema = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["spec"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true } } };
        await server.OkAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", TestServer.Definition("widgets", "Widget", schema));
        const string widgets = "/apis/tests.example/v1/namespaces/default/widgets";
        await server.OkAsync("POST", widgets, new JsonObject
        {
            ["apiVersion"] = "tests.example/v1", ["kind"] = "Widget", ["metadata"] = new JsonObject { ["name"] = "one" }, ["spec"] = new JsonObject { ["x"] = 1 },
        });
        using var watch = await server.WatchAsync($"{widgets}?watch=true");
        Assert.Equal("ADDED one", await watch.NextNameAsync());

        await server.OkAsync("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.tests.example");
        var gone = watch.NextNameAsync();
        while (!gone.IsCompleted)
        {
            server.Time.Advance(TimeSpan.FromMilliseconds(200));
            await Task.WhenAny(gone, Task.Run(() => { }));
        }

        Assert.Equal("DELETED one", await gone);
    }
}
