using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>What is refused beside the recordings' own cases, in kube-apiserver 1.32's words.</summary>
public sealed class RefusalTests
{
    private const string Merge = "application/merge-patch+json";
    private const string ConfigMaps = TestServer.ConfigMaps;
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Jobs = "/apis/batch/v1/namespaces/default/jobs";

    [Theory]
    [InlineData(ConfigMaps, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}""", 400, "Secret in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion")]
    [InlineData(ConfigMaps, """{"apiVersion":"v1","kind":"Foo","metadata":{"name":"a"}}""", 400, "Foo in version \"v1\" cannot be handled as a ConfigMap: no kind \"Foo\" is registered for version \"v1\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"")]
    [InlineData("/apis/apps/v1/namespaces/default/deployments", """{"apiVersion":"apps/v1beta1","kind":"Deployment","metadata":{"name":"a"}}""", 400, "the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)")]
    [InlineData(ConfigMaps, """{"apiVersion":"a/b/c","kind":"ConfigMap","metadata":{"name":"a"}}""", 400, "the object provided is unrecognized (must be of type ConfigMap): unexpected GroupVersion string: a/b/c ({\"apiVersion\":\"a/b/c\",\"kind\":\" ...)")]
    [InlineData(ConfigMaps, """{"metadata":{"name":"a","finalizers":["a/b","odd"]}}""", 422, "ConfigMap \"a\" is invalid: metadata.finalizers[1]: Invalid value: \"odd\": name is neither a standard finalizer name nor is it fully qualified")]
    [InlineData(ConfigMaps, """{"metadata":{"name":"a","finalizers":["orphan","foregroundDeletion"]}}""", 422, "ConfigMap \"a\" is invalid: metadata.finalizers: Invalid value: []string{\"orphan\", \"foregroundDeletion\"}: finalizer orphan and foregroundDeletion cannot be both set")]
    [InlineData(Jobs, """{"metadata":{"name":"a"},"spec":{"managedBy":"me","template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}""", 422, "Job.batch \"a\" is invalid: spec.managedBy: Invalid value: \"me\": must be a domain-prefixed path (such as \"acme.io/foo\")")]
    [InlineData("/apis/apps/v1/namespaces/default/controllerrevisions", """{"metadata":{"name":"a"},"revision":-1}""", 422, "ControllerRevision.apps \"a\" is invalid: [data: Required value: data is mandatory, revision: Invalid value: -1: must be greater than or equal to 0]")]
    [InlineData("/apis/storage.k8s.io/v1/csinodes", """{"metadata":{"name":"a"},"spec":{"drivers":[{"name":"d","nodeID":"x"},{"name":"d","nodeID":""}]}}""", 422, "CSINode.storage.k8s.io \"a\" is invalid: [spec.drivers[1].nodeID: Required value, spec.drivers[1].name: Duplicate value: \"d\"]")]
    [InlineData("/apis/storage.k8s.io/v1/volumeattachments", """{"metadata":{"name":"a"},"spec":{"attacher":"d","nodeName":"n","source":{}}}""", 422, "VolumeAttachment.storage.k8s.io \"a\" is invalid: spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName")]
    [InlineData("/apis/apiregistration.k8s.io/v1/apiservices", """{"metadata":{"name":"a"},"spec":{"group":"g.test","version":"v1","groupPriorityMinimum":0,"versionPriority":1}}""", 422, "APIService.apiregistration.k8s.io \"a\" is invalid: [metadata.name: Invalid value: \"a\": must be `spec.version+\".\"+spec.group`: \"v1.g.test\", spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000]")]
    [InlineData("/api/v1/nodes", """{"metadata":{"name":"a"},"spec":{"podCIDR":"x"}}""", 422, "Node \"a\" is invalid: spec.podCIDRs[0]: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    [InlineData("/api/v1/namespaces/default/services", """{"metadata":{"name":"a"},"spec":{"clusterIP":"10.96.0.1","ports":[{"port":80}]}}""", 422, "Service \"a\" is invalid: spec.clusterIPs: Invalid value: []string{\"10.96.0.1\"}: failed to allocate IP 10.96.0.1: provided IP is already allocated")]
    [InlineData("/api/v1/namespaces/default/services", """{"metadata":{"name":"a"},"spec":{"clusterIP":"192.168.0.1","ports":[{"port":80}]}}""", 422, "Service \"a\" is invalid: spec.clusterIPs: Invalid value: []string{\"192.168.0.1\"}: failed to allocate IP 192.168.0.1: the provided IP (192.168.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12")]
    [InlineData("/api/v1/namespaces/default/services", """{"metadata":{"name":"a"},"spec":{"ipFamilyPolicy":"RequireDualStack","ports":[{"port":80}]}}""", 422, "Service \"a\" is invalid: spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services")]
    [InlineData("/api/v1/namespaces/default/services", """{"metadata":{"name":"a"},"spec":{"ipFamilies":["IPv6"],"ports":[{"port":80}]}}""", 422, "Service \"a\" is invalid: spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster")]
    [InlineData(Pods + "/p/binding", """{"metadata":{"name":"p"},"target":{"kind":"Pod"}}""", 500, "[target.kind: Unsupported value: \"Pod\": supported values: \"Node\", \"<empty>\", target.name: Required value]")]
    [InlineData(Pods + "/p/binding", """{"metadata":{"name":"q"},"target":{"name":"n"}}""", 400, "name in URL does not match name in Binding object")]
    [InlineData("/api/v1/namespaces/default/serviceaccounts/default/token", """{"metadata":{"name":"other"},"spec":{}}""", 422, "TokenRequest.authentication.k8s.io \"default\" is invalid: metadata.name: Invalid value: \"other\": must match the service account name if specified")]
    [InlineData(Pods + "/p/eviction", """{"metadata":{"name":"q"}}""", 400, "name in URL does not match name in Eviction object")]
    public async Task A_new_object_is_refused(string path, string body, int code, string message)
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Pods, JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}"""));

        var (status, answer) = await server.SendAsync("POST", path, JsonNode.Parse(body));

        Assert.Equal((code, message), ((int)status, answer["message"]!.ToString()));
    }

    [Theory]
    [InlineData("""{"apiVersion":"v2"}""", 422, "no kind \"ConfigMap\" is registered for version \"v2\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"")]
    [InlineData("""{"metadata":{"deletionTimestamp":"2030-01-01T00:00:00Z"}}""", 422, "metadata.deletionTimestamp: Invalid value: 2030-01-01 00:00:00 +0000 UTC: field is immutable")]
    [InlineData("""{"metadata":{"deletionGracePeriodSeconds":5}}""", 422, "metadata.deletionGracePeriodSeconds: Invalid value: 5: field is immutable")]
    [InlineData("""{"metadata":{"uid":"other"}}""", 422, "metadata.uid: Invalid value: \"other\": field is immutable")]
    [InlineData("""{"metadata":null}""", 400, "the name of the object (one based on URL) was undeterminable: name must be provided")]
    [InlineData("\"text\"", 400, "error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}")]
    public async Task A_patch_is_refused(string patch, int code, string message)
    {
        await using var server = await TestServer.StartAsync();
        var one = await server.CreateConfigMapAsync("one");

        var (status, answer) = await server.SendAsync("PATCH", ConfigMaps + "/one", JsonNode.Parse(patch), Merge);

        Assert.Equal(code, (int)status);
        Assert.EndsWith(message.Replace("{uid}", one["metadata"]!["uid"]!.ToString(), StringComparison.Ordinal), answer["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"conditions":[{"type":"Complete","status":"True"}]}""",
        "[status.completionTime: Required value: completionTime is required for Complete jobs, status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition, status.startTime: Required value: startTime is required for finished job]")]
    [InlineData("""{"startTime":"2026-01-02T03:04:05Z","conditions":[{"type":"Failed","status":"True"}]}""",
        "status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition")]
    [InlineData("""{"ready":2,"active":1}""", "status.ready: Invalid value: 2: cannot set more ready pods than active")]
    [InlineData("""{"completionTime":"2026-01-02T03:04:05Z"}""", "status.completionTime: Invalid value: \"2026-01-02T03:04:05Z\": cannot set completionTime when there is no Complete=True condition")]
    public async Task A_jobs_end_is_announced_before_it_is_said(string status, string message)
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Jobs, JsonNode.Parse("""{"metadata":{"name":"j"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}"""));

        var (code, answer) = await server.SendAsync("PATCH", $"{Jobs}/j/status", new JsonObject { ["status"] = JsonNode.Parse(status) }, Merge);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, $"Job.batch \"j\" is invalid: {message}"), (code, answer["message"]!.ToString()));
    }

    [Theory]
    [InlineData("default")]
    [InlineData("kube-system")]
    [InlineData("kube-public")]
    public async Task A_namespace_that_the_cluster_needs_stays(string name)
    {
        await using var server = await TestServer.StartAsync();

        var (code, answer) = await server.SendAsync("DELETE", $"/api/v1/namespaces/{name}");

        Assert.Equal((HttpStatusCode.Forbidden, $"namespaces \"{name}\" is forbidden: this namespace may not be deleted"), (code, answer["message"]!.ToString()));
    }

    [Fact]
    public async Task A_node_port_is_given_once_and_can_be_had_again_when_its_service_is_gone()
    {
        const string services = "/api/v1/namespaces/default/services";
        await using var server = await TestServer.StartAsync();
        JsonNode Service(string name) => JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":31000}]}}""")!;
        await server.OkAsync("POST", services, Service("one"));

        var (code, answer) = await server.SendAsync("POST", services, Service("two"));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "Service \"two\" is invalid: spec.ports[0].nodePort: Invalid value: 31000: provided port is already allocated"), (code, answer["message"]!.ToString()));
        await server.OkAsync("DELETE", $"{services}/one");
        await server.OkAsync("POST", services, Service("two"));
    }

    [Fact]
    public async Task Who_changes_only_the_first_address_of_a_service_is_told_that_it_stays()
    {
        const string services = "/api/v1/namespaces/default/services";
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", services, JsonNode.Parse("""{"metadata":{"name":"one"},"spec":{"ports":[{"port":80}]}}"""));

        var (_, answer) = await server.SendAsync("PATCH", $"{services}/one", JsonNode.Parse("""{"spec":{"clusterIP":"10.96.9.9"}}"""), Merge);

        Assert.Equal("spec.clusterIPs[0]", Assert.Single(answer["details"]!["causes"]!.AsArray())!["field"]!.ToString());
    }

    [Fact]
    public async Task Endpoints_are_kept_in_the_order_of_their_addresses()
    {
        await using var server = await TestServer.StartAsync();

        var made = await server.OkAsync("POST", "/api/v1/namespaces/default/endpoints",
            JsonNode.Parse("""{"metadata":{"name":"e"},"subsets":[{"addresses":[{"ip":"10.0.0.2"},{"ip":"10.0.0.1"}],"ports":[{"port":80}]}]}"""));

        Assert.Equal(["10.0.0.1", "10.0.0.2"], made["subsets"]![0]!["addresses"]!.AsArray().Select(a => a!["ip"]!.ToString()));
    }

    [Theory]
    [InlineData("""{"gracePeriodSeconds":"x"}""", 500, "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64")]
    [InlineData("""{"dryRun":["Some"]}""", 422, "DeleteOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: []string{\"Some\"}: supported values: \"All\"")]
    public async Task Delete_options_of_the_wrong_form_are_refused(string options, int code, string message)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("one");

        var (status, answer) = await server.SendAsync("DELETE", ConfigMaps + "/one", JsonNode.Parse(options));

        Assert.Equal((code, message), ((int)status, answer["message"]!.ToString()));
    }

    [Fact]
    public async Task What_holds_a_namespace_is_checked_when_it_is_finalized()
    {
        await using var server = await TestServer.StartAsync();

        var (code, answer) = await server.SendAsync("PUT", "/api/v1/namespaces/default/finalize", JsonNode.Parse("""{"metadata":{"name":"default"},"spec":{"finalizers":["odd"]}}"""));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "Namespace \"default\" is invalid: spec.finalizers[0]: Invalid value: \"odd\": name is neither a standard finalizer name nor is it fully qualified"),
            (code, answer["message"]!.ToString()));
    }

    [Fact]
    public async Task A_pod_that_waits_at_a_gate_is_not_bound()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Pods, JsonNode.Parse("""{"metadata":{"name":"g"},"spec":{"schedulingGates":[{"name":"a.b/c"}],"containers":[{"name":"c","image":"i"}]}}"""));

        var (code, answer) = await server.SendAsync("POST", $"{Pods}/g/binding", JsonNode.Parse("""{"metadata":{"name":"g"},"target":{"kind":"Node","name":"n"}}"""));

        Assert.Equal((HttpStatusCode.Conflict, "Operation cannot be fulfilled on pods/binding \"g\": pod g has non-empty .spec.schedulingGates"), (code, answer["message"]!.ToString()));
    }

    [Fact]
    public async Task An_eviction_in_its_old_version_is_taken()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Pods, JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}"""));

        await server.OkAsync("POST", $"{Pods}/p/eviction", JsonNode.Parse("""{"apiVersion":"policy/v1beta1","kind":"Eviction","metadata":{"name":"p"}}"""));

        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("GET", $"{Pods}/p")).Code);
    }

    [Fact]
    public async Task A_watch_with_a_negative_timeout_ends_at_once_and_one_object_is_not_watched_by_its_path()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("one");

        using var watch = await server.WatchAsync($"{ConfigMaps}?watch=true&timeoutSeconds=-1&resourceVersion={(await server.OkAsync("GET", ConfigMaps))["metadata"]!["resourceVersion"]}");

        Assert.Null(await watch.NextAsync());
        Assert.Equal("ConfigMap", (await server.OkAsync("GET", ConfigMaps + "/one?watch=true"))["kind"]!.ToString());
    }

    [Theory]
    [InlineData("application/merge-patch+json", """{"bogus":1,"data":{"q":"1"}}""", """{"apiVersion":"v1","bogus":1,"data":{"q":"1","v":"1"},"kind":"ConfigMap",""")]
    [InlineData("application/json-patch+json", """[{"op":"add","path":"/bogus","value":{"x":[1]}}]""", """{"apiVersion":"v1","bogus":{"x":[1]},"data":{"v":"1"},"kind":"ConfigMap",""")]
    public async Task What_a_strict_patch_is_refused_with_shows_what_the_patch_made(string media, string patch, string shown)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("one", "1");
        using var request = new HttpRequestMessage(HttpMethod.Patch, ConfigMaps + "/one?fieldValidation=Strict") { Content = new StringContent(patch, new System.Net.Http.Headers.MediaTypeHeaderValue(media)) };

        using var answer = await server.Http.SendAsync(request);

        var message = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["message"]!.ToString();
        Assert.StartsWith(" \"\" is invalid: patch: Invalid value: \"" + shown.Replace("\"", "\\\"", StringComparison.Ordinal), message, StringComparison.Ordinal);
        Assert.EndsWith("strict decoding error: unknown field \"bogus\"", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("- a", 400, "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}")]
    [InlineData("", 400, "invalid object type: /, Kind=")]
    [InlineData("null", 400, "invalid object type: /, Kind=")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, data: {a: 1}}", 500, "failed to create typed patch object (/one; /v1, Kind=ConfigMap): .data.a: expected string, got &value.valueUnstructured{Value:1}")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, immutable: 'yes'}", 500, "failed to create typed patch object (/one; /v1, Kind=ConfigMap): .immutable: expected boolean, got &{yes}")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, data: {a: one, a: two}}", 400, "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 1: key \"a\" already set in map")]
    public async Task An_apply_is_refused(string yaml, int code, string message)
    {
        await using var server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Patch, ConfigMaps + "/one?fieldManager=me&fieldValidation=Strict")
        {
            Content = new StringContent(yaml, new System.Net.Http.Headers.MediaTypeHeaderValue("application/apply-patch+yaml")),
        };

        using var answer = await server.Http.SendAsync(request);

        Assert.Equal((code, message), ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["message"]!.ToString()));
    }
}
