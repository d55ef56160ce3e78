using System.Text;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

public sealed class ListTests
{
    static string Item(string name) => $$$"""{"metadata":{"name":"{{{name}}}","namespace":"ns","resourceVersion":"1","managedFields":[{"manager":"m"}]},"spec":{"x":"a]}\"{["}}""";

    static string List(string items, string metadata = """{"resourceVersion":"77","continue":"go on","remainingItemCount":9}""") =>
        $$"""{"kind":"PodList","apiVersion":"v1","metadata":{{metadata}},"items":{{items}}}""";

    static IResourceClient PodsOver(Stream body) => Clients.Over(new FakeServer(_ => FakeServer.Stream(body))).Resource(Clients.Pods, "ns");

    static IResourceClient PodsOver(string body) => PodsOver(new MemoryStream(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public async Task A_page_has_its_items_with_their_kind_and_says_how_to_go_on()
    {
        var page = await PodsOver(List($"[{Item("a")}, {Item("b")} ]")).ListAsync();
        Assert.Equal(["a", "b"], page.Items.Select(item => item.Name));
        Assert.All(page.Items, item => Assert.Equal(("v1", "Pod"), (item.ApiVersion, item.Kind)));
        Assert.Equal(("77", "go on", 9L), (page.ResourceVersion, page.Continue, page.RemainingItemCount));
        Assert.Contains("\"kind\":\"Pod\"", page.Items[0].ToJson());
        Assert.Contains("managedFields", page.Items[0].ToJson());
    }

    [Fact]
    public async Task What_reflectors_list_leaves_managed_fields_behind()
    {
        var page = await PodsOver(List($"[{Item("a")}]")).ListWatch().ListAsync(new ListOptions(), default);
        Assert.DoesNotContain("managedFields", page.Items[0].ToJson());
    }

    [Fact]
    public async Task Typed_items_have_their_kind()
    {
        var client = Clients.Over(new FakeServer(_ => FakeServer.Json(List($"[{Item("a")}]"))));
        var page = await client.Resource<V1Pod>("ns").ListAsync();
        Assert.Equal(("v1", "Pod", "a"), (page.Items[0].ApiVersion, page.Items[0].Kind, page.Items[0].Metadata.Name));
    }

    [Theory]
    [InlineData("""{"apiVersion":"x/v1","items":[{"apiVersion":"x/v1","kind":"At","metadata":{"name":"a"}}],"kind":"AtList","metadata":{"resourceVersion":"3"}}""", 1)]
    [InlineData("""{"items":[],"kind":"AtList","metadata":{"resourceVersion":"3"}}""", 0)]
    [InlineData("""{"items":null,"metadata":{"resourceVersion":"3"},"kind":"AtList"}""", 0)]
    [InlineData(" { \"kind\" : \"AtList\" ,\n \"metadata\" : {\"resourceVersion\":\"3\"} , \"items\" : [ ] , \"more\":[1,{\"a\":\"}\"}],\"n\":-1.5e3,\"b\":true } ", 0)]
    public async Task Fields_may_come_in_any_order(string body, int count)
    {
        var page = await Clients.Over(new FakeServer(_ => FakeServer.Json(body))).Resource(Clients.Ats, "ns").ListAsync();
        Assert.Equal(count, page.Items.Count);
        Assert.Equal("3", page.ResourceVersion);
        Assert.Equal("", page.Continue);
    }

    [Fact]
    public async Task A_list_comes_whole_wherever_the_bytes_are_split()
    {
        var bytes = Encoding.UTF8.GetBytes(List($"[{Item("ä")},{Item("b")}]") + "\n");
        for (var at = 0; at <= bytes.Length; at++)
        {
            var page = await PodsOver(new ScriptedStream().Feed(bytes.AsMemory(0, at)).Feed(bytes.AsMemory(at)).End()).ListAsync();
            Assert.Equal(["ä", "b"], page.Items.Select(item => item.Name));
            Assert.Equal("77", page.ResourceVersion);
        }
    }

    [Fact]
    public async Task Every_cut_is_an_error()
    {
        var bytes = Encoding.UTF8.GetBytes(List($"[{Item("a")}]"));
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = Clients.Over(new FakeServer(_ => FakeServer.Stream(new MemoryStream(bytes, 0, length))), Clients.Configuration with { MaxRetries = 0 });
            await Assert.ThrowsAnyAsync<IOException>(() => cut.Resource(Clients.Pods, "ns").ListAsync());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("<html>")]
    [InlineData("""{"kind":"Table","apiVersion":"meta.k8s.io/v1","rows":[]}""")]
    [InlineData("""{"kind":"PodList","items":[1]}""")]
    [InlineData("""{"kind":"PodList","items":[{"metadata":{"name":1}}]}""")]
    [InlineData("""{"kind":"PodList","items":[{}{}]}""")]
    [InlineData("""{"kind":"PodList" "items":[]}""")]
    public async Task What_is_no_list_is_the_servers_failure(string body)
    {
        var client = Clients.Over(new FakeServer(_ => FakeServer.Stream(new MemoryStream(Encoding.UTF8.GetBytes(body)))), Clients.Configuration with { MaxRetries = 0 });
        var error = await Assert.ThrowsAnyAsync<Exception>(() => client.Resource(Clients.Pods, "ns").ListAsync());
        Assert.True(error is HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } or IOException, error.ToString());
    }

    [Fact]
    public async Task A_large_list_is_not_held_beside_its_items()
    {
        // 20,000 items of 1 KB; what is alive at once beside the items is one buffer.
        var item = Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"a","namespace":"ns"},"note":"{{{new string('x', 1000)}}}"},""");
        var connection = new ScriptedStream().Feed("""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[""");
        for (var index = 0; index < 20_000; index++) connection.Feed(index < 19_999 ? item : item.AsMemory(0, item.Length - 1));
        connection.Feed("]}").End();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var page = await PodsOver(connection).ListAsync();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(20_000, page.Items.Count);
        var kept = page.Items.Sum(kube => (long)kube.Bytes.Length);
        Assert.InRange(allocated, kept, kept * 2 - 2_000_000);
    }

    [Fact]
    public async Task All_pages_come_as_one_sequence_and_only_as_far_as_they_are_taken()
    {
        var server = new FakeServer(asked => FakeServer.Json(asked.Number switch
        {
            1 => List($"[{Item("a")},{Item("b")}]", """{"resourceVersion":"7","continue":"two"}"""),
            _ => List($"[{Item("c")}]", """{"resourceVersion":"7"}""")
        }));
        var pods = Clients.Over(server).Resource(Clients.Pods, "ns");
        Assert.Equal(2, (await pods.ListAllAsync(new ListOptions { Limit = 2, ResourceVersion = "5", LabelSelector = "a=b" }).CollectAsync(2)).Count);
        Assert.Single(server.Requests);

        server = new FakeServer(server.Answer);
        pods = Clients.Over(server).Resource(Clients.Pods, "ns");
        var names = (await pods.ListAllAsync(new ListOptions { Limit = 2, ResourceVersion = "5", LabelSelector = "a=b" }).CollectAsync()).Select(item => item.Name);
        Assert.Equal(["a", "b", "c"], names);
        Assert.Equal(["/api/v1/namespaces/ns/pods?labelSelector=a%3Db&resourceVersion=5&limit=2", "/api/v1/namespaces/ns/pods?labelSelector=a%3Db&limit=2&continue=two"],
            server.Requests.Select(asked => asked.Path));
    }

    [Fact]
    public async Task Pages_are_of_500_unless_told()
    {
        var server = new FakeServer(_ => FakeServer.Json(List("[]", "{}")));
        await Clients.Over(server).Resource<V1Pod>().ListAllAsync().CollectAsync();
        Assert.Equal("/api/v1/pods?limit=500", server.Last.Path);
    }

    [Fact]
    public async Task An_expired_continue_token_is_replaced_by_the_one_the_server_sends()
    {
        var server = new FakeServer(asked => asked.Number switch
        {
            1 => FakeServer.Json(List($"[{Item("a")}]", """{"resourceVersion":"7","continue":"old"}""")),
            2 => FakeServer.Json("""{"kind":"Status","apiVersion":"v1","metadata":{"continue":"fresh"},"status":"Failure","reason":"Expired","code":410}""", System.Net.HttpStatusCode.Gone),
            _ => FakeServer.Json(List($"[{Item("b")}]", """{"resourceVersion":"9"}"""))
        });
        var names = (await Clients.Over(server).Resource(Clients.Pods, "ns").ListAllAsync().CollectAsync()).Select(item => item.Name);
        Assert.Equal(["a", "b"], names);
        Assert.EndsWith("continue=fresh", server.Last.Path);
    }

    [Fact]
    public async Task Protobuf_lists_are_read_item_by_item_too()
    {
        var list = KubeProtobuf.Serialize(new V1PodList
        {
            ApiVersion = "v1", Kind = "PodList", Metadata = new V1ListMeta { ResourceVersion = "77", ContinueProperty = "go on", RemainingItemCount = 9 },
            Items = [new V1Pod { Metadata = new V1ObjectMeta { Name = "a" } }, new V1Pod { Metadata = new V1ObjectMeta { Name = "b" } }]
        });
        for (var at = 0; at <= list.Length; at++)
        {
            var body = new ScriptedStream().Feed(list.AsMemory(0, at)).Feed(list.AsMemory(at)).End();
            var client = Clients.Over(new FakeServer(_ => FakeServer.Stream(body, "application/vnd.kubernetes.protobuf")));
            var page = await client.Resource<V1Pod>("ns").ListAsync();
            Assert.Equal([("a", "Pod"), ("b", "Pod")], page.Items.Select(pod => (pod.Metadata.Name, pod.Kind)));
            Assert.Equal(("77", "go on", 9L), (page.ResourceVersion, page.Continue, page.RemainingItemCount));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_caches_list_is_packed_unless_configuration_says_otherwise(bool packs)
    {
        static string Long(int number) => $$$"""{"metadata":{"name":"a{{{number}}}","namespace":"ns","resourceVersion":"1"},"spec":{"nodeName":"{{{new string('n', 2000)}}}"}}""";
        var body = List($"[{string.Join(',', Enumerable.Range(0, 200).Select(Long))}]");
        var pods = Clients.Over(new FakeServer(_ => FakeServer.Stream(new MemoryStream(Encoding.UTF8.GetBytes(body)))), Clients.Configuration with { PackCachedObjects = packs }).Resource(Clients.Pods, "ns");
        var page = await pods.ListWatch().ListAsync(new ListOptions(), default);
        var held = page.Items.Skip(100).Average(static item => item.HeldBytes);
        Assert.Equal(packs, held < 1000);
        Assert.All(page.Items, item => Assert.Contains(new string('n', 2000), item.ToJson(), StringComparison.Ordinal));
    }
}
