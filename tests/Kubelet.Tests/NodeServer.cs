using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ActorKube.Kubelet.Tests;

/// <summary>A server and a node beside it, on a clock that stands still but for the test.</summary>
internal static class NodeServer
{
    public const string Pods = "/api/v1/namespaces/default/pods";

    public static Task<TestServer> StartAsync(PodSimulatorOptions? options = null) => TestServer.StartAsync(pods: options ?? new PodSimulatorOptions());

    public static Task<JsonObject> CreatePodAsync(this TestServer server, string name, string spec, params (string Key, string Value)[] annotations) => server.OkAsync("POST", Pods, new JsonObject
    {
        ["apiVersion"] = "v1", ["kind"] = "Pod",
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["annotations"] = new JsonObject(annotations.Select(a => KeyValuePair.Create($"simulator.actorkube.dev/{a.Key}", (JsonNode?)a.Value))),
        },
        ["spec"] = JsonNode.Parse(spec),
    });

    /// <summary>The next state of a pod that is as asked.</summary>
    public static async Task<JsonObject> UntilAsync(this WatchReader watch, Func<JsonObject, bool> holds, string? name = null)
    {
        while (true)
        {
            var pod = (await watch.NextAsync())!["object"]!.AsObject();
            if (pod["status"]?["containerStatuses"] is not null && (name is null || (string?)pod["metadata"]!["name"] == name) && holds(pod))
            {
                return pod;
            }
        }
    }

    public static string? Phase(this JsonObject pod) => (string?)pod["status"]!["phase"];

    public static JsonNode Container(this JsonObject pod) => pod["status"]!["containerStatuses"]![0]!;

    public static string? Reason(this JsonObject pod) => (string?)pod.Container()["state"]!["waiting"]?["reason"];

    public static JsonNode ConditionOf(this JsonObject pod, string type) => pod["status"]!["conditions"]!.AsArray().Single(c => (string?)c!["type"] == type)!;

    public static string? Condition(this JsonObject pod, string type) => (string?)pod.ConditionOf(type)["status"];
}
