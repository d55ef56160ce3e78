using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>Who somebody is, whom they may act as, and what they may give away.</summary>
public sealed class AccessTests
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";

    [Fact]
    public async Task A_client_certificate_names_its_user_and_groups()
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Rbac = true });
        using var certificate = server.IssueClientCertificate("jane", "builders", "testers");
        using var http = With(server, certificate);

        var who = await SendAsync(http, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "SelfSubjectReview" });
        var denied = await SendAsync(http, "GET", "/api/v1/namespaces");

        Assert.Equal("jane", who.Body["status"]!["userInfo"]!["username"]!.ToString());
        Assert.Equal(["builders", "system:authenticated", "testers"], who.Body["status"]!["userInfo"]!["groups"]!.AsArray().Select(g => g!.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal("namespaces is forbidden: User \"jane\" cannot list resource \"namespaces\" in API group \"\" at the cluster scope", denied.Body["message"]!.ToString());
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_nobodys()
    {
        await using var server = await EmbeddedApiServer.StartAsync();
        await using var other = await EmbeddedApiServer.StartAsync();
        using var certificate = other.IssueClientCertificate("jane", "system:masters");
        using var http = With(server, certificate);

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(http, "GET", "/api/v1/namespaces")).Code);
    }

    [Fact]
    public async Task A_kubeconfig_for_a_user_carries_certificate_and_key()
    {
        await using var server = await EmbeddedApiServer.StartAsync();

        var text = server.KubeconfigFor("system:admin", "system:masters");

        Assert.Contains("client-certificate-data: ", text, StringComparison.Ordinal);
        Assert.Contains("client-key-data: ", text, StringComparison.Ordinal);
        Assert.Contains("- name: \"system:admin\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Token, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Acting_as_somebody_counts_as_that_somebody()
    {
        await using var server = await TestServer.StartAsync(o => o with { Rbac = true });
        await GrantAsync(server, "jane", """[{"apiGroups":[""],"resources":["configmaps"],"verbs":["list"]}]""");

        var (allowed, _) = await AsAsync(server, "jane", "GET", TestServer.ConfigMaps);
        var (denied, answer) = await AsAsync(server, "jane", "GET", "/api/v1/namespaces/default/secrets");
        var (_, who) = await AsAsync(server, "system:serviceaccount:default:bot", "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", Review("authentication.k8s.io/v1", "SelfSubjectReview"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (allowed, denied));
        Assert.Contains("User \"jane\" cannot list resource \"secrets\"", answer["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"], who["status"]!["userInfo"]!["groups"]!.AsArray().Select(g => g!.ToString()));
    }

    [Fact]
    public async Task Acting_as_somebody_must_be_allowed()
    {
        await using var server = await TestServer.StartAsync(o => o with { Rbac = true });
        using var certificateless = await ServiceAccountClientAsync(server, "bot");
        certificateless.DefaultRequestHeaders.Add("Impersonate-User", "admin");

        var refused = await SendAsync(certificateless, "GET", "/api/v1/namespaces");
        await GrantAsync(server, "system:serviceaccount:default:bot", """[{"apiGroups":[""],"resources":["users"],"resourceNames":["admin"],"verbs":["impersonate"]}]""");
        certificateless.DefaultRequestHeaders.Add("Impersonate-Group", "system:masters");
        var refusedGroup = await SendAsync(certificateless, "GET", "/api/v1/namespaces");

        Assert.Equal("users \"admin\" is forbidden: User \"system:serviceaccount:default:bot\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope", refused.Body["message"]!.ToString());
        Assert.StartsWith("groups \"system:masters\" is forbidden", refusedGroup.Body["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Extra_values_and_a_uid_come_along()
    {
        await using var server = await TestServer.StartAsync(o => o with { Rbac = true });

        var (_, who) = await AsAsync(server, "jane", "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", Review("authentication.k8s.io/v1", "SelfSubjectReview"),
            ("Impersonate-Uid", "u-1"), ("Impersonate-Extra-scopes%2Fof", "view"), ("Impersonate-Group", "dev"));

        var user = who["status"]!["userInfo"]!;
        Assert.Equal(("u-1", "view"), (user["uid"]!.ToString(), user["extra"]!["scopes/of"]![0]!.ToString()));
        Assert.Equal(["dev", "system:authenticated"], user["groups"]!.AsArray().Select(g => g!.ToString()));
    }

    [Fact]
    public async Task Without_roles_who_is_only_impersonated_may_ask_who_they_are_and_what_there_is()
    {
        await using var server = await TestServer.StartAsync();

        var (code, who) = await AsAsync(server, "jane", "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", Review("authentication.k8s.io/v1", "SelfSubjectReview"));
        var (discovered, _) = await AsAsync(server, "jane", "GET", "/apis/apps/v1");
        var (refused, _) = await AsAsync(server, "jane", "GET", TestServer.ConfigMaps);
        var (anonymous, _) = await AsAsync(server, "system:anonymous", "GET", "/apis/apps/v1");

        Assert.Equal((HttpStatusCode.Created, "jane"), (code, who["status"]!["userInfo"]!["username"]!.ToString()));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (discovered, refused, anonymous));
    }

    [Fact]
    public async Task Nobody_gives_away_more_than_they_hold()
    {
        await using var server = await TestServer.StartAsync(o => o with { Rbac = true });
        await GrantAsync(server, "jane", """[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles","rolebindings"],"verbs":["create"]},{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]""");
        JsonNode Role(string name, string verb) => JsonNode.Parse($$"""{"metadata":{"name":"{{name}}"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["{{verb}}"]}]}""")!;
        var roles = $"{Rbac}/namespaces/default/roles";

        var (held, _) = await AsAsync(server, "jane", "POST", roles, Role("get", "get"));
        var (more, answer) = await AsAsync(server, "jane", "POST", roles, Role("delete", "delete"));
        var (bound, _) = await AsAsync(server, "jane", "POST", $"{Rbac}/namespaces/default/rolebindings", JsonNode.Parse("""
            {"metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"kind":"User","name":"jane"}]}
            """));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Forbidden), (held, more));
        Assert.EndsWith("is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\"]}", answer["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, bound);
    }

    [Fact]
    public async Task One_can_ask_what_one_may_do()
    {
        await using var server = await TestServer.StartAsync(o => o with { Rbac = true });
        await GrantAsync(server, "jane", """[{"apiGroups":[""],"resources":["pods"],"verbs":["get"],"resourceNames":["one"]}]""");
        JsonNode Ask(string verb, string name) => new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = "SelfSubjectAccessReview",
            ["spec"] = new JsonObject { ["resourceAttributes"] = new JsonObject { ["verb"] = verb, ["resource"] = "pods", ["namespace"] = "default", ["name"] = name } },
        };

        var (_, yes) = await AsAsync(server, "jane", "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Ask("get", "one"));
        var (_, no) = await AsAsync(server, "jane", "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Ask("get", "two"));
        var rules = Review("authorization.k8s.io/v1", "SelfSubjectRulesReview");
        rules["spec"] = new JsonObject { ["namespace"] = "default" };
        var (_, list) = await AsAsync(server, "jane", "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", rules);

        Assert.Equal((true, false), ((bool)yes["status"]!["allowed"]!, (bool)no["status"]!["allowed"]!));
        Assert.Contains(list["status"]!["resourceRules"]!.AsArray(), r => JsonNode.DeepEquals(r, JsonNode.Parse("""{"verbs":["get"],"apiGroups":[""],"resources":["pods"],"resourceNames":["one"]}""")));
        Assert.Contains(list["status"]!["nonResourceRules"]!.AsArray(), r => r!["nonResourceURLs"]!.AsArray().Any(u => u!.ToString() == "/version"));
    }

    [Fact]
    public async Task A_token_for_others_does_not_open_this_server_and_one_bound_to_a_pod_ends_with_it()
    {
        await using var server = await TestServer.StartAsync();
        var accounts = "/api/v1/namespaces/default/serviceaccounts";
        await server.OkAsync("POST", accounts, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "bot" } });
        await server.OkAsync("POST", "/api/v1/namespaces/default/pods", JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}"""));
        async Task<string> TokenAsync(string spec) => (await server.OkAsync("POST", $"{accounts}/bot/token", JsonNode.Parse($$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{{spec}}}""")))["status"]!["token"]!.ToString();
        async Task<JsonNode> ReviewAsync(string token, string audiences)
        {
            var review = Review("authentication.k8s.io/v1", "TokenReview");
            review["spec"] = new JsonObject { ["token"] = token, ["audiences"] = JsonNode.Parse(audiences) };
            return (await server.OkAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review))["status"]!;
        }
        var foreign = await TokenAsync("""{"audiences":["things"]}""");
        var bound = await TokenAsync("""{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"p"}}""");
        using var request = new HttpRequestMessage(HttpMethod.Get, TestServer.ConfigMaps);
        request.Headers.Authorization = new("Bearer", foreign);
        using var refused = await server.Http.SendAsync(request);
        var before = await ReviewAsync(bound, "[]");
        await server.OkAsync("DELETE", "/api/v1/namespaces/default/pods/p?gracePeriodSeconds=0");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.True((bool)(await ReviewAsync(foreign, """["things"]"""))["authenticated"]!);
        Assert.Null((await ReviewAsync(foreign, "[]"))["authenticated"]);
        Assert.Equal("p", before["user"]!["extra"]!["authentication.kubernetes.io/pod-name"]![0]!.ToString());
        Assert.Null((await ReviewAsync(bound, "[]"))["authenticated"]);
    }

    private static JsonObject Review(string version, string kind) => new() { ["apiVersion"] = version, ["kind"] = kind };

    private static async Task GrantAsync(TestServer server, string user, string rules)
    {
        var name = $"g{Guid.NewGuid():N}";
        await server.OkAsync("POST", $"{Rbac}/namespaces/default/roles", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["rules"] = JsonNode.Parse(rules) });
        await server.OkAsync("POST", $"{Rbac}/clusterroles", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["rules"] = JsonNode.Parse(rules) });
        JsonObject Binding(string kind) => new()
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = kind, ["name"] = name },
            ["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "User", ["name"] = user }),
        };
        await server.OkAsync("POST", rules.Contains("impersonate", StringComparison.Ordinal) ? $"{Rbac}/clusterrolebindings" : $"{Rbac}/namespaces/default/rolebindings",
            Binding(rules.Contains("impersonate", StringComparison.Ordinal) ? "ClusterRole" : "Role"));
    }

    private static async Task<(HttpStatusCode Code, JsonObject Body)> AsAsync(TestServer server, string user, string method, string path, JsonNode? body = null, params (string, string)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Impersonate-User", user);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await server.Http.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject());
    }

    private static async Task<HttpClient> ServiceAccountClientAsync(TestServer server, string name)
    {
        await server.OkAsync("POST", "/api/v1/namespaces/default/serviceaccounts", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });
        var token = await server.OkAsync("POST", $"/api/v1/namespaces/default/serviceaccounts/{name}/token", Review("authentication.k8s.io/v1", "TokenRequest"));
        var http = new HttpClient(server.Server.CreateHandler()) { BaseAddress = server.Server.Uri };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token["status"]!["token"]!.ToString());
        return http;
    }

    private static HttpClient With(EmbeddedApiServer server, X509Certificate2 certificate) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = [certificate],
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { X509Certificate2.CreateFromPem(server.CaPem) }, RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    }) { BaseAddress = server.Uri };

    private static async Task<(HttpStatusCode Code, JsonObject Body)> SendAsync(HttpClient http, string method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject());
    }
}
