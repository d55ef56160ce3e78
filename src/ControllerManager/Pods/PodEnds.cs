using System.Text.Json.Nodes;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>How controllers end pods that are nobody's workload to end.</summary>
internal static class PodEnds
{
    /// <summary>Says in a pod's status why it is ended, and that it failed where nobody else will say it.</summary>
    public static Task TellAsync(IResourceClient<V1Pod> pods, V1Pod pod, string? reason, string? message, bool failed, DateTime now, CancellationToken cancellation)
    {
        var status = new JsonObject();
        if (failed)
        {
            status["phase"] = "Failed";
        }
        if (reason is not null)
        {
            var told = JsonNode.Parse(KubeJson.Serialize(new V1PodCondition { Type = "DisruptionTarget", Status = "True", Reason = reason, Message = message, LastTransitionTime = now }))!;
            told["lastProbeTime"] = null;
            status["conditions"] = new JsonArray(told);
        }
        var patch = Patch.StrategicMerge(new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid }, ["status"] = status });
        return pods.PatchAsync(pod.Metadata.Name, patch, subresource: "status", cancellation: cancellation);
    }

    /// <summary>Whether a pod's status says for what reason it is ended already.</summary>
    public static bool IsTold(V1Pod pod, string reason) => pod.Status?.Conditions?.Any(c => c.Type == "DisruptionTarget" && c.Status == "True" && c.Reason == reason) is true;
}
