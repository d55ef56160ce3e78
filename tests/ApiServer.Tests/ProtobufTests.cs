using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ActorKube.Models;
using ApiServer.Tests.Support;
using k8s.Models;

namespace ApiServer.Tests;

/// <summary>Answers in protobuf to who asks for it.</summary>
public sealed class ProtobufTests
{
    private const string Protobuf = "application/vnd.kubernetes.protobuf";
    private const string ConfigMaps = TestServer.ConfigMaps;

    [Fact]
    public async Task Objects_and_lists_say_the_same_as_in_json()
    {
        await using var server = await TestServer.StartAsync(o => o with { FurnishNamespaces = false });
        await server.CreateConfigMapAsync("a", "1");
        var json = await server.CreateConfigMapAsync("b", "2");

        var one = KubeProtobuf.Deserialize<V1ConfigMap>(await GetAsync(server, $"{ConfigMaps}/b"));
        var all = KubeProtobuf.Deserialize<V1ConfigMapList>(await GetAsync(server, $"{ConfigMaps}?limit=1"));

        Assert.True(JsonNode.DeepEquals(json, JsonNode.Parse(KubeJson.SerializeToString(one))));
        Assert.Equal(("v1", "ConfigMapList", "a", 1L), (all.ApiVersion, all.Kind, Assert.Single(all.Items).Metadata.Name, all.Metadata.RemainingItemCount));
        Assert.NotEmpty(all.Metadata.ContinueProperty);
    }

    [Fact]
    public async Task Writes_and_failures_are_answered_in_protobuf_too()
    {
        await using var server = await TestServer.StartAsync();
        var map = KubeProtobuf.Serialize(new V1ConfigMap { Metadata = new() { Name = "a" }, Data = new Dictionary<string, string> { ["v"] = "1" } });

        var made = KubeProtobuf.Deserialize<V1ConfigMap>(await SendAsync(server, HttpMethod.Post, ConfigMaps, map, HttpStatusCode.Created));
        var failed = KubeProtobuf.Deserialize<V1Status>(await SendAsync(server, HttpMethod.Post, ConfigMaps, map, HttpStatusCode.Conflict));
        var deleted = KubeProtobuf.Deserialize<V1Status>(await SendAsync(server, HttpMethod.Delete, $"{ConfigMaps}/a", null, HttpStatusCode.OK));

        Assert.Equal("1", made.Data["v"]);
        Assert.Equal(("AlreadyExists", 409, "a"), (failed.Reason, failed.Code, failed.Details.Name));
        Assert.Equal("Success", deleted.Status);
    }

    // What kube-apiserver 1.32 answers.
    private const string RecordedResources =
        "6b3873000a150a027631120f4150495265736f757263654c6973741287010a106576656e74732e6b38732e696f2f763112730a066576656e747310011a054576656e7422430a066372656174650a0664656c6574650a1064656c657465636f6c6c656374696f6e0a036765740a046c6973740a0570617463680a067570646174650a0577617463682a02657632056576656e7442004a00520c72327969475848377775383d1a002200";

    private const string RecordedGroup = "6b3873000a0e0a027631120841504947726f757012240a0461707073120d0a07617070732f7631120276311a0d0a07617070732f7631120276311a002200";

    [Fact]
    public async Task Discovery_is_what_kube_apiserver_tells()
    {
        await using var server = await TestServer.StartAsync();

        Assert.Equal(RecordedGroup, Convert.ToHexStringLower(await GetAsync(server, "/apis/apps")));
        // Go writes texts that are empty as well, which mean nothing.
        Assert.Equal(
            KubeJson.SerializeToString(KubeProtobuf.Deserialize<V1APIResourceList>(Convert.FromHexString(RecordedResources))),
            KubeJson.SerializeToString(KubeProtobuf.Deserialize<V1APIResourceList>(await GetAsync(server, "/apis/events.k8s.io/v1"))));
    }

    [Fact]
    public async Task Discovery_says_the_same_as_in_json()
    {
        await using var server = await TestServer.StartAsync();

        var core = KubeProtobuf.Deserialize<V1APIResourceList>(await GetAsync(server, "/api/v1"));
        var groups = KubeProtobuf.Deserialize<V1APIGroupList>(await GetAsync(server, "/apis"));
        var versions = KubeProtobuf.Deserialize<V1APIVersions>(await GetAsync(server, "/api"));

        Assert.Equal((await server.OkAsync("GET", "/api/v1"))["resources"]!.AsArray().Select(r => $"{r!["name"]} {string.Join(',', r["verbs"]!.AsArray())}"), core.Resources.Select(r => $"{r.Name} {string.Join(',', r.Verbs)}"));
        Assert.Equal((await server.OkAsync("GET", "/apis"))["groups"]!.AsArray().Select(g => g!["preferredVersion"]!["groupVersion"]!.ToString()), groups.Groups.Select(g => g.PreferredVersion.GroupVersion));
        Assert.Equal(["v1"], versions.Versions);
    }

    [Theory]
    [InlineData("v2")]
    [InlineData("v2beta1")]
    public async Task Aggregated_discovery_says_the_same_as_in_json(string version)
    {
        await using var server = await TestServer.StartAsync();
        var form = $"g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList";
        using var request = new HttpRequestMessage(HttpMethod.Get, "/apis");
        request.Headers.TryAddWithoutValidation("Accept", $"{Protobuf};{form}");
        using var response = await server.Http.SendAsync(request);
        using var plain = new HttpRequestMessage(HttpMethod.Get, "/apis");
        plain.Headers.TryAddWithoutValidation("Accept", $"application/json;{form}");
        using var json = await server.Http.SendAsync(plain);

        Assert.Equal($"{Protobuf};{form}", response.Content.Headers.ContentType!.ToString().Replace(" ", "", StringComparison.Ordinal));
        var told = await response.Content.ReadAsByteArrayAsync();
        // The envelope names the version; what is in it is the same in both.
        Assert.Contains($"apidiscovery.k8s.io/{version}", Encoding.ASCII.GetString(told.AsSpan(0, 48)), StringComparison.Ordinal);
        var all = KubeProtobuf.Deserialize<V2APIGroupDiscoveryList>(version == "v2" ? told : [.. "k8s\0"u8, .. told.AsSpan(4)]);
        Assert.Equal(JsonNode.Parse(await json.Content.ReadAsStringAsync())!["items"]!.AsArray().SelectMany(g => g!["versions"]!.AsArray()).SelectMany(v => v!["resources"]!.AsArray()).Select(r => $"{r!["resource"]} {r["scope"]} {r["responseKind"]!["kind"]}"),
            all.Items.SelectMany(g => g.Versions).SelectMany(v => v.Resources).Select(r => $"{r.Resource} {r.Scope} {r.ResponseKind.Kind}"));
    }

    [Theory]
    [InlineData(Protobuf, true)]
    [InlineData($"{Protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json", false)]
    public async Task Refusals_about_custom_objects_are_told_in_protobuf_too_but_to_those_who_want_another_form(string accept, bool protobuf)
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", JsonNode.Parse("""{"metadata":{"name":"gads.x.io"},"spec":{"group":"x.io","scope":"Cluster","names":{"plural":"gads","kind":"Gad"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}"""));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/apis/x.io/v1/gads/none");
        request.Headers.TryAddWithoutValidation("Accept", accept);

        using var response = await server.Http.SendAsync(request);

        Assert.Equal(protobuf ? Protobuf : "application/json", response.Content.Headers.ContentType!.MediaType);
        if (protobuf)
        {
            var refused = KubeProtobuf.Deserialize<V1Status>(await response.Content.ReadAsByteArrayAsync());
            Assert.Equal((406, "NotAcceptable", "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf"), (refused.Code, refused.Reason, refused.Message));
        }
        else
        {
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task Watches_are_framed_by_length()
    {
        await using var server = await TestServer.StartAsync(o => o with { FurnishNamespaces = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{ConfigMaps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        request.Headers.Accept.ParseAdd($"{Protobuf};stream=watch");
        await server.CreateConfigMapAsync("a");

        using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var (added, first) = await FrameAsync(stream);
        var (bookmark, mark) = await FrameAsync(stream);
        await server.OkAsync("DELETE", $"{ConfigMaps}/a");
        var (deleted, last) = await FrameAsync(stream);

        Assert.Equal($"{Protobuf};stream=watch", response.Content.Headers.ContentType!.ToString().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(("ADDED", "BOOKMARK", "DELETED"), (added, bookmark, deleted));
        Assert.Equal(("a", "a"), (first.Metadata.Name, last.Metadata.Name));
        Assert.Equal("true", mark.Metadata.Annotations["k8s.io/initial-events-end"]);
    }

    [Fact]
    public async Task Metadata_alone_has_a_protobuf_form_for_every_kind()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", TestServer.Definition("gadgets", "Gadget", JsonNode.Parse("""{"type":"object"}""")!.AsObject()));
        const string gadgets = "/apis/tests.example/v1/namespaces/default/gadgets";
        await server.OkAsync("POST", gadgets, JsonNode.Parse("""{"apiVersion":"tests.example/v1","kind":"Gadget","metadata":{"name":"g","labels":{"a":"b"}}}"""));

        var one = KubeObject.ParseProtobuf(await GetAsync(server, $"{gadgets}/g", $"{Protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1"), KubeObjectOptions.Everything);
        var list = await GetAsync(server, gadgets, $"{Protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");

        Assert.Equal(("PartialObjectMetadata", "g", "b"), (one.Kind, one.Name, one.Labels["a"]));
        Assert.Contains("PartialObjectMetadataList", Encoding.UTF8.GetString(list), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/apis/tests.example/v1/namespaces/default/gadgets", "application/vnd.kubernetes.protobuf,application/json", "application/json")]
    [InlineData(ConfigMaps, "application/json,application/vnd.kubernetes.protobuf", "application/json")]
    [InlineData(ConfigMaps, "application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1,application/json", "application/json")]
    [InlineData(ConfigMaps, "application/vnd.kubernetes.protobuf,application/json", "application/vnd.kubernetes.protobuf")]
    public async Task Json_is_the_answer_where_there_is_no_protobuf_form_or_it_comes_first(string path, string accept, string expected)
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", TestServer.Definition("gadgets", "Gadget", JsonNode.Parse("""{"type":"object"}""")!.AsObject()));
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);

        using var response = await server.Http.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, expected), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task A_state_is_made_into_a_message_once()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var row = server.Server.Core.Table.Current.Find("", "v1", "configmaps")!;
        var stored = row.Store.Current.Get("default", "a")!;

        Assert.False(ProtobufForm.IsMade(stored));
        await GetAsync(server, $"{ConfigMaps}/a");
        Assert.True(ProtobufForm.IsMade(stored));
    }

    private static Task<byte[]> GetAsync(TestServer server, string path, string accept = Protobuf) => SendAsync(server, HttpMethod.Get, path, null, HttpStatusCode.OK, accept);

    private static async Task<byte[]> SendAsync(TestServer server, HttpMethod method, string path, byte[]? body, HttpStatusCode expected, string accept = Protobuf)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new(Protobuf);
        }
        using var response = await server.Http.SendAsync(request);
        Assert.Equal((expected, Protobuf), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static async Task<(string Type, V1ConfigMap Object)> FrameAsync(Stream stream)
    {
        var head = new byte[4];
        await stream.ReadExactlyAsync(head);
        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(head)];
        await stream.ReadExactlyAsync(frame);
        var length = frame[1];
        var at = frame.AsSpan().IndexOf("k8s\0"u8);
        return (Encoding.UTF8.GetString(frame.AsSpan(2, length)), KubeProtobuf.Deserialize<V1ConfigMap>(frame.AsSpan(at)));
    }
}
