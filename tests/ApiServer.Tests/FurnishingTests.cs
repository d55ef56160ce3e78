using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ActorKube.Kubelet;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>What a server's own controllers give to accounts, pods, nodes and requests for certificates.</summary>
public sealed class FurnishingTests
{
    private const string Space = "/api/v1/namespaces/default";
    private const string Requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    [Fact]
    public async Task A_pod_has_its_accounts_token_whom_to_trust_and_its_namespace_in_its_files()
    {
        await using var server = await TestServer.StartAsync(pods: new PodSimulatorOptions());

        var pod = await server.OkAsync("POST", $"{Space}/pods", JsonNode.Parse(
            """{"metadata":{"name":"p"},"spec":{"initContainers":[{"name":"a","image":"i","command":["true"]}],"containers":[{"name":"c","image":"i","command":["sh","-c","cd /var/run/secrets/kubernetes.io/serviceaccount; cat namespace; echo; cat ca.crt; echo; cat token; echo; echo end"]},{"name":"own","image":"i","volumeMounts":[{"name":"x","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}],"volumes":[{"name":"x","emptyDir":{}}]}}"""));

        var volume = pod["spec"]!["volumes"]![1]!;
        Assert.Matches("^kube-api-access-[a-z0-9]{5}$", (string?)volume["name"]);
        Assert.Equal(["serviceAccountToken", "configMap", "downwardAPI"], volume["projected"]!["sources"]!.AsArray().Select(s => s!.AsObject().Single().Key));
        Assert.Equal(3607, (int)volume["projected"]!["sources"]![0]!["serviceAccountToken"]!["expirationSeconds"]!);
        var mounts = pod["spec"]!["containers"]![0]!["volumeMounts"]!.AsArray();
        Assert.Equal(((string?)volume["name"], true), ((string?)mounts.Single()!["name"], (bool)mounts[0]!["readOnly"]!));
        Assert.Single(pod["spec"]!["initContainers"]![0]!["volumeMounts"]!.AsArray());
        Assert.Equal("x", (string?)pod["spec"]!["containers"]![1]!["volumeMounts"]!.AsArray().Single()!["name"]);

        var log = await LogAsync(server, "c", text => text.EndsWith("\nend\n", StringComparison.Ordinal));
        var lines = log.Trim().Split('\n');
        Assert.Equal(("default", "-----BEGIN CERTIFICATE-----"), (lines[0], lines[1]));
        var review = await server.OkAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews", new JsonObject { ["spec"] = new JsonObject { ["token"] = lines[^2] } });
        Assert.Equal("system:serviceaccount:default:default", (string?)review["status"]!["user"]!["username"]);
        Assert.Equal("p", (string?)review["status"]!["user"]!["extra"]!["authentication.kubernetes.io/pod-name"]![0]);
    }

    [Theory]
    [InlineData("""{"automountServiceAccountToken":false,"serviceAccountName":"yes"}""", false)]
    [InlineData("""{"serviceAccountName":"no"}""", false)]
    [InlineData("""{"automountServiceAccountToken":true,"serviceAccountName":"no"}""", true)]
    [InlineData("""{"serviceAccountName":"yes"}""", true)]
    public async Task Who_wants_no_token_gets_none(string spec, bool mounted)
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", $"{Space}/serviceaccounts", JsonNode.Parse("""{"metadata":{"name":"no"},"automountServiceAccountToken":false}"""));
        await server.OkAsync("POST", $"{Space}/serviceaccounts", JsonNode.Parse("""{"metadata":{"name":"yes"}}"""));
        var asked = JsonNode.Parse(spec)!.AsObject();
        asked["containers"] = JsonNode.Parse("""[{"name":"c","image":"i"}]""");

        var pod = await server.OkAsync("POST", $"{Space}/pods", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "p" }, ["spec"] = asked });

        Assert.Equal(mounted, pod["spec"]!["volumes"] is not null);
    }

    [Fact]
    public async Task A_secret_for_an_accounts_token_is_filled_and_goes_with_its_account()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", $"{Space}/serviceaccounts", JsonNode.Parse("""{"metadata":{"name":"bot"}}"""));
        using var watch = await server.WatchAsync($"{Space}/secrets?watch=true");
        await server.OkAsync("POST", $"{Space}/secrets", JsonNode.Parse(
            """{"metadata":{"name":"t","annotations":{"kubernetes.io/service-account.name":"bot"}},"type":"kubernetes.io/service-account-token"}"""));

        var secret = (await UntilAsync(watch, o => o["data"]?["token"] is not null))["object"]!;
        Assert.NotNull(secret["metadata"]!["annotations"]!["kubernetes.io/service-account.uid"]);
        Assert.Equal("default", Decoded(secret["data"]!["namespace"]));
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", Decoded(secret["data"]!["ca.crt"]), StringComparison.Ordinal);
        var token = new JsonObject { ["spec"] = new JsonObject { ["token"] = Decoded(secret["data"]!["token"]) } };
        var review = await server.OkAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews", token.DeepClone());
        Assert.Equal("system:serviceaccount:default:bot", (string?)review["status"]!["user"]!["username"]);

        await server.OkAsync("DELETE", $"{Space}/serviceaccounts/bot");

        Assert.Equal("DELETED", (string?)(await UntilAsync(watch, _ => true, "DELETED"))["type"]);
        Assert.Null((await server.OkAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews", token.DeepClone()))["status"]!["authenticated"]);
    }

    [Fact]
    public async Task An_approved_request_for_a_client_certificate_is_signed_and_logs_in()
    {
        await using var server = await EmbeddedApiServer.StartAsync();
        using var http = new HttpClient(server.CreateHandler()) { BaseAddress = server.Uri };
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var pem = await SignedAsync(http, "kubernetes.io/kube-apiserver-client", "O=devs, CN=jane", key, ["client auth", "digital signature"], approve: true);

        using var certificate = X509Certificate2.CreateFromPem(pem).CopyWithPrivateKey(key);
        using var handler = new SocketsHttpHandler { SslOptions = { ClientCertificates = [X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null)], RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        using var jane = new HttpClient(handler) { BaseAddress = server.Uri };
        using var answer = await jane.PostAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", new StringContent("{}", Encoding.UTF8, "application/json"));
        var user = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["status"]!["userInfo"]!;
        Assert.Equal(("jane", "devs"), ((string?)user["username"], (string?)user["groups"]![0]));
    }

    [Theory]
    [InlineData("kubernetes.io/kube-apiserver-client", "CN=jane", "server auth", "invalid usage for client certificate: server auth")]
    [InlineData("kubernetes.io/kubelet-serving", "O=system:nodes, CN=system:node:n1", "server auth,digital signature", "DNS or IP subjectAltName is required")]
    public async Task What_a_signer_does_not_sign_it_says(string signer, string subject, string usages, string why)
    {
        await using var server = await TestServer.StartAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var problem = await SignedAsync(server.Http, signer, subject, key, usages.Split(','), approve: true);

        Assert.Equal($"SignerValidationFailure: {why}", problem);
    }

    [Fact]
    public async Task A_kubelets_request_is_approved_by_itself_and_requests_are_forgotten_after_their_time()
    {
        await using var server = await TestServer.StartAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.StartsWith("-----BEGIN CERTIFICATE-----", await SignedAsync(server.Http, "kubernetes.io/kube-apiserver-client-kubelet", "O=system:nodes, CN=system:node:n1", key, ["client auth", "digital signature"], approve: false),
            StringComparison.Ordinal);
        await server.OkAsync("GET", $"{Requests}/r");

        server.Time.Advance(TimeSpan.FromHours(1.1));

        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("GET", $"{Requests}/r")).Code);
    }

    [Theory]
    [InlineData("AlwaysAllow", 0, 201)]
    [InlineData("IfHealthyBudget", 0, 429)]
    [InlineData("IfHealthyBudget", 1, 201)]
    public async Task A_pod_that_serves_nobody_is_evicted_as_its_budget_says(string policy, int healthy, int code)
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", $"{Space}/pods", JsonNode.Parse("""{"metadata":{"name":"p","labels":{"a":"b"},"finalizers":["tests.example/held"]},"spec":{"nodeName":"n","containers":[{"name":"c","image":"i"}]}}"""));
        await server.OkAsync("PATCH", $"{Space}/pods/p/status", JsonNode.Parse("""{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"False"}]}}"""), "application/merge-patch+json");
        await server.OkAsync("POST", "/apis/policy/v1/namespaces/default/poddisruptionbudgets", JsonNode.Parse(
            "{\"metadata\":{\"name\":\"b\"},\"spec\":{\"minAvailable\":1,\"unhealthyPodEvictionPolicy\":\"" + policy + "\",\"selector\":{\"matchLabels\":{\"a\":\"b\"}}}}"));
        await server.OkAsync("PATCH", "/apis/policy/v1/namespaces/default/poddisruptionbudgets/b/status", JsonNode.Parse(
            "{\"status\":{\"observedGeneration\":1,\"desiredHealthy\":1,\"disruptionsAllowed\":0,\"expectedPods\":1,\"currentHealthy\":" + healthy + "}}"), "application/merge-patch+json");

        var (status, _) = await server.SendAsync("POST", $"{Space}/pods/p/eviction", JsonNode.Parse("""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}"""));

        Assert.Equal(code, (int)status);
        var said = (await server.OkAsync("GET", $"{Space}/pods/p"))["status"]!["conditions"]!.AsArray().FirstOrDefault(c => (string?)c!["type"] == "DisruptionTarget");
        Assert.Equal(code == 201 ? "EvictionByEvictionAPI" : null, (string?)said?["reason"]);
    }

    private static string Decoded(JsonNode? data) => Encoding.UTF8.GetString(Convert.FromBase64String((string)data!));

    private static async Task<JsonObject> UntilAsync(WatchReader watch, Func<JsonNode, bool> holds, string? type = null)
    {
        while (await watch.NextAsync() is { } news)
        {
            if (type is null ? holds(news["object"]!) : (string?)news["type"] == type)
            {
                return news;
            }
        }
        throw new EndOfStreamException("The watch ended.");
    }

    private static async Task<string> LogAsync(TestServer server, string container, Func<string, bool> whole)
    {
        using var watch = await server.WatchAsync($"{Space}/pods?watch=true");
        await UntilAsync(watch, o => (string?)o["status"]?["phase"] == "Running");
        using var answer = await server.Http.GetAsync($"{Space}/pods/p/log?container={container}&follow=true", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var (text, buffer) = (new StringBuilder(), new char[4096]);
        while (!whole(text.ToString()) && await reader.ReadAsync(buffer, limit.Token) is > 0 and var count)
        {
            text.Append(buffer, 0, count);
        }
        return text.ToString();
    }

    /// <summary>The certificate that comes of a request, or what the signer says against it.</summary>
    private static async Task<string> SignedAsync(HttpClient http, string signer, string subject, ECDsa key, string[] usages, bool approve)
    {
        var pem = new CertificateRequest(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var request = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "r" },
            ["spec"] = new JsonObject { ["signerName"] = signer, ["usages"] = new JsonArray([.. usages.Select(u => (JsonNode)u)]), ["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(pem)) },
        };
        using var made = await http.PostAsync(Requests, new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json"));
        var text = await made.Content.ReadAsStringAsync();
        Assert.True(made.IsSuccessStatusCode, text);
        if (approve)
        {
            var approved = JsonNode.Parse(text)!.AsObject();
            approved["status"] = JsonNode.Parse("""{"conditions":[{"type":"Approved","status":"True","reason":"Tests","message":"m"}]}""");
            using var answer = await http.PutAsync($"{Requests}/r/approval", new StringContent(approved.ToJsonString(), Encoding.UTF8, "application/json"));
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }
        using var response = await http.GetAsync($"{Requests}?watch=true", HttpCompletionOption.ResponseHeadersRead);
        using var watch = new WatchReader(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        var settled = (await UntilAsync(watch, o => o["status"]?["certificate"] is not null || o["status"]?["conditions"]?.AsArray().Any(c => (string?)c!["type"] == "Failed") == true))["object"]!["status"]!;
        return settled["certificate"] is { } certificate ? Decoded(certificate)
            : settled["conditions"]!.AsArray().Single(c => (string?)c!["type"] == "Failed")!.AsObject() is var failed ? $"{failed["reason"]}: {failed["message"]}" : "";
    }
}
