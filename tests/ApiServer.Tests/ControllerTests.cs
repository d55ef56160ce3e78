using System.Net;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

public sealed class ControllerTests
{
    private const string ConfigMaps = TestServer.ConfigMaps;
    private const string Pods = "/api/v1/namespaces/default/pods";

    [Fact]
    public async Task A_pod_that_is_meant_to_end_runs_and_succeeds_on_the_servers_clock()
    {
        await using var server = await TestServer.StartAsync(o => o with { Pods = new PodSimulatorOptions { RunTime = TimeSpan.FromSeconds(30) } });
        // Time goes on in steps until the pod has ended, however many that takes: the watch must not end before.
        using var watch = await server.WatchAsync($"{Pods}?watch=true&timeoutSeconds=100000000");

        await server.OkAsync("POST", Pods, Pod("job", "Never"));

        Assert.Equal("Pending", Phase(await watch.NextAsync()));
        var running = await watch.NextAsync();
        Assert.Equal("Running", Phase(running));
        Assert.NotNull(running!["object"]!["status"]!["podIP"]);
        var done = watch.NextAsync();
        while (!done.IsCompleted)
        {
            server.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.WhenAny(done, Task.Run(() => { }));
        }
        Assert.Equal("Succeeded", Phase(await done));
    }

    [Fact]
    public async Task A_pod_fails_where_its_annotation_says_so()
    {
        await using var server = await TestServer.StartAsync(o => o with { Pods = new PodSimulatorOptions { RunTime = TimeSpan.Zero } });
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        var pod = Pod("job", "Never");
        pod["metadata"]!["annotations"] = new JsonObject { ["simulator.actorkube.dev/exit-code"] = "3" };

        await server.OkAsync("POST", Pods, pod);

        await watch.NextAsync();
        await watch.NextAsync();
        var failed = await watch.NextAsync();
        Assert.Equal("Failed", Phase(failed));
        Assert.Equal(3, (int)failed!["object"]!["status"]!["containerStatuses"]![0]!["state"]!["terminated"]!["exitCode"]!);
    }

    [Fact]
    public async Task A_pod_that_lives_on_stays_running_and_goes_when_deleted()
    {
        await using var server = await TestServer.StartAsync(o => o with { Pods = new PodSimulatorOptions() });
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.OkAsync("POST", Pods, Pod("web", "Always"));
        Assert.Equal("ADDED web", await watch.NextNameAsync());
        Assert.Equal("Running", Phase(await watch.NextAsync()));

        await server.OkAsync("DELETE", $"{Pods}/web");

        Assert.Equal(["MODIFIED web", "MODIFIED web", "DELETED web"], [await watch.NextNameAsync(), await watch.NextNameAsync(), await watch.NextNameAsync()]);
    }

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

    private static string? Phase(JsonObject? item) => (string?)item?["object"]?["status"]?["phase"];

    private static JsonObject Pod(string name, string restartPolicy) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["restartPolicy"] = restartPolicy,
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "busybox" }),
        },
    };
}
