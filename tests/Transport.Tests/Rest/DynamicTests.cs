using ActorKube.Models;
using ActorKube.Transport;

namespace Transport.Tests;

public sealed class DynamicTests
{
    static readonly GroupVersionResource Ats = new("cnat.programming-kubernetes.info", "v1alpha1", "ats");
    const string At = """{"kind":"At","apiVersion":"cnat.programming-kubernetes.info/v1alpha1","metadata":{"name":"a","namespace":"ns"},"spec":{"schedule":"now"}}""";

    [Fact]
    public async Task A_resource_is_reached_by_its_name_alone()
    {
        var server = new FakeServer(asked => asked.Path.Contains("watch=true") ? FakeServer.Stream(new ScriptedStream().Feed(Clients.Event("ADDED", At) + "\n").End())
            : asked.Path.EndsWith("/ats") && asked.Method == "GET" ? FakeServer.Json($$"""{"kind":"AtList","apiVersion":"x/v1","metadata":{},"items":[{{At}}]}""") : FakeServer.Json(At));
        var ats = Clients.Over(server).Dynamic(Ats, "ns");
        Assert.Equal("At", Assert.Single((await ats.ListAsync()).Items).Kind);
        Assert.Equal("At", Assert.Single(await ats.WatchAsync().CollectAsync()).Object!.Kind);
        var at = await ats.GetUnstructuredAsync("a");
        Assert.Equal("/apis/cnat.programming-kubernetes.info/v1alpha1/namespaces/ns/ats/a", server.Last.Path);
        at.Root["spec"]!["schedule"] = "later";
        await ats.UpdateAsync(at, subresource: "status");
        Assert.Contains("\"later\"", server.Last.Body);
        await ats.CreateAsync(at);
        Assert.Equal("POST", server.Last.Method);
        await ats.ApplyAsync(at, new ApplyOptions("me"));
        Assert.Equal("application/apply-patch+yaml", server.Last.ContentType);
    }

    [Fact]
    public async Task Metadata_alone_is_asked_for_as_such()
    {
        const string part = """{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a","namespace":"ns","labels":{"x":"y"}}}""";
        var server = new FakeServer(asked => asked.Path.Contains("watch=true") ? FakeServer.Stream(new ScriptedStream().Feed(Clients.Event("ADDED", part) + "\n" + Clients.Event("ADDED", Clients.Pod("whole")) + "\n").End())
            : asked.Path.Contains("/pods?") ? FakeServer.Json($$$"""{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"4"},"items":[{"metadata":{"name":"b"}},{{{part}}}]}""")
            : FakeServer.Json(part));
        var pods = Clients.Over(server).Metadata(Clients.Pods, "ns");
        Assert.Equal("y", (await pods.GetAsync("a")).Labels["x"]);
        Assert.Equal("application/json; as=PartialObjectMetadata; g=meta.k8s.io; v=v1", server.Last.Headers["Accept"]);
        var list = await pods.ListWatch("l=1").ListAsync(new ListOptions(), default);
        Assert.Equal("application/json; as=PartialObjectMetadataList; g=meta.k8s.io; v=v1", server.Last.Headers["Accept"]);
        Assert.All(list.Items, item => Assert.Equal("PartialObjectMetadata", item.Kind));
        var events = await pods.WatchAsync().CollectAsync();
        Assert.Equal("a", events[0].Object!.Name);
        // A server that sends more than it was asked for changes nothing.
        Assert.Equal(("PartialObjectMetadata", "whole"), (events[1].Object!.Kind, events[1].Object!.Name));
        Assert.DoesNotContain("\"spec\"", events[1].Object!.ToJson(), StringComparison.Ordinal);
        await pods.PatchAsync("a", Patch.Merge("{}"));
        await pods.DeleteAsync("a");
    }
}
