using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

public sealed class WriteObserverTests
{
    readonly List<string> _told = [];
    readonly FakeServer _server = new(asked => asked.Method == "DELETE" && asked.Path.Contains("gone") ? FakeServer.Json("""{"kind":"Status","apiVersion":"v1","status":"Success"}""")
        : asked.Headers["Accept"].Contains("PartialObjectMetadata") ? FakeServer.Json("""{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a","namespace":"ns","resourceVersion":"7"}}""")
        : FakeServer.Json(Clients.Pod("a", "7")));

    IKubernetesClient Client() => Clients.Over(_server).WithWriteObserver(Tell);

    void Tell(WrittenObject written) => _told.Add($"{written.Resource.Plural} {written.Key} {written.ResourceVersion}");

    static V1Pod Pod => new() { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "ns" } };

    [Fact]
    public async Task Every_write_is_told_whichever_client_makes_it()
    {
        var client = Client();
        var typed = client.Resource<V1Pod>("ns");
        await typed.CreateAsync(Pod);
        await typed.UpdateAsync(Pod);
        await typed.UpdateStatusAsync(Pod);
        await typed.PatchAsync("a", Patch.Merge("{}"));
        await typed.ApplyAsync(Pod, new ApplyOptions("me"));
        await typed.DeleteAsync("a");
        var raw = client.Resource(Clients.Pods, "ns");
        var item = KubeObject.From(Pod);
        await raw.CreateAsync(item);
        await raw.UpdateAsync(item);
        await raw.UpdateStatusAsync(item);
        await raw.PatchAsync("a", Patch.Merge("{}"));
        await raw.ApplyAsync(item, new ApplyOptions("me"));
        await raw.DeleteAsync("a");
        await client.Metadata(Clients.Pods, "ns").PatchAsync("a", Patch.Merge("{}"));
        Assert.Equal(Enumerable.Repeat("pods ns/a 7", 13), _told);

        _told.Clear();
        await typed.DeleteAsync("gone");
        await raw.DeleteAsync("gone");
        Assert.Equal(["pods ns/gone ", "pods ns/gone "], _told);
    }

    [Fact]
    public async Task Guard_that_throws_keeps_every_write_from_being_sent_and_no_read()
    {
        var client = Clients.Over(_server).WithWriteObserver(Tell, () => throw new InvalidOperationException("not yours"));
        var typed = client.Resource<V1Pod>("ns");
        foreach (var write in (Func<Task>[])[() => typed.CreateAsync(Pod), () => typed.UpdateAsync(Pod), () => typed.PatchAsync("a", Patch.Merge("{}")), () => typed.DeleteAsync("a"), () => typed.DeleteCollectionAsync()])
            Assert.Equal("not yours", (await Assert.ThrowsAsync<InvalidOperationException>(write)).Message);
        // What is put together by hand, and what goes that way without being seen to, is a write too.
        foreach (var write in (Func<Task>[])[
            () => typed.EvictAsync("a"), () => typed.BindAsync("a", "n1"), () => typed.UpdateScaleAsync("a", new V1Scale()), () => typed.RunAsync("a", ["true"]),
            () => client.Rest.Post().AbsPath("/x").DoAsync(), () => client.Resource(Clients.Pods, "ns").Rest.Delete().AbsPath("/x").DoRawAsync(),
            () => client.Metadata(Clients.Pods, "ns").Rest.Patch(Patch.Merge("{}")).AbsPath("/x").StreamAsync()])
            Assert.Equal("not yours", (await Assert.ThrowsAsync<InvalidOperationException>(write)).Message);
        Assert.Empty(_server.Requests);
        Assert.Equal("a", (await typed.GetAsync("a")).Metadata.Name);
        Assert.Equal("a", (await client.Rest.Get().AbsPath("/x").DoAsync()).Get().Name);
        Assert.Empty(_told);
    }

    [Fact]
    public async Task Reads_and_writes_that_change_nothing_are_not_told()
    {
        var pods = Client().Resource<V1Pod>("ns");
        await pods.GetAsync("a");
        await pods.CreateAsync(Pod, new CreateOptions { DryRun = true });
        await pods.PatchAsync("a", Patch.Merge("{}"), new PatchOptions { DryRun = true });
        await pods.ApplyAsync(Pod, new ApplyOptions("me") { DryRun = true });
        await pods.DeleteAsync("a", new DeleteOptions { DryRun = true });
        _server.Answer = _ => Task.FromResult(FakeServer.Status(System.Net.HttpStatusCode.Conflict, "Conflict"));
        await Assert.ThrowsAsync<KubernetesException>(() => pods.UpdateAsync(Pod));
        Assert.Empty(_told);
    }

    [Fact]
    public async Task An_observer_hears_in_its_callers_flow_and_beside_the_others()
    {
        var flow = new AsyncLocal<string>();
        var heard = new List<string?>();
        using var client = Clients.Over(_server);
        var first = client.WithWriteObserver(_ => heard.Add("first " + flow.Value));
        var second = first.WithWriteObserver(_ => heard.Add("second " + flow.Value));
        flow.Value = "run-1";
        await second.Resource<V1Pod>("ns").CreateAsync(Pod);
        await client.Resource<V1Pod>("ns").CreateAsync(Pod);
        Assert.Equal(["first run-1", "second run-1"], heard);

        // What shares another client's connections does not close them.
        second.Dispose();
        await first.Resource<V1Pod>("ns").GetAsync("a");
    }
}
