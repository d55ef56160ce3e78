using ActorKube.ApiServer;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class EndpointsTests
{
    [Fact]
    public async Task A_service_leads_to_the_pods_that_it_selects()
    {
        await using var cluster = await Cluster.StartAsync();
        await ServiceAsync(cluster);
        var empty = await cluster.UntilAsync<V1Endpoints>("s", _ => true);
        Assert.Null(empty.Subsets);

        await PodAsync(cluster, "p", 8080);

        var pod = await cluster.UntilAsync<V1Pod>("p", p => p.Status?.PodIP is not null);
        var subset = Assert.Single((await cluster.UntilAsync<V1Endpoints>("s", e => e.Subsets is [{ Addresses.Count: 1 }])).Subsets);
        var address = Assert.Single(subset.Addresses);
        Assert.Equal((pod.Status.PodIP, pod.Spec.NodeName, "Pod", "p", pod.Metadata.Uid), (address.Ip, address.NodeName, address.TargetRef.Kind, address.TargetRef.Name, address.TargetRef.Uid));
        // Sorted as a real cluster sorts them, which is neither by name nor by number.
        Assert.Equal([("web", 8080, "TCP"), ("metrics", 9090, "TCP")], subset.Ports.Select(p => (p.Name, p.Port, p.Protocol)));

        var slice = await UntilSliceAsync(cluster, s => s.Endpoints is [{ Conditions.Ready: true }]);
        Assert.Equal(("s", "endpointslice-controller.k8s.io", "IPv4", "x"),
            (slice.Metadata.Labels["kubernetes.io/service-name"], slice.Metadata.Labels["endpointslice.kubernetes.io/managed-by"], slice.AddressType, slice.Metadata.Labels["mine"]));
        Assert.Equal([pod.Status.PodIP], slice.Endpoints[0].Addresses);
        Assert.Equal((true, false), (slice.Endpoints[0].Conditions.Serving, slice.Endpoints[0].Conditions.Terminating));
        Assert.Equal(("Service", "s", true), (slice.Metadata.OwnerReferences[0].Kind, slice.Metadata.OwnerReferences[0].Name, slice.Metadata.OwnerReferences[0].Controller));
    }

    [Fact]
    public async Task Pods_that_are_not_ready_or_gone_are_not_led_to()
    {
        await using var cluster = await Cluster.StartAsync();
        await ServiceAsync(cluster);
        await PodAsync(cluster, "p", 8080);
        await PodAsync(cluster, "q", 8081);
        // Their ports by that name have different numbers, so they stand apart; the other port they share.
        var both = await cluster.UntilAsync<V1Endpoints>("s", e => e.Subsets is { Count: 3 });
        Assert.Equal([1, 1, 2], both.Subsets.Select(s => s.Addresses?.Count ?? 0).Order());

        await cluster.Of<V1Pod>().PatchAsync("q", Patch.StrategicMerge("""{"status":{"conditions":[{"type":"Ready","status":"False"}]}}"""), subresource: "status");
        await cluster.UntilAsync<V1Endpoints>("s", e => e.Subsets?.Any(s => s.NotReadyAddresses is [{ TargetRef.Name: "q" }] && s.Addresses is null) == true);
        await UntilSliceAsync(cluster, s => s.Endpoints is [{ Conditions.Ready: false, TargetRef.Name: "q" }]);
        await cluster.Of<V1Pod>().DeleteAsync("q");
        await cluster.UntilAsync<V1Endpoints>("s", e => e.Subsets is [{ Addresses: [{ TargetRef.Name: "p" }], NotReadyAddresses: null }]);

        // A label less is out of the service as well.
        await cluster.Of<V1Pod>().PatchAsync("p", Patch.Merge("""{"metadata":{"labels":{"a":null}}}"""));
        await cluster.UntilAsync<V1Endpoints>("s", e => e.Subsets is null);
    }

    [Fact]
    public async Task Endpoints_go_with_their_service()
    {
        await using var cluster = await Cluster.StartAsync();
        await ServiceAsync(cluster);
        await cluster.UntilAsync<V1Endpoints>("s", _ => true);
        var slice = await UntilSliceAsync(cluster, _ => true);

        await cluster.Of<V1Service>().DeleteAsync("s");

        await cluster.GoneAsync<V1Endpoints>("s");
        await cluster.GoneAsync<V1EndpointSlice>(slice.Metadata.Name);
    }

    [Fact]
    public async Task Somebody_who_breaks_them_finds_them_mended()
    {
        await using var cluster = await Cluster.StartAsync();
        await ServiceAsync(cluster);
        await PodAsync(cluster, "p", 8080);
        var slice = await UntilSliceAsync(cluster, s => s.Endpoints is [{ Conditions.Ready: true }]);
        await cluster.UntilAsync<V1Endpoints>("s", e => e.Subsets is [{ Addresses.Count: 1 }]);

        await cluster.Of<V1EndpointSlice>().DeleteAsync(slice.Metadata.Name);
        await cluster.Of<V1Endpoints>().PatchAsync("s", Patch.Merge("""{"subsets":null}"""));

        await UntilSliceAsync(cluster, s => s.Metadata.Uid != slice.Metadata.Uid && s.Endpoints is [{ Conditions.Ready: true }]);
        await cluster.UntilAsync<V1Endpoints>("s", e => e.Subsets is [{ Addresses.Count: 1 }]);
    }

    [Fact]
    public async Task A_service_without_a_selector_is_left_to_its_writer()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync<V1Service>("""{"metadata":{"name":"none"},"spec":{"ports":[{"port":80}]}}""");
        await ServiceAsync(cluster);

        await cluster.UntilAsync<V1Endpoints>("s", _ => true);

        Assert.DoesNotContain((await cluster.Of<V1Endpoints>().ListAsync()).Items, e => e.Metadata.Name == "none");
    }

    [Fact]
    public async Task Endpoints_that_somebody_writes_by_hand_stay_and_are_mirrored_into_slices()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync<V1Endpoints>("""{"metadata":{"name":"s","labels":{"q":"r"}},"subsets":[{"addresses":[{"ip":"10.1.2.3"}],"notReadyAddresses":[{"ip":"10.1.2.4"}],"ports":[{"port":80,"name":"w"}]}]}""");
        // Another service comes and goes meanwhile: what has no service is nobody's to delete.
        await cluster.CreateAsync<V1Service>("""{"metadata":{"name":"other"},"spec":{"selector":{"a":"b"},"ports":[{"port":80}]}}""");
        await cluster.UntilAsync<V1Endpoints>("other", _ => true);
        await cluster.Of<V1Service>().DeleteAsync("other");
        await cluster.GoneAsync<V1Endpoints>("other");

        await cluster.CreateAsync<V1Service>("""{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""");

        var slice = await UntilSliceAsync(cluster, _ => true);
        Assert.Equal(("endpointslicemirroring-controller.k8s.io", "r", "Endpoints"), (slice.Metadata.Labels["endpointslice.kubernetes.io/managed-by"], slice.Metadata.Labels["q"], slice.Metadata.OwnerReferences[0].Kind));
        Assert.Equal([("10.1.2.3", true), ("10.1.2.4", false)], slice.Endpoints.Select(e => (e.Addresses[0], e.Conditions.Ready == true)));
        Assert.Equal([("w", 80, "TCP")], slice.Ports.Select(p => (p.Name, p.Port ?? 0, p.Protocol)));

        await cluster.Of<V1Endpoints>().PatchAsync("s", Patch.Merge("""{"metadata":{"labels":{"endpointslice.kubernetes.io/skip-mirror":"true"}}}"""));

        await cluster.GoneAsync<V1EndpointSlice>(slice.Metadata.Name);
    }

    [Fact]
    public void What_is_due_is_the_earliest_of_what_happened_since()
    {
        var times = new TriggerTimes();
        var service = new V1Service { Metadata = new V1ObjectMeta { Name = "s", CreationTimestamp = Noon }, Spec = new V1ServiceSpec() };
        ServiceBackend Ready(string name, int minutes) => new(new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = name },
            Status = new V1PodStatus { Conditions = [new V1PodCondition { Type = "Ready", Status = "True", LastTransitionTime = Noon.AddMinutes(minutes) }] },
        }, true, false, false, []);
        var key = new ActorKube.Models.NamespacedName("default", "s");

        Assert.Equal("2030-01-01T12:00:00Z", times.Next(key, service, [Ready("p", 1)]));
        Assert.Null(times.Next(key, service, [Ready("p", 1)]));
        Assert.Equal("2030-01-01T12:02:00Z", times.Next(key, service, [Ready("p", 1), Ready("q", 2), Ready("r", 3)]));
        Assert.Null(times.Next(key, service, [Ready("p", 1)]));
        Assert.True(times.Forget(key));
        Assert.False(times.Forget(key));
    }

    private static readonly DateTime Noon = new(2030, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private static Task<V1Service> ServiceAsync(Cluster cluster) => cluster.CreateAsync<V1Service>(
        """{"metadata":{"name":"s","labels":{"mine":"x"}},"spec":{"selector":{"a":"b"},"ports":[{"name":"web","port":80,"targetPort":"http"},{"name":"metrics","port":9090}]}}""");

    private static Task<V1Pod> PodAsync(Cluster cluster, string name, int port) => cluster.CreateAsync<V1Pod>(
        "{\"metadata\":{\"name\":\"" + name + "\",\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\",\"ports\":[{\"name\":\"http\",\"containerPort\":" + port + "}]}]}}");

    private static async Task<V1EndpointSlice> UntilSliceAsync(Cluster cluster, Func<V1EndpointSlice, bool> holds)
    {
        await foreach (var (type, slice) in cluster.WatchAsync<V1EndpointSlice>(""))
        {
            if (type != "DELETED" && slice.Metadata.Labels?.ContainsKey("kubernetes.io/service-name") == true && slice.Metadata.Labels["kubernetes.io/service-name"] == "s" && holds(slice))
            {
                return slice;
            }
        }
        throw new TimeoutException("No such slice.");
    }
}
