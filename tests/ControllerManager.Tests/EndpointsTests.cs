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
        Assert.Equal([("metrics", 9090, "TCP"), ("web", 8080, "TCP")], subset.Ports.Select(p => (p.Name, p.Port, p.Protocol)).Order());

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
