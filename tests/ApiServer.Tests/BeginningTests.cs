using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>What a kube-apiserver makes by itself when it starts, and keeps afterwards.</summary>
public sealed class BeginningTests
{
    private const string Flow = "/apis/flowcontrol.apiserver.k8s.io/v1";
    private const string Services = "/apis/apiregistration.k8s.io/v1/apiservices";
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private static JsonObject Definition() => TestServer.Definition("gadgets", "Gadget", JsonNode.Parse("""{"type":"object","x-kubernetes-preserve-unknown-fields":true}""")!.AsObject());

    private static IEnumerable<string> Names(JsonObject list) => list["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!);

    [Fact]
    public async Task A_cluster_begins_with_the_flow_schemas_and_priority_levels_of_a_real_one()
    {
        await using var server = await TestServer.StartAsync();

        var schemas = await server.OkAsync("GET", $"{Flow}/flowschemas");
        var levels = await server.OkAsync("GET", $"{Flow}/prioritylevelconfigurations");

        Assert.Equal(
            ["catch-all", "endpoint-controller", "exempt", "global-default", "kube-controller-manager", "kube-scheduler", "kube-system-service-accounts", "probes", "service-accounts", "system-leader-election", "system-node-high",
             "system-nodes", "workload-leader-election"], Names(schemas));
        // People see them as requests meet them.
        using (var request = new HttpRequestMessage(HttpMethod.Get, $"{Flow}/flowschemas"))
        {
            request.Headers.TryAddWithoutValidation("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
            using var answer = await server.Http.SendAsync(request);
            var rows = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["rows"]!.AsArray().Select(r => (string?)r!["cells"]![0]).ToList();
            Assert.Equal(("exempt", "probes", "catch-all"), (rows[0], rows[1], rows[^1]));
        }
        Assert.Equal(["catch-all", "exempt", "global-default", "leader-election", "node-high", "system", "workload-high", "workload-low"], Names(levels));
        foreach (var schema in schemas["items"]!.AsArray())
        {
            var condition = schema!["status"]!["conditions"]![0]!;
            Assert.Equal(("Dangling", "False", "Found"), ((string?)condition["type"], (string?)condition["status"], (string?)condition["reason"]));
            Assert.Equal(["api-priority-and-fairness-config-consumer-v1", "api-priority-and-fairness-config-producer-v1"], schema["metadata"]!["managedFields"]!.AsArray().Select(m => (string?)m!["manager"]));
            Assert.Contains((string)schema["spec"]!["priorityLevelConfiguration"]!["name"]!, Names(levels));
        }
    }

    [Fact]
    public async Task Every_group_and_version_that_is_served_has_an_object_that_says_so()
    {
        await using var server = await TestServer.StartAsync();
        var served = (await server.OkAsync("GET", "/apis"))["groups"]!.AsArray().Where(g => (string?)g!["name"] != "apiregistration.k8s.io")
            .SelectMany(g => g!["versions"]!.AsArray().Select(v => $"{v!["version"]}.{g["name"]}")).Append("v1.").Order(StringComparer.Ordinal);

        var list = await server.OkAsync("GET", Services);

        Assert.Equal(served, Names(list));
        Assert.All(list["items"]!.AsArray(), s => Assert.Equal(("True", "Local"), ((string?)s!["status"]!["conditions"]![0]!["status"], (string?)s["status"]!["conditions"]![0]!["reason"])));
    }

    [Fact]
    public async Task A_definition_is_served_as_an_object_says_that_nobody_can_take_away_from_it()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Definitions, Definition());
        const string mine = $"{Services}/v1.tests.example";

        var made = await server.OkAsync("GET", mine);
        await server.OkAsync("PATCH", mine, JsonNode.Parse("""{"spec":{"groupPriorityMinimum":7},"metadata":{"labels":{"a":"b"}}}"""), "application/merge-patch+json");
        var changed = await server.OkAsync("GET", mine);
        await server.OkAsync("DELETE", mine);
        var again = await server.OkAsync("GET", mine);
        await server.OkAsync("DELETE", $"{Definitions}/gadgets.tests.example");
        using (var gone = await server.WatchAsync($"{Services}?watch=true&fieldSelector=metadata.name=v1.tests.example&resourceVersion={again["metadata"]!["resourceVersion"]}"))
        {
            var told = gone.NextNameAsync();
            while (!told.IsCompleted)
            {
                server.Time.Advance(TimeSpan.FromMilliseconds(200));
                await Task.WhenAny(told, Task.Run(() => { }));
            }
            Assert.Equal("DELETED v1.tests.example", await told);
        }

        Assert.Equal("""{"group":"tests.example","version":"v1","groupPriorityMinimum":1000,"versionPriority":100}""", made["spec"]!.ToJsonString());
        Assert.Equal("true", (string?)made["metadata"]!["labels"]!["kube-aggregator.kubernetes.io/automanaged"]);
        Assert.Equal((1000, "b"), ((int)changed["spec"]!["groupPriorityMinimum"]!, (string?)changed["metadata"]!["labels"]!["a"]));
        Assert.NotEqual((string?)made["metadata"]!["uid"], (string?)again["metadata"]!["uid"]);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("GET", mine)).Code);
    }

    [Fact]
    public async Task Who_names_a_service_is_told_whether_it_is_there()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Services, JsonNode.Parse("""{"metadata":{"name":"v1.far.example"},"spec":{"group":"far.example","version":"v1","groupPriorityMinimum":9,"versionPriority":9,"service":{"namespace":"default","name":"far"}}}"""));
        async Task<string> Told()
        {
            var condition = (await server.OkAsync("GET", $"{Services}/v1.far.example"))["status"]!["conditions"]!.AsArray().Single()!;
            return $"{condition["type"]} {condition["status"]} {condition["reason"]}: {condition["message"]}";
        }
        const string core = "/api/v1/namespaces/default";

        var none = await Told();
        await server.OkAsync("POST", $"{core}/services", JsonNode.Parse("""{"metadata":{"name":"far"},"spec":{"ports":[{"port":80}]}}"""));
        var deaf = await Told();
        await server.OkAsync("PATCH", $"{core}/services/far", JsonNode.Parse("""{"spec":{"ports":[{"port":443}]}}"""), "application/merge-patch+json");
        var alone = await Told();
        await server.OkAsync("POST", $"{core}/endpoints", JsonNode.Parse("""{"metadata":{"name":"far"},"subsets":[{"notReadyAddresses":[{"ip":"10.1.1.1"}],"ports":[{"port":8443}]}]}"""));
        var unready = await Told();
        await server.OkAsync("DELETE", $"{core}/services/far");

        Assert.Equal("Available False ServiceNotFound: service/far in \"default\" is not present", none);
        Assert.Equal("Available False ServicePortError: service/far in \"default\" is not listening on port 443", deaf);
        Assert.Equal("Available False EndpointsNotFound: cannot find endpoints for service/far in \"default\"", alone);
        Assert.Equal("Available False MissingEndpoints: endpoints for service/far in \"default\" have no addresses with port name \"\"", unready);
        Assert.Equal(none, await Told());
    }

    [Fact]
    public async Task A_flow_schema_says_whether_its_level_is_there()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", $"{Flow}/flowschemas", JsonNode.Parse("""{"metadata":{"name":"mine"},"spec":{"matchingPrecedence":77,"priorityLevelConfiguration":{"name":"later"}}}"""));
        async Task<string> Told()
        {
            var condition = (await server.OkAsync("GET", $"{Flow}/flowschemas/mine"))["status"]!["conditions"]!.AsArray().Single()!;
            return $"{condition["status"]} {condition["reason"]}: {condition["message"]}";
        }

        var before = await Told();
        await server.OkAsync("POST", $"{Flow}/prioritylevelconfigurations", JsonNode.Parse("""{"metadata":{"name":"later"},"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Reject"}}}}"""));
        var there = await Told();
        await server.OkAsync("DELETE", $"{Flow}/prioritylevelconfigurations/later");

        Assert.Equal("True NotFound: This FlowSchema references the PriorityLevelConfiguration object named \"later\" but there is no such object", before);
        Assert.Equal("False Found: This FlowSchema references the PriorityLevelConfiguration object named \"later\" and it exists", there);
        Assert.Equal(before, await Told());
    }

    [Fact]
    public async Task What_decides_over_requests_from_the_beginning_comes_back()
    {
        await using var server = await TestServer.StartAsync();
        var before = await server.OkAsync("GET", $"{Flow}/flowschemas/probes");

        await server.OkAsync("DELETE", $"{Flow}/flowschemas/probes");
        await server.OkAsync("PATCH", $"{Flow}/prioritylevelconfigurations/system", JsonNode.Parse("""{"spec":{"limited":{"nominalConcurrencyShares":1}}}"""), "application/merge-patch+json");
        await server.OkAsync("PATCH", $"{Flow}/prioritylevelconfigurations/node-high", JsonNode.Parse("""{"metadata":{"annotations":{"apf.kubernetes.io/autoupdate-spec":"false"}},"spec":{"limited":{"nominalConcurrencyShares":1}}}"""), "application/merge-patch+json");

        var after = await server.OkAsync("GET", $"{Flow}/flowschemas/probes");
        Assert.NotEqual((string?)before["metadata"]!["uid"], (string?)after["metadata"]!["uid"]);
        Assert.True(JsonNode.DeepEquals(before["spec"], after["spec"]));
        Assert.Equal(30, (int)(await server.OkAsync("GET", $"{Flow}/prioritylevelconfigurations/system"))["spec"]!["limited"]!["nominalConcurrencyShares"]!);
        Assert.Equal(1, (int)(await server.OkAsync("GET", $"{Flow}/prioritylevelconfigurations/node-high"))["spec"]!["limited"]!["nominalConcurrencyShares"]!);
    }

    [Fact]
    public async Task Since_when_tokens_in_secrets_are_looked_after_is_told()
    {
        await using var server = await TestServer.StartAsync();

        var map = await server.OkAsync("GET", "/api/v1/namespaces/kube-system/configmaps/kube-apiserver-legacy-service-account-token-tracking");

        Assert.Equal("2026-01-02", (string?)map["data"]!["since"]);
    }

    [Fact]
    public async Task What_every_server_begins_with_is_no_part_of_its_state_until_somebody_changes_it()
    {
        await using var first = await TestServer.StartAsync();
        await first.OkAsync("POST", Definitions, Definition());
        await first.OkAsync("PATCH", $"{Flow}/prioritylevelconfigurations/system", JsonNode.Parse("""{"metadata":{"labels":{"a":"b"}}}"""), "application/merge-patch+json");

        var state = first.Server.ExportState();
        await using var second = await TestServer.StartAsync(o => o with { State = state });

        Assert.DoesNotContain("kind: APIService\n", state, StringComparison.Ordinal);
        Assert.DoesNotContain("kind: FlowSchema\n", state, StringComparison.Ordinal);
        Assert.Contains("kind: PriorityLevelConfiguration\n", state, StringComparison.Ordinal);
        Assert.Equal("b", (string?)(await second.OkAsync("GET", $"{Flow}/prioritylevelconfigurations/system"))["metadata"]!["labels"]!["a"]);
        Assert.Contains("v1.tests.example", Names(await second.OkAsync("GET", Services)));
    }
}
