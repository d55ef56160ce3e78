using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>What built-in kinds fill in, refuse, keep and show.</summary>
public sealed class KindTests
{
    private const string Core = "/api/v1/namespaces/default/";
    private const string Apps = "/apis/apps/v1/namespaces/default/";
    private const string Networking = "/apis/networking.k8s.io/v1/namespaces/default/";
    private const string Storage = "/apis/storage.k8s.io/v1/";
    private const string Template = """{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""";

    public static TheoryData<string, string, string> Defaults() => new()
    {
        { $"{Networking}networkpolicies", """{"spec":{"podSelector":{},"egress":[{"ports":[{"port":53}]}]}}""", """{"spec":{"policyTypes":["Ingress","Egress"],"egress":[{"ports":[{"port":53,"protocol":"TCP"}]}]}}""" },
        { "/apis/networking.k8s.io/v1/ingressclasses", """{"spec":{"controller":"a.io/c","parameters":{"kind":"K","name":"n"}}}""", """{"spec":{"parameters":{"scope":"Cluster"}},"metadata":{"generation":1}}""" },
        { $"{Core}persistentvolumeclaims", """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""", """{"spec":{"volumeMode":"Filesystem"},"status":{"phase":"Pending"}}""" },
        { "/api/v1/persistentvolumes", """{"spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"hostPath":{"path":"/x"}}}""", """{"spec":{"persistentVolumeReclaimPolicy":"Retain","hostPath":{"type":""}},"status":{"phase":"Pending","lastPhaseTransitionTime":"2026-01-02T03:04:05Z"}}""" },
        { $"{Storage}storageclasses", """{"provisioner":"a.io/p"}""", """{"reclaimPolicy":"Delete","volumeBindingMode":"Immediate"}""" },
        { $"{Storage}csidrivers", """{"spec":{}}""", """{"spec":{"attachRequired":true,"volumeLifecycleModes":["Persistent"],"fsGroupPolicy":"ReadWriteOnceWithFSType"}}""" },
        { "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", """{"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"},"behavior":{"scaleDown":{}}}}""", """{"spec":{"minReplicas":1,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}],"behavior":{"scaleDown":{"selectPolicy":"Max"}}},"status":{"desiredReplicas":0,"currentMetrics":null}}""" },
        { "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers", """{"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"}}}""", """{"spec":{"minReplicas":1,"targetCPUUtilizationPercentage":80},"status":{"currentReplicas":0,"desiredReplicas":0}}""" },
        { $"{Core}limitranges", """{"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"min":{"memory":"1Mi"}}]}}""", """{"spec":{"limits":[{"default":{"cpu":"2"},"defaultRequest":{"cpu":"2","memory":"1Mi"}}]}}""" },
        { "/apis/scheduling.k8s.io/v1/priorityclasses", """{"value":7}""", """{"preemptionPolicy":"PreemptLowerPriority"}""" },
        { $"{Core}replicationcontrollers", $$"""{"spec":{"template":{{Template}} } }""", """{"spec":{"replicas":1,"selector":{"a":"b"}},"metadata":{"labels":{"a":"b"}},"status":{"replicas":0}}""" },
        { $"{Core}endpoints", """{"subsets":[{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":80}]}]}""", """{"subsets":[{"ports":[{"port":80,"protocol":"TCP"}]}]}""" },
        { "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", """{"addressType":"IPv4","endpoints":[],"ports":[{"port":80}]}""", """{"ports":[{"name":"","protocol":"TCP"}],"metadata":{"generation":1}}""" },
        { "/api/v1/nodes", "{}", """{"spec":{"taints":[{"key":"node.kubernetes.io/not-ready","effect":"NoSchedule"}]},"status":{"nodeInfo":{"kubeletVersion":""},"daemonEndpoints":{"kubeletEndpoint":{"Port":0}}}}""" },
        { "/apis/events.k8s.io/v1/namespaces/default/events", """{"eventTime":"2026-01-01T00:00:00.000000Z","regarding":{"kind":"Pod","name":"p","namespace":"default"},"type":"Normal","reason":"r","action":"a","note":"n","reportingController":"c.io/x","reportingInstance":"i"}""", """{"regarding":{"name":"p"},"note":"n","deprecatedFirstTimestamp":null,"deprecatedSource":{}}""" },
        { $"{Core}services", """{"spec":{"clusterIP":"None","ports":[{"port":80}]}}""", """{"spec":{"clusterIPs":["None"],"ipFamilies":["IPv4","IPv6"],"ipFamilyPolicy":"RequireDualStack"}}""" },
        { $"{Core}services", """{"spec":{"sessionAffinity":"ClientIP","selector":{"a":"b"},"ports":[{"port":80}]}}""", """{"spec":{"sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10800}},"ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack"}}""" },
    };

    [Theory]
    [MemberData(nameof(Defaults))]
    public async Task Fills_in_what_was_left_out(string path, string given, string expected)
    {
        await using var server = await TestServer.StartAsync();
        var tree = JsonNode.Parse(given)!.AsObject();
        tree["metadata"] = new JsonObject { ["name"] = "one" };

        var made = await server.OkAsync("POST", path, tree);

        AssertContains(JsonNode.Parse(expected), made, "");
    }

    public static TheoryData<string, string, string> Wrong() => new()
    {
        { $"{Networking}ingresses", """{"spec":{"rules":[{"host":"1.2.3.4","http":{"paths":[{"path":"x","pathType":"Exact","backend":{"service":{"name":"s","port":{"number":0}}}}]}}]}}""", "spec.rules[0].host spec.rules[0].http.paths[0].backend spec.rules[0].http.paths[0].path" },
        { $"{Networking}ingresses", """{"spec":{"rules":[{"http":{"paths":[{"path":"/"}]}}]}}""", "spec.rules[0].http.paths[0].pathType" },
        { $"{Networking}networkpolicies", """{"spec":{"podSelector":{},"policyTypes":["Odd"],"ingress":[{"from":[{}]}]}}""", "spec.ingress[0].from[0] spec.policyTypes[0]" },
        { $"{Core}persistentvolumeclaims", """{"spec":{}}""", "spec.accessModes spec.resources[storage]" },
        { "/api/v1/persistentvolumes", """{"spec":{"accessModes":["Odd"]}}""", "spec spec.accessModes spec.capacity" },
        { $"{Storage}storageclasses", """{"volumeBindingMode":"Odd"}""", "provisioner volumeBindingMode" },
        { "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", """{"spec":{"minReplicas":3,"maxReplicas":1,"scaleTargetRef":{"kind":"K"}}}""", "spec.maxReplicas spec.scaleTargetRef.name" },
        { "/apis/policy/v1/namespaces/default/poddisruptionbudgets", """{"spec":{"minAvailable":-1,"maxUnavailable":"x%"}}""", "spec spec.maxUnavailable spec.minAvailable" },
        { "/apis/scheduling.k8s.io/v1/priorityclasses", """{"value":2000000000}""", "value" },
        { "/apis/node.k8s.io/v1/runtimeclasses", """{"handler":"No Name"}""", "handler" },
        { $"{Core}limitranges", """{"spec":{"limits":[{"type":"Container","min":{"cpu":"3"},"max":{"cpu":"2"},"default":{"cpu":"2"},"defaultRequest":{"cpu":"2"}}]}}""", "spec.limits[0].defaultRequest[cpu] spec.limits[0].default[cpu] spec.limits[0].min[cpu]" },
        { "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", """{"endpoints":[{"addresses":[]}]}""", "addressType endpoints[0].addresses" },
        { $"{Core}services", """{"spec":{"ports":[{"port":80,"nodePort":30000},{"port":80,"name":"a"},{"port":81,"name":"a","protocol":"X"}]}}""", "spec.ports[0].name spec.ports[0].nodePort spec.ports[1] spec.ports[2].name spec.ports[2].protocol" },
        { $"{Core}services", """{"spec":{"type":"ExternalName"}}""", "spec.externalName" },
        { $"{Core}services", """{"spec":{"type":"NodePort","sessionAffinity":"Odd","ports":[{"port":80,"nodePort":80}]}}""", "spec.ports[0].nodePort" },
        { $"{Core}services", """{"spec":{"type":"NodePort","sessionAffinity":"Odd","ports":[{"port":80}]}}""", "spec.sessionAffinity" },
        { $"{Apps}deployments", $$$"""{"spec":{"selector":{"matchExpressions":[{"key":"a","operator":"NotIn","values":["b"]}]},"strategy":{"rollingUpdate":{"maxUnavailable":0,"maxSurge":"0%"}},"template":{{{Template}}} } }""", "spec.strategy.rollingUpdate.maxUnavailable spec.template.metadata.labels" },
        { $"{Apps}daemonsets", $$$"""{"spec":{"selector":{"matchLabels":{"a":"b"}},"updateStrategy":{"type":"Odd"},"template":{{{Template}}} } }""", "spec.updateStrategy" },
        { "/apis/batch/v1/namespaces/default/cronjobs", $$$"""{"spec":{"schedule":"* *","concurrencyPolicy":"Odd","jobTemplate":{"spec":{"template":{{{Template}}} } } } }""", "spec.concurrencyPolicy spec.jobTemplate.spec.template.spec.restartPolicy spec.schedule" },
        { $"{Core}pods", """{"spec":{"volumes":[{"name":"v"},{"name":"v"}],"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"w","mountPath":"/x"}],"env":[{"name":"a=b"}],"ports":[{"containerPort":80,"name":"TOO_LONG_FOR_A_PORT"}]}]}}""", "spec.containers[0].env[0].name spec.containers[0].ports[0].name spec.containers[0].volumeMounts[0].name spec.volumes[1].name" },
        { $"{Core}pods", """{"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1"},"requests":{"cpu":"2"}},"livenessProbe":{"successThreshold":2}}],"tolerations":[{"operator":"Odd","effect":"Odd"}]}}""", "spec.containers[0].livenessProbe spec.containers[0].livenessProbe.successThreshold spec.containers[0].resources.requests spec.tolerations[0].effect spec.tolerations[0].operator" },
        { "/apis/events.k8s.io/v1/namespaces/default/events", """{"regarding":{"namespace":"other"},"type":"Odd"}""", "eventTime involvedObject.namespace type" },
        { "/apis/certificates.k8s.io/v1/certificatesigningrequests", """{"spec":{"request":"AAAA","signerName":"plain"}}""", "spec.request spec.signerName spec.usages" },
        { "/apis/certificates.k8s.io/v1/certificatesigningrequests", """{"spec":{"request":"AAAA","signerName":"kubernetes.io/legacy-unknown","usages":["any"]}}""", "spec.request spec.signerName" },
        { "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", """{"spec":{"validations":[{"expression":"1 +"}]}}""", "spec.matchConstraints spec.validations[0].expression" },
        { "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings", """{"spec":{"policyName":"p","validationActions":["Deny","Warn"],"paramRef":{}}}""", "spec.paramRef spec.paramRef.parameterNotFoundAction spec.validationActions" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Refuses_what_is_wrong_field_by_field(string path, string given, string fields)
    {
        await using var server = await TestServer.StartAsync();
        var tree = JsonNode.Parse(given)!.AsObject();
        tree["metadata"] = new JsonObject { ["name"] = "one" };

        var (code, answer) = await server.SendAsync("POST", path, tree);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal(fields, string.Join(' ', answer["details"]!["causes"]!.AsArray().Select(c => c!["field"]!.ToString()).Distinct().Order(StringComparer.Ordinal)));
    }

    public static TheoryData<string, string, string, string> Immutable() => new()
    {
        { $"{Storage}storageclasses", """{"provisioner":"a.io/p"}""", """{"provisioner":"b.io/p"}""", "provisioner" },
        { "/apis/networking.k8s.io/v1/ingressclasses", """{"spec":{"controller":"a.io/c"}}""", """{"spec":{"controller":"b.io/c"}}""", "spec.controller" },
        { "/apis/scheduling.k8s.io/v1/priorityclasses", """{"value":7}""", """{"value":8}""", "value" },
        { "/apis/node.k8s.io/v1/runtimeclasses", """{"handler":"a"}""", """{"handler":"b"}""", "handler" },
        { $"{Core}services", """{"spec":{"ports":[{"port":80}]}}""", """{"spec":{"clusterIP":"10.96.7.7","clusterIPs":["10.96.7.7"]}}""", "spec.clusterIPs[0]" },
        { $"{Core}persistentvolumeclaims", """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""", """{"spec":{"accessModes":["ReadOnlyMany"]}}""", "spec" },
        { "/api/v1/persistentvolumes", """{"spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"hostPath":{"path":"/x"}}}""", """{"spec":{"hostPath":{"path":"/y"}}}""", "spec.persistentvolumesource" },
        { $"{Apps}statefulsets", $$$"""{"spec":{"serviceName":"s","selector":{"matchLabels":{"a":"b"}},"template":{{{Template}}} } }""", """{"spec":{"serviceName":"t"}}""", "spec" },
        { "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", """{"addressType":"IPv4","endpoints":[]}""", """{"addressType":"IPv6"}""", "addressType" },
    };

    [Theory]
    [MemberData(nameof(Immutable))]
    public async Task Keeps_what_may_not_change(string path, string given, string change, string field)
    {
        await using var server = await TestServer.StartAsync();
        var tree = JsonNode.Parse(given)!.AsObject();
        tree["metadata"] = new JsonObject { ["name"] = "one" };
        await server.OkAsync("POST", path, tree);

        var (code, answer) = await server.SendAsync("PATCH", $"{path}/one", JsonNode.Parse(change), "application/merge-patch+json");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal(field, Assert.Single(answer["details"]!["causes"]!.AsArray().Select(c => c!["field"]!.ToString()).Distinct()));
    }

    [Fact]
    public async Task Node_ports_are_given_out_kept_and_given_back()
    {
        await using var server = await TestServer.StartAsync();
        var made = await server.OkAsync("POST", $"{Core}services", JsonNode.Parse("""{"metadata":{"name":"s"},"spec":{"type":"NodePort","ports":[{"port":80}]}}"""));
        var port = (int)made["spec"]!["ports"]![0]!["nodePort"]!;

        var kept = await server.OkAsync("PUT", $"{Core}services/s", JsonNode.Parse("""{"metadata":{"name":"s"},"spec":{"type":"NodePort","ports":[{"port":80}]}}"""));
        var inside = await server.OkAsync("PATCH", $"{Core}services/s", JsonNode.Parse("""{"spec":{"type":"ClusterIP"}}"""), "application/merge-patch+json");

        Assert.InRange(port, 30000, 32767);
        Assert.Equal(port, (int)kept["spec"]!["ports"]![0]!["nodePort"]!);
        Assert.Null(inside["spec"]!["ports"]![0]!["nodePort"]);
        Assert.Null(inside["spec"]!["externalTrafficPolicy"]);
        Assert.Equal(made["spec"]!["clusterIP"]!.ToString(), inside["spec"]!["clusterIP"]!.ToString());
    }

    [Fact]
    public async Task An_eviction_spends_the_disruption_budget_and_is_refused_without_one()
    {
        await using var server = await TestServer.StartAsync();
        var budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
        foreach (var name in (string[])["a", "b"])
        {
            await server.OkAsync("POST", $"{Core}pods", JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}","labels":{"x":"y"}},"spec":{"containers":[{"name":"c","image":"i"}]}}"""));
            await server.OkAsync("PATCH", $"{Core}pods/{name}/status", JsonNode.Parse("""{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"""), "application/merge-patch+json");
        }
        await server.OkAsync("POST", budgets, JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"x":"y"}}}}"""));
        JsonNode Eviction(string name) => JsonNode.Parse($$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{name}}}"}}""")!;

        var (processing, _) = await server.SendAsync("POST", $"{Core}pods/a/eviction", Eviction("a"));
        await server.OkAsync("PATCH", $"{budgets}/p/status", JsonNode.Parse("""{"status":{"observedGeneration":1,"disruptionsAllowed":1,"currentHealthy":2,"desiredHealthy":1}}"""), "application/merge-patch+json");
        var (first, _) = await server.SendAsync("POST", $"{Core}pods/a/eviction", Eviction("a"));
        var (second, answer) = await server.SendAsync("POST", $"{Core}pods/b/eviction", Eviction("b"));

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.Created, HttpStatusCode.TooManyRequests), (processing, first, second));
        Assert.Equal("DisruptionBudget", answer["details"]!["causes"]![0]!["reason"]!.ToString());
        Assert.Equal("The disruption budget p needs 1 healthy pods and has 2 currently", answer["details"]!["causes"]![0]!["message"]!.ToString());
    }

    [Fact]
    public async Task Ephemeral_containers_are_added_and_stay()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", $"{Core}pods", JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}"""));
        var path = $"{Core}pods/p/ephemeralcontainers";
        const string patch = "application/strategic-merge-patch+json";

        var added = await server.OkAsync("PATCH", path, JsonNode.Parse("""{"spec":{"nodeName":"ignored","ephemeralContainers":[{"name":"debug","image":"busybox","targetContainerName":"c"}]}}"""), patch);
        var (changed, _) = await server.SendAsync("PATCH", path, JsonNode.Parse("""{"spec":{"ephemeralContainers":[{"name":"debug","image":"other"}]}}"""), patch);
        var (wrong, answer) = await server.SendAsync("PATCH", path, JsonNode.Parse("""{"spec":{"ephemeralContainers":[{"name":"c","image":"x","ports":[{"containerPort":1}],"targetContainerName":"none"}]}}"""), patch);

        Assert.Equal("debug", added["spec"]!["ephemeralContainers"]![0]!["name"]!.ToString());
        Assert.Null(added["spec"]!["nodeName"]);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (changed, wrong));
        Assert.Equal(["spec.ephemeralContainers[0].name", "spec.ephemeralContainers[0].ports", "spec.ephemeralContainers[0].targetContainerName"],
            answer["details"]!["causes"]!.AsArray().Select(c => c!["field"]!.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_certificate_request_names_who_asks_and_only_the_approval_path_decides()
    {
        await using var server = await TestServer.StartAsync();
        var path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=x", System.Security.Cryptography.ECDsa.Create(), System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var made = await server.OkAsync("POST", path, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "r" },
            ["spec"] = new JsonObject
            {
                ["username"] = "somebody else", ["request"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(request)), ["signerName"] = "tests.example/signer", ["usages"] = new JsonArray("client auth"),
            },
        });
        var decision = JsonNode.Parse("""{"status":{"conditions":[{"type":"Approved","status":"True","reason":"r","message":"m"}]}}""");

        var (byStatus, _) = await server.SendAsync("PATCH", $"{path}/r/status", decision, "application/merge-patch+json");
        var approved = await server.OkAsync("PATCH", $"{path}/r/approval", decision, "application/merge-patch+json");
        var (both, _) = await server.SendAsync("PATCH", $"{path}/r/approval", JsonNode.Parse("""{"status":{"conditions":[{"type":"Approved","status":"True"},{"type":"Denied","status":"True"}]}}"""), "application/merge-patch+json");
        var (withdrawn, _) = await server.SendAsync("PATCH", $"{path}/r/approval", JsonNode.Parse("""{"status":{"conditions":[]}}"""), "application/merge-patch+json");

        Assert.Equal(("admin", "system:masters"), (made["spec"]!["username"]!.ToString(), made["spec"]!["groups"]![0]!.ToString()));
        Assert.Equal("2026-01-02T03:04:05Z", approved["status"]!["conditions"]![0]!["lastUpdateTime"]!.ToString());
        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (byStatus, both, withdrawn));
    }

    public static TheoryData<string, string, string> Columns() => new()
    {
        { "/api/v1/persistentvolumes", """{"spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"hostPath":{"path":"/x"}}}""", "Name=one|Capacity=1Gi|Access Modes=RWO|Reclaim Policy=Retain|Status=Pending|Claim=|StorageClass=|VolumeAttributesClass=<unset>|Reason=|Age=0s|VolumeMode=Filesystem" },
        { $"{Storage}storageclasses", """{"provisioner":"a.io/p"}""", "Name=one|Provisioner=a.io/p|ReclaimPolicy=Delete|VolumeBindingMode=Immediate|AllowVolumeExpansion=false|Age=0s" },
        { $"{Networking}networkpolicies", """{"spec":{"podSelector":{"matchLabels":{"a":"b"}}}}""", "Name=one|Pod-Selector=a=b|Age=0s" },
        { $"{Networking}ingresses", """{"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":80}}}}}""", "Name=one|Class=<none>|Hosts=*|Address=|Ports=80|Age=0s" },
        { "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", """{"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"}}}""", "Name=one|Reference=Deployment/d|Targets=cpu: <unknown>/80%|MinPods=1|MaxPods=3|Replicas=0|Age=0s" },
        { $"{Core}endpoints", """{"subsets":[{"addresses":[{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}],"ports":[{"name":"a","port":80},{"name":"b","port":81}]}]}""", "Name=one|Endpoints=10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 1 more...|Age=0s" },
        { "/apis/scheduling.k8s.io/v1/priorityclasses", """{"value":7}""", "Name=one|Value=7|Global-Default=false|Age=0s|PreemptionPolicy=PreemptLowerPriority" },
        { "/apis/node.k8s.io/v1/runtimeclasses", """{"handler":"h"}""", "Name=one|Handler=h|Age=0s" },
        { "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", """{"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"]}],"ports":[{"port":80}]}""", "Name=one|AddressType=IPv4|Ports=80|Endpoints=10.0.0.1|Age=0s" },
        { $"{Core}podtemplates", $$"""{"template":{{Template}} }""", "Name=one|Containers=c|Images=i|Pod Labels=a=b" },
        { $"{Apps}controllerrevisions", """{"revision":3,"data":{}}""", "Name=one|Controller=<none>|Revision=3|Age=0s" },
        { "/api/v1/nodes", "{}", "Name=one|Status=Unknown|Roles=<none>|Age=0s|Version=|Internal-IP=<none>|External-IP=<none>|OS-Image=<unknown>|Kernel-Version=<unknown>|Container-Runtime=<unknown>" },
    };

    [Theory]
    [MemberData(nameof(Columns))]
    public async Task Shows_the_columns_of_its_kind(string path, string given, string expected)
    {
        await using var server = await TestServer.StartAsync();
        var tree = JsonNode.Parse(given)!.AsObject();
        tree["metadata"] = new JsonObject { ["name"] = "one" };
        await server.OkAsync("POST", path, tree);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}/one");
        request.Headers.Accept.ParseAdd("application/json;as=Table;g=meta.k8s.io;v=v1");

        using var response = await server.Http.SendAsync(request);
        var table = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        var cells = table["rows"]![0]!["cells"]!.AsArray();
        Assert.Equal(expected, string.Join('|', table["columnDefinitions"]!.AsArray().Select((c, i) => $"{c!["name"]}={cells[i]}")));
    }

    private static void AssertContains(JsonNode? expected, JsonNode? actual, string path)
    {
        switch (expected)
        {
            case JsonObject tree:
                foreach (var (key, value) in tree)
                {
                    Assert.True(actual is JsonObject found && found.ContainsKey(key), $"{path}.{key} is missing in {actual?.ToJsonString()}");
                    AssertContains(value, actual![key], $"{path}.{key}");
                }
                break;
            case JsonArray list:
                Assert.True(actual is JsonArray other && other.Count == list.Count, $"{path}: {actual?.ToJsonString()}");
                for (var i = 0; i < list.Count; i++)
                {
                    AssertContains(list[i], actual![i], $"{path}[{i}]");
                }
                break;
            default:
                Assert.True(JsonNode.DeepEquals(expected, actual), $"{path}: {actual?.ToJsonString()} instead of {expected?.ToJsonString()}");
                break;
        }
    }
}
