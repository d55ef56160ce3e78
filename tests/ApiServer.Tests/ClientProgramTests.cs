using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>What kubectl and programs on client-go were found to rely on, beside what the recordings hold.</summary>
public sealed class ClientProgramTests
{
    [Fact]
    public async Task A_scale_is_a_table_of_its_own()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", "/apis/apps/v1/namespaces/default/deployments", JsonNode.Parse("""
            {"metadata":{"name":"web"},"spec":{"replicas":2,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """));
        server.Http.DefaultRequestHeaders.Add("Accept", "application/json;as=Table;g=meta.k8s.io;v=v1,application/json");

        var table = await server.OkAsync("GET", "/apis/apps/v1/namespaces/default/deployments/web/scale");

        Assert.Equal("Table", (string?)table["kind"]);
        Assert.Equal(["Name", "Desired", "Available", "Age"], table["columnDefinitions"]!.AsArray().Select(c => (string?)c!["name"]));
        Assert.Equal("""["web",2,0,"0s"]""", table["rows"]![0]!["cells"]!.ToJsonString());
    }

    [Fact]
    public async Task OpenApi_says_which_values_are_of_more_than_one_type()
    {
        await using var server = await TestServer.StartAsync();

        var schemas = (await server.OkAsync("GET", "/openapi/v3/apis/apps/v1"))["components"]!["schemas"]!;

        Assert.Equal("""{"format":"int-or-string","oneOf":[{"type":"integer"},{"type":"string"}]}""", schemas["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]!.ToJsonString());
        Assert.Equal("""{"oneOf":[{"type":"string"},{"type":"number"}]}""", schemas["io.k8s.apimachinery.pkg.api.resource.Quantity"]!.ToJsonString());
    }

    [Theory]
    [InlineData("application/merge-patch+json", """{"extra":1}""")]
    [InlineData("application/json-patch+json", """[{"op":"add","path":"/extra","value":1}]""")]
    public async Task A_patch_that_gives_a_custom_object_an_unknown_field_is_refused_with_the_result_that_it_would_have(string type, string patch)
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", TestServer.Definition("widgets", "Widget", new JsonObject { ["type"] = "object" }));
        const string Widgets = "/apis/tests.example/v1/namespaces/default/widgets";
        await server.OkAsync("POST", Widgets, JsonNode.Parse("""{"apiVersion":"tests.example/v1","kind":"Widget","metadata":{"name":"w"}}"""));

        var (code, answer) = await server.SendAsync("PATCH", $"{Widgets}/w?fieldValidation=Strict", JsonNode.Parse(patch), type);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.StartsWith(" \"\" is invalid: patch: Invalid value: \"{", (string?)answer["message"], StringComparison.Ordinal);
        Assert.EndsWith(": strict decoding error: unknown field \"extra\"", (string?)answer["message"], StringComparison.Ordinal);
    }
}
