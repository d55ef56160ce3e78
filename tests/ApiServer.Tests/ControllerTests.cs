using System.Net;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

public sealed class ControllerTests
{
    private const string ConfigMaps = TestServer.ConfigMaps;

    [Fact]
    public async Task What_an_owner_owned_goes_after_it()
    {
        await using var server = await TestServer.StartAsync();
        var owner = await server.CreateConfigMapAsync("owner");
        using var watch = await server.WatchAsync($"{ConfigMaps}?watch=true&fieldSelector=metadata.name%3Dchild");
        var child = TestServer.ConfigMap("child");
        child["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["name"] = "owner", ["uid"] = owner["metadata"]!["uid"]!.DeepClone(),
        });
        await server.OkAsync("POST", ConfigMaps, child);
        Assert.Equal("ADDED child", await watch.NextNameAsync());

        await server.OkAsync("DELETE", $"{ConfigMaps}/owner");

        Assert.Equal("DELETED child", await watch.NextNameAsync());
    }

    [Fact]
    public async Task What_a_custom_object_owned_goes_after_it()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", TestServer.Definition("gadgets", "Gadget", new JsonObject { ["type"] = "object" }));
        const string gadgets = "/apis/tests.example/v1/namespaces/default/gadgets";
        var owner = await server.OkAsync("POST", gadgets, new JsonObject
        {
            ["apiVersion"] = "tests.example/v1", ["kind"] = "Gadget", ["metadata"] = new JsonObject { ["name"] = "owner" },
        });
        using var watch = await server.WatchAsync($"{ConfigMaps}?watch=true&fieldSelector=metadata.name%3Dchild");
        var child = TestServer.ConfigMap("child");
        child["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "tests.example/v1", ["kind"] = "Gadget", ["name"] = "owner", ["uid"] = owner["metadata"]!["uid"]!.DeepClone(),
        });
        await server.OkAsync("POST", ConfigMaps, child);
        Assert.Equal("ADDED child", await watch.NextNameAsync());

        await server.OkAsync("DELETE", $"{gadgets}/owner");

        Assert.Equal("DELETED child", await watch.NextNameAsync());
    }

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
