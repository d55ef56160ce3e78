using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

/// <summary>Patches from what an object was and what it is to be.</summary>
public sealed class PatchTests
{
    static V1Deployment Before => new()
    {
        ApiVersion = "apps/v1", Kind = "Deployment", Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "ns", ResourceVersion = "7", Labels = new Dictionary<string, string> { ["a"] = "b" } },
        Spec = new V1DeploymentSpec
        {
            Replicas = 1, Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["a"] = "b" } },
            Template = new V1PodTemplateSpec { Spec = new V1PodSpec { Containers = [new V1Container { Name = "x", Image = "one" }, new V1Container { Name = "y", Image = "one" }] } }
        }
    };

    static V1Deployment After
    {
        get
        {
            var after = Before.DeepCopy();
            after.Spec.Replicas = 3;
            after.Metadata.Labels = null;
            after.Spec.Template.Spec.Containers[1].Image = "two";
            return after;
        }
    }

    static string Text(Patch patch) => Encoding.UTF8.GetString(patch.Body.Span);

    [Fact]
    public void What_has_changed_is_said_in_each_language()
    {
        var merge = Patch.MergeFrom(Before, After);
        Assert.Equal(PatchType.Merge, merge.Type);
        Is("""{"metadata":{"labels":null},"spec":{"replicas":3,"template":{"spec":{"containers":[{"image":"one","name":"x"},{"image":"two","name":"y"}]}}}}""", merge);
        var strategic = Patch.StrategicMergeFrom(Before, After);
        Assert.Equal(PatchType.StrategicMerge, strategic.Type);
        Is("""{"metadata":{"labels":null},"spec":{"replicas":3,"template":{"spec":{"$setElementOrder/containers":[{"name":"x"},{"name":"y"}],"containers":[{"image":"two","name":"y"}]}}}}""", strategic);
        var json = Patch.JsonFrom(Before, After);
        Assert.Equal(PatchType.Json, json.Type);
        Assert.Contains("""{"op":"replace","path":"/spec/template/spec/containers/1/image","value":"two"}""", Text(json));
        Assert.Equal("{}", Text(Patch.MergeFrom(Before, Before)));
        Assert.Equal("[]", Text(Patch.JsonFrom(Before, Before)));

        // Whatever the object is held as.
        Assert.Equal(Text(merge), Text(Patch.MergeFrom(KubeObject.From(Before), KubeObject.From(After))));
        Assert.Equal(Text(merge), Text(Patch.MergeFrom(Unstructured.From(Before), Unstructured.From(After))));
        var own = Unstructured.Parse("""{"apiVersion":"x.test/v1","kind":"Own","metadata":{"name":"a"}}""");
        Assert.Contains("not built in", Assert.Throws<ArgumentException>(() => Patch.StrategicMergeFrom(own, own)).Message);
    }

    static void Is(string expected, Patch patch) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(Text(patch))), Text(patch));

    [Fact]
    public void A_lock_needs_a_version()
    {
        var unread = Before;
        unread.Metadata.ResourceVersion = null;
        foreach (var make in new Func<V1Deployment, V1Deployment, bool, Patch>[] { Patch.MergeFrom, Patch.StrategicMergeFrom, Patch.JsonFrom })
        {
            Assert.Contains("resourceVersion", Assert.Throws<ArgumentException>(() => make(unread, After, true)).Message);
            Assert.Contains("\"7\"", Text(make(Before, After, true)));
            Assert.DoesNotContain("\"7\"", Text(make(Before, After, false)));
        }
    }

    [Fact]
    public async Task A_server_makes_of_them_what_was_wanted_and_holds_to_the_lock()
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = new Uri("http://embedded"), Token = server.Token, Qps = -1 }, new KubernetesClientOptions { Handler = server.CreateHandler() });
        var maps = client.CoreV1.ConfigMaps("default");
        foreach (var (name, make) in new (string, Func<V1ConfigMap, V1ConfigMap, bool, Patch>)[] { ("merge", Patch.MergeFrom), ("strategic", Patch.StrategicMergeFrom), ("json", Patch.JsonFrom) })
        {
            var before = await maps.CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = name }, Data = new Dictionary<string, string> { ["a"] = "1", ["b"] = "1" } });
            var after = before.DeepCopy();
            after.Data.Remove("a");
            after.Data["c"] = "2";
            Assert.Equal(["b", "c"], (await maps.PatchAsync(name, make(before, after, true))).Data.Keys.Order());
            var error = await Assert.ThrowsAsync<KubernetesException>(() => maps.PatchAsync(name, make(before, after, true)));
            // A test that fails is an invalid patch, and a version that is not the current one a conflict.
            Assert.True(name == "json" ? error.IsInvalid : error.IsConflict, error.Message);
        }
    }
}
