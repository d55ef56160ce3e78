using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;
using static ApiServer.Tests.Support.WebhookServer;

namespace ApiServer.Tests;

/// <summary>Webhooks that are asked for real, over TLS.</summary>
public sealed class AdmissionTests
{
    private const string Mutating = "MutatingWebhookConfiguration";
    private const string Validating = "ValidatingWebhookConfiguration";
    private const string ConfigMaps = TestServer.ConfigMaps;

    [Fact]
    public async Task Mutating_webhooks_change_one_after_the_other_in_the_order_of_their_configurations()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((path, request) => path == "/second"
            ? Patch($$"""[{"op":"replace","path":"/data/v","value":"{{request["object"]!["data"]!["v"]}}2"}]""")
            : Patch($$"""[{"op":"replace","path":"/data/v","value":"{{request["object"]!["data"]!["v"]}}1"}]"""));
        await RegisterAsync(server, Mutating, "b", hook.Hook("/second"));
        await RegisterAsync(server, Mutating, "a", hook.Hook("/first"));

        var made = await server.CreateConfigMapAsync("x", "0");

        Assert.Equal("012", made["data"]!["v"]!.ToString());
        Assert.Equal(["/first?timeout=10s", "/second?timeout=10s"], hook.Asked.Select(a => a.Path));
    }

    [Fact]
    public async Task A_webhook_is_told_who_does_what_to_which_object()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, _) => Allow());
        await server.CreateConfigMapAsync("x", "0");
        await RegisterAsync(server, Validating, "a", hook.Hook("/v", h => h["rules"] = new JsonArray(Rule("", "configmaps", "*"))));

        await server.OkAsync("PUT", $"{ConfigMaps}/x?dryRun=All", TestServer.ConfigMap("x", "1"));
        await server.OkAsync("DELETE", $"{ConfigMaps}/x");

        var (update, delete) = (hook.Asked[0].Request, hook.Asked[1].Request);
        Assert.Equal(("UPDATE", "x", "default", "admin"), (update["operation"]!.ToString(), update["name"]!.ToString(), update["namespace"]!.ToString(), update["userInfo"]!["username"]!.ToString()));
        Assert.Equal(("0", "1"), (update["oldObject"]!["data"]!["v"]!.ToString(), update["object"]!["data"]!["v"]!.ToString()));
        Assert.Equal((true, "UpdateOptions", "configmaps"), ((bool)update["dryRun"]!, update["options"]!["kind"]!.ToString(), update["resource"]!["resource"]!.ToString()));
        Assert.Equal("DELETE", delete["operation"]!.ToString());
        Assert.Null(delete["object"]);
        Assert.Equal("x", delete["oldObject"]!["metadata"]!["name"]!.ToString());
    }

    [Fact]
    public async Task A_denial_carries_the_webhooks_words_and_code_and_nothing_is_stored()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, request) => request["name"]!.ToString() == "silent" ? new JsonObject { ["allowed"] = false } : Deny("not here", 403));
        await RegisterAsync(server, Validating, "a", hook.Hook("/v"));

        var (code, answer) = await server.SendAsync("POST", ConfigMaps, TestServer.ConfigMap("x"));
        var (silent, silentAnswer) = await server.SendAsync("POST", ConfigMaps, TestServer.ConfigMap("silent"));
        var (missing, _) = await server.SendAsync("GET", $"{ConfigMaps}/x");

        Assert.Equal((HttpStatusCode.Forbidden, "admission webhook \"v.tests.example\" denied the request: not here"), (code, answer["message"]!.ToString()));
        Assert.Equal((HttpStatusCode.BadRequest, "admission webhook \"v.tests.example\" denied the request without explanation"), (silent, silentAnswer["message"]!.ToString()));
        Assert.Equal(HttpStatusCode.NotFound, missing);
    }

    [Fact]
    public async Task Warnings_reach_the_client()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, _) => Allow("mind the gap"));
        await RegisterAsync(server, Validating, "a", hook.Hook("/v"));
        using var content = new StringContent(TestServer.ConfigMap("x").ToJsonString(), System.Text.Encoding.UTF8, "application/json");

        using var response = await server.Http.PostAsync(ConfigMaps, content);

        Assert.Equal(["299 - \"mind the gap\""], response.Headers.GetValues("Warning"));
    }

    [Theory]
    [InlineData("Fail", 500)]
    [InlineData("Ignore", 201)]
    public async Task A_webhook_that_cannot_be_reached_fails_or_passes_by_its_policy(string policy, int expected)
    {
        await using var server = await TestServer.StartAsync();
        await using (var hook = await WebhookServer.StartAsync((_, _) => Allow()))
        {
            await RegisterAsync(server, Validating, "a", hook.Hook("/v", h => h["failurePolicy"] = policy));
        }

        var (code, answer) = await server.SendAsync("POST", ConfigMaps, TestServer.ConfigMap("x"));

        Assert.Equal(expected, (int)code);
        Assert.True(expected == 201 || answer["message"]!.ToString().StartsWith("Internal error occurred: failed calling webhook \"v.tests.example\": failed to call webhook: Post \"https://127.0.0.1", StringComparison.Ordinal), answer.ToJsonString());
    }

    [Fact]
    public async Task A_webhook_that_another_authority_vouches_for_is_not_trusted()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, _) => Allow());
        await using var other = await WebhookServer.StartAsync((_, _) => Allow());
        await RegisterAsync(server, Validating, "a", hook.Hook("/v", h => h["clientConfig"]!["caBundle"] = other.CaBundle));

        var (code, _) = await server.SendAsync("POST", ConfigMaps, TestServer.ConfigMap("x"));

        Assert.Equal((HttpStatusCode.InternalServerError, 0), (code, hook.Asked.Count));
    }

    [Fact]
    public async Task A_webhook_is_not_waited_for_beyond_its_timeout()
    {
        await using var server = await TestServer.StartAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hook = await WebhookServer.StartAsync((_, _) =>
        {
            asked.TrySetResult();
            return never.Task;
        });
        await RegisterAsync(server, Validating, "a", hook.Hook("/v", h => h["timeoutSeconds"] = 3));

        var request = server.SendAsync("POST", ConfigMaps, TestServer.ConfigMap("x"));
        await asked.Task;
        server.Time.Advance(TimeSpan.FromSeconds(3));
        var (code, answer) = await request;
        never.SetResult(Allow());

        Assert.Equal(HttpStatusCode.InternalServerError, code);
        Assert.EndsWith("/v?timeout=3s\": context deadline exceeded", answer["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_selectors_and_conditions_decide_who_is_asked()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, _) => Allow());
        await server.OkAsync("PATCH", "/api/v1/namespaces/kube-public", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["watched"] = "yes" } } }, "application/merge-patch+json");
        await RegisterAsync(server, Validating, "a",
            hook.Hook("/labelled", h => h["objectSelector"] = JsonNode.Parse("""{"matchLabels":{"a":"b"}}""")),
            hook.Hook("/namespaced", h => h["namespaceSelector"] = JsonNode.Parse("""{"matchExpressions":[{"key":"watched","operator":"Exists"}]}""")),
            hook.Hook("/conditional", h => h["matchConditions"] = JsonNode.Parse("""[{"name":"big","expression":"object.data.v == 'big' && request.userInfo.username == 'admin'"}]""")),
            hook.Hook("/secrets", h => h["rules"] = new JsonArray(Rule("", "secrets"))),
            hook.Hook("/cluster", h => h["rules"]![0]!["scope"] = "Cluster"));
        async Task<string[]> AskedAbout(string path, Action<JsonObject> change)
        {
            hook.Asked.Clear();
            var map = TestServer.ConfigMap("x");
            change(map);
            await server.OkAsync("POST", $"{path}?dryRun=All", map);
            return [.. hook.Asked.Select(a => a.Path.Split('?')[0]).Order(StringComparer.Ordinal)];
        }

        Assert.Empty(await AskedAbout(ConfigMaps, _ => { }));
        Assert.Equal(["/labelled"], await AskedAbout(ConfigMaps, m => m["metadata"]!["labels"] = new JsonObject { ["a"] = "b" }));
        Assert.Equal(["/conditional"], await AskedAbout(ConfigMaps, m => m["data"]!["v"] = "big"));
        Assert.Equal(["/namespaced"], await AskedAbout("/api/v1/namespaces/kube-public/configmaps", _ => { }));
    }

    [Fact]
    public async Task A_condition_that_cannot_be_evaluated_counts_as_a_failure()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, _) => Allow());
        await RegisterAsync(server, Validating, "a", hook.Hook("/v", h => h["matchConditions"] = JsonNode.Parse("""[{"name":"odd","expression":"object.data.missing == 'x'"}]""")));

        var (code, answer) = await server.SendAsync("POST", ConfigMaps, TestServer.ConfigMap("x"));

        Assert.Equal((HttpStatusCode.Forbidden, 0), (code, hook.Asked.Count));
        Assert.Contains("no such key: missing", answer["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_wants_to_see_it_again_is_asked_once_more_after_others_changed_it()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((path, _) => path == "/second" ? Patch("""[{"op":"add","path":"/data/second","value":"1"}]""") : Allow());
        await RegisterAsync(server, Mutating, "a", hook.Hook("/first", h => h["reinvocationPolicy"] = "IfNeeded"), hook.Hook("/second", h => h["reinvocationPolicy"] = "IfNeeded"));

        await server.CreateConfigMapAsync("x");

        Assert.Equal(["/first", "/second", "/first"], hook.Asked.Select(a => a.Path.Split('?')[0]));
        Assert.Equal("1", hook.Asked[2].Request["object"]!["data"]!["second"]!.ToString());
    }

    [Fact]
    public async Task A_service_is_found_where_the_host_says_and_must_show_its_name()
    {
        Uri? address = null;
        await using var server = await TestServer.StartAsync(o => o with { ResolveService = s => s is { Namespace: "default", Name: "kubernetes", Port: 443 } ? address : null });
        await using var hook = await WebhookServer.StartAsync((_, _) => Deny("found"));
        address = hook.Uri;
        await RegisterAsync(server, Validating, "a", hook.Hook("/v", h => h["clientConfig"] = new JsonObject
        {
            ["caBundle"] = hook.CaBundle, ["service"] = new JsonObject { ["namespace"] = "default", ["name"] = "kubernetes", ["path"] = "/check" },
        }));

        var (_, answer) = await server.SendAsync("POST", ConfigMaps, TestServer.ConfigMap("x"));

        Assert.EndsWith("denied the request: found", answer["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("/check?timeout=10s", hook.Asked[0].Path);
    }

    [Fact]
    public async Task A_status_and_a_scale_are_shown_as_what_they_are()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, _) => Allow());
        await server.OkAsync("POST", "/apis/apps/v1/namespaces/default/deployments", JsonNode.Parse("""
            {"metadata":{"name":"web"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """));
        await RegisterAsync(server, Validating, "a", hook.Hook("/v", h => h["rules"] = new JsonArray(Rule("apps", "deployments/status", "UPDATE"), Rule("apps", "*/scale", "UPDATE"))));

        await server.OkAsync("PATCH", "/apis/apps/v1/namespaces/default/deployments/web/status", JsonNode.Parse("""{"status":{"replicas":1}}"""), "application/merge-patch+json");
        await server.OkAsync("PATCH", "/apis/apps/v1/namespaces/default/deployments/web/scale", JsonNode.Parse("""{"spec":{"replicas":4}}"""), "application/merge-patch+json");
        await server.OkAsync("PATCH", "/apis/apps/v1/namespaces/default/deployments/web", JsonNode.Parse("""{"spec":{"paused":true}}"""), "application/merge-patch+json");

        Assert.Equal(["Deployment status", "Scale scale"], hook.Asked.Select(a => $"{a.Request["kind"]!["kind"]} {a.Request["subResource"]}"));
        Assert.Equal(4, (int)hook.Asked[1].Request["object"]!["spec"]!["replicas"]!);
    }

    [Fact]
    public async Task A_session_with_a_pod_is_asked_about_too()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, _) => Deny("no shells", 403));
        await server.OkAsync("POST", "/api/v1/namespaces/default/pods", JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}"""));
        await RegisterAsync(server, Validating, "a", hook.Hook("/v", h => h["rules"] = new JsonArray(Rule("", "pods/exec", "CONNECT"))));

        var (code, answer) = await server.SendAsync("POST", "/api/v1/namespaces/default/pods/p/exec?command=sh&command=-c&tty=true&container=c");

        Assert.Equal((HttpStatusCode.Forbidden, "admission webhook \"v.tests.example\" denied the request: no shells"), (code, answer["message"]!.ToString()));
        var request = hook.Asked[0].Request;
        Assert.Equal(("CONNECT", "exec", "PodExecOptions", "p"), (request["operation"]!.ToString(), request["subResource"]!.ToString(), request["kind"]!["kind"]!.ToString(), request["name"]!.ToString()));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"kind":"PodExecOptions","apiVersion":"v1","command":["sh","-c"],"tty":true,"container":"c"}"""), request["object"]));
    }

    [Fact]
    public async Task Nobody_is_asked_about_the_configurations_themselves()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, _) => Deny("never"));
        await RegisterAsync(server, Validating, "a", hook.Hook("/v", h => h["rules"] = new JsonArray(Rule("*", "*", "*"))));

        await server.OkAsync("DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/a");
    }

    [Fact]
    public async Task Rules_for_another_version_get_the_object_in_that_version()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync((_, _) => Patch("""[{"op":"add","path":"/spec/maxReplicas","value":7}]"""));
        await RegisterAsync(server, Mutating, "a", hook.Hook("/v", h => h["rules"] = new JsonArray(Rule("autoscaling", "horizontalpodautoscalers"))));

        var made = await server.OkAsync("POST", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", JsonNode.Parse("""
            {"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},
            "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]}}
            """));

        Assert.Equal("v1", hook.Asked[0].Request["kind"]!["version"]!.ToString());
        Assert.Equal("v2", hook.Asked[0].Request["requestKind"]!["version"]!.ToString());
        Assert.Equal(50, (int)hook.Asked[0].Request["object"]!["spec"]!["targetCPUUtilizationPercentage"]!);
        Assert.Equal(("autoscaling/v2", 7), (made["apiVersion"]!.ToString(), (int)made["spec"]!["maxReplicas"]!));
    }

    [Theory]
    [InlineData("""{"clientConfig":{"url":"http://example.com"}}""", "webhooks[0].clientConfig.url")]
    [InlineData("""{"clientConfig":{}}""", "webhooks[0].clientConfig")]
    [InlineData("""{"sideEffects":"Some"}""", "webhooks[0].sideEffects")]
    [InlineData("""{"matchConditions":[{"name":"a","expression":"1 +"}]}""", "webhooks[0].matchConditions[0].expression")]
    [InlineData("""{"rules":[{"operations":["READ"],"apiGroups":["*"],"apiVersions":["*"],"resources":["*"]}]}""", "webhooks[0].rules[0].operations[0]")]
    public async Task A_webhook_that_could_not_be_called_is_refused(string wrong, string field)
    {
        await using var server = await TestServer.StartAsync();
        var hook = JsonNode.Parse("""{"name":"a.tests.example","clientConfig":{"url":"https://example.com"},"sideEffects":"None","admissionReviewVersions":["v1"]}""")!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(wrong)!.AsObject())
        {
            hook[key] = value?.DeepClone();
        }

        var (code, answer) = await server.SendAsync("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "a" }, ["webhooks"] = new JsonArray(hook),
        });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal([field], answer["details"]!["causes"]!.AsArray().Select(c => c!["field"]!.ToString()));
    }

    [Fact]
    public async Task A_bound_policy_denies_warns_and_reads_its_parameters()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", "/api/v1/namespaces/kube-system/configmaps", JsonNode.Parse("""{"metadata":{"name":"limits"},"data":{"longest":"3"}}"""));
        await server.OkAsync("POST", "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", JsonNode.Parse("""
            {"metadata":{"name":"short"},"spec":{"paramKind":{"apiVersion":"v1","kind":"ConfigMap"},
             "matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"],"operations":["CREATE","UPDATE"]}]},
             "variables":[{"name":"length","expression":"size(object.data.v)"}],
             "validations":[{"expression":"variables.length <= int(params.data.longest)","messageExpression":"'too long: ' + string(variables.length)"}]}}
            """));
        JsonNode Binding(string name, string action) => JsonNode.Parse($$"""
            {"metadata":{"name":"{{name}}"},"spec":{"policyName":"short","paramRef":{"name":"limits","namespace":"kube-system","parameterNotFoundAction":"Deny"},
             "validationActions":["{{action}}"],"matchResources":{"objectSelector":{"matchLabels":{"act":"{{name}}"} } } } }
            """)!;
        await server.OkAsync("POST", "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings", Binding("denies", "Deny"));
        await server.OkAsync("POST", "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings", Binding("warns", "Warn"));
        JsonObject Map(string act, string value)
        {
            var map = TestServer.ConfigMap($"x{Guid.NewGuid():N}", value);
            map["metadata"]!["labels"] = new JsonObject { ["act"] = act };
            return map;
        }

        var (denied, answer) = await server.SendAsync("POST", ConfigMaps, Map("denies", "four"));
        var (fits, _) = await server.SendAsync("POST", ConfigMaps, Map("denies", "abc"));
        using var content = new StringContent(Map("warns", "four").ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var warned = await server.Http.PostAsync(ConfigMaps, content);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.Created, HttpStatusCode.Created), (denied, fits, warned.StatusCode));
        Assert.EndsWith("ValidatingAdmissionPolicy 'short' with binding 'denies' denied request: too long: 4", answer["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("too long: 4", Assert.Single(warned.Headers.GetValues("Warning")), StringComparison.Ordinal);
    }
}
