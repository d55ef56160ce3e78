using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>
/// Every OpenAPI document is held, whole but for its prose, to what a real 1.32 serves where the same definitions are: <c>Documents/openapi.txt</c> has the SHA-256 of each, keys
/// sorted and descriptions left out.
/// </summary>
public sealed class OpenApiDocumentTests
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    [Fact]
    public async Task Every_document_is_a_real_servers_but_for_its_prose()
    {
        await using var server = await WithDefinitionsAsync();
        var expected = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Documents", "openapi.txt")).Select(l => l.Split(' ')).ToDictionary(l => l[0], l => l[1]);
        var index = (await server.OkAsync("GET", "/openapi/v3"))["paths"]!.AsObject();

        var differing = new List<string>();
        foreach (var (name, hash) in expected)
        {
            var document = JsonNode.Parse(await server.Http.GetByteArrayAsync($"/openapi/{name}"))!;
            if (Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(document)))) != hash)
            {
                differing.Add(name);
            }
        }

        Assert.Empty(differing);
        Assert.Equal(expected.Keys.Where(k => k != "v2").Select(k => k["v3/".Length..]), index.Select(p => p.Key));
    }

    [Theory]
    [InlineData("/openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")]
    [InlineData("/openapi/v2", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf;q=0.5,application/json", "application/json")]
    [InlineData("/openapi/v2", "text/html, */*;q=0.1", "application/json")]
    [InlineData("/openapi/v2", "application/yaml", null)]
    [InlineData("/openapi/v2", "application/com.github.proto-openapi.spec.v3@v1.0+protobuf", null)]
    [InlineData("/openapi/v3/version", "application/com.github.proto-openapi.spec.v3@v1.0+protobuf", "application/com.github.proto-openapi.spec.v3.v1.0+protobuf")]
    [InlineData("/openapi/v3/version", "text/plain", null)]
    [InlineData("/openapi/v3", "application/yaml", "text/plain")]
    public async Task A_document_comes_in_the_form_that_is_asked_for_or_not_at_all(string path, string accept, string? type)
    {
        await using var server = await TestServer.StartAsync();

        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await server.Http.SendAsync(request);

        Assert.Equal((type is null ? HttpStatusCode.NotAcceptable : HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal(type is null, (await answer.Content.ReadAsByteArrayAsync()).Length == 0);
    }

    /// <summary>The bytes are those of a real server, descriptions left out of its document before it was encoded.</summary>
    [Fact]
    public async Task A_version_3_document_travels_as_protobuf_too()
    {
        await using var server = await TestServer.StartAsync();
        var field = static (string name) => $"\n{(char)(20 + name.Length)}\n{(char)name.Length}{name}\x12\x10\n\x0e\xca\x01\x06string\x8a\x02\x02\x1a\0";

        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v3/version");
        request.Headers.TryAddWithoutValidation("Accept", "application/com.github.proto-openapi.spec.v3@v1.0+protobuf");
        using var answer = await server.Http.SendAsync(request);
        var text = Encoding.Latin1.GetString(await answer.Content.ReadAsByteArrayAsync());

        Assert.StartsWith("\n\x05" + "3.0.0\x12\x12\n\nKubernetes2\x04" + "1.32\"", text, StringComparison.Ordinal);
        Assert.Contains("\n\t/version/\x12", text, StringComparison.Ordinal);
        Assert.Contains("*\x0egetCodeVersionB", text, StringComparison.Ordinal);
        Assert.Contains("\n\x10" + "application/json\x12?\n=\x12;\n9#/components/schemas/io.k8s.apimachinery.pkg.version.Info", text, StringComparison.Ordinal);
        Assert.Contains("\xba\x01\x05major\xba\x01\x05minor\xba\x01\ngitVersion", text, StringComparison.Ordinal);
        Assert.Contains(field("buildDate") + field("compiler") + field("gitCommit") + field("gitTreeState"), text, StringComparison.Ordinal);
        Assert.EndsWith(":2\n0\n\x0b" + "BearerToken\x12!\n\x1f\n\x06" + "apiKey\x1a\rauthorization\"\x06header", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hash_changes_with_the_definition_and_with_nothing_else()
    {
        await using var server = await WithDefinitionsAsync();
        var before = (await server.OkAsync("GET", "/openapi/v3"))["paths"]!.AsObject();

        await server.OkAsync("PATCH", $"{Definitions}/planets.oa.example.com", JsonNode.Parse("""
            [{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/b","value":{"type":"string"}}]
            """), "application/json-patch+json");
        var after = (await server.OkAsync("GET", "/openapi/v3"))["paths"]!.AsObject();

        Assert.Equal(["apis/oa.example.com/v1"], after.Where(p => p.Value!.ToJsonString() != before[p.Key]!.ToJsonString()).Select(p => p.Key));
        using var document = await server.Http.GetAsync((string)after["apis/oa.example.com/v1"]!["serverRelativeURL"]!);
        Assert.Contains("\"b\":{\"type\":\"string\"}", await document.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/openapi/v3/apis/oa.example.com/v1");
        again.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(document.Headers.ETag!.ToString()));
        using var unchanged = await server.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    private static async Task<TestServer> WithDefinitionsAsync()
    {
        var server = await TestServer.StartAsync();
        foreach (var definition in JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Documents", "definitions.json")))!.AsArray())
        {
            await server.OkAsync("POST", Definitions, definition!);
        }
        return server;
    }

    private static string Canonical(JsonNode? node) => node switch
    {
        JsonObject tree => "{" + string.Join(',', tree.Where(p => !(p.Key == "description" && p.Value?.GetValueKind() == JsonValueKind.String))
            .OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"\"{p.Key}\":{Canonical(p.Value)}")) + "}",
        JsonArray list => "[" + string.Join(',', list.Select(Canonical)) + "]",
        null => "null",
        _ => node.ToJsonString(Json.Compact),
    };
}
