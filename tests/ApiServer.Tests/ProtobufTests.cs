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
