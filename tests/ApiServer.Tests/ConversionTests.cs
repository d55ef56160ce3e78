using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>Definitions with several versions, converted by their own webhook or only by name.</summary>
public sealed class ConversionTests
{
    private const string V1 = "/apis/tests.example/v1/namespaces/default/gadgets";
    private const string V2 = "/apis/tests.example/v2/namespaces/default/gadgets";
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    [Fact]
    public async Task Objects_are_shown_in_every_version_as_the_webhook_converts_them()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, request) => Convert(request));
        await server.OkAsync("POST", Definitions, Definition(hook));
        await server.OkAsync("POST", V1, Gadget("v1", "a", new JsonObject { ["host"] = "h:80" }));
        await server.OkAsync("POST", V2, Gadget("v2", "b", new JsonObject { ["name"] = "i", ["port"] = 81 }));

        var first = await server.OkAsync("GET", $"{V2}/a");
        var list = await server.OkAsync("GET", V1);
        using var watch = await server.WatchAsync($"{V2}?watch=true");
        var watched = (await watch.NextAsync())!["object"]!;

        Assert.Equal(("h", 80), (first["spec"]!["name"]!.ToString(), (int)first["spec"]!["port"]!));
        Assert.Equal(["h:80", "i:81"], list["items"]!.AsArray().Select(i => i!["spec"]!["host"]!.ToString()));
        Assert.Equal(("tests.example/v2", 80), (watched["apiVersion"]!.ToString(), (int)watched["spec"]!["port"]!));
    }

    [Fact]
    public async Task A_list_is_converted_in_one_call_and_no_state_twice()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, request) => Convert(request));
        await server.OkAsync("POST", Definitions, Definition(hook));
        foreach (var name in (string[])["a", "b", "c"])
        {
            await server.OkAsync("POST", V1, Gadget("v1", name, new JsonObject { ["host"] = "h:80" }));
        }
        hook.Asked.Clear();

        await server.OkAsync("GET", V2);
        await server.OkAsync("GET", V2);
        await server.OkAsync("GET", $"{V2}/a");

        Assert.Equal(3, Assert.Single(hook.Asked).Request["objects"]!.AsArray().Count);
    }

    [Fact]
    public async Task Writes_in_another_version_are_stored_in_the_storage_version()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, request) => Convert(request));
        await server.OkAsync("POST", Definitions, Definition(hook));
        await server.OkAsync("POST", V1, Gadget("v1", "a", new JsonObject { ["host"] = "h:80" }));

        await server.OkAsync("PATCH", $"{V2}/a", JsonNode.Parse("""{"spec":{"port":90}}"""), "application/merge-patch+json");

        Assert.Equal("h:90", (await server.OkAsync("GET", $"{V1}/a"))["spec"]!["host"]!.ToString());
    }

    [Fact]
    public async Task What_a_webhook_must_not_change_is_refused_and_what_it_says_is_told()
    {
        await using var server = await TestServer.StartAsync();
        var refuse = false;
        await using var hook = await WebhookServer.StartAsync((_, request) =>
        {
            var answer = Convert(request);
            if (refuse)
            {
                return new JsonObject { ["result"] = new JsonObject { ["status"] = "Failure", ["message"] = "cannot" } };
            }
            answer["convertedObjects"]![0]!["metadata"]!["uid"] = "another";
            return answer;
        });
        await server.OkAsync("POST", Definitions, Definition(hook));
        await server.OkAsync("POST", V1, Gadget("v1", "a", new JsonObject { ["host"] = "h:80" }));

        var (tampered, tamperedAnswer) = await server.SendAsync("GET", $"{V2}/a");
        refuse = true;
        var (refused, refusedAnswer) = await server.SendAsync("GET", $"{V2}/a");

        Assert.Equal((HttpStatusCode.InternalServerError, HttpStatusCode.InternalServerError), (tampered, refused));
        Assert.Contains("must have the same UID", tamperedAnswer["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("conversion webhook for tests.example/v1, Kind=Gadget failed: cannot", refusedAnswer["message"]!.ToString());
    }

    [Fact]
    public async Task A_write_that_changes_nothing_still_migrates_an_object_to_a_new_storage_version()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Definitions, Definition(null));
        var before = await server.OkAsync("POST", V1, Gadget("v1", "a", new JsonObject { ["host"] = "h" }));
        var definition = await server.OkAsync("GET", $"{Definitions}/gadgets.tests.example");
        definition["spec"]!["versions"]![0]!["storage"] = false;
        definition["spec"]!["versions"]![1]!["storage"] = true;
        definition = await server.OkAsync("PUT", $"{Definitions}/gadgets.tests.example", definition);

        var same = await server.OkAsync("PUT", $"{V1}/a", await server.OkAsync("GET", $"{V1}/a"));
        var again = await server.OkAsync("PUT", $"{V1}/a", same);

        Assert.Equal(["v1", "v2"], definition["status"]!["storedVersions"]!.AsArray().Select(v => v!.ToString()));
        Assert.NotEqual(before["metadata"]!["resourceVersion"]!.ToString(), same["metadata"]!["resourceVersion"]!.ToString());
        Assert.Equal(same["metadata"]!["resourceVersion"]!.ToString(), again["metadata"]!["resourceVersion"]!.ToString());
    }

    private static JsonObject Convert(JsonObject request)
    {
        var desired = request["desiredAPIVersion"]!.ToString();
        var converted = new JsonArray();
        foreach (var given in request["objects"]!.AsArray())
        {
            var item = given!.DeepClone().AsObject();
            if (item["apiVersion"]!.ToString() != desired)
            {
                item["apiVersion"] = desired;
                var spec = item["spec"]!.AsObject();
                item["spec"] = desired.EndsWith("v2", StringComparison.Ordinal)
                    ? new JsonObject { ["name"] = spec["host"]!.ToString().Split(':')[0], ["port"] = int.Parse(spec["host"]!.ToString().Split(':')[1], null) }
                    : new JsonObject { ["host"] = $"{spec["name"]}:{spec["port"]}" };
            }
            converted.Add(item);
        }
        return new JsonObject { ["result"] = new JsonObject { ["status"] = "Success" }, ["convertedObjects"] = converted };
    }

    private static JsonObject Gadget(string version, string name, JsonObject spec) => new()
    {
        ["apiVersion"] = $"tests.example/{version}", ["kind"] = "Gadget", ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec,
    };

    private static JsonObject Definition(WebhookServer? hook)
    {
        var definition = TestServer.Definition("gadgets", "Gadget", JsonNode.Parse("""{"type":"object","properties":{"spec":{"type":"object","properties":{"host":{"type":"string"} } } } }""")!.AsObject());
        var second = definition["spec"]!["versions"]![0]!.DeepClone();
        second["name"] = "v2";
        second["storage"] = false;
        second["schema"] = JsonNode.Parse("""{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"name":{"type":"string"},"port":{"type":"integer"} } } } } }""");
        definition["spec"]!["versions"]!.AsArray().Add(second);
        if (hook is not null)
        {
            definition["spec"]!["conversion"] = new JsonObject
            {
                ["strategy"] = "Webhook",
                ["webhook"] = new JsonObject
                {
                    ["conversionReviewVersions"] = new JsonArray("v1"),
                    ["clientConfig"] = new JsonObject { ["url"] = new Uri(hook.Uri, "/convert").ToString(), ["caBundle"] = hook.CaBundle },
                },
            };
        }
        return definition;
    }
}
