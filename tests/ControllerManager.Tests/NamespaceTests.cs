using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class NamespaceTests
{
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private static readonly ClusterControllersOptions Spaces = ClusterControllersOptions.None with
    {
        Namespaces = true, ServiceAccounts = true, PublishRootCertificates = true, RootCertificates = "-----BEGIN CERTIFICATE-----",
    };

    [Fact]
    public async Task A_new_namespace_gets_its_account_and_whom_to_trust()
    {
        await using var cluster = await Cluster.StartAsync(Spaces);
        await CreateAsync(cluster, "new");

        await UntilAsync<V1ServiceAccount>(cluster, "new", "default", static _ => true);
        await UntilAsync<V1ConfigMap>(cluster, "new", "kube-root-ca.crt", static _ => true);

        var map = await cluster.Client.Resource<V1ConfigMap>("new").GetAsync("kube-root-ca.crt");
        Assert.Equal("-----BEGIN CERTIFICATE-----", map.Data.Single().Value);
        Assert.StartsWith("Contains a CA bundle", map.Metadata.Annotations["kubernetes.io/description"], StringComparison.Ordinal);
        Assert.Equal("kube-controller-manager", map.Metadata.ManagedFields.Single().Manager);
    }

    [Fact]
    public async Task What_a_namespace_is_furnished_with_comes_back()
    {
        await using var cluster = await Cluster.StartAsync(Spaces);
        await CreateAsync(cluster, "new");
        var account = await UntilAsync<V1ServiceAccount>(cluster, "new", "default", static _ => true);
        var map = await UntilAsync<V1ConfigMap>(cluster, "new", "kube-root-ca.crt", static _ => true);

        await cluster.Client.Resource<V1ServiceAccount>("new").DeleteAsync("default");
        await cluster.Client.Resource<V1ConfigMap>("new").PatchAsync("kube-root-ca.crt", Patch.Merge("""{"data":{"ca.crt":"x","more":"y"}}"""));

        await UntilAsync<V1ServiceAccount>(cluster, "new", "default", a => a.Metadata.Uid != account.Metadata.Uid);
        await UntilAsync<V1ConfigMap>(cluster, "new", "kube-root-ca.crt", m => m.Data.Count == 1 && m.Data["ca.crt"] == map.Data["ca.crt"]);
        await cluster.Client.Resource<V1ConfigMap>("new").DeleteAsync("kube-root-ca.crt");
        await UntilAsync<V1ConfigMap>(cluster, "new", "kube-root-ca.crt", m => m.Metadata.Uid != map.Metadata.Uid);
    }

    [Fact]
    public async Task A_deleted_namespace_is_emptied_and_goes()
    {
        await using var cluster = await Cluster.StartAsync(Spaces);
        await CreateAsync(cluster, "old");
        await cluster.Client.Resource<V1Secret>("old").CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "s" } });

        await cluster.Client.Resource<V1Namespace>().DeleteAsync("old");

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await cluster.Client.Resource<V1Namespace>().UntilDeletedAsync("old", limit.Token);
        Assert.Empty((await cluster.Client.Resource<V1Secret>("old").ListAsync()).Items);
    }

    [Fact]
    public async Task A_namespace_says_what_it_waits_for_and_goes_once_that_has_gone()
    {
        await using var cluster = await Cluster.StartAsync(Spaces);
        await CreateAsync(cluster, "held");
        await cluster.Client.Resource<V1Secret>("held").CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "s", Finalizers = ["tests.example/held"] } });

        await cluster.Client.Resource<V1Namespace>().DeleteAsync("held");

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var said = (await cluster.Client.Resource<V1Namespace>().UntilAsync("held", static n => n.Status?.Conditions?.Any(c => c.Type == "NamespaceFinalizersRemaining" && c.Status == "True") is true, limit.Token)).Status;
        Assert.Equal("Terminating", said.Phase);
        Assert.Equal("Some resources are remaining: secrets. has 1 resource instances", said.Conditions.Single(c => c.Type == "NamespaceContentRemaining").Message);
        Assert.Equal("Some content in the namespace has finalizers remaining: tests.example/held in 1 resource instances", said.Conditions.Single(c => c.Type == "NamespaceFinalizersRemaining").Message);
        await cluster.Client.Resource<V1Secret>("held").PatchAsync("s", Patch.Merge("""{"metadata":{"finalizers":null}}"""));
        await cluster.Client.Resource<V1Namespace>().UntilDeletedAsync("held", limit.Token);
    }

    [Fact]
    public void Conditions_are_news_once_and_keep_their_times()
    {
        var status = new V1NamespaceStatus();
        var content = new NamespaceContent();
        content.Remains(new GroupVersionResource("", "v1", "pods"), "a", [KubeObject.Parse("""{"metadata":{"name":"p"}}"""u8)], TimeSpan.FromSeconds(30));

        Assert.True(NamespaceConditions.Tell(status, content, Now));
        Assert.False(NamespaceConditions.Tell(status, content, Now.AddMinutes(1)));
        Assert.True(NamespaceConditions.Tell(status, new NamespaceContent(), Now.AddMinutes(2)));

        Assert.False(content.IsEmpty);
        Assert.Equal(
            ["NamespaceDeletionDiscoveryFailure", "NamespaceDeletionGroupVersionParsingFailure", "NamespaceDeletionContentFailure", "NamespaceContentRemaining", "NamespaceFinalizersRemaining"],
            status.Conditions.Select(c => c.Type));
        Assert.Equal([Now, Now, Now, Now.AddMinutes(2), Now], status.Conditions.Select(c => c.LastTransitionTime!.Value));
        Assert.All(status.Conditions, c => Assert.Equal("False", c.Status));
    }

    [Fact]
    public void What_stays_beyond_its_time_without_a_reason_is_an_error()
    {
        var (status, content) = (new V1NamespaceStatus(), new NamespaceContent());
        content.Remains(new GroupVersionResource("", "v1", "pods"), "a", [KubeObject.Parse("""{"metadata":{"name":"p"}}"""u8)], TimeSpan.Zero);
        content.Failures.Add("example.com/v1: down");

        NamespaceConditions.Tell(status, content, Now);

        Assert.Equal("Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: a for gvr: /v1, Resource=pods", status.Conditions.Single(c => c.Type == "NamespaceDeletionContentFailure").Message);
        Assert.Equal("Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: example.com/v1: down", status.Conditions[0].Message);
    }

    private static Task<V1Namespace> CreateAsync(Cluster cluster, string name) => cluster.Client.Resource<V1Namespace>().CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } });

    private static async Task<T> UntilAsync<T>(Cluster cluster, string @namespace, string name, Func<T, bool> holds)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        return await cluster.Client.Resource<T>(@namespace).UntilAsync(name, holds, limit.Token);
    }
}
