using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>Small things in which a kube-apiserver 1.32 is exact, and clients rely on it.</summary>
public sealed class FaithfulnessTests
{
    private const string Core = "/api/v1/namespaces/default/";
    private const string Apps = "/apis/apps/v1/namespaces/default/";
    private const string Batch = "/apis/batch/v1/namespaces/default/";
    private const string Network = "/apis/networking.k8s.io/v1/";
    private const string Labelled = """{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}""";

    private static JsonObject Named(string json, string name = "one")
    {
        var tree = JsonNode.Parse(json)!.AsObject();
        var meta = tree["metadata"] as JsonObject ?? [];
        meta["name"] = name;
        tree["metadata"] = meta;
        return tree;
    }

    private static string Causes(JsonObject status) =>
        string.Join(' ', status["details"]!["causes"]!.AsArray().Select(c => $"{c!["reason"]!.ToString().Replace("FieldValue", "", StringComparison.Ordinal)}:{c["field"]}").Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("pods", """{"spec":{"containers":[{"name":"c","image":" i"}],"initContainers":[{"name":"c","image":"i","readinessProbe":{"exec":{"command":["x"]}}}]}}""",
        "Duplicate:spec.initContainers[0].name Forbidden:spec.initContainers[0].readinessProbe Invalid:spec.containers[0].image")]
    [InlineData("pods", """{"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"i","ports":[{"containerPort":80,"hostPort":81}],"envFrom":[{}],"lifecycle":{"preStop":{"httpGet":{"port":"x!"}}}}]}}""",
        "Invalid:spec.containers[0].envFrom Invalid:spec.containers[0].lifecycle.preStop.httpGet.port Invalid:spec.containers[0].ports[0].hostPort")]
    [InlineData("pods", """{"spec":{"dnsPolicy":"None","securityContext":{"runAsUser":-1},"containers":[{"name":"c","image":"i","securityContext":{"seccompProfile":{"type":"Localhost"}}}]}}""",
        "Invalid:spec.securityContext.runAsUser Required:spec.containers[0].securityContext.seccompProfile.localhostProfile Required:spec.dnsConfig")]
    [InlineData("pods", """{"spec":{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[]}}},"topologySpreadConstraints":[{"maxSkew":0,"topologyKey":"","whenUnsatisfiable":"Odd"}],"containers":[{"name":"c","image":"i"}]}}""",
        "Invalid:spec.topologySpreadConstraints[0].maxSkew NotSupported:spec.topologySpreadConstraints[0].whenUnsatisfiable Required:spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms Required:spec.topologySpreadConstraints[0].topologyKey")]
    [InlineData("pods", """{"spec":{"volumes":[{"name":"v","configMap":{"items":[{"key":"k","path":"../x"}]}}],"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"v","mountPath":"/v"}]}]}}""",
        "Invalid:spec.volumes[0].configMap.items[0].path NotFound:spec.containers[0].volumeMounts[0].name Required:spec.volumes[0].configMap.name")]
    [InlineData("secrets", """{"type":"kubernetes.io/basic-auth"}""", "Required:data[password] Required:data[username]")]
    [InlineData("secrets", """{"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"eA=="}}""", "Invalid:data[.dockerconfigjson]")]
    [InlineData("endpoints", """{"subsets":[{"addresses":[{"ip":"127.0.0.1"}],"ports":[{"port":1},{"port":2,"name":"b"}]}]}""", "Invalid:subsets[0].addresses[0].ip Required:subsets[0].ports[0].name")]
    [InlineData("resourcequotas", """{"spec":{"hard":{"odd":"1","pods":"500m"},"scopes":["Odd"]}}""", "Invalid:spec.hard[odd] Invalid:spec.hard[odd] Invalid:spec.hard[pods] Invalid:spec.scopes")]
    [InlineData("limitranges", """{"spec":{"limits":[{"type":"PersistentVolumeClaim","max":{"cpu":"1"}},{"type":"Odd"}]}}""", "Invalid:spec.limits[1].type Required:spec.limits[0].limits")]
    public async Task Tells_every_rule_that_a_core_object_breaks(string plural, string given, string causes)
    {
        await using var server = await TestServer.StartAsync();

        var (code, answer) = await server.SendAsync("POST", Core + plural, Named(given));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal(causes, Causes(answer));
    }

    [Theory]
    [InlineData(Apps + "deployments", $$"""{"spec":{"template":{{Labelled}} } }""", "Invalid:spec.template.metadata.labels Required:spec.selector")]
    [InlineData(Apps + "statefulsets", $$"""{"spec":{"podManagementPolicy":"Odd","updateStrategy":{"type":"OnDelete","rollingUpdate":{} },"selector":{"matchLabels":{"a":"b"} },"template":{{Labelled}} } }""", "Invalid:spec.podManagementPolicy Invalid:spec.updateStrategy.rollingUpdate")]
    [InlineData(Batch + "jobs", $$"""{"spec":{"completionMode":"Indexed","parallelism":2,"template":{{Labelled}} } }""", "Required:spec.completions Required:spec.template.spec.restartPolicy")]
    [InlineData(Batch + "jobs", """{"spec":{"podFailurePolicy":{"rules":[{"action":"Odd","onExitCodes":{"operator":"In","values":[0]}}]},"template":{"spec":{"restartPolicy":"OnFailure","containers":[{"name":"c","image":"i"}]}}}}""",
        "Invalid:spec.podFailurePolicy.rules[0].onExitCodes.values[0] Invalid:spec.template.spec.restartPolicy NotSupported:spec.podFailurePolicy.rules[0].action")]
    [InlineData(Batch + "cronjobs", """{"spec":{"schedule":"61 * * * *","timeZone":"Nowhere/Land","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}}""", "Invalid:spec.schedule Invalid:spec.timeZone")]
    [InlineData(Network + "namespaces/default/ingresses", """{"metadata":{"annotations":{"kubernetes.io/ingress.class":"x"}},"spec":{"ingressClassName":"y","rules":[{"host":"*.a.*","http":{"paths":[{"path":"a"},{"path":"/a/../b","pathType":"Exact","backend":{"service":{"name":"s"}}}]}}]}}""",
        "Invalid:annotations.kubernetes.io/ingress.class Invalid:spec.rules[0].host Invalid:spec.rules[0].http.paths[1].path Required:spec.rules[0].http.paths[0].pathType Required:spec.rules[0].http.paths[1].backend")]
    [InlineData(Network + "namespaces/default/networkpolicies", """{"spec":{"podSelector":{},"egress":[{"to":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["11.0.0.0/16"]},"podSelector":{}}],"ports":[{"port":9,"endPort":3},{"endPort":4}]}]}}""",
        "Forbidden:spec.egress[0].to[0] Invalid:spec.egress[0].ports[0].endPort Invalid:spec.egress[0].ports[1].endPort Invalid:spec.egress[0].to[0].ipBlock.except[0]")]
    [InlineData(Network + "ingressclasses", """{"spec":{"controller":"x","parameters":{"scope":"Namespace","kind":"K","name":"n"}}}""", "Invalid:spec.controller Required:spec.parameters.namespace")]
    [InlineData("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", """{"addressType":"IPv4","endpoints":[{"addresses":["::1"]}],"ports":[{"name":"a","port":1},{"name":"a","port":2}]}""",
        "Duplicate:ports[1].name Invalid:endpoints[0].addresses[0] Invalid:endpoints[0].addresses[0]")]
    [InlineData("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", """{"spec":{"maxReplicas":2,"scaleTargetRef":{"kind":"D","name":"d"},"metrics":[{"type":"Pods","resource":{"name":"cpu","target":{"type":"Utilization"}}}],"behavior":{"scaleUp":{"stabilizationWindowSeconds":4000,"policies":[{"type":"Odd","value":0,"periodSeconds":15}]}}}}""",
        "Invalid:spec.behavior.scaleUp.policies[0].value Invalid:spec.behavior.scaleUp.stabilizationWindowSeconds NotSupported:spec.behavior.scaleUp.policies[0].type Required:spec.metrics[0].pods Required:spec.metrics[0].resource.target.averageUtilization")]
    public async Task Tells_every_rule_that_a_workload_breaks(string path, string given, string causes)
    {
        await using var server = await TestServer.StartAsync();

        var (code, answer) = await server.SendAsync("POST", path, Named(given));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal(causes, Causes(answer));
    }

    /// <summary>A real server looks at changed objects several times, and tells what it finds each time.</summary>
    [Theory]
    [InlineData(Core + "configmaps", """{}""", 4)]
    [InlineData(Apps + "deployments", $$"""{"spec":{"selector":{"matchLabels":{"a":"b"} },"template":{{Labelled}} } }""", 3)]
    [InlineData(Core + "limitranges", """{}""", 3)]
    public async Task A_bad_label_in_an_update_is_told_as_often_as_it_is_found(string path, string given, int times)
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", path, Named(given));

        var (_, answer) = await server.SendAsync("PATCH", $"{path}/one", JsonNode.Parse("""{"metadata":{"labels":{"bad key":"x"}}}"""), "application/merge-patch+json");

        Assert.Equal(times, answer["details"]!["causes"]!.AsArray().Count);
    }

    [Fact]
    public async Task Quantities_and_times_are_written_in_their_own_form()
    {
        await using var server = await TestServer.StartAsync();

        var pod = await server.OkAsync("POST", Core + "pods", Named("""{"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"0.5","memory":"1024Mi"}}}]}}"""));
        var lease = await server.OkAsync("POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases", Named("""{"spec":{"renewTime":"2026-01-01T02:00:00.500000+01:00"}}"""));

        Assert.Equal("""{"limits":{"cpu":"500m","memory":"1Gi"},"requests":{"cpu":"500m","memory":"1Gi"}}""", pod["spec"]!["containers"]![0]!["resources"]!.ToJsonString());
        Assert.Equal("2026-01-01T01:00:00.500000Z", lease["spec"]!["renewTime"]!.ToString());
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", "cannot parse \"Z\" as \".000000\"")]
    [InlineData("yesterday", "cannot parse \"yesterday\" as \"2006\"")]
    public async Task A_time_that_is_none_is_refused_in_Gos_words(string time, string words)
    {
        await using var server = await TestServer.StartAsync();

        var (code, answer) = await server.SendAsync("POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases", Named($$"""{"spec":{"renewTime":"{{time}}"} }"""));

        Assert.Equal(HttpStatusCode.BadRequest, code);
        Assert.Contains(words, answer["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_a_pod_asks_for_what_it_is_limited_to_a_template_does_not()
    {
        await using var server = await TestServer.StartAsync();

        var made = await server.OkAsync("POST", Apps + "deployments", Named("""{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1"}}}]}}}}"""));

        Assert.Equal("""{"limits":{"cpu":"1"}}""", made["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"]!.ToJsonString());
    }

    [Fact]
    public async Task Claim_templates_of_a_stateful_set_are_claims()
    {
        await using var server = await TestServer.StartAsync();

        var made = await server.OkAsync("POST", Apps + "statefulsets", Named($$"""
            {"spec":{"selector":{"matchLabels":{"a":"b"} },"template":{{Labelled}},"updateStrategy":{"type":"RollingUpdate"},
             "volumeClaimTemplates":[{"metadata":{"name":"v"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"} } } }] } }
            """));

        Assert.Equal("""{"type":"RollingUpdate"}""", made["spec"]!["updateStrategy"]!.ToJsonString());
        var claim = made["spec"]!["volumeClaimTemplates"]![0]!;
        Assert.Equal("PersistentVolumeClaim v1 Filesystem Pending", $"{claim["kind"]} {claim["apiVersion"]} {claim["spec"]!["volumeMode"]} {claim["status"]!["phase"]}");
    }

    [Fact]
    public async Task Who_makes_an_object_owns_what_it_asked_for_not_what_the_server_gives()
    {
        await using var server = await TestServer.StartAsync();

        var service = await server.OkAsync("POST", Core + "services", Named("""{"spec":{"ports":[{"port":80}]}}"""));
        var pod = await server.OkAsync("POST", Core + "pods", Named("""{"spec":{"containers":[{"name":"c","image":"i:1"}]}}"""));

        static string Owned(JsonObject made) => string.Join(' ', made["metadata"]!["managedFields"]![0]!["fieldsV1"]!["f:spec"]!.AsObject().Select(f => f.Key).Order(StringComparer.Ordinal));
        Assert.Equal("f:internalTrafficPolicy f:ports f:sessionAffinity f:type", Owned(service));
        Assert.Equal("f:containers f:dnsPolicy f:enableServiceLinks f:restartPolicy f:schedulerName f:securityContext f:terminationGracePeriodSeconds", Owned(pod));
    }

    [Theory]
    [InlineData("""{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"n","uid":"u"},{"apiVersion":"v1","kind":"Node","name":"n","uid":"u"}]},"spec":{"containers":[{"name":"c","image":"i"}]}}""",
        ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u")]
    [InlineData("""{"spec":{"containers":[{"name":"c","image":"i","env":[{"name":"A","value":"1"},{"name":"A","value":"2"}]}]}}""", "spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using apply")]
    [InlineData("""{"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80},{"containerPort":80}]}]}}""", "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]")]
    public async Task Warns_of_what_is_most_likely_a_mistake(string given, string warning)
    {
        await using var server = await TestServer.StartAsync();
        using var response = await server.Http.PostAsync(Core + "pods", new StringContent(Named(given).ToJsonString(), null, "application/json"));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal($"299 - \"{warning.Replace("\"", "\\\"", StringComparison.Ordinal)}\"", Assert.Single(response.Headers.GetValues("Warning")));
    }

    [Fact]
    public async Task An_apply_to_a_scale_meets_the_managers_of_the_object()
    {
        await using var server = await TestServer.StartAsync();
        var deployment = Named($$"""{"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":2,"selector":{"matchLabels":{"a":"b"} },"template":{{Labelled}} } }""");
        await server.OkAsync("PATCH", $"{Apps}deployments/one?fieldManager=owner", deployment, "application/apply-patch+yaml");
        var scale = JsonNode.Parse("""{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"one"},"spec":{"replicas":5}}""");

        var (refused, answer) = await server.SendAsync("PATCH", $"{Apps}deployments/one/scale?fieldManager=scaler", scale, "application/apply-patch+yaml");
        await server.OkAsync("PATCH", $"{Apps}deployments/one/scale?fieldManager=scaler&force=true", scale!.DeepClone(), "application/apply-patch+yaml");
        var after = await server.OkAsync("GET", $"{Apps}deployments/one");

        Assert.Equal(HttpStatusCode.Conflict, refused);
        Assert.Equal("FieldManagerConflict .spec.replicas", $"{answer["details"]!["causes"]![0]!["reason"]} {answer["details"]!["causes"]![0]!["field"]}");
        Assert.Equal(5, (int)after["spec"]!["replicas"]!);
        var entries = after["metadata"]!["managedFields"]!.AsArray();
        Assert.Equal("""{"f:spec":{"f:replicas":{}}}""", entries.Single(e => e!["manager"]!.ToString() == "scaler" && e["subresource"]?.ToString() == "scale")!["fieldsV1"]!.ToJsonString());
        Assert.False(entries.Single(e => e!["manager"]!.ToString() == "owner")!["fieldsV1"]!["f:spec"]!.AsObject().ContainsKey("f:replicas"));
    }

    [Fact]
    public async Task A_strict_patch_with_unknown_or_doubled_fields_is_invalid()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("one");

        var (code, answer) = await server.SendAsync("PATCH", $"{TestServer.ConfigMaps}/one?fieldValidation=Strict", JsonNode.Parse("""{"odd":1}"""), "application/merge-patch+json");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal("Invalid:patch", Causes(answer));
        Assert.EndsWith("strict decoding error: unknown field \"odd\"", answer["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_collection_is_answered_as_it_stood()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", TestServer.ConfigMaps, Named("""{"metadata":{"finalizers":["a.io/f"],"labels":{"x":"1"}}}"""));

        var answer = await server.OkAsync("DELETE", $"{TestServer.ConfigMaps}?labelSelector=x=1");

        Assert.False(answer["items"]![0]!["metadata"]!.AsObject().ContainsKey("deletionTimestamp"));
        Assert.True((await server.OkAsync("GET", $"{TestServer.ConfigMaps}/one"))["metadata"]!.AsObject().ContainsKey("deletionTimestamp"));
    }

    [Theory]
    [InlineData("fieldSelector=data.x%3D1", "\"data.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")]
    [InlineData("continue=eA", "invalid continue token: continue key is not valid")]
    public async Task Lists_that_cannot_be_are_bad_requests(string query, string words)
    {
        await using var server = await TestServer.StartAsync();

        var (code, answer) = await server.SendAsync("GET", $"{TestServer.ConfigMaps}?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, code);
        Assert.StartsWith(words, answer["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_is_asked_for_by_its_hash_may_be_kept_and_an_old_hash_leads_to_the_new()
    {
        await using var server = await TestServer.StartAsync();
        var current = (string)(await server.OkAsync("GET", "/openapi/v3"))["paths"]!["apis/apps/v1"]!["serverRelativeURL"]!;

        using var kept = await server.Http.GetAsync(current);
        using var old = await server.Http.GetAsync("/openapi/v3/apis/apps/v1?hash=0123");
        using var unknown = await server.Http.GetAsync("/openapi/v3/apis/none/v1?hash=0123");

        Assert.Equal((HttpStatusCode.OK, "public, immutable"), (kept.StatusCode, kept.Headers.GetValues("Cache-Control").Single()));
        Assert.Equal((HttpStatusCode.MovedPermanently, current), (old.StatusCode, old.Headers.Location!.OriginalString));
        Assert.Equal((HttpStatusCode.NotFound, ""), (unknown.StatusCode, await unknown.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("PUT", "application/json", """{"metadata":{"name":"d"},"spec":{"replicas":"x"}}""", HttpStatusCode.BadRequest, "json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32")]
    [InlineData("PATCH", "application/merge-patch+json", """{"spec":{"replicas":"x"}}""", HttpStatusCode.UnprocessableEntity, "json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32")]
    public async Task A_scale_is_held_to_its_shape(string method, string type, string body, HttpStatusCode expected, string words)
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Apps + "deployments", Named($$"""{"spec":{"selector":{"matchLabels":{"a":"b"} },"template":{{Labelled}} } }""", "d"));

        var (code, answer) = await server.SendAsync(method, Apps + "deployments/d/scale", JsonNode.Parse(body), type);

        Assert.Equal(expected, code);
        Assert.EndsWith(words, answer["message"]!.ToString(), StringComparison.Ordinal);
    }
}
