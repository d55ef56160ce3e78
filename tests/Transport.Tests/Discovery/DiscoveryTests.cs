using System.Net;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

public sealed class DiscoveryTests : IDisposable
{
    readonly TempDirectory _files = new();

    public void Dispose() => _files.Dispose();

    const string Pods = """{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get","list"],"shortNames":["po"],"categories":["all"]},{"name":"pods/status","singularName":"","namespaced":true,"kind":"Pod","verbs":["get","patch"]},{"name":"pods/eviction","singularName":"","namespaced":true,"group":"policy","version":"v1","kind":"Eviction","verbs":["create"]}""";
    const string Apps = """{"name":"deployments","singularName":"deployment","namespaced":true,"kind":"Deployment","verbs":["get"],"shortNames":["deploy"]}""";

    /// <summary>Answers as a server without aggregated discovery.</summary>
    static HttpResponseMessage Legacy(Asked asked) => asked.Path switch
    {
        "/api" => FakeServer.Json("""{"kind":"APIVersions","versions":["v1"]}"""),
        "/apis" => FakeServer.Json("""{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"},{"groupVersion":"apps/v1beta1","version":"v1beta1"}],"preferredVersion":{"groupVersion":"apps/v1","version":"v1"}},{"name":"metrics.k8s.io","versions":[{"groupVersion":"metrics.k8s.io/v1","version":"v1"}],"preferredVersion":{"groupVersion":"metrics.k8s.io/v1","version":"v1"}}]}"""),
        "/api/v1" => FakeServer.Json($$"""{"kind":"APIResourceList","groupVersion":"v1","resources":[{{Pods}},{"name":"nodes","singularName":"node","namespaced":false,"kind":"Node","verbs":["get"],"shortNames":["no"]}]}"""),
        "/apis/apps/v1" => FakeServer.Json($$"""{"kind":"APIResourceList","groupVersion":"apps/v1","resources":[{{Apps}}]}"""),
        "/apis/apps/v1beta1" => FakeServer.Json($$"""{"kind":"APIResourceList","groupVersion":"apps/v1beta1","resources":[{{Apps}},{"name":"relics","singularName":"relic","namespaced":true,"kind":"Relic","verbs":[]}]}"""),
        "/version" => FakeServer.Json("""{"major":"1","minor":"32","gitVersion":"v1.32.0"}"""),
        "/openapi/v3" => FakeServer.Json("""{"paths":{"apis/apps/v1":{"serverRelativeURL":"/openapi/v3/apis/apps/v1?hash=A%2FB"}}}"""),
        "/openapi/v3/apis/apps/v1?hash=A%2FB" => FakeServer.Json("""{"openapi":"3.0.0"}"""),
        _ => FakeServer.Status(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", "down")
    };

    static string Version(string version, string resources, string freshness = "Current") => $$"""{"version":"{{version}}","freshness":"{{freshness}}","resources":[{{resources}}]}""";

    /// <summary>The same as a server that aggregates.</summary>
    static HttpResponseMessage Aggregated(Asked asked)
    {
        if (!asked.Headers["Accept"].Contains("APIGroupDiscoveryList")) return Legacy(asked);
        const string pods = """{"resource":"pods","responseKind":{"group":"","version":"v1","kind":"Pod"},"scope":"Namespaced","singularResource":"pod","verbs":["get","list"],"shortNames":["po"],"categories":["all"],"subresources":[{"subresource":"status","responseKind":{"group":"","version":"v1","kind":"Pod"},"verbs":["get","patch"]},{"subresource":"eviction","responseKind":{"group":"policy","version":"v1","kind":"Eviction"},"verbs":["create"]}]}""";
        const string nodes = """{"resource":"nodes","responseKind":{"group":"","version":"","kind":"Node"},"scope":"Cluster","singularResource":"node","verbs":["get"],"shortNames":["no"]}""";
        const string deployments = """{"resource":"deployments","responseKind":{"group":"","version":"","kind":"Deployment"},"scope":"Namespaced","singularResource":"deployment","verbs":["get"],"shortNames":["deploy"]}""";
        const string relics = """{"resource":"relics","responseKind":{"kind":"Relic"},"scope":"Namespaced","singularResource":"relic","verbs":[]}""";
        return asked.Path switch
        {
            "/api" => FakeServer.Json($$"""{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[{"metadata":{},"versions":[{{Version("v1", pods + "," + nodes)}}]}]}"""),
            "/apis" => FakeServer.Json($$"""{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[{"metadata":{"name":"apps"},"versions":[{{Version("v1", deployments)}},{{Version("v1beta1", deployments + "," + relics)}}]},{"metadata":{"name":"metrics.k8s.io"},"versions":[{{Version("v1", "", "Stale")}}]}]}"""),
            _ => FakeServer.Status(HttpStatusCode.NotFound, "NotFound")
        };
    }

    static string Describe(DiscoveredApi api) => string.Join("\n", api.Resources.Select(resource =>
        $"{resource.Definition.Kind} {resource.Definition.Plural} {resource.Definition.Namespaced} {resource.Singular} {string.Join(',', resource.ShortNames)} "
        + $"{string.Join(',', resource.Categories)} {string.Join(',', resource.Verbs)} {string.Join(',', resource.Subresources.Select(part => $"{part.Name}:{part.Kind}:{string.Join('+', part.Verbs)}"))}"));

    [Fact]
    public async Task Aggregated_and_unaggregated_servers_say_the_same()
    {
        var aggregated = new FakeServer(Aggregated);
        var first = await Clients.Over(aggregated).Discovery.GetApiAsync();
        Assert.Equal(["/api", "/apis"], aggregated.Requests.Select(asked => asked.Path).Order());
        var legacy = await Clients.Over(new FakeServer(Legacy)).Discovery.GetApiAsync();
        Assert.Equal(Describe(legacy), Describe(first));
        Assert.Equal(5, first.Resources.Count());
        foreach (var api in new[] { first, legacy })
        {
            Assert.Equal(["", "apps", "metrics.k8s.io"], api.Groups.Select(group => group.Name));
            Assert.Equal(["metrics.k8s.io/v1"], api.Failures.Keys.Select(version => version.ToString()));
            Assert.Equal(["pods v1", "nodes v1", "deployments v1", "relics v1beta1"], api.PreferredResources.Select(resource => $"{resource.Definition.Plural} {resource.Definition.Kind.Version}"));
        }
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("""{"kind":"APIGroupList","groups":[{"versions":[{"groupVersion":"a/b/c"}]}]}""")]
    [InlineData("[]")]
    public async Task What_is_no_api_server_is_told_apart(string body)
    {
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => Clients.Over(new FakeServer(_ => FakeServer.Json(body))).Discovery.GetApiAsync());
        Assert.Equal(HttpRequestError.InvalidResponse, error.HttpRequestError);
    }

    [Fact]
    public async Task A_server_that_refuses_the_aggregated_form_is_asked_for_the_other()
    {
        var server = new FakeServer(asked => asked.Headers["Accept"].Contains("apidiscovery") ? FakeServer.Status(HttpStatusCode.NotAcceptable, "NotAcceptable") : Legacy(asked));
        Assert.Equal(5, (await Clients.Over(server).Discovery.GetApiAsync()).Resources.Count());
    }

    [Fact]
    public async Task Versions_and_schemas_are_there()
    {
        var discovery = Clients.Over(new FakeServer(Legacy)).Discovery;
        Assert.Equal("v1.32.0", (await discovery.GetVersionAsync()).GitVersion);
        Assert.Equal("deployments", Assert.Single(await discovery.GetResourcesAsync(new GroupVersion("apps", "v1"))).Definition.Plural);
        Assert.Contains("3.0.0", System.Text.Encoding.UTF8.GetString(await discovery.GetOpenApiV3Async("apis/apps/v1")));
        await Assert.ThrowsAsync<ArgumentException>(() => discovery.GetOpenApiV3Async("apis/none/v1"));
    }

    [Fact]
    public async Task The_memory_cache_asks_once_until_invalidated()
    {
        var server = new FakeServer(Aggregated);
        var cache = new MemoryDiscoveryCache(Clients.Over(server).Discovery);
        await Task.WhenAll(cache.GetApiAsync(), cache.GetApiAsync());
        await cache.GetResourcesAsync(new GroupVersion("apps", "v1"));
        Assert.Equal(2, server.Requests.Count);
        Assert.False(cache.IsFresh);
        cache.Invalidate();
        await cache.GetApiAsync();
        Assert.True(cache.IsFresh);
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task A_failed_answer_is_not_kept()
    {
        var server = new FakeServer(_ => FakeServer.Status(HttpStatusCode.Forbidden, "Forbidden"));
        var cache = new MemoryDiscoveryCache(Clients.Over(server).Discovery);
        await Assert.ThrowsAsync<KubernetesException>(() => cache.GetApiAsync());
        server.Answer = asked => Task.FromResult(Aggregated(asked));
        Assert.Equal(5, (await cache.GetApiAsync()).Resources.Count());
    }

    DiskDiscoveryCache Disk(FakeServer server, TimeProvider? time = null) => new(Clients.Over(server).Discovery, _files.At("host_6443"), time: time);

    [Fact]
    public async Task The_disk_cache_has_kubectls_layout_and_outlives_the_process()
    {
        Assert.Equal(Path.Combine("/c", "discovery", "my.host_6443"), DiskDiscoveryCache.DirectoryFor(new Uri("https://my.host:6443"), "/c"));
        var server = new FakeServer(Aggregated);
        var first = await Disk(server).GetApiAsync();
        Assert.True(File.Exists(_files.At("host_6443/servergroups.json")));
        Assert.True(File.Exists(_files.At("host_6443/v1/serverresources.json")));
        Assert.True(File.Exists(_files.At("host_6443/apps/v1beta1/serverresources.json")));

        // The version that was down has no file: it alone is asked for again.
        var second = await Disk(server).GetApiAsync();
        Assert.Equal(Describe(first), Describe(second));
        Assert.Equal(["/api", "/apis", "/apis/metrics.k8s.io/v1"], server.Requests.Select(asked => asked.Path).Distinct().Order());
        Assert.Single(second.Failures);
    }

    [Fact]
    public async Task Disk_files_that_are_old_broken_or_forgotten_are_asked_for_again()
    {
        var server = new FakeServer(Aggregated);
        await Disk(server).GetApiAsync();
        int Roots() => server.Requests.Count(asked => asked.Path == "/api");

        var later = new ManualTime();
        later.Advance(DateTimeOffset.UtcNow - later.GetUtcNow() + TimeSpan.FromHours(7));
        await Disk(server, later).GetApiAsync();
        Assert.Equal(2, Roots());

        File.WriteAllText(_files.At("host_6443/servergroups.json"), "{\"groups\":[{\"na");
        await Disk(server).GetApiAsync();
        Assert.Equal(3, Roots());

        File.WriteAllText(_files.At("host_6443/v1/serverresources.json"), "broken");
        Assert.Equal(5, (await Disk(server).GetApiAsync()).Resources.Count());

        var cache = Disk(server);
        cache.Invalidate();
        await cache.GetApiAsync();
        Assert.True(Roots() >= 4);
    }

    [Fact]
    public async Task Concurrent_writers_leave_whole_files()
    {
        var caches = Enumerable.Range(0, 16).Select(_ => Disk(new FakeServer(Aggregated))).ToArray();
        await Task.WhenAll(caches.Select(cache => Task.Run(async () =>
        {
            for (var count = 0; count < 20; count++)
            {
                cache.Invalidate();
                Assert.Equal(5, (await cache.GetApiAsync()).Resources.Count());
            }
        })));
        Assert.Equal(4, Directory.GetFiles(_files.At("host_6443"), "*", SearchOption.AllDirectories).Length);
        Assert.Equal(5, (await Disk(new FakeServer(Aggregated)).GetApiAsync()).Resources.Count());
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_costs_the_cache_alone()
    {
        var cache = new DiskDiscoveryCache(Clients.Over(new FakeServer(Aggregated)).Discovery, "/proc/none/x");
        Assert.Equal(5, (await cache.GetApiAsync()).Resources.Count());
    }

    static GroupVersionResource Name(string resource, string group = "", string version = "") => new(group, version, resource);

    [Theory]
    [InlineData("pods", "", "", "pods v1")]
    [InlineData("Pod", "", "", "pods v1")]
    [InlineData("po", "", "", "pods v1")]
    [InlineData("deploy", "", "", "deployments v1")]
    [InlineData("deployments", "apps", "", "deployments v1")]
    [InlineData("deployments", "apps", "v1beta1", "deployments v1beta1")]
    [InlineData("deployments", "app", "", "deployments v1")]
    [InlineData("relics", "", "", "relics v1beta1")]
    public async Task Names_of_every_sort_find_their_resource(string resource, string group, string version, string expected)
    {
        var mapper = RestMapper.From(await Clients.Over(new FakeServer(Aggregated)).Discovery.GetApiAsync());
        var found = await mapper.ResourceForAsync(Name(resource, group, version));
        Assert.Equal(expected, $"{found.Plural} {found.Kind.Version}");
    }

    [Fact]
    public async Task Kinds_find_their_resource_in_the_version_wanted()
    {
        var mapper = RestMapper.From(await Clients.Over(new FakeServer(Aggregated)).Discovery.GetApiAsync());
        Assert.Equal("v1", (await mapper.MappingAsync(new GroupKind("apps", "Deployment"))).Kind.Version);
        Assert.Equal("v1beta1", (await mapper.MappingAsync(new GroupKind("apps", "Deployment"), ["v2", "v1beta1"])).Kind.Version);
        await Assert.ThrowsAsync<NoResourceMatchException>(async () => await mapper.MappingAsync(new GroupKind("apps", "Deployment"), ["v3"]));
        await Assert.ThrowsAsync<NoResourceMatchException>(async () => await mapper.ResourceForAsync(Name("unicorns")));
        Assert.Equal(2, (await mapper.ResourcesForAsync(Name("deployments"))).Count);
        Assert.Equal(["v1", "v1beta1"], (await mapper.MappingsAsync(new GroupKind("apps", "Deployment"))).Select(resource => resource.Kind.Version));
        await Assert.ThrowsAsync<NoResourceMatchException>(async () => await mapper.MappingsAsync(new GroupKind("", "Unicorn")));
        IRestMapper any = mapper;
        Assert.Equal("Deployment", (await any.KindForAsync(Name("deploy"))).Kind);
        Assert.Equal(["apps/v1", "apps/v1beta1"], (await any.KindsForAsync(Name("deployments"))).Select(kind => kind.ApiVersion));
        Assert.Equal("deployment", await any.SingularForAsync(Name("deploy")));
        var deferred = new DeferredRestMapper(Clients.Over(new FakeServer(Aggregated)).Discovery);
        Assert.Equal("pod", await deferred.SingularForAsync(Name("po")));
        Assert.Single(await deferred.MappingsAsync(new GroupKind("", "Pod")));
    }

    [Fact]
    public async Task A_mapper_filled_by_hand_does_not_guess_between_groups()
    {
        var mapper = RestMapper.Of(ResourceDefinition.For<Corev1Event>(), ResourceDefinition.For<Eventsv1Event>());
        var error = await Assert.ThrowsAsync<AmbiguousResourceException>(async () => await mapper.ResourceForAsync(Name("events")));
        Assert.Equal(2, error.Candidates.Count);
        Assert.Contains("events.v1.events.k8s.io", error.Message);
        Assert.Equal("events.k8s.io", (await mapper.ResourceForAsync(Name("events", "events.k8s.io"))).Kind.Group);
        var ordered = RestMapper.InOrder(ResourceDefinition.For<Eventsv1Event>(), ResourceDefinition.For<Corev1Event>());
        Assert.Equal("events.k8s.io", (await ordered.ResourceForAsync(Name("events"))).Kind.Group);
        Assert.Equal("event", await ordered.SingularForAsync(Name("events")));
    }

    [Fact]
    public async Task A_deferred_mapper_asks_on_first_use_and_once_more_for_what_is_new()
    {
        var server = new FakeServer(Aggregated);
        var mapper = new DeferredRestMapper(new MemoryDiscoveryCache(Clients.Over(server).Discovery));
        Assert.Empty(server.Requests);
        await mapper.ResourceForAsync(Name("pods"));
        await mapper.ResourceForAsync(Name("nodes"));
        Assert.Equal(2, server.Requests.Count);
        await Assert.ThrowsAsync<NoResourceMatchException>(async () => await mapper.ResourceForAsync(Name("ats")));
        Assert.Equal(4, server.Requests.Count);
        server.Answer = asked => Task.FromResult(asked.Path == "/apis"
            ? FakeServer.Json($$"""{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"cnat"},"versions":[{{Version("v1", """{"resource":"ats","responseKind":{"kind":"At"},"scope":"Namespaced"}""")}}]}]}""") : Aggregated(asked));
        Assert.Equal("At", (await mapper.ResourceForAsync(Name("ats"))).Kind.Kind);
    }
}
