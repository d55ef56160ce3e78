using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>What a kube-apiserver's own admission plugins add to objects, and refuse.</summary>
public sealed class AdmissionPluginTests
{
    private const string Core = "/api/v1/namespaces/default/";
    private const string Merge = "application/merge-patch+json";

    private static JsonObject Pod(string name, string spec = "{}", string resources = "{}")
    {
        var tree = JsonNode.Parse(spec)!.AsObject();
        tree["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "i:1", ["resources"] = JsonNode.Parse(resources) });
        return new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = tree };
    }

    private static JsonObject Named(string name, string json)
    {
        var tree = JsonNode.Parse(json)!.AsObject();
        var meta = tree["metadata"] as JsonObject ?? [];
        meta["name"] = name;
        tree["metadata"] = meta;
        return tree;
    }

    [Fact]
    public async Task A_limit_range_gives_containers_what_they_do_not_say_and_refuses_what_is_out_of_bounds()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Core + "limitranges", Named("l", """{"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"default":{"cpu":"1"},"defaultRequest":{"cpu":"500m"}}]}}"""));

        var made = await server.OkAsync("POST", Core + "pods", Pod("a"));
        var (code, refused) = await server.SendAsync("POST", Core + "pods", Pod("b", resources: """{"limits":{"cpu":"3"}}"""));

        Assert.Equal("""{"requests":{"cpu":"500m"},"limits":{"cpu":"1"}}""", made["spec"]!["containers"]![0]!["resources"]!.ToJsonString());
        Assert.Equal("LimitRanger plugin set: cpu request for container c; cpu limit for container c", made["metadata"]!["annotations"]!["kubernetes.io/limit-ranger"]!.ToString());
        Assert.Equal(HttpStatusCode.Forbidden, code);
        Assert.Equal("pods \"b\" is forbidden: maximum cpu usage per Container is 2, but limit is 3", refused["message"]!.ToString());
    }

    [Fact]
    public async Task A_quota_is_charged_and_holds_whoever_wrote_its_status_and_one_without_a_status_limits_nothing()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Core + "resourcequotas", Named("q", """{"spec":{"hard":{"pods":"1","requests.cpu":"1","services.nodeports":"1"}}}"""));
        await server.OkAsync("POST", Core + "pods", Pod("before"));
        await server.OkAsync("PATCH", Core + "resourcequotas/q/status",
            JsonNode.Parse("""{"status":{"hard":{"pods":"1","requests.cpu":"1","services.nodeports":"1"},"used":{"pods":"0","requests.cpu":"0","services.nodeports":"0"}}}"""), Merge);

        var (silent, why) = await server.SendAsync("POST", Core + "pods", Pod("a"));
        await server.OkAsync("POST", Core + "pods?dryRun=All", Pod("a", resources: """{"requests":{"cpu":"600m"}}"""));
        await server.OkAsync("POST", Core + "pods", Pod("a", resources: """{"requests":{"cpu":"600m"}}"""));
        var (over, exceeded) = await server.SendAsync("POST", Core + "pods", Pod("b", resources: """{"requests":{"cpu":"600m"}}"""));

        Assert.Equal(HttpStatusCode.Forbidden, silent);
        Assert.Equal("pods \"a\" is forbidden: failed quota: q: must specify requests.cpu for: c", why["message"]!.ToString());
        Assert.Equal(HttpStatusCode.Forbidden, over);
        Assert.Equal("pods \"b\" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=600m, used: pods=1,requests.cpu=600m, limited: pods=1,requests.cpu=1", exceeded["message"]!.ToString());
        Assert.Contains((await server.OkAsync("GET", Core + "resourcequotas/q"))["metadata"]!["managedFields"]!.AsArray(), static f => (string?)f!["manager"] == "kube-apiserver" && (string?)f["subresource"] == "status");
    }

    [Fact]
    public async Task A_change_is_charged_for_what_it_uses_more()
    {
        await using var server = await TestServer.StartAsync();
        const string hard = """{"requests.storage":"3Gi","persistentvolumeclaims":"2","services.nodeports":"1"}""";
        await server.OkAsync("POST", Core + "resourcequotas", Named("q", "{\"spec\":{\"hard\":" + hard + "}}"));
        await server.OkAsync("PATCH", Core + "resourcequotas/q/status", JsonNode.Parse("{\"status\":{\"hard\":" + hard + ",\"used\":{\"requests.storage\":\"0\",\"persistentvolumeclaims\":\"0\",\"services.nodeports\":\"0\"}}}"), Merge);
        await server.OkAsync("POST", "/apis/storage.k8s.io/v1/storageclasses", Named("grows", """{"provisioner":"tests.example/x","allowVolumeExpansion":true}"""));
        await server.OkAsync("POST", Core + "persistentvolumeclaims", Named("c", """{"spec":{"storageClassName":"grows","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}"""));
        await server.OkAsync("PATCH", Core + "persistentvolumeclaims/c/status", JsonNode.Parse("""{"status":{"phase":"Bound","capacity":{"storage":"1Gi"}}}"""), Merge);
        await server.OkAsync("POST", Core + "services", Named("s", """{"spec":{"ports":[{"port":80},{"port":81,"name":"b"}]}}""".Replace("{\"port\":80}", "{\"port\":80,\"name\":\"a\"}", StringComparison.Ordinal)));

        await server.OkAsync("PATCH", Core + "persistentvolumeclaims/c", JsonNode.Parse("""{"spec":{"resources":{"requests":{"storage":"2560Mi"}}}}"""), Merge);
        await server.OkAsync("PATCH", Core + "persistentvolumeclaims/c", JsonNode.Parse("""{"metadata":{"labels":{"a":"b"}}}"""), Merge);
        var (_, tooMuch) = await server.SendAsync("PATCH", Core + "persistentvolumeclaims/c", JsonNode.Parse("""{"spec":{"resources":{"requests":{"storage":"4Gi"}}}}"""), Merge);
        var (_, tooMany) = await server.SendAsync("PATCH", Core + "services/s", JsonNode.Parse("""{"spec":{"type":"NodePort"}}"""), Merge);

        Assert.Equal("persistentvolumeclaims \"c\" is forbidden: exceeded quota: q, requested: requests.storage=1536Mi, used: requests.storage=2560Mi, limited: requests.storage=3Gi", tooMuch["message"]!.ToString());
        Assert.Equal("services \"s\" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1", tooMany["message"]!.ToString());
        Assert.Equal("2560Mi", (await server.OkAsync("GET", Core + "resourcequotas/q"))["status"]!["used"]!["requests.storage"]!.ToString());
    }

    [Fact]
    public async Task Priorities_service_accounts_and_runtime_classes_must_exist()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", Named("high", """{"value":7,"preemptionPolicy":"Never"}"""));

        var made = await server.OkAsync("POST", Core + "pods", Pod("a", """{"priorityClassName":"high"}"""));
        var answers = new List<string>();
        foreach (var spec in (string[])["""{"priorityClassName":"none"}""", """{"serviceAccountName":"none"}""", """{"runtimeClassName":"none"}""", """{"priority":3}"""])
        {
            var (code, answer) = await server.SendAsync("POST", Core + "pods", Pod("b", spec));
            Assert.Equal(HttpStatusCode.Forbidden, code);
            answers.Add(answer["message"]!.ToString());
        }

        Assert.Equal("7 Never", $"{made["spec"]!["priority"]} {made["spec"]!["preemptionPolicy"]}");
        Assert.Equal(
            [
                "pods \"b\" is forbidden: no PriorityClass with name none was found",
                "pods \"b\" is forbidden: error looking up service account default/none: serviceaccount \"none\" not found",
                "pods \"b\" is forbidden: pod rejected: RuntimeClass \"none\" not found",
                "pods \"b\" is forbidden: the integer value of priority (3) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name",
            ], answers);
    }

    [Fact]
    public async Task Claims_get_the_default_class_and_are_protected()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", "/apis/storage.k8s.io/v1/storageclasses", Named("fast", """{"metadata":{"annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},"provisioner":"a.io/p"}"""));
        var claim = await server.OkAsync("POST", Core + "persistentvolumeclaims", Named("c", """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}"""));

        var (grown, why) = await server.SendAsync("PATCH", Core + "persistentvolumeclaims/c", JsonNode.Parse("""{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}"""), Merge);
        await server.OkAsync("DELETE", Core + "persistentvolumeclaims/c");
        Assert.NotNull((await server.OkAsync("GET", Core + "persistentvolumeclaims/c"))["metadata"]!["deletionTimestamp"]);

        Assert.Equal("fast", claim["spec"]!["storageClassName"]!.ToString());
        Assert.Equal("kubernetes.io/pvc-protection", claim["metadata"]!["finalizers"]![0]!.ToString());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, grown);
        Assert.Equal("spec", why["details"]!["causes"]![0]!["field"]!.ToString());
    }

    [Fact]
    public async Task Every_namespace_is_told_whom_to_trust_also_without_TLS()
    {
        await using var server = await TestServer.StartAsync();
        using var watch = await server.WatchAsync("/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=60");

        var made = await watch.NextAsync();

        Assert.Equal("kube-root-ca.crt", made!["object"]!["metadata"]!["name"]!.ToString());
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", made["object"]!["data"]!["ca.crt"]!.ToString(), StringComparison.Ordinal);
    }
}
