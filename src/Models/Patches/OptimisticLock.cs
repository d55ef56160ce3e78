using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>A patch that names a resourceVersion is refused by the server when the object has another.</summary>
static class OptimisticLock
{
    public static void Require(JsonObject patch, JsonObject before)
    {
        if ((before["metadata"] as JsonObject)?["resourceVersion"] is not JsonValue version)
        {
            throw new ArgumentException("The object has no metadata.resourceVersion to lock on: take it from the server before changing it.", nameof(before));
        }
        if (patch["metadata"] is not JsonObject metadata) patch["metadata"] = metadata = [];
        metadata["resourceVersion"] = version.DeepClone();
    }
}
