using ActorKube.Models;
using ActorKube.Testing;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class QuotaTests
{
    private static readonly ClusterControllersOptions Quotas = ClusterControllersOptions.None with { Quotas = true };

    [Fact]
    public async Task A_quota_counts_what_there_is_is_charged_for_what_comes_and_given_back_what_goes()
    {
        await using var kube = await StartAsync();
        await PodAsync(kube, "old", "100m");
        await QuotaAsync(kube, """{"spec":{"hard":{"pods":"2","requests.cpu":"1","count/configmaps":"2"}}}""");
        Assert.Equal("count/configmaps=1 pods=1 requests.cpu=100m", await UsedAsync(kube));

        await PodAsync(kube, "new", "600m");
        await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "m" } });
        var refused = await Assert.ThrowsAsync<KubernetesException>(() => PodAsync(kube, "more", "600m"));
        Assert.Equal("pods \"more\" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=600m, used: pods=2,requests.cpu=700m, limited: pods=2,requests.cpu=1", refused.Status.Message);
        Assert.Equal("count/configmaps=2 pods=2 requests.cpu=700m", await UsedAsync(kube));

        await kube.Client.Resource<V1Pod>("default").DeleteAsync("new", new DeleteOptions { GracePeriodSeconds = 0 });
        await kube.Client.Resource<V1ConfigMap>("default").DeleteAsync("m");
        Assert.Equal("count/configmaps=1 pods=1 requests.cpu=100m", await UsedAsync(kube));
        await PodAsync(kube, "more", "600m");
    }

    [Fact]
    public async Task A_pod_that_has_ended_and_a_service_of_another_type_use_less()
    {
        await using var kube = await StartAsync();
        await PodAsync(kube, "p", "100m");
        await kube.Client.Resource<V1Service>("default").CreateAsync(KubeJson.Deserialize<V1Service>("""{"metadata":{"name":"s"},"spec":{"type":"NodePort","ports":[{"port":80}]}}"""));
        await QuotaAsync(kube, """{"spec":{"hard":{"pods":"2","count/pods":"2","requests.cpu":"1","services.nodeports":"3"}}}""");
        Assert.Equal("count/pods=1 pods=1 requests.cpu=100m services.nodeports=1", await UsedAsync(kube));

        await kube.Client.Resource<V1Pod>("default").PatchAsync("p", Patch.Merge("""{"status":{"phase":"Succeeded"}}"""), subresource: "status");
        await kube.Client.Resource<V1Service>("default").PatchAsync("s", Patch.Merge("""{"spec":{"type":"ClusterIP"}}"""));

        Assert.Equal("count/pods=1 pods=0 requests.cpu=0 services.nodeports=0", await UsedAsync(kube));
    }

    [Fact]
    public async Task A_pod_that_should_be_gone_is_counted_no_more_when_the_quota_is_looked_at_again()
    {
        await using var kube = await StartAsync();
        await PodAsync(kube, "p", "100m", """{"nodeName":"lost"}""");
        await QuotaAsync(kube, """{"spec":{"hard":{"pods":"2","count/pods":"2"}}}""");
        await kube.Client.Resource<V1Pod>("default").DeleteAsync("p");
        Assert.Equal("count/pods=1 pods=1", await UsedAsync(kube));

        await kube.AdvanceAsync(TimeSpan.FromMinutes(5));

        Assert.Equal("count/pods=1 pods=0", await UsedAsync(kube));
    }

    [Fact]
    public async Task Scopes_say_which_pods_are_counted_and_a_changed_limit_is_taken_over()
    {
        await using var kube = await StartAsync();
        await PodAsync(kube, "some", "100m");
        await PodAsync(kube, "ends", "100m", """{"activeDeadlineSeconds":60}""");
        await QuotaAsync(kube, """{"spec":{"hard":{"pods":"2"},"scopes":["Terminating"]}}""");
        Assert.Equal("pods=1", await UsedAsync(kube));

        await kube.Client.Resource<V1ResourceQuota>("default").PatchAsync("q", Patch.Merge("""{"spec":{"hard":{"pods":"5","requests.cpu":"7"}}}"""));

        Assert.Equal("pods=1 requests.cpu=100m", await UsedAsync(kube));
        Assert.Equal("5", (await kube.Client.Resource<V1ResourceQuota>("default").GetAsync("q")).Status.Hard["pods"].ToString());
    }

    [Fact]
    public async Task Objects_of_a_definition_are_counted_and_what_nobody_knows_is_not()
    {
        await using var kube = await StartAsync();
        await QuotaAsync(kube, """{"spec":{"hard":{"count/gadgets.tests.example":"1","count/nothing.tests.example":"1"}}}""");
        Assert.Equal("", await UsedAsync(kube));
        await kube.Client.Resource<V1CustomResourceDefinition>().CreateAsync(KubeJson.Deserialize<V1CustomResourceDefinition>(
            """{"metadata":{"name":"gadgets.tests.example"},"spec":{"group":"tests.example","scope":"Namespaced","names":{"plural":"gadgets","kind":"Gadget"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}"""));

        await kube.AdvanceAsync(TimeSpan.FromMinutes(5));
        Assert.Equal("count/gadgets.tests.example=0", await UsedAsync(kube));
        var gadgets = kube.Client.Resource(new ResourceDefinition(new GroupVersionKind("tests.example", "v1", "Gadget"), "gadgets", Namespaced: true), "default");
        await gadgets.CreateAsync(KubeObject.Parse("""{"apiVersion":"tests.example/v1","kind":"Gadget","metadata":{"name":"a"}}"""u8));
        Assert.Equal("count/gadgets.tests.example=1", await UsedAsync(kube));
        await gadgets.DeleteAsync("a");
        Assert.Equal("count/gadgets.tests.example=0", await UsedAsync(kube));
    }

    [Fact]
    public async Task Writes_at_once_never_exceed_a_quota_together()
    {
        await using var kube = await StartAsync();
        await QuotaAsync(kube, """{"spec":{"hard":{"count/secrets":"5"}}}""");
        var secrets = kube.Client.Resource<V1Secret>("default");

        var made = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 60), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            try
            {
                await secrets.CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = $"s{i}" } });
                Interlocked.Increment(ref made);
            }
            catch (KubernetesException refused) when (refused.IsForbidden || refused.IsConflict)
            {
                // As it should be, once five are there.
            }
        });

        Assert.Equal(5, made);
        Assert.Equal("count/secrets=5", await UsedAsync(kube));
    }

    private static Task<ActorKubeFixture> StartAsync() => ActorKubeFixture.StartAsync(options: new ActorKubeFixtureOptions { Controllers = Quotas });

    private static async Task QuotaAsync(ActorKubeFixture kube, string quota)
    {
        var made = KubeJson.Deserialize<V1ResourceQuota>(quota);
        made.Metadata = new V1ObjectMeta { Name = "q" };
        await kube.Client.Resource<V1ResourceQuota>("default").CreateAsync(made);
        await kube.SettleAsync();
    }

    private static Task PodAsync(ActorKubeFixture kube, string name, string cpu, string spec = "{}")
    {
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = name }, Spec = KubeJson.Deserialize<V1PodSpec>(spec) };
        pod.Spec.Containers = [new V1Container { Name = "c", Image = "i", Resources = new V1ResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = cpu } } }];
        return kube.Client.Resource<V1Pod>("default").CreateAsync(pod);
    }

    private static async Task<string> UsedAsync(ActorKubeFixture kube)
    {
        await kube.SettleAsync();
        return string.Join(' ', ((await kube.Client.Resource<V1ResourceQuota>("default").GetAsync("q")).Status.Used ?? new Dictionary<string, ResourceQuantity>()).OrderBy(u => u.Key, StringComparer.Ordinal).Select(u => $"{u.Key}={u.Value}"));
    }
}
