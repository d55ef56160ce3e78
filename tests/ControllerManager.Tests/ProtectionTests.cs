using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class ProtectionTests
{
    private const string Claim = """{"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""";

    [Fact]
    public async Task A_claim_that_is_in_use_goes_after_its_pod()
    {
        await using var cluster = await Cluster.StartAsync(ClusterControllersOptions.None with { VolumeProtection = true });
        await cluster.CreateAsync<V1PersistentVolumeClaim>(Claim);
        await cluster.CreateAsync<V1Pod>(
            """{"metadata":{"name":"user","finalizers":["tests.example/held"]},"spec":{"nodeName":"elsewhere","containers":[{"name":"m","image":"i"}],"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"c"}}]}}""");

        await cluster.Of<V1PersistentVolumeClaim>().DeleteAsync("c");
        await cluster.Of<V1Pod>().DeleteAsync("user", new DeleteOptions { GracePeriodSeconds = 0 });
        Assert.NotNull((await cluster.Of<V1PersistentVolumeClaim>().GetAsync("c")).Metadata.DeletionTimestamp);
        await cluster.Of<V1Pod>().PatchAsync("user", Patch.Merge("""{"metadata":{"finalizers":null}}"""));

        await cluster.GoneAsync<V1PersistentVolumeClaim>("c");
    }

    [Fact]
    public async Task A_claim_that_lacks_its_protection_gets_it_and_one_that_nobody_uses_goes()
    {
        await using var cluster = await Cluster.StartAsync(ClusterControllersOptions.None with { VolumeProtection = true });
        await cluster.CreateAsync<V1PersistentVolumeClaim>(Claim);
        await cluster.Of<V1PersistentVolumeClaim>().PatchAsync("c", Patch.Merge("""{"metadata":{"finalizers":null}}"""));

        await cluster.UntilAsync<V1PersistentVolumeClaim>("c", static c => c.Metadata.Finalizers?.Contains("kubernetes.io/pvc-protection") is true);
        await cluster.Of<V1PersistentVolumeClaim>().DeleteAsync("c");

        await cluster.GoneAsync<V1PersistentVolumeClaim>("c");
    }

    [Fact]
    public async Task A_volume_that_is_bound_stays_until_it_is_released()
    {
        await using var cluster = await Cluster.StartAsync(ClusterControllersOptions.None with { VolumeProtection = true });
        var volumes = cluster.Client.Resource<V1PersistentVolume>();
        await volumes.CreateAsync(KubeJson.Deserialize<V1PersistentVolume>("""{"metadata":{"name":"v"},"spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"hostPath":{"path":"/tmp/v"}}}"""));
        await volumes.PatchAsync("v", Patch.Merge("""{"status":{"phase":"Bound"}}"""), subresource: "status");

        await volumes.DeleteAsync("v");
        Assert.NotNull((await volumes.GetAsync("v")).Metadata.DeletionTimestamp);
        await volumes.PatchAsync("v", Patch.Merge("""{"status":{"phase":"Released"}}"""), subresource: "status");

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await volumes.UntilDeletedAsync("v", limit.Token);
    }

    [Fact]
    public async Task A_cluster_role_aggregates_the_rules_of_those_it_selects_as_they_come_and_go()
    {
        await using var cluster = await Cluster.StartAsync(ClusterControllersOptions.None with { RoleAggregation = true });
        var roles = cluster.Client.Resource<V1ClusterRole>();
        await roles.CreateAsync(KubeJson.Deserialize<V1ClusterRole>("""{"metadata":{"name":"all"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"to":"all"}}]},"rules":[]}"""));

        await roles.CreateAsync(KubeJson.Deserialize<V1ClusterRole>("""{"metadata":{"name":"part","labels":{"to":"all"}},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}"""));

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await roles.UntilAsync("all", static r => r.Rules is [{ Resources: ["pods"] }], limit.Token);
        await roles.DeleteAsync("part");
        await roles.UntilAsync("all", static r => r.Rules is null or [], limit.Token);
    }

    [Fact]
    public void Rules_come_selector_by_selector_and_role_by_role_each_once()
    {
        static V1ClusterRole Role(string name, string to, params string[] resources) => new()
        {
            Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["to"] = to } },
            Rules = [.. resources.Select(r => new V1PolicyRule { ApiGroups = [""], Resources = [r], Verbs = ["get"] })],
        };
        var rule = new V1AggregationRule { ClusterRoleSelectors = [.. ((string[])["b", "a"]).Select(to => new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["to"] = to } })] };

        var rules = RoleAggregationReconciler.RulesOf(rule, "self", [Role("self", "a", "never"), Role("z", "b", "pods"), Role("y", "b", "nodes", "pods"), Role("x", "a", "nodes", "secrets"), Role("w", "c", "never")]);

        Assert.Equal(["nodes", "pods", "secrets"], rules.Select(r => r.Resources.Single()));
    }
}
