using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>The config map that says since when a server has kept an eye on tokens that stand in secrets: administrators' tools look for it before they clear such secrets away.</summary>
internal static class LegacyTokenTracking
{
    private const string Writer = "kube-apiserver";

    public static void Furnish(ObjectService objects)
    {
        var now = objects.Time.GetUtcNow();
        objects.CreateOwn(objects.Table.Current.Find("", "v1", "configmaps")!, "kube-system", new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = "kube-apiserver-legacy-service-account-token-tracking",
                ["managedFields"] = new JsonArray(new JsonObject
                {
                    ["manager"] = Writer, ["operation"] = "Update", ["apiVersion"] = "v1", ["time"] = MetadataRules.Timestamp(now), ["fieldsType"] = "FieldsV1",
                    ["fieldsV1"] = new JsonObject { ["f:data"] = new JsonObject { ["."] = new JsonObject(), ["f:since"] = new JsonObject() } },
                }),
            },
            ["data"] = new JsonObject { ["since"] = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) },
        }, WriteContext.Internal(Writer), managed: false);
    }
}
