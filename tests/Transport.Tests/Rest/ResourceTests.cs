using System.Net;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

public sealed class ResourceTests
{
    readonly FakeServer _server = new(_ => FakeServer.Json(Clients.Pod("a")));
    readonly KubernetesClient _client;

    public ResourceTests() => _client = Clients.Over(_server);

    IResourceClient Pods => _client.Resource(Clients.Pods, "ns");

    static KubeObject Object(string json) => KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(json));

    [Fact]
    public async Task Each_verb_asks_as_the_api_has_it()
    {
        await Pods.GetAsync("a", new GetOptions { ResourceVersion = "0" });
        Assert.Equal(("GET", "/api/v1/namespaces/ns/pods/a?resourceVersion=0", null), (_server.Last.Method, _server.Last.Path, _server.Last.Body));

        var pod = Object(Clients.Pod("a"));
        await Pods.CreateAsync(pod, new CreateOptions { DryRun = true, FieldManager = "me", FieldValidation = FieldValidation.Strict });
        Assert.Equal(("POST", "/api/v1/namespaces/ns/pods?dryRun=All&fieldManager=me&fieldValidation=Strict"), (_server.Last.Method, _server.Last.Path));
        Assert.Equal(("application/json", Clients.Pod("a")), (_server.Last.ContentType, _server.Last.Body));

        await Pods.UpdateAsync(pod);
        Assert.Equal(("PUT", "/api/v1/namespaces/ns/pods/a"), (_server.Last.Method, _server.Last.Path));
        await Pods.UpdateStatusAsync(pod);
        Assert.Equal(("PUT", "/api/v1/namespaces/ns/pods/a/status"), (_server.Last.Method, _server.Last.Path));

        await Pods.PatchAsync("a", Patch.Merge("""{"x":1}"""), subresource: "status");
        Assert.Equal(("PATCH", "/api/v1/namespaces/ns/pods/a/status", "application/merge-patch+json", """{"x":1}"""),
            (_server.Last.Method, _server.Last.Path, _server.Last.ContentType, _server.Last.Body));
        await Pods.PatchAsync("a", Patch.Json("[]"));
        Assert.Equal("application/json-patch+json", _server.Last.ContentType);
        await Pods.PatchAsync("a", Patch.StrategicMerge("{}"));
        Assert.Equal("application/strategic-merge-patch+json", _server.Last.ContentType);

        await Pods.ApplyAsync(pod, new ApplyOptions("me") { Force = true });
        Assert.Equal(("PATCH", "/api/v1/namespaces/ns/pods/a?fieldManager=me&force=true", "application/apply-patch+yaml"), (_server.Last.Method, _server.Last.Path, _server.Last.ContentType));

        await Pods.DeleteAsync("a");
        Assert.Equal(("DELETE", "/api/v1/namespaces/ns/pods/a", null), (_server.Last.Method, _server.Last.Path, _server.Last.Body));
        await Pods.DeleteAsync("a", new DeleteOptions { GracePeriodSeconds = 0, Uid = "u", ResourceVersion = "3", Propagation = DeletePropagation.Foreground, DryRun = true });
        Assert.Equal("""{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"preconditions":{"uid":"u","resourceVersion":"3"},"propagationPolicy":"Foreground","dryRun":["All"]}""", _server.Last.Body);

        await Pods.DeleteCollectionAsync(selection: new ListOptions { LabelSelector = "a=b" });
        Assert.Equal(("DELETE", "/api/v1/namespaces/ns/pods?labelSelector=a%3Db"), (_server.Last.Method, _server.Last.Path));
    }

    [Fact]
    public async Task Groups_and_cluster_scope_make_the_path()
    {
        await _client.Resource(Clients.Ats, "ns").GetAsync("x");
        Assert.Equal("/apis/cnat.programming-kubernetes.info/v1alpha1/namespaces/ns/ats/x", _server.Last.Path);
        await _client.Resource(Clients.Nodes).GetAsync("n1");
        Assert.Equal("/api/v1/nodes/n1", _server.Last.Path);
        await _client.Resource(ResourceDefinition.For<V1ClusterRole>()).GetAsync("system:node");
        Assert.Equal("/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node", _server.Last.Path);
    }

    [Fact]
    public async Task A_server_below_a_path_is_asked_below_it()
    {
        var client = Clients.Over(_server, Clients.Configuration with { Server = new Uri("https://host/k8s/clusters/c-1/") });
        await client.Resource(Clients.Nodes).GetAsync("n1");
        Assert.Equal("/k8s/clusters/c-1/api/v1/nodes/n1", _server.Last.Path);
    }

    [Fact]
    public async Task Typed_objects_are_sent_with_their_kind_and_come_back_decoded()
    {
        var pod = await _client.Resource<V1Pod>("ns").CreateAsync(new V1Pod { Metadata = new V1ObjectMeta { Name = "a" } });
        Assert.Equal("a", pod.Metadata.Name);
        Assert.Contains("\"kind\":\"Pod\"", _server.Last.Body);
        Assert.Contains("\"apiVersion\":\"v1\"", _server.Last.Body);
    }

    [Fact]
    public async Task Without_a_namespace_of_its_own_the_client_takes_the_objects()
    {
        await _client.Resource(Clients.Pods).UpdateAsync(Object(Clients.Pod("a")));
        Assert.Equal("/api/v1/namespaces/ns/pods/a", _server.Last.Path);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => _client.Resource(Clients.Pods).GetAsync("a"));
        Assert.Contains("say which one", error.Message);
        await Assert.ThrowsAsync<ArgumentException>(() => _client.Resource(Clients.Pods).DeleteCollectionAsync());
        Assert.Throws<ArgumentException>(() => _client.Resource(Clients.Nodes, "ns"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("../secrets/x")]
    [InlineData("%2e%2e")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    public async Task Names_that_would_leave_their_segment_are_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Pods.GetAsync(name));
        // A subresource may have several segments, such as proxy/healthz; none of them may be one of these.
        if (name != "a/b") await Assert.ThrowsAsync<ArgumentException>(() => Pods.PatchAsync("a", Patch.Merge("{}"), subresource: "status/" + name));
        if (name.Length > 0) Assert.Throws<ArgumentException>(() => _client.Resource(Clients.Pods, name));
        Assert.Throws<ArgumentException>(() => _client.Rest.Get().Resource("pods").Name(name));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task Other_characters_are_escaped()
    {
        await Pods.GetAsync("a?b#c d ü");
        Assert.Equal("/api/v1/namespaces/ns/pods/a%3Fb%23c%20d%20%C3%BC", _server.Last.Path);
    }

    [Fact]
    public async Task Deleting_gives_the_object_that_still_waits_and_nothing_for_one_that_is_gone()
    {
        Assert.Equal("a", (await Pods.DeleteAsync("a"))!.Name);
        Assert.Equal("a", (await _client.Resource<V1Pod>("ns").DeleteAsync("a"))!.Metadata.Name);
        _server.Answer = _ => Task.FromResult(FakeServer.Json("""{"kind":"Status","apiVersion":"v1","status":"Success","details":{"name":"a","kind":"pods"}}"""));
        Assert.Null(await Pods.DeleteAsync("a"));
        Assert.Null(await _client.Resource<V1Pod>("ns").DeleteAsync("a"));
    }

    [Fact]
    public async Task Refusals_carry_the_servers_status()
    {
        _server.Answer = _ => Task.FromResult(FakeServer.Status(HttpStatusCode.NotFound, "NotFound", "pods a not found"));
        var error = await Assert.ThrowsAsync<KubernetesException>(() => Pods.GetAsync("a"));
        Assert.True(error.IsNotFound);
        Assert.Contains("pods a not found", error.Message);
    }

    [Theory]
    [InlineData(400, "BadRequest")]
    [InlineData(401, "Unauthorized")]
    [InlineData(403, "Forbidden")]
    [InlineData(404, "NotFound")]
    [InlineData(405, "MethodNotAllowed")]
    [InlineData(406, "NotAcceptable")]
    [InlineData(409, "Conflict")]
    [InlineData(413, "RequestEntityTooLarge")]
    [InlineData(415, "UnsupportedMediaType")]
    [InlineData(422, "Invalid")]
    [InlineData(429, "TooManyRequests")]
    [InlineData(500, "InternalError")]
    [InlineData(502, "InternalError")]
    [InlineData(503, "ServiceUnavailable")]
    [InlineData(504, "Timeout")]
    [InlineData(302, "")]
    public async Task Refusals_without_a_status_get_one(int code, string reason)
    {
        _server.Answer = _ => Task.FromResult(new HttpResponseMessage((HttpStatusCode)code) { Content = new StringContent("<h1>proxy says no</h1>") });
        var error = await Assert.ThrowsAsync<KubernetesException>(() => Pods.GetAsync("a"));
        Assert.Equal((code, reason), (error.StatusCode, error.Reason));
        Assert.Equal(("a", "pods"), (error.Status.Details.Name, error.Status.Details.Kind));
        Assert.True(error.HasStatusCause("UnexpectedServerResponse"));
        Assert.Contains("proxy says no", error.Message);
    }

    [Fact]
    public async Task A_create_that_meets_an_object_is_told_so_whoever_answers()
    {
        _server.Answer = _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.Conflict));
        var error = await Assert.ThrowsAsync<KubernetesException>(() => Pods.CreateAsync(Object(Clients.Pod("a"))));
        Assert.True(error.IsAlreadyExists);
    }

    [Fact]
    public async Task An_answer_that_is_no_object_is_the_servers_failure()
    {
        _server.Answer = _ => Task.FromResult(FakeServer.Json("hello"));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => Pods.GetAsync("a"));
        Assert.Equal(HttpRequestError.InvalidResponse, error.HttpRequestError);
    }

    [Fact]
    public async Task A_request_by_hand_builds_its_path_and_reads_its_answer()
    {
        var request = _client.Rest.Get().GroupVersion(new GroupVersion("apps", "v1")).Namespace("ns").Resource("deployments").Name("web").SubResource("scale").Param("a", "b&c");
        Assert.Equal("/apis/apps/v1/namespaces/ns/deployments/web/scale?a=b%26c", request.Path);
        Assert.Equal("/p/api/v1/nodes/s", _client.Rest.Get().Prefix("p").GroupVersion(new GroupVersion("", "v1")).NamespaceIfScoped("ns", false).Resource("nodes").Suffix("s").Path);
        var result = await request.DoAsync();
        Assert.Equal("a", result.Into<V1Pod>().Metadata.Name);
        Assert.Equal("a", result.Get().Name);
        Assert.Equal((200, false), (result.StatusCode, result.WasCreated));

        await _client.Rest.Get().AbsPath("/version").DoRawAsync();
        Assert.Equal("/version", _server.Last.Path);
        Assert.Throws<ArgumentException>(() => _client.Rest.Get().AbsPath("/a/../b"));
        Assert.Throws<ArgumentException>(() => _client.Rest.Get().AbsPath("/a/%2e%2E/b"));
        Assert.Throws<ArgumentException>(() => _client.Rest.Get().Name("../secrets"));
        Assert.Throws<ArgumentException>(() => _client.Rest.Get().Namespace("%2e%2e"));
        Assert.Throws<ArgumentException>(() => _client.Rest.Get().AbsPath("/a?b"));

        _server.Answer = _ =>
        {
            var answer = FakeServer.Status(HttpStatusCode.Forbidden, "Forbidden");
            answer.Headers.TryAddWithoutValidation("Warning", "299 - \"mind the gap\"");
            return Task.FromResult(answer);
        };
        var refused = await _client.Rest.Post().Resource("pods").Object(new V1Pod()).SetHeader("X-Test", "1").DoAsync();
        Assert.True(refused.Error!.IsForbidden);
        Assert.Equal((403, "mind the gap"), (refused.StatusCode, refused.Warnings.Single().Text));
        Assert.Throws<KubernetesException>(() => refused.Raw);
        Assert.Equal("1", _server.Last.Headers["X-Test"]);
        await Assert.ThrowsAsync<KubernetesException>(() => _client.Rest.Get().AbsPath("/x").DoRawAsync());
    }

    [Fact]
    public async Task A_streamed_answer_is_closed_with_its_stream()
    {
        var connection = new ScriptedStream().Feed("one\n");
        _server.Answer = _ => Task.FromResult(FakeServer.Stream(connection, "text/plain"));
        var stream = await _client.Rest.Get().AbsPath("/logs").StreamAsync();
        Assert.Equal(4, await stream.ReadAsync(new byte[100]));
        Assert.Equal(0, connection.Disposals);
        await stream.DisposeAsync();
        Assert.Equal(1, connection.Disposals);
    }

    [Theory]
    [InlineData(WireFormat.Automatic, true, false)]
    [InlineData(WireFormat.Json, false, false)]
    [InlineData(WireFormat.Protobuf, true, true)]
    public async Task Typed_clients_prefer_protobuf_and_what_is_kept_as_received_is_json_unless_told(WireFormat format, bool typed, bool received)
    {
        async Task<bool> Asks(KubernetesClientConfiguration configuration, Func<KubernetesClient, Task> call)
        {
            await call(Clients.Over(_server, configuration with { WireFormat = format }));
            return _server.Last.Headers["Accept"].Contains("protobuf");
        }
        Assert.Equal(typed, await Asks(Clients.Configuration, client => client.CoreV1.Pods("ns").GetAsync("a")));
        Assert.Equal(received, await Asks(Clients.Configuration, client => client.Resource(Clients.Pods, "ns").GetAsync("a")));
        Assert.Equal(WireFormat.Automatic, Clients.Configuration.WireFormat);
        // A log that shows bodies is for people.
        var logged = new KubernetesClient(Clients.Configuration with { WireFormat = format, LogDetail = RequestLogDetail.Bodies },
            new KubernetesClientOptions { Handler = _server, LoggerFactory = new CollectingLogs() });
        await logged.CoreV1.Pods("ns").GetAsync("a");
        Assert.Equal("application/json", _server.Last.Headers["Accept"]);
    }

    [Fact]
    public async Task What_this_version_does_not_know_survives_reading_and_writing_in_both_encodings()
    {
        var client = Clients.Over(_server);
        _server.Answer = _ => Task.FromResult(FakeServer.Json(Clients.Pod("a", extra: ""","later":{"x":1}""")));
        var pod = await client.CoreV1.Pods("ns").GetAsync("a");
        pod.Metadata.Labels = new Dictionary<string, string> { ["changed"] = "yes" };
        await client.CoreV1.Pods("ns").UpdateAsync(pod);
        Assert.Equal("application/json", _server.Last.ContentType);
        Assert.Contains("\"later\":{\"x\":1}", _server.Last.Body);

        // The envelope's message is its last field but two: field 99, the number 5, is put at the message's end.
        byte[] message = [0x0A, 3, 0x0A, 1, (byte)'a', 0x98, 0x06, 5];
        byte[] bytes = [.. "k8s\0"u8, 0x0A, 9, 0x0A, 2, .. "v1"u8, 0x12, 3, .. "Pod"u8, 0x12, (byte)message.Length, .. message];
        _server.Answer = asked => Task.FromResult(asked.Method == "GET" ? FakeServer.Stream(new MemoryStream(bytes), "application/vnd.kubernetes.protobuf") : FakeServer.Json(Clients.Pod("a")));
        pod = await client.CoreV1.Pods("ns").GetAsync("a");
        pod.Metadata.Labels = new Dictionary<string, string> { ["changed"] = "yes" };
        await client.CoreV1.Pods("ns").UpdateAsync(pod);
        Assert.Equal("application/vnd.kubernetes.protobuf", _server.Last.ContentType);
        Assert.Contains("changed", _server.Last.Body);
        Assert.Equal(5, _server.Last.Body!.Last(character => character < 6 && character > 4));

        var raw = Clients.Over(_server, Clients.Configuration with { WireFormat = WireFormat.Protobuf }).Resource(Clients.Pods, "ns");
        await raw.UpdateAsync(await raw.GetAsync("a"));
        Assert.Equal("application/vnd.kubernetes.protobuf", _server.Last.ContentType);

        // An object without anything unknown is sent as text, whatever it was read as.
        await client.CoreV1.Pods("ns").CreateAsync(new V1Pod { Metadata = new V1ObjectMeta { Name = "b" } });
        Assert.Equal("application/json", _server.Last.ContentType);
    }

    [Fact]
    public async Task A_server_that_refuses_a_kind_in_protobuf_gets_json_then_and_from_then_on()
    {
        static byte[] Sealed(params byte[] message) => [.. "k8s\0"u8, 0x0A, 9, 0x0A, 2, .. "v1"u8, 0x12, 3, .. "Pod"u8, 0x12, (byte)message.Length, .. message];
        var plain = Sealed(0x0A, 3, 0x0A, 1, (byte)'a');
        var later = Sealed(0x0A, 3, 0x0A, 1, (byte)'a', 0x98, 0x06, 5);
        var client = Clients.Over(_server, Clients.Configuration with { WireFormat = WireFormat.Protobuf });
        _server.Answer = asked => Task.FromResult(asked.ContentType == "application/vnd.kubernetes.protobuf"
            ? FakeServer.Status(HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType") : FakeServer.Json(Clients.Pod("a")));
        string[] Sent() => [.. _server.Requests.Select(asked => asked.ContentType!.Split('.', '/')[^1])];

        var pods = client.Resource(Clients.Pods, "ns");
        Assert.Equal("a", (await pods.UpdateAsync(KubeObject.ParseProtobuf(plain))).Name);
        Assert.Equal(["protobuf", "json"], Sent());
        Assert.Contains("\"kind\":\"Pod\"", _server.Last.Body);
        // Learnt for all of the client, and for this kind alone.
        await client.Resource(Clients.Pods, "other").CreateAsync(KubeObject.ParseProtobuf(plain));
        Assert.Equal(["protobuf", "json", "json"], Sent());

        // What JSON would lose is not lost in silence: the server's refusal is the caller's to see.
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => pods.UpdateAsync(KubeObject.ParseProtobuf(later)))).IsUnsupportedMediaType);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => client.CoreV1.Pods("ns").UpdateAsync(KubeProtobuf.Deserialize<V1Pod>(later)))).IsUnsupportedMediaType);
        Assert.Equal(["protobuf", "json", "json", "protobuf", "protobuf"], Sent());
    }

    [Fact]
    public async Task Where_protobuf_is_asked_for_json_will_do()
    {
        // A server may have no protobuf for a kind, or none at all: what the answer says it is decides, answer by answer.
        var client = Clients.Over(_server, Clients.Configuration with { WireFormat = WireFormat.Protobuf });
        Assert.Equal("a", (await client.Resource<V1Pod>("ns").GetAsync("a")).Metadata.Name);
        var bytes = KubeProtobuf.Serialize(new V1Pod { ApiVersion = "v1", Kind = "Pod", Metadata = new V1ObjectMeta { Name = "binary" } });
        _server.Answer = _ => Task.FromResult(FakeServer.Stream(new MemoryStream(bytes), "application/vnd.kubernetes.protobuf"));
        Assert.Equal("binary", (await client.Resource<V1Pod>("ns").GetAsync("a")).Metadata.Name);
        Assert.Equal("binary", (await client.Resource(Clients.Pods, "ns").GetAsync("a")).Name);
        _server.Answer = _ => Task.FromResult(FakeServer.Stream(new ScriptedStream().Feed(Clients.Event("ADDED", Clients.Pod("text")) + "\n").End()));
        Assert.Equal("text", (await client.Resource<V1Pod>("ns").WatchAsync().CollectAsync()).Single().Object!.Metadata.Name);
        Assert.Contains("protobuf;stream=watch", _server.Last.Headers["Accept"].Replace("; ", ";"));
    }

    [Fact]
    public async Task Protobuf_is_asked_for_built_in_kinds_alone()
    {
        var client = Clients.Over(_server, Clients.Configuration with { WireFormat = WireFormat.Protobuf });
        await client.Resource(Clients.Pods, "ns").GetAsync("a");
        Assert.Equal("application/vnd.kubernetes.protobuf, application/json", _server.Last.Headers["Accept"].Replace(",a", ", a"));
        _server.Answer = _ => Task.FromResult(FakeServer.Json("""{"kind":"At","apiVersion":"cnat.programming-kubernetes.info/v1alpha1","metadata":{"name":"a"}}"""));
        await client.Resource(Clients.Ats, "ns").GetAsync("a");
        Assert.Equal("application/json", _server.Last.Headers["Accept"]);
    }
}
