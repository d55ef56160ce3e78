using ActorKube.Models;
using ActorKube.Tests.Shared;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

/// <summary>Every client on any cluster: an embedded server, or the one that <see cref="JourneyCluster.Variable"/> names.</summary>
public sealed class ClusterJourneyTests : IAsyncLifetime
{
    readonly CancellationTokenSource _limit = new(JourneyCluster.Patience);
    JourneyCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await JourneyCluster.StartAsync();

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _limit.Dispose();
    }

    CancellationToken Limit => _limit.Token;

    string Namespace => _cluster.Namespace;

    static V1ConfigMap Map(string name, string value) => new() { Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["journey"] = "yes" } }, Data = new Dictionary<string, string> { ["k"] = value } };

    /// <summary>A pod that no scheduler takes.</summary>
    static V1Pod Pod(string name) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new V1PodSpec { SchedulingGates = [new V1PodSchedulingGate { Name = "example.com/never" }], Containers = [new V1Container { Name = "main", Image = "busybox" }] },
    };

    [Theory]
    [InlineData(WireFormat.Json)]
    [InlineData(WireFormat.Protobuf)]
    public async Task Objects_are_written_in_every_way_there_is(WireFormat format)
    {
        await using var client = _cluster.Client(format);
        var maps = client.CoreV1.ConfigMaps(Namespace);
        var created = await maps.CreateAsync(Map("a", "1"), cancellation: Limit);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => maps.CreateAsync(Map("a", "1"), cancellation: Limit))).IsAlreadyExists);
        var read = await maps.GetAsync("a", cancellation: Limit);
        read.Data["k"] = "2";
        await maps.UpdateAsync(read, cancellation: Limit);
        created.Data["k"] = "x";
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => maps.UpdateAsync(created, cancellation: Limit))).IsConflict);
        Assert.Equal("3", (await maps.PatchAsync("a", Patch.Merge("""{"data":{"k":"3"}}"""), cancellation: Limit)).Data["k"]);
        Assert.Equal("4", (await maps.PatchAsync("a", Patch.Json("""[{"op":"replace","path":"/data/k","value":"4"}]"""), cancellation: Limit)).Data["k"]);
        Assert.Equal("5", (await maps.PatchAsync("a", Patch.StrategicMerge("""{"data":{"k":"5"}}"""), cancellation: Limit)).Data["k"]);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => maps.PatchAsync("a", Patch.Json("""[{"op":"test","path":"/data/k","value":"9"}]"""), cancellation: Limit))).IsInvalid);

        var wanted = new V1ConfigMap { ApiVersion = "v1", Kind = "ConfigMap", Metadata = new V1ObjectMeta { Name = "a" }, Data = new Dictionary<string, string> { ["k"] = "applied" } };
        var refused = await Assert.ThrowsAsync<KubernetesException>(() => maps.ApplyAsync(wanted, new ApplyOptions("me"), cancellation: Limit));
        Assert.True(refused.IsConflict);
        Assert.Equal(("FieldManagerConflict", ".data.k"), (refused.Status!.Details.Causes.Single().Reason, refused.Status.Details.Causes.Single().Field));
        var applied = await maps.ApplyAsync(wanted, new ApplyOptions("me") { Force = true }, cancellation: Limit);
        Assert.Equal("applied", applied.Data["k"]);
        Assert.Contains(applied.Metadata.ManagedFields, entry => entry is { Manager: "me", Operation: "Apply" });

        Assert.Null(await Missing(maps, "dry", () => maps.CreateAsync(Map("dry", "1"), new CreateOptions { DryRun = true }, Limit)));
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => maps.DeleteAsync("a", new DeleteOptions { Uid = "another" }, Limit))).IsConflict);
        await maps.DeleteAsync("a", new DeleteOptions { Uid = applied.Metadata.Uid }, Limit);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => maps.GetAsync("a", cancellation: Limit))).IsNotFound);
    }

    async Task<V1ConfigMap?> Missing(IPlainResourceClient<V1ConfigMap> maps, string name, Func<Task<V1ConfigMap>> write)
    {
        Assert.Equal(name, (await write()).Metadata.Name);
        try
        {
            return await maps.GetAsync(name, cancellation: Limit);
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    [Theory]
    [InlineData(WireFormat.Json)]
    [InlineData(WireFormat.Protobuf)]
    public async Task Lists_come_in_pages_of_one_version_as_tables_and_as_metadata(WireFormat format)
    {
        await using var client = _cluster.Client(format);
        var maps = client.CoreV1.ConfigMaps(Namespace);
        for (var number = 0; number < 7; number++) await maps.CreateAsync(Map($"m{number}", "x"), cancellation: Limit);
        var selected = new ListOptions { LabelSelector = "journey=yes", Limit = 3 };
        Assert.Equal(["m0", "m1", "m2", "m3", "m4", "m5", "m6"], (await maps.ListAllAsync(selected, Limit).CollectAsync()).Select(map => map.Metadata.Name));

        // What is written between two pages is not on the second.
        var first = await maps.ListAsync(selected, Limit);
        await maps.CreateAsync(Map("m3a", "x"), cancellation: Limit);
        var second = await maps.ListAsync(selected with { Continue = first.Continue }, Limit);
        Assert.Equal(["m3", "m4", "m5"], second.Items.Select(map => map.Metadata.Name));
        Assert.Equal(first.ResourceVersion, second.ResourceVersion);

        var table = await maps.ListTableAsync(new ListOptions { FieldSelector = "metadata.name=m1" }, Limit);
        Assert.Equal(["Name", "Data", "Age"], table.ColumnDefinitions.Select(column => column.Name));
        var metadata = client.Metadata(ResourceDefinition.For<V1ConfigMap>(), Namespace);
        var part = await metadata.GetAsync("m1", cancellation: Limit);
        Assert.Equal(("PartialObjectMetadata", "m1", "yes"), (part.Kind, part.Name, part.Labels["journey"]));
        Assert.Equal(8, (await metadata.ListAllAsync(selected, Limit).CollectAsync()).Count);
        await maps.DeleteCollectionAsync(selection: new ListOptions { LabelSelector = "journey=yes" }, cancellation: Limit);
        Assert.Empty((await maps.ListAsync(new ListOptions { LabelSelector = "journey=yes" }, Limit)).Items);
    }

    [Theory]
    [InlineData(WireFormat.Json)]
    [InlineData(WireFormat.Protobuf)]
    public async Task Watches_start_from_a_version_or_with_what_is_there_and_miss_nothing(WireFormat format)
    {
        await using var client = _cluster.Client(format);
        var maps = client.CoreV1.ConfigMaps(Namespace);
        await maps.CreateAsync(Map("before", "0"), cancellation: Limit);
        var selected = new ListOptions { LabelSelector = "journey=yes" };
        var version = (await maps.ListAsync(selected, Limit)).ResourceVersion;
        await maps.CreateAsync(Map("a", "1"), cancellation: Limit);
        await maps.PatchAsync("a", Patch.Merge("""{"data":{"k":"2"}}"""), cancellation: Limit);
        await maps.DeleteAsync("a", cancellation: Limit);
        var typed = await maps.WatchAsync(selected with { ResourceVersion = version }, Limit).CollectAsync(3);
        Assert.Equal(["Added 1", "Modified 2", "Deleted 2"], typed.Select(change => $"{change.Type} {change.Object!.Data["k"]}"));

        var streamed = selected with { SendInitialEvents = true, AllowWatchBookmarks = true, ResourceVersionMatch = ResourceVersionMatch.NotOlderThan };
        foreach (var watch in (IAsyncEnumerable<WatchEvent>[])[
            client.Resource(ResourceDefinition.For<V1ConfigMap>(), Namespace).WatchAsync(streamed, Limit), client.Metadata(ResourceDefinition.For<V1ConfigMap>(), Namespace).WatchAsync(streamed, Limit)])
        {
            var events = await watch.CollectAsync(2);
            Assert.Equal([WatchEventType.Added, WatchEventType.Bookmark], events.Select(change => change.Type));
            Assert.Equal("before", events[0].Object!.Name);
            Assert.Equal("true", events[1].Object!.Annotations["k8s.io/initial-events-end"]);
        }
        Assert.Equal("before", (await client.Resource(ResourceDefinition.For<V1ConfigMap>(), Namespace).UntilAsync("before", map => map.Name == "before", Limit)).Name);
    }

    [Fact]
    public async Task What_the_server_offers_is_discovered_and_custom_kinds_are_among_it()
    {
        await using var client = _cluster.Client();
        var mapper = new DeferredRestMapper(new MemoryDiscoveryCache(client.Discovery));
        Assert.Equal("configmaps", (await mapper.ResourceForAsync(new GroupVersionResource("", "", "cm"), Limit)).Plural);
        Assert.Equal("deployments", (await mapper.MappingAsync(new GroupKind("apps", "Deployment"), cancellation: Limit)).Plural);
        Assert.StartsWith("v1.", (await client.Discovery.GetVersionAsync(Limit)).GitVersion);
        Assert.Contains("api/v1", (await client.Discovery.GetOpenApiV3PathsAsync(Limit)).Keys);
        Assert.NotEmpty(await client.Discovery.GetOpenApiV2Async(Limit));
        var api = await client.Discovery.GetApiAsync(Limit);
        Assert.Empty(api.Failures);
        Assert.Contains(api.Resources, resource => resource.Definition.Plural == "pods" && resource.Subresources.Any(part => part.Name == "log"));

        var widgets = await _cluster.DefineAsync("widgets", "Widget", Limit);
        // Where discovery is told late, a mapper that does not know a kind asks again.
        ResourceDefinition? found = null;
        while (found is null)
        {
            Limit.ThrowIfCancellationRequested();
            try
            {
                found = await mapper.MappingAsync(new GroupKind(_cluster.Group, "Widget"), cancellation: Limit);
            }
            catch (NoResourceMatchException)
            {
                // Asked again at once: what is waited for is the server's answer, not time.
            }
        }
        Assert.Equal(widgets.Plural, found.Plural);
        var dynamic = client.Dynamic(new GroupVersionResource(_cluster.Group, "v1", "widgets"), Namespace);
        var widget = await dynamic.CreateAsync(KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes($$$"""{"apiVersion":"{{{_cluster.Group}}}/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"size":1}}""")), cancellation: Limit);
        Assert.Equal(1, widget.Generation);
        Assert.Equal(2, (await dynamic.PatchAsync("w", Patch.Merge("""{"spec":{"size":2}}"""), cancellation: Limit)).Generation);
        Assert.Equal(2, (await dynamic.PatchAsync("w", Patch.Merge("""{"status":{"size":2}}"""), subresource: "status", cancellation: Limit)).Generation);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => dynamic.PatchAsync("w", Patch.Merge("""{"spec":{"size":-1}}"""), cancellation: Limit))).IsInvalid);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => dynamic.PatchAsync("w", Patch.StrategicMerge("{}"), cancellation: Limit))).IsUnsupportedMediaType);
        await _cluster.UndefineAsync(widgets, Limit);
    }

    [Fact]
    public async Task Single_objects_have_their_subresources()
    {
        await using var client = _cluster.Client();
        var deployments = client.AppsV1.Deployments(Namespace);
        await deployments.CreateAsync(new V1Deployment
        {
            Metadata = new V1ObjectMeta { Name = "web" },
            Spec = new V1DeploymentSpec
            {
                Replicas = 0, Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
                Template = new V1PodTemplateSpec { Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "web" } }, Spec = Pod("x").Spec },
            },
        }, cancellation: Limit);
        var scale = await deployments.GetScaleAsync("web", Limit);
        scale.Spec.Replicas = 1;
        // A deployment controller may write in between: then once more.
        while (true)
        {
            try
            {
                Assert.Equal(1, (await deployments.UpdateScaleAsync("web", scale, Limit)).Spec.Replicas);
                break;
            }
            catch (KubernetesException busy) when (busy.IsConflict)
            {
                scale = await deployments.GetScaleAsync("web", Limit);
                scale.Spec.Replicas = 1;
            }
        }

        var pods = client.CoreV1.Pods(Namespace);
        var pod = await pods.CreateAsync(Pod("p"), cancellation: Limit);
        pod.Status.Message = "written";
        Assert.Equal("written", (await pods.UpdateStatusAsync(pod, cancellation: Limit)).Status.Message);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => pods.EvictAsync("none", cancellation: Limit))).IsNotFound);
        Assert.Contains("non-empty .spec.schedulingGates", (await Assert.ThrowsAsync<KubernetesException>(() => pods.BindAsync("p", "nowhere", Limit))).Message);
        Assert.Equal("", await pods.ReadLogAsync("p", cancellation: Limit));
        Assert.Contains("not valid for pod p", (await Assert.ThrowsAsync<KubernetesException>(() => pods.ReadLogAsync("p", new PodLogOptions { Container = "none" }, Limit))).Message);
        Assert.Contains("does not have a host assigned", (await Assert.ThrowsAsync<KubernetesException>(() => pods.ExecAsync("p", ["ls"], cancellation: Limit))).Message);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => pods.ExecAsync("none", ["ls"], cancellation: Limit))).IsNotFound);
        await pods.EvictAsync("p", cancellation: Limit);
        await client.Resource(ResourceDefinition.For<V1Pod>(), Namespace).UntilDeletedAsync("p", Limit);
    }

    [Fact]
    public async Task Whoever_logs_in_is_known_and_who_cannot_is_told()
    {
        await using var client = _cluster.Client();
        await client.CoreV1.ServiceAccounts(Namespace).CreateAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "robot" } }, cancellation: Limit);
        var token = await client.CoreV1.ServiceAccounts(Namespace).CreateTokenAsync("robot", new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { ExpirationSeconds = 600 } }, Limit);
        await using var robot = new KubernetesClient(_cluster.Configuration.Anonymous() with { Token = token.Status.Token });
        var user = (await robot.AuthenticationV1.SelfSubjectReviews.CreateAsync(new V1SelfSubjectReview(), cancellation: Limit)).Status.UserInfo;
        Assert.Equal($"system:serviceaccount:{Namespace}:robot", user.Username);
        Assert.Contains($"system:serviceaccounts:{Namespace}", user.Groups);

        await using var wrong = new KubernetesClient(_cluster.Configuration.Anonymous() with { Token = "wrong" });
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => wrong.CoreV1.ConfigMaps(Namespace).ListAsync(cancellation: Limit))).IsUnauthorized);
        await using var nobody = new KubernetesClient(_cluster.Configuration.Anonymous());
        var refused = await Assert.ThrowsAsync<KubernetesException>(() => nobody.CoreV1.ConfigMaps(Namespace).ListAsync(cancellation: Limit));
        Assert.True(refused.IsForbidden || refused.IsUnauthorized);
        await using var jane = new KubernetesClient(_cluster.Configuration with { Impersonation = new Impersonation { User = "jane", Groups = ["dev", "ops"] } });
        var known = (await jane.AuthenticationV1.SelfSubjectReviews.CreateAsync(new V1SelfSubjectReview(), cancellation: Limit)).Status.UserInfo;
        Assert.Equal(("jane", "dev ops"), (known.Username, string.Join(' ', known.Groups.Where(group => group != "system:authenticated").Order())));
    }
}
