using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ActorKube.ControllerManager;
using ActorKube.Local;
using ApiServer.Tests.Support;

namespace ApiServer.Tests.Conformance;

/// <summary>Every recorded exchange with a real kube-apiserver 1.32, replayed; one test a scenario.</summary>
public sealed class RecordedScenarios
{
    public static TheoryData<string> Names()
    {
        var names = new TheoryData<string>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Recordings"), "*.json").Order(StringComparer.Ordinal))
        {
            names.Add(Path.GetFileNameWithoutExtension(file));
        }
        return names;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answers_as_the_real_server_did(string name)
    {
        var scenario = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Recordings", name + ".json")))!.AsObject();
        var time = new ManualTime(DateTimeOffset.UtcNow);
        // As the recorded cluster was: no kubelet; tokens are checked and roles enforced.
        var options = new EmbeddedApiServerOptions
        {
            Listen = false, TimeProvider = time, Token = "recorded", AnonymousIsAdministrator = false, Rbac = true,
            PolicyStatusController = Needs(scenario, "policy-status"),
            TokenVolumes = false,
        };
        // The recorded cluster had these controllers; few exchanges show it.
        await using var cluster = await LocalCluster.StartAsync(new LocalClusterOptions
        {
            Server = options,
            Pods = null,
            Controllers = !Needs(scenario, "garbage-collector") && !Needs(scenario, "namespace-controller") ? null
                : ClusterControllersOptions.None with { GarbageCollector = true, Namespaces = true, ServiceAccounts = true, PublishRootCertificates = true },
        });
        await using var hook = Needs(scenario, "webhook") ? await RecordedWebhook.StartAsync() : null;
        using var replayer = new ScenarioReplayer(cluster.Server, time, hook?.Variables);

        var failures = await replayer.ReplayAsync(scenario);

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static bool Needs(JsonObject scenario, string what) => scenario["needs"] is JsonArray needs && needs.Any(n => (string?)n == what);
}
