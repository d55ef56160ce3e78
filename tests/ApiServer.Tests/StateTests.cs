using System.Net;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>The whole state out of one server and into another.</summary>
public sealed class StateTests
{
    private const string Gadgets = "/apis/tests.example/v1/namespaces/default/gadgets";

    [Fact]
    public async Task Another_server_goes_on_where_the_first_one_was()
    {
        await using var first = await TestServer.StartAsync();
        await first.OkAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", TestServer.Definition("gadgets", "Gadget",
            JsonNode.Parse("""{"type":"object","x-kubernetes-preserve-unknown-fields":true}""")!.AsObject()));
        await first.OkAsync("POST", "/api/v1/namespaces", JsonNode.Parse("""{"metadata":{"name":"team"}}"""));
        var gadget = await first.OkAsync("POST", Gadgets, JsonNode.Parse("""{"apiVersion":"tests.example/v1","kind":"Gadget","metadata":{"name":"g","finalizers":["a/b"]},"spec":{"text":"yes: no\n- x","n":1}}"""));
        gadget["status"] = new JsonObject { ["ready"] = true };
        gadget = await first.OkAsync("PUT", $"{Gadgets}/g/status", gadget.DeepClone());
        await first.CreateConfigMapAsync("a", "line 1\nline 2\n");
        await first.OkAsync("POST", "/api/v1/namespaces/default/secrets", JsonNode.Parse("""{"metadata":{"name":"s"},"stringData":{"k":"v"}}"""));

        var state = first.Server.ExportState();
        await using var second = await TestServer.StartAsync(o => o with { State = state });

        JsonObject Bare(JsonObject tree)
        {
            tree["metadata"]!.AsObject().Remove("resourceVersion");
            return tree;
        }
        foreach (var path in (string[])[$"{Gadgets}/g", $"{TestServer.ConfigMaps}/a", "/api/v1/namespaces/team", "/api/v1/namespaces/default/secrets/s", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.tests.example"])
        {
            Assert.Equal(Bare(await first.OkAsync("GET", path)).ToJsonString(), Bare(await second.OkAsync("GET", path)).ToJsonString());
        }
        // And it goes on: writes work on what came in.
        Assert.Equal(HttpStatusCode.Conflict, (await second.SendAsync("POST", TestServer.ConfigMaps, TestServer.ConfigMap("a"))).Code);
        await second.OkAsync("PUT", $"{TestServer.ConfigMaps}/a", TestServer.ConfigMap("a", "2"));
        Assert.Equal(Normal(state), Normal(first.Server.ExportState()));
    }

    /// <summary>The documents without what follows a write of the other tests' clocks.</summary>
    private static string Normal(string state) => state.ReplaceLineEndings("\n");

    [Fact]
    public async Task Objects_by_hand_are_taken_in_and_replace_those_of_the_same_name()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");

        var count = server.Server.ImportState("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\ndata: {v: new}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n");

        Assert.Equal(2, count);
        Assert.Equal("new", (string?)(await server.OkAsync("GET", $"{TestServer.ConfigMaps}/a"))["data"]!["v"]);
        Assert.NotNull((await server.OkAsync("GET", "/api/v1/namespaces/other"))["metadata"]!["uid"]);
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: Nothing\nmetadata: {name: a}\n", "kind 'Nothing'")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: default}\n", "no metadata.name")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "no metadata.namespace")]
    [InlineData("- 1\n", "is no object")]
    [InlineData("a: [", "")]
    public async Task What_is_no_state_is_refused_with_its_place(string state, string message)
    {
        await using var server = await TestServer.StartAsync();

        var wrong = Assert.ThrowsAny<FormatException>(() => server.Server.ImportState(state));

        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_state_on_disk_is_for_its_owner_alone()
    {
        await using var server = await TestServer.StartAsync();
        var path = Path.Combine(Path.GetTempPath(), $"actorkube-{Guid.NewGuid():N}", "state.yaml");
        try
        {
            await server.Server.WriteStateAsync(path);

            Assert.Contains("kind: Namespace", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public async Task Nobody_sees_the_first_objects_come_of_the_namespaces_that_a_server_begins_with()
    {
        await using var server = await TestServer.StartAsync();

        // No step lies between: what is not there now would be seen to come by the watch.
        var accounts = await server.OkAsync("GET", "/api/v1/serviceaccounts");
        var authorities = await server.OkAsync("GET", "/api/v1/configmaps?fieldSelector=metadata.name%3Dkube-root-ca.crt");
        Assert.Equal(["default", "kube-node-lease", "kube-public", "kube-system"], accounts["items"]!.AsArray().Select(a => a!["metadata"]!["namespace"]!.ToString()));
        Assert.Equal(["default", "kube-node-lease", "kube-public", "kube-system"], authorities["items"]!.AsArray().Select(a => a!["metadata"]!["namespace"]!.ToString()));
        using var watch = await server.WatchAsync($"/api/v1/configmaps?watch=true&resourceVersion={authorities["metadata"]!["resourceVersion"]}");
        await server.CreateConfigMapAsync("mine");
        Assert.Equal("ADDED mine", await watch.NextNameAsync());
        var service = await server.OkAsync("GET", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes");
        Assert.Equal("kubernetes", service["metadata"]!["labels"]!["kubernetes.io/service-name"]!.ToString());
    }
}
