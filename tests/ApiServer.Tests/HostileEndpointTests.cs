using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>Every class of endpoint that reads a body, held to every kind of bad body.</summary>
public sealed class HostileEndpointTests
{
    private const string Space = "/api/v1/namespaces/default";

    public static TheoryData<string, string, string> Endpoints { get; } = new()
    {
        { "POST", $"{Space}/configmaps", "application/json" },
        { "POST", $"{Space}/pods", "application/json" },
        { "POST", "/apis/apps/v1/namespaces/default/deployments", "application/json" },
        { "POST", "/api/v1/namespaces", "application/json" },
        { "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "application/json" },
        { "POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", "application/json" },
        { "POST", "/apis/tests.example/v1/namespaces/default/things", "application/json" },
        { "POST", "/apis/apiregistration.k8s.io/v1/apiservices", "application/json" },
        { "PATCH", "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/probes", "application/strategic-merge-patch+json" },
        { "PUT", $"{Space}/configmaps/a", "application/json" },
        { "PUT", $"{Space}/pods/p", "application/json" },
        { "PUT", "/apis/tests.example/v1/namespaces/default/things/t", "application/json" },
        { "PUT", "/apis/tests.example/v1/namespaces/default/things/t/status", "application/json" },
        { "PUT", $"{Space}/pods/p/status", "application/json" },
        { "PUT", $"{Space}/pods/p/ephemeralcontainers", "application/json" },
        { "PUT", "/api/v1/namespaces/default/finalize", "application/json" },
        { "PUT", "/apis/apps/v1/namespaces/default/deployments/d/scale", "application/json" },
        { "POST", $"{Space}/pods/p/eviction", "application/json" },
        { "POST", $"{Space}/pods/p/binding", "application/json" },
        { "POST", $"{Space}/bindings", "application/json" },
        { "POST", $"{Space}/serviceaccounts/default/token", "application/json" },
        { "PUT", "/apis/certificates.k8s.io/v1/certificatesigningrequests/none/approval", "application/json" },
        { "POST", "/apis/authentication.k8s.io/v1/tokenreviews", "application/json" },
        { "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "application/json" },
        { "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "application/json" },
        { "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "application/json" },
        { "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "application/json" },
        { "POST", "/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews", "application/json" },
        { "DELETE", $"{Space}/configmaps/a", "application/json" },
        { "DELETE", $"{Space}/secrets", "application/json" },
        { "PATCH", $"{Space}/configmaps/a", "application/json-patch+json" },
        { "PATCH", $"{Space}/configmaps/a", "application/merge-patch+json" },
        { "PATCH", $"{Space}/pods/p", "application/strategic-merge-patch+json" },
        { "PATCH", $"{Space}/configmaps/a", "application/apply-patch+yaml" },
        { "PATCH", $"{Space}/pods/p/status", "application/merge-patch+json" },
        { "PATCH", "/apis/apps/v1/namespaces/default/deployments/d/scale", "application/merge-patch+json" },
        { "PATCH", "/apis/apps/v1/namespaces/default/deployments/d/scale", "application/apply-patch+yaml" },
        { "PATCH", "/apis/tests.example/v1/namespaces/default/things/t", "application/merge-patch+json" },
        { "PATCH", "/apis/tests.example/v1/namespaces/default/things/t", "application/apply-patch+yaml" },
    };

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Bad_bodies_get_a_clear_4xx_and_disturb_nobody(string method, string path, string type)
    {
        await using var server = await TestServer.StartAsync();
        await FurnishAsync(server);

        // What nobody can read is refused as such.
        foreach (var (what, body) in new[]
        {
            ("cut short", Bytes("{\"metadata\":{\"name\":")), ("no json", Bytes("{:}")), ("deep", Bytes(new string('[', 100_000))),
            ("deep objects", Bytes(string.Concat(Enumerable.Repeat("{\"a\":", 50_000)))), ("too much", Bytes($"{{\"a\":\"{new string('x', 4 * 1024 * 1024)}\"}}")),
            ("zeros", new byte[64]), ("no text", new byte[] { 0xC3, 0x28, 0xFF, 0xFE, 0x80 }), ("a text", Bytes("\"text\"")), ("a number", Bytes("7")),
        })
        {
            var (code, reason) = await SendAsync(server, method, path, type, body);
            // A real server has no reason to give for options of a deletion that nobody can read, and answers 500 with the words.
            var worst = method == "DELETE" && reason.Contains("couldn't get version/kind", StringComparison.Ordinal) ? 500 : 499;
            Assert.True((int)code >= 400 && (int)code <= worst, $"{what}: {(int)code} {reason}");
        }
        // What can be read and makes no sense may be taken for something, but nothing breaks on it.
        foreach (var odd in new[]
        {
            "null", "[]", "{}", "{\"metadata\":7}", "{\"metadata\":[]}", "{\"metadata\":{\"name\":{\"a\":1},\"labels\":[7]}}", "{\"apiVersion\":[],\"kind\":{}}", "{\"kind\":\"\\u0000\",\"apiVersion\":\"///\"}",
            "{\"spec\":\"x\",\"status\":7,\"data\":[[]]}", "{\"spec\":{\"containers\":{},\"replicas\":1e400}}", "{\"spec\":{\"containers\":[null,7,[]],\"versions\":[null]}}",
            "{\"spec\":[],\"target\":7,\"deleteOptions\":[]}", "[{}]", "[{\"op\":\"add\"}]", "[{\"op\":\"add\",\"path\":\"/\\uD800\",\"value\":{}}]", "[{\"op\":\"copy\",\"from\":\"\",\"path\":\"/data/x\"}]",
            "{\"metadata\":{\"managedFields\":[{\"fieldsV1\":[]}],\"ownerReferences\":[7],\"finalizers\":{}}}", "{\"$patch\":[],\"$setElementOrder/x\":7}", "{\"webhooks\":[7],\"rules\":{}}",
            "{\"metadata\":{\"creationTimestamp\":\"never\",\"deletionTimestamp\":7,\"generation\":\"x\"}}", "{\"propagationPolicy\":7,\"gracePeriodSeconds\":1e300,\"preconditions\":[]}",
        })
        {
            var (code, reason) = await SendAsync(server, method, path, type, Bytes(odd));
            // Where a real server says 500 on purpose (a directive of a patch that it does not know), it gives no reason; what nobody foresaw has one.
            Assert.True((int)code < 500 || !reason.Contains("InternalError", StringComparison.Ordinal), $"{odd}: {(int)code} {reason}");
        }
        Assert.Equal("default", (string?)(await server.OkAsync("GET", "/api/v1/namespaces/default"))["metadata"]!["name"]);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static async Task<(HttpStatusCode Code, string Reason)> SendAsync(TestServer server, string method, string path, string type, byte[] body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), type.Contains("apply", StringComparison.Ordinal) ? $"{path}?fieldManager=hostile&force=true" : path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var response = await server.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text[..Math.Min(text.Length, 400)]);
    }

    private static async Task FurnishAsync(TestServer server)
    {
        await server.OkAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", TestServer.Definition("things", "Thing", new JsonObject
        {
            ["type"] = "object", ["properties"] = new JsonObject { ["spec"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true } },
        }));
        await server.CreateConfigMapAsync("a");
        await server.OkAsync("POST", $"{Space}/pods", Parse("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}"""));
        await server.OkAsync("POST", "/apis/tests.example/v1/namespaces/default/things", Parse("""{"apiVersion":"tests.example/v1","kind":"Thing","metadata":{"name":"t"},"spec":{}}"""));
        await server.OkAsync("POST", "/apis/apps/v1/namespaces/default/deployments", Parse(
            """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}"""));
    }

    private static JsonNode Parse(string json) => JsonNode.Parse(json)!;
}
