using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Where the simulator, as the scheduler, has to put a pod.</summary>
internal static class PodPlacement
{
    /// <summary>The one node that a pod's affinity names, as a daemon set's pods name theirs; null where it leaves the choice.</summary>
    public static string? NodeOf(JsonObject pod)
    {
        var terms = pod.At("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms") as JsonArray;
        string? node = null;
        foreach (var term in terms.Objects())
        {
            var named = term.List("matchFields").Objects().FirstOrDefault(f => f.Text("key") == "metadata.name" && f.Text("operator") == "In");
            if (named?.List("values") is not { Count: 1 } values || (string?)values[0] is not { } value || (node is not null && node != value))
            {
                return null;
            }
            node = value;
        }
        return node;
    }
}
