using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>Answers that were held to a real kube-apiserver 1.32 one by one: dry runs, preconditions in a query, documents, patches that do not fit.</summary>
public sealed class ExactnessTests
{
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Merge = "application/merge-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";

    private static JsonObject Service(string name, string spec = """{"ports":[{"port":80}]}""") =>
        new() { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = JsonNode.Parse(spec) };

    private static async Task<(HttpStatusCode Code, string Text, string? Type)> GetAsync(TestServer server, string path, string? accept = null, string method = "GET")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }
        using var response = await server.Http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_dry_run_of_a_service_takes_nothing_and_shows_what_is_none()
    {
        await using var tried = await TestServer.StartAsync();
        await using var fresh = await TestServer.StartAsync();
        const string ports = """{"type":"LoadBalancer","externalTrafficPolicy":"Local","ports":[{"name":"a","port":80},{"name":"b","port":81}]}""";

        var shown = (await tried.OkAsync("POST", Services + "?dryRun=All", Service("a", ports)))["spec"]!;
        for (var i = 0; i < 3; i++)
        {
            await tried.OkAsync("POST", Services + "?dryRun=All", Service("a", ports));
        }

        Assert.Equal(("10.96.0.0", 32769, 32770, 32771), ((string?)shown["clusterIP"], (int)shown["ports"]![0]!["nodePort"]!, (int)shown["ports"]![1]!["nodePort"]!, (int)shown["healthCheckNodePort"]!));
        var (one, other) = (await tried.OkAsync("POST", Services, Service("a", ports)), await fresh.OkAsync("POST", Services, Service("a", ports)));
        Assert.True(JsonNode.DeepEquals(one["spec"], other["spec"]), one["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task A_dry_run_of_a_service_does_not_ask_whether_what_it_wants_is_free_or_a_port_within_the_range()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Services, Service("a", """{"clusterIP":"10.96.9.9","type":"NodePort","ports":[{"port":80,"nodePort":31000}]}"""));
        const string taken = """{"clusterIP":"10.96.9.9","ports":[{"port":80}]}""";
        const string outside = """{"type":"NodePort","ports":[{"port":80,"nodePort":5}]}""";

        Assert.Equal(HttpStatusCode.Created, (await server.SendAsync("POST", Services + "?dryRun=All", Service("b", taken))).Code);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await server.SendAsync("POST", Services, Service("b", taken))).Code);
        Assert.Equal(HttpStatusCode.Created, (await server.SendAsync("POST", Services + "?dryRun=All", Service("b", outside))).Code);
        var (code, refused) = await server.SendAsync("POST", Services, Service("b", outside));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Contains("spec.ports[0].nodePort: Invalid value: 5: provided port is not in the valid range. The range of valid ports is 30000-32767", (string?)refused["message"], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await server.SendAsync("POST", Services + "?dryRun=All", Service("b", """{"type":"NodePort","ports":[{"port":80,"nodePort":31000}]}"""))).Code);
    }

    [Theory]
    [InlineData("/a?resourceVersion=1")]
    [InlineData("/a?uid=other")]
    [InlineData("?resourceVersion=0")]
    public async Task What_a_deletions_query_names_must_hold(string query)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");

        var (code, _) = await server.SendAsync("DELETE", TestServer.ConfigMaps + query);

        Assert.Equal(HttpStatusCode.Conflict, code);
        await server.OkAsync("GET", TestServer.ConfigMaps + "/a");
    }

    [Fact]
    public async Task Parts_beside_the_server_are_told_as_it_sees_them()
    {
        await using var server = await TestServer.StartAsync();

        var list = await server.OkAsync("GET", "/api/v1/componentstatuses");
        var one = await server.OkAsync("GET", "/api/v1/componentstatuses/etcd-0");
        var (code, none) = await server.SendAsync("GET", "/api/v1/componentstatuses/x");
        var selected = await server.OkAsync("GET", "/api/v1/componentstatuses?fieldSelector=metadata.name%3Dscheduler");

        Assert.Equal("{}", list["metadata"]!.ToJsonString());
        Assert.Equal(["controller-manager False", "scheduler False", "etcd-0 True"], list["items"]!.AsArray().Select(i => $"{i!["metadata"]!["name"]} {i["conditions"]![0]!["status"]}"));
        Assert.Equal("""{"kind":"ComponentStatus","apiVersion":"v1","metadata":{"name":"etcd-0","creationTimestamp":null},"conditions":[{"type":"Healthy","status":"True","message":"ok"}]}""", one.ToJsonString());
        Assert.Equal((HttpStatusCode.InternalServerError, "Component not found: x"), (code, (string?)none["message"]));
        Assert.Equal("scheduler", (string?)selected["items"]!.AsArray().Single()!["metadata"]!["name"]);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.SendAsync("DELETE", "/api/v1/componentstatuses/etcd-0")).Code);
    }

    [Theory]
    [InlineData("/version", "text/html", 406)]
    [InlineData("/version", "application/yaml", 406)]
    [InlineData("/version", "text/html, application/json", 200)]
    [InlineData("/.well-known/openid-configuration", "text/html", 406)]
    [InlineData("/healthz/", null, 404)]
    [InlineData("/metrics/", null, 404)]
    [InlineData("/openapi/v2/", null, 404)]
    [InlineData("/version/", null, 200)]
    [InlineData("/apis/", null, 200)]
    [InlineData("/apis/", "application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io", 406)]
    [InlineData("/index.html", "application/yaml", 200)]
    public async Task Documents_are_found_and_told_as_by_a_real_server(string path, string? accept, int code)
    {
        await using var server = await TestServer.StartAsync();

        Assert.Equal(code, (int)(await GetAsync(server, path, accept)).Code);
    }

    [Fact]
    public async Task An_autoscaler_that_is_written_back_in_an_older_version_loses_nothing()
    {
        await using var server = await TestServer.StartAsync();
        const string newer = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", older = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers/h";
        var made = await server.OkAsync("POST", newer, JsonNode.Parse("""
            {"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d","apiVersion":"apps/v1"},
             "metrics":[{"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"100Mi"}}},
              {"type":"Pods","pods":{"metric":{"name":"m"},"target":{"type":"AverageValue","averageValue":"1k"}}},
              {"type":"Object","object":{"describedObject":{"kind":"Service","name":"s"},"metric":{"name":"m"},"target":{"type":"Value","value":"2"}}},
              {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}],
             "behavior":{"scaleUp":{"stabilizationWindowSeconds":0,"policies":[{"type":"Pods","value":1,"periodSeconds":60}]}}}}
            """));

        var seen = await server.OkAsync("GET", older);
        await server.OkAsync("PUT", older, seen.DeepClone());
        var after = await server.OkAsync("GET", newer + "/h");

        Assert.Equal(50, (int)seen["spec"]!["targetCPUUtilizationPercentage"]!);
        Assert.Equal("""[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"100Mi"}},{"type":"Pods","pods":{"metricName":"m","targetAverageValue":"1k"}},{"type":"Object","object":{"target":{"kind":"Service","name":"s"},"metricName":"m","targetValue":"2"}}]""",
            (string?)seen["metadata"]!["annotations"]!["autoscaling.alpha.kubernetes.io/metrics"]);
        Assert.StartsWith("""{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":60}]},""", (string?)seen["metadata"]!["annotations"]!["autoscaling.alpha.kubernetes.io/behavior"], StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(made["spec"], after["spec"]), after["spec"]!.ToJsonString());
        Assert.Null(after["metadata"]!["annotations"]);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/api/v1/pods")]
    public async Task Nobody_is_connected_to_anything(string path)
    {
        await using var server = await TestServer.StartAsync();

        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await GetAsync(server, path, method: "CONNECT")).Code);
    }

    [Theory]
    [InlineData("/version")]
    [InlineData("/")]
    public async Task Documents_for_people_are_indented(string path)
    {
        await using var server = await TestServer.StartAsync();

        Assert.StartsWith("{\n  \"", (await GetAsync(server, path)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_counted_check_by_check()
    {
        await using var server = await TestServer.StartAsync();
        await GetAsync(server, "/readyz");
        await GetAsync(server, "/readyz");
        await GetAsync(server, "/livez/ping");

        var (_, text, _) = await GetAsync(server, "/metrics/slis");
        var (_, reset, _) = await GetAsync(server, "/metrics/slis", method: "DELETE");
        var (_, after, _) = await GetAsync(server, "/metrics/slis");

        Assert.Contains("\nkubernetes_healthcheck{name=\"etcd\",type=\"readyz\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nkubernetes_healthchecks_total{name=\"etcd\",status=\"success\",type=\"readyz\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("\nkubernetes_healthchecks_total{name=\"ping\",status=\"success\",type=\"livez\"} 1\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("type=\"healthz\"", text, StringComparison.Ordinal);
        Assert.Equal("metrics reset\n", reset);
        Assert.DoesNotContain("kubernetes_healthcheck", after, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Strategic, """{"data":{"k":true}}""", """ "" is invalid: patch: Invalid value: "map[data:map[k:true]]": unrecognized type: string""")]
    [InlineData(Strategic, """{"data":["x"]}""", """ "" is invalid: patch: Invalid value: "map[data:[x]]": cannot restore map from slice""")]
    [InlineData(Strategic, """{"metadata":{"name":1}}""", """ "" is invalid: patch: Invalid value: "map[metadata:map[name:1]]": cannot convert int64 to string""")]
    [InlineData(Strategic, """{"metadata":"x"}""", """ "" is invalid: patch: Invalid value: "map[metadata:x]": cannot restore struct from: string""")]
    [InlineData(Merge, """{"data":["x"]}""", """{\"apiVersion\":\"v1\",\"data\":[\"x\"],\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"namespace\":\"default\",\"uid\":""")]
    public async Task A_patch_that_does_not_fit_is_told_as_it_was_read(string type, string patch, string told)
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");

        var (code, answer) = await server.SendAsync("PATCH", TestServer.ConfigMaps + "/a", JsonNode.Parse(patch), type);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Contains(told, (string?)answer["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: b: c", "mapping values are not allowed in this context")]
    [InlineData("a: [1", "line 1: did not find expected ',' or ']'")]
    public async Task A_text_that_is_no_YAML_is_refused_in_the_words_of_Gos_reader(string text, string problem)
    {
        await using var server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Patch, TestServer.ConfigMaps + "/a?fieldManager=m") { Content = new StringContent(text) };
        request.Content.Headers.ContentType = new("application/apply-patch+yaml");
        using var response = await server.Http.SendAsync(request);

        Assert.Equal($"error decoding YAML: error converting YAML to JSON: yaml: {problem}", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["message"]);
    }

    [Fact]
    public async Task A_state_that_does_not_come_is_told_as_an_event_to_who_wants_initial_events()
    {
        await using var server = await TestServer.StartAsync();
        var waits = server.Time.ArmedAsync(TimeSpan.FromSeconds(3));
        var watching = server.WatchAsync(TestServer.ConfigMaps + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=999999999");
        await waits;
        server.Time.Advance(TimeSpan.FromSeconds(3));
        using var watch = await watching;

        var told = await watch.NextAsync();

        Assert.Equal(("ERROR", 504), ((string?)told!["type"], (int)told["object"]!["code"]!));
    }
}
