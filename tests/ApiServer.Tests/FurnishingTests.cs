using System.Text;
using System.Text.Json.Nodes;
using ActorKube.Kubelet;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>What pods get from their surroundings, and when they are let go.</summary>
public sealed class FurnishingTests
{
    private const string Space = "/api/v1/namespaces/default";

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
}
